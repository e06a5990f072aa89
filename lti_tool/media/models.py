"""Tables of the media room.

Times are aware UTC.
"""

from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db.session import ID, Model, UtcDateTime
from lti_tool.core.ids import new_id
from lti_tool.media.rules import FileRole, Kind, RelationKind, Role
from lti_tool.people.retention import KEEPS_SESSION

KEEPS_ITEM = "keeps_item"
"""Stands in the ``info`` of a column for whose rows an item's emptied row is kept."""


def _one_of(
    column: str, values: type[Kind] | type[FileRole] | type[RelationKind] | type[Role]
) -> str:
    names = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({names})"


class MediaItem(Model):
    """One entry: a film, a sound, a document, a picture.

    ``owner_person_id`` is empty for what an operator put in; such an item has ``open_to_links``
    and may be opened by any resource link of its registration. ``purged_at`` says since when the
    row is emptied: nothing but its id is left, for those who still name it.
    """

    __tablename__ = "media_item"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institution.id"))
    registration_id: Mapped[str] = mapped_column(ForeignKey("registration.id"))
    owner_person_id: Mapped[str | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL")
    )
    owner_name: Mapped[str] = mapped_column(String(255), default="")
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_by: Mapped[str | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    purged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    duration_ms: Mapped[int | None] = mapped_column(BigInteger)
    width: Mapped[int | None]
    height: Mapped[int | None]
    pages: Mapped[int | None]
    download_allowed: Mapped[bool] = mapped_column(default=False)
    open_to_links: Mapped[bool] = mapped_column(default=False)
    plays: Mapped[int] = mapped_column(BigInteger, default=0)

    __table_args__ = (
        CheckConstraint(_one_of("kind", Kind), name="kind"),
        CheckConstraint("plays >= 0", name="plays"),
        CheckConstraint("length(title) > 0 OR purged_at IS NOT NULL", name="title"),
        CheckConstraint("purged_at IS NULL OR deleted_at IS NOT NULL", name="purged"),
        CheckConstraint("pages IS NULL OR pages > 0", name="pages"),
        CheckConstraint("duration_ms IS NULL OR duration_ms >= 0", name="duration"),
        Index("ix_media_item_owner", "owner_person_id", "created_at"),
        Index("ix_media_item_registration", "registration_id", "created_at"),
        Index("ix_media_item_deleted", "deleted_at"),
    )


class MediaFile(Model):
    """One stored file of an item.

    Its bytes never change; a new file is a new row.
    """

    __tablename__ = "media_file"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    media_id: Mapped[str] = mapped_column(ForeignKey("media_item.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(16))
    storage_key: Mapped[str] = mapped_column(String(64), unique=True)
    content_type: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    language: Mapped[str | None] = mapped_column(String(35))
    label: Mapped[str | None] = mapped_column(String(80))
    width: Mapped[int | None]
    height: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint(_one_of("role", FileRole), name="role"),
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("role <> 'captions' OR language IS NOT NULL", name="language"),
        Index("ix_media_file_media", "media_id"),
        Index(
            "uq_media_file_single",
            "media_id",
            "role",
            unique=True,
            sqlite_where=text("role IN ('original', 'poster')"),
            postgresql_where=text("role IN ('original', 'poster')"),
        ),
    )


class Publication(Model):
    """An item is published in a course."""

    __tablename__ = "media_publication"

    media_id: Mapped[str] = mapped_column(
        ForeignKey("media_item.id", ondelete="CASCADE"), primary_key=True
    )
    course_id: Mapped[str] = mapped_column(
        ForeignKey("course.id", ondelete="CASCADE"), primary_key=True
    )
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_by: Mapped[str | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    __table_args__ = (Index("ix_media_publication_course", "course_id", "published_at"),)


class Relation(Model):
    """How a person belongs to an item, besides being its owner (that stands on the item)."""

    __tablename__ = "media_relation"

    media_id: Mapped[str] = mapped_column(
        ForeignKey("media_item.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[str] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint(_one_of("kind", RelationKind), name="kind"),
        CheckConstraint("kind <> 'owner'", name="owner"),
        Index("ix_media_relation_person", "person_id"),
    )


class Grant(Model):
    """A role on one item, for a person of an LMS wherever they launch, or for one session alone.

    ``source`` is opaque here, e.g. "invitation:<id>".
    """

    __tablename__ = "media_grant"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    media_id: Mapped[str] = mapped_column(ForeignKey("media_item.id", ondelete="CASCADE"))
    session_id: Mapped[str | None] = mapped_column(
        ForeignKey("tool_session.id", ondelete="CASCADE"), info={KEEPS_SESSION: True}
    )
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint(_one_of("role", Role), name="role"),
        CheckConstraint("(session_id IS NULL) <> (person_id IS NULL)", name="one_holder"),
        UniqueConstraint("session_id", "media_id", "source", name="uq_media_grant_source"),
        UniqueConstraint("person_id", "media_id", "source", name="uq_media_grant_person"),
        Index("ix_media_grant_source", "source"),
        Index("ix_media_grant_media", "media_id"),
    )


class Viewing(Model):
    """One stay of a session on an item's page, until half an hour passes without a sign of life."""

    __tablename__ = "media_viewing"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    media_id: Mapped[str] = mapped_column(ForeignKey("media_item.id", ondelete="CASCADE"))
    session_id: Mapped[str | None] = mapped_column(
        ForeignKey("tool_session.id", ondelete="SET NULL")
    )
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    played_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("ix_media_viewing_session", "session_id", "media_id", "last_at"),
        Index("ix_media_viewing_media", "media_id", "opened_at"),
    )


class Upload(Model):
    """A resumable upload (tus).

    ``received`` bytes have safely arrived.
    """

    __tablename__ = "media_upload"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institution.id"))
    registration_id: Mapped[str] = mapped_column(ForeignKey("registration.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    filename: Mapped[str] = mapped_column(String(255))
    size: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger, default=0)
    state: Mapped[str] = mapped_column(String(16), default="receiving")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    media_id: Mapped[str | None] = mapped_column(ForeignKey("media_item.id", ondelete="SET NULL"))

    __table_args__ = (
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("received >= 0 AND received <= size", name="received"),
        CheckConstraint("state IN ('receiving', 'examining', 'done')", name="state"),
        Index("ix_media_upload_expires", "expires_at"),
        Index("ix_media_upload_media", "media_id"),
        Index("ix_media_upload_person", "person_id"),
    )


class LinkChoice(Model):
    """The item that somebody chose here for a resource link: it opens where the LMS names none.

    Without an item: somebody took the choice away.
    """

    __tablename__ = "media_link_choice"

    resource_link_id: Mapped[str] = mapped_column(
        ForeignKey("resource_link.id", ondelete="CASCADE"), primary_key=True
    )
    media_id: Mapped[str | None] = mapped_column(ForeignKey("media_item.id", ondelete="CASCADE"))
    chosen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    chosen_by: Mapped[str | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    __table_args__ = (Index("ix_media_link_choice_media", "media_id"),)


class LinkNote(Model):
    """An item that the LMS itself named with a resource link, noted when it first opened.

    Several links of a course may come under one id, so there may be several; none of them says
    what another link opens.
    """

    __tablename__ = "media_link_note"

    resource_link_id: Mapped[str] = mapped_column(
        ForeignKey("resource_link.id", ondelete="CASCADE"), primary_key=True
    )
    media_id: Mapped[str] = mapped_column(
        ForeignKey("media_item.id", ondelete="CASCADE"), primary_key=True
    )
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_media_link_note_media", "media_id"),)
