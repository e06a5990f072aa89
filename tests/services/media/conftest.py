"""Items to do something with."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from factories import START, School
from flask import Flask

from lti_tool.core.db.session import transaction
from lti_tool.media.models import MediaFile, MediaItem, Publication

MakeItem = Callable[..., MediaItem]


@pytest.fixture
def make_item(context: Flask) -> MakeItem:
    """An item with a row for its file, but no bytes."""

    def make(school: School, owner: str | None = "ada", **more: object) -> MediaItem:
        published = more.pop("published", ())
        item = MediaItem(
            institution_id=school.institution_id,
            registration_id=school.registration_id,
            owner_person_id=school.person(owner) if owner else None,
            owner_name=(owner or "").title(),
            kind="video",
            title="Birds",
            created_at=START,
        )
        for name, value in more.items():
            setattr(item, name, value)
        with transaction() as session:
            session.add(item)
            session.flush()
            session.add(
                MediaFile(
                    media_id=item.id,
                    role="original",
                    storage_key=f"key{item.id}",
                    content_type="video/mp4",
                    size=1000,
                    created_at=START,
                )
            )
            for course_id in published:  # type: ignore[attr-defined]
                session.add(Publication(media_id=item.id, course_id=course_id, published_at=START))
        return item

    return make
