"""Removing sessions that are over, and what went with them: tickets, dialogs, visitors."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.sql.elements import ColumnElement

from lti_tool.core.clock import now
from lti_tool.core.database import Model, transaction
from lti_tool.lti.models import DeepLinkingRequest
from lti_tool.people.models import Person, SessionTicket, ToolSession

KEEPS_SESSION = "keeps_session"
"""Stands in the ``info`` of a column for whose rows a session that is over is kept."""

TICKETS_KEPT = timedelta(days=1)
SESSIONS_KEPT = timedelta(days=30)
BATCH = 500


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


def _named_elsewhere() -> list[ColumnElement[bool]]:
    """For each column of any room that keeps sessions: whether it names the session."""
    return [
        exists().where(column == ToolSession.id)
        for table in Model.metadata.sorted_tables
        for column in table.columns
        if column.info.get(KEEPS_SESSION)
    ]
