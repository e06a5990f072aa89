"""Publishing an item in a course."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from lti_tool.core import audit, clock
from lti_tool.core.db.session import db, transaction
from lti_tool.media.models import MediaItem, Publication


def is_published(media_id: str, course_id: str | None) -> bool:
    """Tell whether the item is published in the course; never in no course."""
    if course_id is None:
        return False
    return db.session.get(Publication, (media_id, course_id)) is not None


def publish(item: MediaItem, course_id: str, actor: audit.Actor, why: str) -> None:
    """Publish the item in a course of its own registration; the caller has checked that.

    Once published, publishing again changes nothing. ``why`` goes into the audit record.
    """
    with transaction() as session:
        if is_published(item.id, course_id):
            return
        published = Publication(
            media_id=item.id,
            course_id=course_id,
            published_at=clock.now(),
            published_by=actor.id if actor.kind == "person" else None,
        )
        try:
            with session.begin_nested():
                session.add(published)
        except IntegrityError:
            return  # somebody else did it in the same moment
        audit.record(
            "media.published",
            institution_id=item.institution_id,
            actor=actor,
            subject=("media", item.id),
            course=course_id,
            why=why,
        )
