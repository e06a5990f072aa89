"""To whom a role goes: a new guest, somebody of this browser, or who is in another window.

In a session of the LMS it is the person's, not the session's, unless somebody else sits there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from lti_tool.core.clock import now
from lti_tool.core.db.session import db
from lti_tool.invitations.lookup import Found
from lti_tool.media.access import Capability, capabilities
from lti_tool.media.models import Viewing
from lti_tool.media.rules import VIEWING_IDLE
from lti_tool.people.emails import InvalidEmail, normalise_email
from lti_tool.people.models import Person, ToolSession
from lti_tool.people.sessions import Principal, live_sessions_of

AS_GUEST = "guest"
ELSEWHERE = "elsewhere"
_MORE_THAN_VIEWING = frozenset({Capability.INVITE, Capability.EDIT, Capability.DELETE})


@dataclass(frozen=True)
class Place:
    """A session that is to get the role.

    Without session_id: a guest session is to be opened.
    """

    kind: str
    session_id: str | None = None
    handle: str | None = None
    person_id: str | None = None
    acting_for: str | None = None
    moved: bool = False
    """The session is in another window than the one that used the link."""
    principal: Principal | None = None
    """Whose session it is, where there is one already."""


GUEST = Place("guest")


@dataclass(frozen=True)
class Question:
    """What has to be asked before the link is used up.

    «beside»: this browser also holds a session that may do more than the invitation gives.
    «elsewhere»: somebody whose LMS e-mail is the invited one has the item open.
    """

    kind: Literal["beside", "elsewhere"]
    principal: Principal


def place_for(found: Found, principals: Sequence[Principal], wish: str | None) -> Place | Question:
    """Decide where the role goes, or say what has to be asked first.

    ``wish`` is the answer to an earlier question: AS_GUEST, ELSEWHERE, or the handle of one of this
    browser's sessions. An answer that no longer fits is as good as none.
    """
    here = _of_this_institution(found, principals)
    if wish == AS_GUEST:
        return GUEST
    for principal in here:
        if wish == principal.handle:
            return _at(principal)
    trusted = trusted_principal(found, here)
    if trusted is not None:
        return _at(trusted)
    instructor = beside_principal(found, here)
    if instructor is not None:
        return Question("beside", instructor)
    sees_it = _that_sees(found, here)
    if sees_it is not None:
        return _at(sees_it)
    other = _open_elsewhere(found, principals)
    if other is None:
        return GUEST
    if wish == ELSEWHERE or found.settings.lms_email_trusted:
        return _at(other, moved=True)
    return Question("elsewhere", other)


def trusted_principal(found: Found, principals: Sequence[Principal]) -> Principal | None:
    """Return the session here whose LMS e-mail counts as proof of the invitee, if any."""
    if not found.settings.lms_email_trusted:
        return None
    here = _of_this_institution(found, principals)
    return next((one for one in here if _has_email(one, found.invitation.email)), None)


def beside_principal(found: Found, principals: Sequence[Principal]) -> Principal | None:
    """Return the session here that may do more with the item than any invitation gives."""
    for principal in _of_this_institution(found, principals):
        if capabilities(principal, found.item) & _MORE_THAN_VIEWING:
            return principal
    return None


def _that_sees(found: Found, here: Sequence[Principal]) -> Principal | None:
    return next((one for one in here if Capability.VIEW in capabilities(one, found.item)), None)


def _of_this_institution(found: Found, principals: Sequence[Principal]) -> list[Principal]:
    institution_id = found.invitation.institution_id
    return [
        one for one in principals if one.kind == "launch" and one.institution_id == institution_id
    ]


def _has_email(principal: Principal, email: str) -> bool:
    """Tell whether the LMS says that whoever sits there has this address.

    Who acts as somebody has not theirs.
    """
    if principal.impersonation is not None:
        return False
    try:
        return normalise_email(principal.person_email or "") == email
    except InvalidEmail:
        return False


def _open_elsewhere(found: Found, principals: Sequence[Principal]) -> Principal | None:
    """Return the running LMS session in which the invited address has the item open just now."""
    open_now = db.session.scalars(
        select(ToolSession.id)
        .join(Viewing, Viewing.session_id == ToolSession.id)
        .join(Person, Person.id == ToolSession.person_id)
        .where(
            Viewing.media_id == found.item.id,
            Viewing.last_at > now() - VIEWING_IDLE,
            ToolSession.kind == "launch",
            ToolSession.impersonation.is_(None),
            ToolSession.ended_at.is_(None),
            ToolSession.id.not_in([one.session_id for one in principals]),
            Person.institution_id == found.invitation.institution_id,
            Person.email == found.invitation.email,
        )
        .order_by(Viewing.last_at.desc())
        .limit(8)
    ).all()
    if not open_now:
        return None
    running = {one.session_id: one for one in live_sessions_of(list(open_now))}
    return next((running[session_id] for session_id in open_now if session_id in running), None)


def _at(principal: Principal, *, moved: bool = False) -> Place:
    return Place(
        principal.kind,
        principal.session_id,
        principal.handle,
        principal.person_id,
        principal.acting_for,
        moved,
        principal,
    )
