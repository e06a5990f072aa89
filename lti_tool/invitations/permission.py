"""Who may invite, and who may look after an item's invitations: the same people."""

from __future__ import annotations

from lti_tool.core.db.session import db
from lti_tool.core.ids import is_id
from lti_tool.core.web.problems import not_found
from lti_tool.invitations import rules
from lti_tool.invitations.models import Invitation
from lti_tool.invitations.settings import invitation_settings
from lti_tool.media.access import Access, Capability, capabilities, find, is_owner
from lti_tool.media.models import MediaItem
from lti_tool.people.models import Person
from lti_tool.people.sessions import Principal, principal_for


def may_invite(principal: Principal, item: MediaItem) -> bool:
    """Tell whether the session may invite to the item, now."""
    if principal.kind != "launch" or Capability.INVITE not in capabilities(principal, item):
        return False
    settings = invitation_settings(item.institution_id)
    named = settings.allowed_users.minimal is None
    person = db.session.get(Person, principal.person_id) if named else None
    return rules.may_invite(
        module_on=settings.enabled,
        related=True,
        owns=is_owner(principal, item),
        standing=principal.standing,
        user_id=person.sub if person else None,
        allowed=settings.allowed_users,
    )


def see_as_inviter(media_id: str) -> Access:
    """Return the item and the session that the request names, if it may invite to it.

    Raises the one answer that ``principal_for`` has for all that a request may not see, whether
    there is such an item or not.
    """
    item = find(media_id)
    principal = principal_for(lambda one: item is not None and may_invite(one, item), named=True)
    if item is None:
        raise not_found()
    return Access(item, principal, capabilities(principal, item))


def managed(invitation_id: str) -> tuple[Invitation, Access]:
    """Return an invitation and the session that the request names, if it may look after it.

    An unknown id and somebody else's get the answer of an unknown item.
    """
    known = is_id(invitation_id)
    invitation = db.session.get(Invitation, invitation_id) if known else None
    access = see_as_inviter(invitation.media_id if invitation else "")
    if invitation is None:
        raise not_found()
    return invitation, access
