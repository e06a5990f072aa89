"""An answer that was lost on the line: using a link once more is then no second use (idempotency).

A browser that never got the answer to its POST has neither session nor cookie of it, though the
link is used up. So for a while the same device may ask again, as long as nothing has come with the
session it was given; that session ends when another takes its place, and one use never has two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select, update

from lti_tool.core.db.session import db, rows_matched
from lti_tool.invitations.lookup import Found
from lti_tool.invitations.models import Redemption
from lti_tool.invitations.rules import LOST_ANSWER, Presented
from lti_tool.media.access import withdraw
from lti_tool.people.models import ToolSession


@dataclass(frozen=True)
class Unanswered:
    """The latest uses of the link by this device whose answers may not have arrived."""

    redemption_id: str | None
    session_id: str | None
    """Of the guest's session that nobody has used; None: there is none."""
    moved: bool
    """The role went to somebody in the LMS who holds it still; nothing was opened for this browser.
    """

    def __bool__(self) -> bool:
        return self.session_id is not None or self.moved


def find_unanswered(found: Found, presented: Presented, moment: datetime) -> Unanswered:
    """Return such uses of the last ten minutes (``rules.LOST_ANSWER``); false where there is none.

    The ten minutes count from the use itself: asking again does not begin them anew.
    """
    by_key = and_(Redemption.device_kind == "key", Redemption.device_hash == presented.key)
    by_cookie = and_(Redemption.device_kind == "cookie", Redemption.device_hash == presented.cookie)
    # The person holds the role also when that session is over; whoever acted as them does not.
    goes_on = and_(
        ToolSession.kind == "launch",
        or_(ToolSession.impersonation.is_(None), ToolSession.ended_at.is_(None)),
    )
    never_used = and_(ToolSession.kind == "guest", ToolSession.first_used_at.is_(None))
    rows = db.session.execute(
        select(Redemption.id, ToolSession.id, ToolSession.kind)
        .join(ToolSession, ToolSession.id == Redemption.session_id)
        .where(
            Redemption.invitation_id == found.invitation.id,
            Redemption.generation == found.invitation.generation,
            Redemption.ended_at.is_(None),
            Redemption.at > moment - LOST_ANSWER,
            or_(by_key, by_cookie),
            or_(goes_on, never_used),
        )
        .order_by(Redemption.at.desc(), Redemption.id)
    ).all()
    guests = [(redemption, session) for redemption, session, kind in rows if kind == "guest"]
    redemption_id, session_id = guests[0] if guests else (None, None)
    moved = any(kind == "launch" for _id, _session, kind in rows)
    return Unanswered(redemption_id, session_id, moved)


def take_back(found: Found, lost: Unanswered, moment: datetime) -> bool:
    """End the session that nobody got, in the running transaction.

    False where a request has come with it meanwhile. The row count decides between the two.
    """
    ended = db.session.execute(
        update(ToolSession)
        .where(ToolSession.id == lost.session_id, ToolSession.first_used_at.is_(None))
        .values(ended_at=func.coalesce(ToolSession.ended_at, moment))
        .execution_options(synchronize_session=False)
    )
    if rows_matched(ended) != 1:
        return False
    withdraw(found.source, lost.session_id)
    return True
