"""What a guest whose access ended reads at the item's own address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lti_tool.core.clock import now
from lti_tool.invitations.lookup import Found, find_by_session
from lti_tool.invitations.rules import Ending, ending_of, has_uses_left, is_expired
from lti_tool.people.former_sessions import former_session


@dataclass(frozen=True)
class Ended:
    """How it ended for the guest's session of this handle, and whether there is a way back."""

    found: Found
    handle: str
    ending: Ending
    at: datetime
    may_ask: bool
    """A new link can be asked for."""
    lets_in_again: bool
    """The link they have lets them in once more."""


def ended_access(media_id: str, handle: str | None = None) -> Ended | None:
    """Tell how this browser's access to the item ended; None where it never had any.

    With ``handle``, that of the guest's session of this handle.
    """
    former = former_session(media_id, handle)
    came = find_by_session(former.session_id) if former else None
    if former is None or came is None:
        return None
    found, redemption = came
    invitation, link = found.invitation, found.link
    deleted = found.item.deleted_at is not None
    if former.runs and not deleted:
        return None
    ending = ending_of(
        switched_on=found.policy.switched_on,
        deleted=deleted,
        revoked=invitation.revoked_at is not None,
        replaced=redemption.generation != invitation.generation,
        withdrawn=redemption.ended_at is not None,
        cut_off=former.cut_off,
    )
    open_still = ending in (Ending.RESET, Ending.INTERRUPTED, Ending.OVER)
    usable = open_still and has_uses_left(link) and not is_expired(link, now())
    may_ask = open_still or ending is Ending.REPLACED
    return Ended(found, former.handle, ending, former.ended_at, may_ask, usable)
