"""What a manager chooses from, behind a resource link that shows nothing yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.core.web import url
from lti_tool.media import listing
from lti_tool.media.addresses import FileAddress, address
from lti_tool.media.models import MediaItem
from lti_tool.media.rules import running_time
from lti_tool.people.sessions import Viewer


@dataclass(frozen=True)
class Card:
    """One item on a shelf, as the page shows it."""

    id: str
    title: str
    kind: str
    href: str
    poster: str
    created_at: datetime
    length: str
    owner: str
    shared: bool
    restore: str
    """Where a deleted item is brought back; empty for one that is there."""


@dataclass(frozen=True)
class ShelfPage:
    """One page of one shelf; ``shelves`` are (name, label, address)."""

    course_title: str
    shelf: str
    shelves: list[tuple[str, str, str]]
    items: list[Card]
    choose: str
    upload_href: str
    more_href: str


def shelf_page(viewer: Viewer, shelf: str, offset: str) -> ShelfPage:
    """The page of a shelf (``mine`` or ``course``) that begins at ``offset``."""
    shelf = shelf if shelf in {"mine", "course"} else "mine"
    start = int(offset) if offset.isdecimal() and len(offset) < 7 else 0
    listed = listing.my_media if shelf == "mine" else listing.course_media
    found = listed(viewer, offset=start, limit=listing.PAGE + 1)
    more = (
        url("entrance.nothing_yet", shelf=shelf, **{"from": start + listing.PAGE})
        if len(found) > listing.PAGE
        else ""
    )
    return ShelfPage(
        course_title=viewer.course_title,
        shelf=shelf,
        shelves=[
            ("mine", _("My media"), url("entrance.nothing_yet", shelf="mine")),
            ("course", _("In this course"), url("entrance.nothing_yet", shelf="course")),
        ],
        items=_cards(viewer, found[: listing.PAGE], shelf),
        choose=url("entrance.choose"),
        upload_href=url("media.new"),
        more_href=more,
    )


def _cards(viewer: Viewer, items: Sequence[MediaItem], shelf: str) -> list[Card]:
    posters = listing.posters(items)
    owners = listing.owner_names(items)
    published = listing.published_in_course(viewer, items)
    return [
        Card(
            id=item.id,
            title=item.title,
            kind=item.kind,
            href=url("media.page", media_id=item.id),
            poster=address(FileAddress(posters[item.id].id, viewer.session_id, False))
            if item.id in posters and item.deleted_at is None
            else "",
            created_at=item.created_at,
            length=_length(item),
            owner=owners[item.id] if shelf == "course" else "",
            shared=item.id in published,
            restore=url("media.restore", media_id=item.id) if item.deleted_at else "",
        )
        for item in items
    ]


def _length(item: MediaItem) -> str:
    if item.pages:
        return str(ngettext("%(num)d page", "%(num)d pages", item.pages))
    return running_time(item.duration_ms)
