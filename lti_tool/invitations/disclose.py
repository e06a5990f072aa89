"""Handing a link out to who looks after the invitation. Whoever has an unused link can be the
invitee with it, so each time is in the audit trail: who had it in hand, and which.

What counts is the moment in which the server gives the link away. Whether a button that copies it
was pressed afterwards, a browser could keep to itself.
"""

from __future__ import annotations

from typing import Literal

from flask_babel import gettext as _

from lti_tool.core import audit
from lti_tool.core.problems import Problem
from lti_tool.invitations.links import address_of
from lti_tool.invitations.models import Invitation
from lti_tool.people.sessions import Viewer

Occasion = Literal["invited", "invited_before", "new_link", "copied"]


def disclose(viewer: Viewer, invitation: Invitation, occasion: Occasion) -> str:
    """Return the whole link, and write down inside the running transaction who was given it.

    Raises a 409 problem where the key it was made with is gone; then nobody is given anything.
    """
    try:
        link = address_of(invitation)
    except KeyError as error:
        raise Problem(
            409,
            "link-not-shown",
            _("This link can no longer be shown"),
            _("The key it was made with is gone. Make a new link."),
        ) from error
    audit.record(
        "invitation.link_shown",
        institution_id=invitation.institution_id,
        actor=viewer.actor,
        subject=("invitation", invitation.id),
        media=invitation.media_id,
        generation=invitation.generation,
        occasion=occasion,
    )
    return link
