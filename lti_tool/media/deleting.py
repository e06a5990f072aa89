"""Soft deletion of an item, its undo, and clearing away what nobody can bring back (retention)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, exists, func, select, union, update

from lti_tool.core import audit, clock
from lti_tool.core.db.session import Model, db, transaction
from lti_tool.media.access import Capability, require
from lti_tool.media.delivery.storage import storage
from lti_tool.media.models import (
    KEEPS_ITEM,
    Grant,
    LinkChoice,
    LinkNote,
    MediaFile,
    MediaItem,
    Publication,
    Relation,
    Viewing,
)
from lti_tool.media.rules import UNDO_DELETE
from lti_tool.people.sessions import Principal


def count_courses(item: MediaItem) -> int:
    """Count the courses in which the item is published."""
    return _count(select(func.count()).where(Publication.media_id == item.id))


def count_links(item: MediaItem) -> int:
    """Count the course links that are known to lead to the item."""
    links = union(
        select(LinkChoice.resource_link_id).where(LinkChoice.media_id == item.id),
        select(LinkNote.resource_link_id).where(LinkNote.media_id == item.id),
    )
    return _count(select(func.count()).select_from(links.subquery()))


def delete_item(principal: Principal, item: MediaItem) -> None:
    """Delete softly: a deleted item gives nobody anything, so grants and links end with it.

    They are kept, not erased, so that the undo brings back exactly what was.
    Raises not_found() unless the session may delete.
    """
    with transaction() as session:
        require(principal, item, Capability.DELETE)
        item.deleted_at = clock.now()
        item.deleted_by = principal.person_id
        session.flush()
        _record("media.deleted", principal, item)


def restore_item(principal: Principal, item: MediaItem) -> None:
    """Undo a deletion within 30 days.

    Raises not_found() for all but the owner.
    """
    with transaction() as session:
        require(principal, item, Capability.RESTORE)
        item.deleted_at = None
        item.deleted_by = None
        session.flush()
        _record("media.restored", principal, item)


def undo_until(item: MediaItem) -> datetime | None:
    """Compute until when a deletion can be undone; None for an item that is not deleted."""
    return None if item.deleted_at is None else item.deleted_at + UNDO_DELETE


def purge() -> int:
    """Remove for good what was deleted more than 30 days ago, files too; return how many.

    Of an item that another room's row must go on naming, the emptied row stays until that row is
    gone: whoever still comes for the item learns that it was removed.
    """
    with transaction() as session:
        gone = session.scalars(
            select(MediaItem).where(
                MediaItem.deleted_at < clock.now() - UNDO_DELETE, MediaItem.purged_at.is_(None)
            )
        ).all()
        ids = [item.id for item in gone]
        keys = session.scalars(
            select(MediaFile.storage_key).where(MediaFile.media_id.in_(ids))
        ).all()
        for item in gone:
            audit.record(
                "media.purged", institution_id=item.institution_id, subject=("media", item.id)
            )
        _empty(ids)
        session.execute(
            delete(MediaItem)
            .where(MediaItem.purged_at.is_not(None), *(~kept for kept in _named_elsewhere()))
            .execution_options(synchronize_session=False)
        )
    for key in keys:
        storage().remove(key)
    return len(ids)


def _empty(ids: list[str]) -> None:
    """Leave of these items what nobody can be known by."""
    for belonging in (MediaFile, Publication, Relation, Grant, Viewing, LinkChoice, LinkNote):
        db.session.execute(
            delete(belonging)
            .where(belonging.media_id.in_(ids))
            .execution_options(synchronize_session=False)
        )
    db.session.execute(
        update(MediaItem)
        .where(MediaItem.id.in_(ids))
        .values(
            owner_person_id=None,
            owner_name="",
            title="",
            description="",
            tags=[],
            deleted_by=None,
            purged_at=clock.now(),
        )
        .execution_options(synchronize_session=False)
    )


def _named_elsewhere() -> list[ColumnElement[bool]]:
    """Ask, for each column of any room that keeps items, whether it names the item."""
    return [
        exists().where(column == MediaItem.id)
        for table in Model.metadata.sorted_tables
        for column in table.columns
        if column.info.get(KEEPS_ITEM)
    ]


def _record(action: str, principal: Principal, item: MediaItem) -> None:
    audit.record(
        action,
        institution_id=item.institution_id,
        actor=principal.actor,
        subject=("media", item.id),
    )


def _count(query: Select[int]) -> int:
    return int(db.session.scalar(query) or 0)
