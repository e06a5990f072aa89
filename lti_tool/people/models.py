"""Persons, courses, resource links, memberships, tool sessions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.database import ID, Model, UtcDateTime
from lti_tool.core.ids import new_id
from lti_tool.core.sealed import Sealed


class Person(Model):
    """An LMS person (registration, sub), a guest (institution, invited e-mail), or a visitor.

    ``email`` of an LMS person is a hint, never proof; of a guest it is the invited address. A
    visitor is somebody whom the LMS let in without saying who it is: nobody, one for each launch.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'lms' AND registration_id IS NOT NULL AND sub IS NOT NULL)"
            " OR (kind = 'guest' AND registration_id IS NULL AND sub IS NULL"
            " AND email IS NOT NULL)"
            " OR (kind = 'visitor' AND registration_id IS NOT NULL AND sub IS NULL"
            " AND email IS NULL)",
            name="one_kind",
        ),
        UniqueConstraint("registration_id", "sub"),
        Index(
            "uq_person_guest",
            "institution_id",
            "email",
            unique=True,
            sqlite_where=text("kind = 'guest'"),
            postgresql_where=text("kind = 'guest'"),
        ),
        Index("ix_person_email", "institution_id", "email"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(8))
    institution_id: Mapped[str] = mapped_column(ForeignKey("institution.id"))
    registration_id: Mapped[str | None] = mapped_column(ForeignKey("registration.id"))
    sub: Mapped[str | None] = mapped_column(String(255))
    email: Mapped[str | None] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(255), default="")
    given_name: Mapped[str] = mapped_column(String(255), default="")
    family_name: Mapped[str] = mapped_column(String(255), default="")
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Course(Model):
    """A context of the LMS: (registration, deployment, context id)."""

    __tablename__ = "course"
    __table_args__ = (UniqueConstraint("deployment_id", "context_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institution.id"))
    registration_id: Mapped[str] = mapped_column(ForeignKey("registration.id"))
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployment.id"))
    context_id: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(String(255), default="")
    memberships_url: Mapped[str | None] = mapped_column(String(1024))
    """Where the LMS lists who is in it; None where it does not."""


class ResourceLink(Model):
    """A link placed in the LMS: (registration, deployment, resource link id)."""

    __tablename__ = "resource_link"
    __table_args__ = (UniqueConstraint("deployment_id", "link_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institution.id"))
    registration_id: Mapped[str] = mapped_column(ForeignKey("registration.id"))
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployment.id"))
    course_id: Mapped[str | None] = mapped_column(ForeignKey("course.id"))
    link_id: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(String(255), default="")


class Membership(Model):
    """What the LMS said of a person in a course at the last launch. Lost roles are lost here."""

    __tablename__ = "membership"
    __table_args__ = (Index("ix_membership_course", "course_id"),)

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id"), primary_key=True)
    standing: Mapped[str] = mapped_column(String(16))
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ToolSession(Model):
    """A session of one person in one browser, kept on the server.

    A launch session stands on a launch and has the standing of that launch's course. A guest
    session has a ``scope`` (what it may see) and something it ``stands_on``; both are opaque here.
    ``through_deployment_id`` is the deployment a guest was invited from: no session is good while
    its deployment is switched off. ``guise`` is set where whoever sits there is not the person that
    the session is of (``people.rules.Guise``), ``acting_for`` where the LMS also names who it
    really is. ``deep_linking_id`` is the dialog of the LMS that
    the session is to answer, ``return_url`` the way back to the LMS. ``expires_at`` is the absolute
    end. Where ``idle_seconds`` is set, the session also ends after so long without activity, but
    not before ``keep_until``.
    """

    __tablename__ = "tool_session"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'launch' AND deployment_id IS NOT NULL AND scope IS NULL)"
            " OR (kind = 'guest' AND deployment_id IS NULL AND course_id IS NULL"
            " AND scope IS NOT NULL AND stands_on IS NOT NULL AND standing = 'none')",
            name="one_kind",
        ),
        CheckConstraint(
            "guise IS NULL OR guise IN ('visitor', 'student_view', 'acting_as')", name="guise"
        ),
        CheckConstraint("acting_for IS NULL OR guise IS NOT NULL", name="acting_for"),
        Index("ix_tool_session_stands_on", "stands_on"),
        Index("ix_tool_session_person", "person_id", "expires_at"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    handle: Mapped[str] = mapped_column(String(16), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(8))
    institution_id: Mapped[str] = mapped_column(ForeignKey("institution.id"))
    deployment_id: Mapped[str | None] = mapped_column(ForeignKey("deployment.id"))
    through_deployment_id: Mapped[str | None] = mapped_column(ForeignKey("deployment.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[str | None] = mapped_column(ForeignKey("course.id"))
    resource_link_id: Mapped[str | None] = mapped_column(ForeignKey("resource_link.id"))
    standing: Mapped[str] = mapped_column(String(16))
    guise: Mapped[str | None] = mapped_column(String(16))
    acting_for: Mapped[str | None] = mapped_column(String(255))
    deep_linking_id: Mapped[str | None] = mapped_column(ForeignKey("deep_linking_request.id"))
    return_url: Mapped[str | None] = mapped_column(Sealed)
    scope: Mapped[str | None] = mapped_column(String(64))
    stands_on: Mapped[str | None] = mapped_column(String(128))
    frame_origins: Mapped[list[str]] = mapped_column(JSON)
    locale: Mapped[str | None] = mapped_column(String(35))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    keep_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    idle_seconds: Mapped[int | None] = mapped_column()
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SessionTicket(Model):
    """Hands a session over to another tab, or on to the next page: once, within a minute."""

    __tablename__ = "session_ticket"
    __table_args__ = (
        CheckConstraint("purpose IN ('tab', 'page')", name="purpose"),
        Index("ix_session_ticket_session", "session_id"),
    )

    ticket_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(8), server_default="tab")
    session_id: Mapped[str] = mapped_column(ForeignKey("tool_session.id"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
