"""The approval queue: LMSs that registered themselves and wait for an operator.

And how they leave.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, func, select

from lti_tool.core import audit
from lti_tool.core.audit import SYSTEM, Actor, AuditRecord
from lti_tool.core.clock import now
from lti_tool.core.db.session import db
from lti_tool.core.institutions import Institution
from lti_tool.lti.models import Deployment, Registration, RegistrationCode
from lti_tool.lti.platforms.hosts import host_of
from lti_tool.lti.registration.fair_queue import Waiting, who_leaves

MOST_WAITING = 50
"""A stranger cannot fill the disk with registrations that wait for approval."""


class QueueFull(Exception):
    """Nobody has to make room for one more of this domain."""


def refuse_without_place(host: str) -> None:
    """Refuse before anybody is asked for anything.

    Raises QueueFull.
    """
    waiting = db.session.scalar(select(func.count()).where(Registration.awaiting_approval)) or 0
    if waiting >= MOST_WAITING and who_leaves(_queue(_rows()), host) is None:
        raise QueueFull


def make_place(host: str) -> None:
    """Let one more wait, in the running transaction.

    Where all places are taken, somebody of a more crowded domain is forgotten. Raises QueueFull.
    """
    rows = _rows(hold=True)
    while len(rows) >= MOST_WAITING:
        found = who_leaves(_queue(rows), host)
        if found is None:
            raise QueueFull
        leaving = next(row for row in rows if row.id == found.id)
        rows.remove(leaving)
        forget(leaving, "platform.displaced", SYSTEM, host=found.host, by=host)


def forget(row: Registration, action: str, actor: Actor, **details: str) -> None:
    """Remove it, in the running transaction, as if it had never come, but for the audit trail."""
    audit.record(
        action,
        institution_id=row.institution_id,
        actor=actor,
        subject=("registration", row.id),
        name=row.name,
        issuer=row.issuer,
        client_id=row.client_id,
        **details,
    )
    for statement in (
        delete(RegistrationCode).where(RegistrationCode.registration_id == row.id),
        delete(Deployment).where(Deployment.registration_id == row.id),
        delete(Registration).where(Registration.id == row.id),
        delete(Institution).where(Institution.id == row.institution_id),
    ):
        db.session.execute(statement)


def asked_hosts(ids: Collection[str]) -> dict[str, str]:
    """Read the host that described each registration last, as the audit trail tells."""
    told = db.session.execute(
        select(AuditRecord.subject_id, AuditRecord.details)
        .where(
            AuditRecord.subject_type == "registration",
            AuditRecord.subject_id.in_(ids),
            AuditRecord.action.in_(("platform.announced", "platform.added", "platform.changed")),
        )
        .order_by(AuditRecord.at, AuditRecord.id)
    )
    return {str(subject): details["host"] for subject, details in told if "host" in details}


def _rows(*, hold: bool = False) -> list[Registration]:
    waiting = (
        select(Registration)
        .where(Registration.awaiting_approval)
        .order_by(Registration.created_at, Registration.id)
    )
    return list(db.session.scalars(waiting.with_for_update() if hold else waiting))


def _queue(rows: list[Registration]) -> list[Waiting]:
    """List the queue without those who keep their place.

    An operator who has made a code for one means it: that one keeps its place.
    """
    meant = set(
        db.session.scalars(
            select(RegistrationCode.registration_id).where(
                RegistrationCode.used_at.is_(None), RegistrationCode.expires_at > now()
            )
        )
    )
    asked = asked_hosts([row.id for row in rows])
    return [
        Waiting(row.id, asked.get(row.id) or host_of(row.token_url))
        for row in rows
        if row.id not in meant
    ]
