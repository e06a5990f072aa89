"""The picker: what staff choose media from, at any of three occasions.

For a link that shows nothing yet, for a dialog of the LMS, or to publish in the course.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from lti_tool.core.web.urls import url
from lti_tool.media import listing
from lti_tool.media.delivery.signed_urls import FileAddress, address
from lti_tool.media.models import MediaItem
from lti_tool.media.rules import may_add, running_time
from lti_tool.people.sessions import Principal

SHELVES = ("mine", "course")
LONGEST_SEARCH = 100


@dataclass(frozen=True)
class Purpose:
    """What is chosen for: the endpoints of the page and of its choice."""

    name: str
    page: str
    choose: str
    several: bool = False
    preview: bool = True
    """Whether an item's title leads to its page, which leaves this one."""


LINK = Purpose("link", "entrance.nothing_yet", "entrance.choose")


@dataclass(frozen=True)
class Asked:
    """What the address of the page says: the shelf, the words sought, how far, what is picked."""

    shelf: str = "mine"
    search: str = ""
    start: int = 0
    picked: tuple[str, ...] = ()
    added: str = ""
    """The item that has just been put in."""

    @property
    def query(self) -> dict[str, Any]:
        said: Mapping[str, Any] = {
            "q": self.search,
            "from": self.start,
            "picked": list(self.picked),
        }
        return {"shelf": self.shelf, **{name: value for name, value in said.items() if value}}


def asked(query: MultiDict[str, str]) -> Asked:
    """Read the wish from an address, whatever stands there."""
    shelf, offset = query.get("shelf", ""), query.get("from", "")
    return Asked(
        shelf=shelf if shelf in SHELVES else SHELVES[0],
        search=" ".join(query.get("q", "")[:LONGEST_SEARCH].split()),
        start=int(offset) if offset.isdecimal() and len(offset) < 7 else 0,
        picked=tuple(dict.fromkeys(query.getlist("picked")))[: listing.PAGE],
        added=query.get("added", ""),
    )


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
    picked: bool = False


@dataclass(frozen=True)
class ShelfPage:
    """One page of one shelf; ``shelves`` are (name, label, address)."""

    purpose: Purpose
    course_title: str
    shelf: str
    search: str
    shelves: list[tuple[str, str, str]]
    items: list[Card]
    picked: list[tuple[str, str]]
    """What is picked and stands on another page: (id, title)."""
    added: Card | None
    choose: str
    upload_href: str
    more_href: str


def shelf_page(principal: Principal, purpose: Purpose, wanted: Asked) -> ShelfPage:
    """Collect the part of a shelf that the address asks for."""
    listed = listing.my_media if wanted.shelf == "mine" else listing.course_media
    found = listed(principal, search=wanted.search, offset=wanted.start, limit=listing.PAGE + 1)
    shown = found[: listing.PAGE]
    picked = listing.named(principal, wanted.picked) if purpose.several and wanted.picked else []
    cards = make_cards(principal, shown, with_owner=wanted.shelf == "course")
    chosen = {item.id for item in picked}
    cards = [replace(card, picked=card.id in chosen) for card in cards]
    return ShelfPage(
        purpose=purpose,
        course_title=principal.course_title,
        shelf=wanted.shelf,
        search=wanted.search,
        shelves=_shelves(purpose, wanted),
        items=cards,
        picked=[
            (item.id, item.title) for item in picked if item.id not in {one.id for one in shown}
        ],
        added=next((card for card in cards if card.id == wanted.added), None),
        choose=url(purpose.choose),
        upload_href=_upload(principal, wanted),
        more_href=_more(purpose, wanted) if len(found) > listing.PAGE else "",
    )


def _shelves(purpose: Purpose, wanted: Asked) -> list[tuple[str, str, str]]:
    names = {"mine": _("My media"), "course": _("In this course")}
    return [
        (name, names[name], url(purpose.page, **replace(wanted, shelf=name, start=0).query))
        for name in SHELVES
    ]


def _more(purpose: Purpose, wanted: Asked) -> str:
    return url(purpose.page, **replace(wanted, start=wanted.start + listing.PAGE).query)


def _upload(principal: Principal, wanted: Asked) -> str:
    if principal.course_id is None or not may_add(principal.standing, is_guest=False):
        return ""
    return url("media.new", picked=list(wanted.picked) or None)


def make_cards(principal: Principal, items: Sequence[MediaItem], *, with_owner: bool) -> list[Card]:
    """Describe the items as a list shows them: four questions, however many there are."""
    posters = listing.posters(items)
    owners = listing.owner_names(items) if with_owner else {}
    published = listing.published_in_course(principal, items)
    return [
        Card(
            id=item.id,
            title=item.title,
            kind=item.kind,
            href=url("media.page", media_id=item.id),
            poster=address(FileAddress(posters[item.id].id, principal.session_id, False))
            if item.id in posters and item.deleted_at is None
            else "",
            created_at=item.created_at,
            length=_length(item),
            owner=owners.get(item.id, ""),
            shared=item.id in published,
            restore=url("media.restore", media_id=item.id) if item.deleted_at else "",
        )
        for item in items
    ]


def _length(item: MediaItem) -> str:
    if item.pages:
        return str(ngettext("%(num)d page", "%(num)d pages", item.pages))
    return running_time(item.duration_ms)
