"""The audit trail: who did what to what, when, from which registration.

Never a secret. A record is part of the transaction of what it tells of: neither stands without the
other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, has_request_context
from sqlalchemy import JSON, Index, String, insert
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.clock import now
from lti_tool.core.db.session import ID, Model, UtcDateTime, db
from lti_tool.core.ids import new_id

JsonValue = str | int | float | bool | None | list[Any] | dict[str, Any]


@dataclass(frozen=True)
class Actor:
    """Who did it.

    ``kind`` is person, visitor, guest, operator (the command line) or system. ``acting_for`` names
    who really sat there when somebody acted as this person in the LMS.
    """

    kind: str
    id: str | None = None
    session_id: str | None = None
    registration_id: str | None = None
    acting_for: str | None = None


OPERATOR = Actor("operator")
SYSTEM = Actor("system")


class AuditRecord(Model):
    """One line of the audit trail, kept in the database."""

    __tablename__ = "audit_record"
    __table_args__ = (
        Index("ix_audit_record_subject", "subject_type", "subject_id", "at"),
        Index("ix_audit_record_institution", "institution_id", "at"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(String(64))
    institution_id: Mapped[str | None] = mapped_column(ID)
    registration_id: Mapped[str | None] = mapped_column(ID)
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str | None] = mapped_column(ID)
    session_id: Mapped[str | None] = mapped_column(ID)
    subject_type: Mapped[str | None] = mapped_column(String(32))
    subject_id: Mapped[str | None] = mapped_column(String(64))
    request_id: Mapped[str | None] = mapped_column(ID)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


def row(
    action: str,
    *,
    institution_id: str | None,
    actor: Actor = SYSTEM,
    subject: tuple[str, str] | None = None,
    details: dict[str, JsonValue] | None = None,
) -> dict[str, Any]:
    """Collect the values of one record, for a verb that writes it together with other rows."""
    return {
        "id": new_id(),
        "at": now(),
        "action": action,
        "institution_id": institution_id,
        "registration_id": actor.registration_id,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "session_id": actor.session_id,
        "subject_type": subject[0] if subject else None,
        "subject_id": subject[1] if subject else None,
        "request_id": g.get("request_id") if has_request_context() else None,
        "details": {**(details or {}), **_really(actor)},
    }


def _really(actor: Actor) -> dict[str, JsonValue]:
    return {"acting_for": actor.acting_for} if actor.acting_for is not None else {}


def record(
    action: str,
    *,
    institution_id: str | None,
    actor: Actor | None = None,
    subject: tuple[str, str] | None = None,
    **details: JsonValue,
) -> None:
    """Write a record into the running transaction.

    ``action`` reads like "invitation.created".
    """
    values = row(
        action,
        institution_id=institution_id,
        actor=actor or SYSTEM,
        subject=subject,
        details=details,
    )
    keep(values)


def keep(values: dict[str, Any]) -> None:
    """Write a record that ``row`` has made into the running transaction."""
    db.session.execute(insert(AuditRecord), values)
