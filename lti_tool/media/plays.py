"""Viewings and plays: one play per viewing, however often it is reported."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from lti_tool.core import clock
from lti_tool.core.db.session import rows_matched, transaction
from lti_tool.media.models import MediaItem, Viewing
from lti_tool.media.rules import KEPT, VIEWING_IDLE
from lti_tool.people.models import ToolSession
from lti_tool.people.rules import Impersonation
from lti_tool.people.sessions import Principal


def open_viewing(principal: Principal, item: MediaItem) -> str:
    """Return the id of the session's viewing of this item: the running one, or a new one."""
    now = clock.now()
    with transaction() as session:
        # Pages that the session loads at the same moment take turns, so that one viewing begins.
        session.execute(
            select(ToolSession.id)
            .where(ToolSession.id == principal.session_id)
            .with_for_update(key_share=True)
        )
        running = session.scalar(
            select(Viewing)
            .where(
                Viewing.session_id == principal.session_id,
                Viewing.media_id == item.id,
                Viewing.last_at > now - VIEWING_IDLE,
            )
            .order_by(Viewing.last_at.desc())
            .limit(1)
        )
        if running is None:
            running = Viewing(
                media_id=item.id, session_id=principal.session_id, opened_at=now, last_at=now
            )
            session.add(running)
        running.last_at = now
        session.flush()
        return running.id


def go_on(principal: Principal, item: MediaItem) -> None:
    """Note a sign of life of the session's running viewing; one that is over stays over."""
    now = clock.now()
    with transaction() as session:
        session.execute(
            update(Viewing)
            .where(
                Viewing.session_id == principal.session_id,
                Viewing.media_id == item.id,
                Viewing.last_at > now - VIEWING_IDLE,
            )
            .values(last_at=now)
        )


def forget() -> int:
    """Remove viewings that ended 13 months ago; return how many.

    Plays stay counted.
    """
    with transaction() as session:
        return rows_matched(
            session.execute(delete(Viewing).where(Viewing.last_at < clock.now() - KEPT))
        )


def count_play(principal: Principal, item: MediaItem, viewing_id: str) -> bool:
    """Count the viewing as a play, once (idempotent); tell whether it counts.

    False when it was counted before, is not this session's, or is an instructor's look at the
    course as its made-up student. The row count of one conditional UPDATE decides, so that reports
    sent twice count once.
    """
    if principal.impersonation is Impersonation.STUDENT_VIEW:
        return False
    now = clock.now()
    with transaction() as session:
        first = session.execute(
            update(Viewing)
            .where(
                Viewing.id == viewing_id,
                Viewing.media_id == item.id,
                Viewing.session_id == principal.session_id,
                Viewing.played_at.is_(None),
            )
            .values(played_at=now, last_at=now)
        )
        if rows_matched(first) != 1:
            return False
        session.execute(
            update(MediaItem).where(MediaItem.id == item.id).values(plays=MediaItem.plays + 1)
        )
        return True
