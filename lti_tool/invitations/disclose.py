"""Handing out a link that is there already.

Whoever has an unused link can be the invitee with it, so each time is in the audit trail: who had
it in hand, and which.

What counts is the moment in which the server gives the link away. Whether a button that copies it
was pressed afterwards, a browser could keep to itself. (Who makes an invitation or a new link has
it in hand as well: the record of that says so.)
"""

from __future__ import annotations

from flask_babel import gettext as _

from lti_tool.core import audit
from lti_tool.core.web.problems import Problem
from lti_tool.invitations.links import address_of
from lti_tool.invitations.models import Invitation
from lti_tool.people.sessions import Principal


def disclose(principal: Principal, invitation: Invitation) -> str:
    """Return the whole link, and write down inside the running transaction who was given it.

    Raises a 409 problem where the key it was made with is gone; then nobody is given anything.
    """
    link = whole_link(invitation)
    audit.record(
        "invitation.link_copied",
        institution_id=invitation.institution_id,
        actor=principal.actor,
        subject=("invitation", invitation.id),
        media=invitation.media_id,
        generation=invitation.generation,
    )
    return link


def whole_link(invitation: Invitation) -> str:
    """Return the link as it is sent.

    Raises a 409 problem where its key is gone.
    """
    try:
        return address_of(invitation)
    except KeyError as error:
        raise Problem(
            409,
            "link-not-shown",
            _("This link can no longer be shown"),
            _("The key it was made with is gone. Make a new link."),
        ) from error
