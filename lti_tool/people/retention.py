"""Retention: removing sessions that are over, and rosters that are no longer read.

With sessions goes what belonged to them: tickets, dialogs, visitors.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from lti_tool.core.clock import now
from lti_tool.core.db.session import Model, db, rows_matched, transaction
from lti_tool.lti.models import DeepLinkingRequest
from lti_tool.people.models import Person, Roster, RosterMember, SessionTicket, ToolSession

KEEPS_SESSION = "keeps_session"
"""Stands in the ``info`` of a column for whose rows a session that is over is kept."""

TICKETS_KEPT = timedelta(days=1)
SESSIONS_KEPT = timedelta(days=30)
ROSTERS_KEPT = timedelta(days=30)
BATCH = 500
PEOPLE = 200
"""Removed in one transaction, while nobody else can write to SQLite."""


def forget() -> int:
    """Remove sessions that ended over 30 days ago; return how many.

    Those that another room's row must go on naming stay until that row is gone. With its last
    session a visitor goes too: there is nobody who could come back. So does a dialog of the
    LMS's, answered or not.
    """
    with transaction() as session:
        session.execute(
            delete(SessionTicket).where(SessionTicket.expires_at < now() - TICKETS_KEPT)
        )
    forgotten = 0
    while done := _forget_some(now() - SESSIONS_KEPT):
        forgotten += done
    with transaction() as session:
        session.execute(
            delete(Person).where(
                Person.kind == "visitor", ~exists().where(ToolSession.person_id == Person.id)
            )
        )
        session.execute(
            delete(DeepLinkingRequest).where(
                DeepLinkingRequest.created_at < now() - SESSIONS_KEPT,
                ~exists().where(ToolSession.deep_linking_id == DeepLinkingRequest.id),
            )
        )
    return forgotten


def _forget_some(before: datetime) -> int:
    with transaction() as session:
        ids = session.scalars(
            select(ToolSession.id)
            .where(
                or_(ToolSession.ended_at < before, ToolSession.expires_at < before),
                *(~kept for kept in _named_elsewhere()),
            )
            .limit(BATCH)
        ).all()
        session.execute(delete(SessionTicket).where(SessionTicket.session_id.in_(ids)))
        session.execute(delete(ToolSession).where(ToolSession.id.in_(ids)))
        return len(ids)


def forget_rosters() -> int:
    """Remove rosters that were not read for 30 days; return how many.

    Nobody needed them, or the LMS gives them no longer.
    """
    forgotten = 0
    while ids := _unread():
        for course_id in ids:
            _forget_roster(course_id)
        forgotten += len(ids)
    return forgotten


def _unread() -> Sequence[str]:
    db.session.rollback()
    last = func.coalesce(Roster.read_at, Roster.due_at)
    return db.session.scalars(
        select(Roster.course_id).where(last < now() - ROSTERS_KEPT).limit(BATCH)
    ).all()


def _forget_roster(course_id: str) -> None:
    """Remove a roster in pieces, so that nobody waits long for the database."""
    some = select(RosterMember.id).where(RosterMember.course_id == course_id).limit(PEOPLE)
    removed = 1
    while removed:
        with transaction() as session:
            done = session.execute(
                delete(RosterMember)
                .where(RosterMember.id.in_(some))
                .execution_options(synchronize_session=False)
            )
            removed = rows_matched(done)
    with transaction() as session:
        session.execute(
            delete(Roster)
            .where(Roster.course_id == course_id)
            .execution_options(synchronize_session=False)
        )


def _named_elsewhere() -> list[ColumnElement[bool]]:
    """Ask, for each column of any room that keeps sessions, whether it names the session."""
    return [
        exists().where(column == ToolSession.id)
        for table in Model.metadata.sorted_tables
        for column in table.columns
        if column.info.get(KEEPS_SESSION)
    ]
