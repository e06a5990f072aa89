"""Persons, courses, resource links, memberships, tool sessions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db.encrypted import Sealed
from lti_tool.core.db.session import ID, Model, UtcDateTime
from lti_tool.core.ids import new_id

BY_BYTES = String(64).with_variant(String(64, collation="C"), "postgresql")
"""Sorted by its bytes, so that all that begins alike stands together, whatever the database's own
alphabet."""


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
    """A link placed in the LMS: (registration, deployment, course, resource link id).

    Not every LMS gives each link an id of its own: there are courses whose links all carry the
    course's, and ids that come from several courses. ``title`` is that of the link that names
    nothing, as it was last told.
    """

    __tablename__ = "resource_link"
    __table_args__ = (
        UniqueConstraint("deployment_id", "link_id", "course_id"),
        Index(
            "uq_resource_link_outside",
            "deployment_id",
            "link_id",
            unique=True,
            sqlite_where=text("course_id IS NULL"),
            postgresql_where=text("course_id IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institution.id"))
    registration_id: Mapped[str] = mapped_column(ForeignKey("registration.id"))
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployment.id"))
    course_id: Mapped[str | None] = mapped_column(ForeignKey("course.id"))
    link_id: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(String(255), default="")


class Membership(Model):
    """What the LMS said of a person in a course at the last launch.

    Lost roles are lost here.
    """

    __tablename__ = "membership"
    __table_args__ = (Index("ix_membership_course", "course_id"),)

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id"), primary_key=True)
    standing: Mapped[str] = mapped_column(String(16))
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Roster(Model):
    """What is kept of an LMS's list of who is in a course, and when it is to be read again.

    One process reads it at a time: the one whose claim stands, until ``claimed_until``. ``source``
    is what was read: the list of the LMS, or, where the LMS gives none, the launches we have seen.
    ``failure`` is why the last reading failed; what was read before stays then.
    """

    __tablename__ = "roster"
    __table_args__ = (
        CheckConstraint("source IN ('lms', 'launches')", name="source"),
        CheckConstraint("(source IS NULL) = (read_at IS NULL)", name="read"),
        CheckConstraint("(claimed_by IS NULL) = (claimed_until IS NULL)", name="claim"),
    )

    course_id: Mapped[str] = mapped_column(
        ForeignKey("course.id", ondelete="CASCADE"), primary_key=True
    )
    source: Mapped[str | None] = mapped_column(String(8))
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[str | None] = mapped_column(String(64))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_by: Mapped[str | None] = mapped_column(ID)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    people: Mapped[int] = mapped_column(default=0)
    """Whom it names, and of these those without an address, who are not kept."""
    without_address: Mapped[int] = mapped_column(default=0)


class RosterMember(Model):
    """Somebody in a course as its roster names them; the e-mail address is in normal form."""

    __tablename__ = "roster_member"
    __table_args__ = (UniqueConstraint("course_id", "sub"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    course_id: Mapped[str] = mapped_column(ForeignKey("roster.course_id", ondelete="CASCADE"))
    sub: Mapped[str] = mapped_column(String(255))
    email: Mapped[str] = mapped_column(String(254))
    listed: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether the list of the LMS told the address; else their own launch did."""
    given_name: Mapped[str] = mapped_column(String(255))
    family_name: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))


class RosterText(Model):
    """A text of a member that what is typed may begin (``people.search``).

    Its key is the order in which they are looked through, hence the members are found in the order
    of their names, and no more of them are read than are shown, however many there are.
    """

    __tablename__ = "roster_text"
    __table_args__ = (
        Index("ix_roster_text_member", "member_id", "text"),
        {"sqlite_with_rowid": False},
    )

    course_id: Mapped[str] = mapped_column(ID, primary_key=True)
    text: Mapped[str] = mapped_column(BY_BYTES, primary_key=True)
    member_id: Mapped[str] = mapped_column(
        ForeignKey("roster_member.id", ondelete="CASCADE"), primary_key=True
    )


class ToolSession(Model):
    """A session of one person in one browser, kept on the server.

    A launch session stands on a launch and has the standing of that launch's course. A guest
    session has a ``scope`` (what it may see) and something it ``stands_on``; both are opaque here.
    ``through_deployment_id`` is the deployment a guest was invited from: no session is good while
    its deployment is switched off. ``impersonation`` is set where whoever sits there is not the
    person that the session is of (``people.rules.Impersonation``; its column is called ``guise``),
    ``acting_for`` where the LMS also names who it really is. ``deep_linking_id`` is the dialog of
    the LMS that the session is to answer, ``return_url`` the way back there. ``link_shows`` is what
    the link of its launch leads to (``people.rules.LinkShows``): it belongs here, because another
    link may come under the same id. ``expires_at`` is the absolute end.
    Where ``idle_seconds`` is set, the session also ends after so long without activity, but not
    before ``keep_until``.
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
        CheckConstraint("link_shows IN ('item', 'gallery')", name="link_shows"),
        Index("ix_tool_session_stands_on", "stands_on"),
        Index("ix_tool_session_person", "person_id", "expires_at"),
        Index(
            "ix_tool_session_dialog",
            "deep_linking_id",
            sqlite_where=text("deep_linking_id IS NOT NULL"),
            postgresql_where=text("deep_linking_id IS NOT NULL"),
        ),
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
    link_shows: Mapped[str | None] = mapped_column(String(8))
    standing: Mapped[str] = mapped_column(String(16))
    impersonation: Mapped[str | None] = mapped_column("guise", String(16), key="impersonation")
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
    first_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a request first came with it; None: its browser may never have got it."""
    times_switched_off: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """How often its LMS and its deployment had been switched off, together, when it began."""
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
