"""What a launch session can choose from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, exists, func, or_, select

from lti_tool.core import clock
from lti_tool.core.db.session import db
from lti_tool.core.ids import is_id
from lti_tool.media.models import Grant, MediaFile, MediaItem, Publication
from lti_tool.media.rules import UNDO_DELETE, FileRole
from lti_tool.people.models import Person
from lti_tool.people.sessions import Principal

PAGE = 60
MOST_WORDS = 8
"""So many words of a search are looked for; each must stand in the title."""


def course_media(
    principal: Principal, *, search: str = "", offset: int = 0, limit: int = PAGE
) -> Sequence[MediaItem]:
    """List what is published in the session's course, the newest publication first."""
    if principal.kind != "launch" or principal.course_id is None:
        return []
    chosen = (
        _within(principal, search)
        .join(Publication, Publication.media_id == MediaItem.id)
        .where(Publication.course_id == principal.course_id, MediaItem.deleted_at.is_(None))
        .order_by(Publication.published_at.desc(), MediaItem.id)
    )
    return db.session.scalars(chosen.offset(offset).limit(limit)).all()


def my_media(
    principal: Principal, *, search: str = "", offset: int = 0, limit: int = PAGE
) -> Sequence[MediaItem]:
    """List what the session's person owns, the newest first.

    Also what they can still bring back.
    """
    if principal.kind != "launch":
        return []
    chosen = (
        _within(principal, search)
        .where(
            MediaItem.owner_person_id == principal.person_id,
            or_(
                MediaItem.deleted_at.is_(None),
                MediaItem.deleted_at > clock.now() - UNDO_DELETE,
            ),
        )
        .order_by(MediaItem.created_at.desc(), MediaItem.id)
    )
    return db.session.scalars(chosen.offset(offset).limit(limit)).all()


def invited_to(principal: Principal, *, limit: int = PAGE) -> Sequence[MediaItem]:
    """List what the session's person holds a role on and would not find here otherwise.

    The latest role comes first.
    """
    if principal.lasting_holder is None:
        return []
    holds = (
        select(Grant.media_id, func.max(Grant.created_at).label("since"))
        .where(Grant.person_id == principal.lasting_holder, Grant.ended_at.is_(None))
        .group_by(Grant.media_id)
        .subquery()
    )
    here = exists().where(
        Publication.media_id == MediaItem.id, Publication.course_id == principal.course_id
    )
    chosen = (
        _within(principal)
        .join(holds, holds.c.media_id == MediaItem.id)
        .where(
            MediaItem.deleted_at.is_(None),
            MediaItem.owner_person_id.is_distinct_from(principal.person_id),
            ~here,
        )
        .order_by(holds.c.since.desc(), MediaItem.id)
    )
    return db.session.scalars(chosen.limit(limit)).all()


def named(principal: Principal, media_ids: Iterable[str]) -> Sequence[MediaItem]:
    """Find those of these that the session could have found in its lists, in the order given."""
    wanted = [one for one in dict.fromkeys(media_ids) if is_id(one)]
    listed = or_(
        MediaItem.owner_person_id == principal.person_id,
        MediaItem.id.in_(
            select(Publication.media_id).where(Publication.course_id == principal.course_id)
        ),
    )
    found = db.session.scalars(
        _within(principal).where(MediaItem.id.in_(wanted), MediaItem.deleted_at.is_(None), listed)
    )
    by_id = {item.id: item for item in found}
    return [by_id[one] for one in wanted if one in by_id]


def published_in_course(principal: Principal, items: Sequence[MediaItem]) -> frozenset[str]:
    """Return the ids of those of these items that are published in the session's course."""
    if principal.course_id is None:
        return frozenset()
    return frozenset(
        db.session.scalars(
            select(Publication.media_id).where(
                Publication.course_id == principal.course_id,
                Publication.media_id.in_([item.id for item in items]),
            )
        )
    )


def owner_names(items: Sequence[MediaItem]) -> dict[str, str]:
    """Name the owner of each item, by the item's id.

    It is the owner's present name, else the one noted when it was added (an operator may add media
    for somebody who has never come yet).
    """
    persons = select(Person.id, Person.name).where(
        Person.id.in_({item.owner_person_id for item in items if item.owner_person_id})
    )
    present = {row.id: row.name for row in db.session.execute(persons)}
    return {
        item.id: present.get(item.owner_person_id or "", "") or item.owner_name for item in items
    }


def posters(items: Sequence[MediaItem]) -> dict[str, MediaFile]:
    """Find the poster of each item that has one, by the item's id."""
    found = db.session.scalars(
        select(MediaFile).where(
            MediaFile.media_id.in_([item.id for item in items]),
            MediaFile.role == FileRole.POSTER,
        )
    )
    return {file.media_id: file for file in found}


def _within(principal: Principal, search: str = "") -> Select[MediaItem]:
    words = search.split()[:MOST_WORDS]
    return select(MediaItem).where(
        MediaItem.institution_id == principal.institution_id,
        MediaItem.registration_id == principal.registration_id,
        *(MediaItem.title.icontains(word, autoescape=True) for word in words),
    )
