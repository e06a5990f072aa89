"""Places on the media page that higher rooms fill.

A room registers callables while the application is put together; each gets the principal and the
item and returns what is to be shown, or None. Nothing here knows what the rooms are about.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup

from lti_tool.media.models import MediaItem
from lti_tool.people.sessions import Principal

Place = Literal["menu", "tools", "strip", "back", "dialog", "ends", "instead"]

# The order of the three-dot menu, as pages.md draws it.
PUBLISH, INVITE, EDIT, ANALYTICS, CAPTIONS, EDITOR, DELETE = range(10, 80, 10)


@dataclass(frozen=True)
class MenuItem:
    """One line of the three-dot menu: it opens a dialog of the page, or goes to an address.

    ``symbol`` is a name from templates/core/icons. Without script, ``href`` is followed, so an
    item that ``opens`` a dialog should have one as well.
    """

    order: int
    label: str
    symbol: str
    href: str = ""
    opens: str = ""
    danger: bool = False


Fill = Callable[[Principal, MediaItem], Any]


_places: dict[Place, list[Fill]] = {}


def register_slot(place: Place, fill: Fill) -> None:
    """Fills a place, for every application of this process; a second time changes nothing.

    * menu: returns a MenuItem
    * tools: a Markup, a button in the row right under the media
    * strip: a Markup above everything
    * back: a Markup above the media, a way to where the reader came from
    * dialog: a Markup at the end of the page, a <dialog>
    * ends: a sentence that the Delete dialog says, such as "3 invitations stop working"
    * instead: a Markup on the page of a deleted item, a way to something else
    """
    fills = _places.setdefault(place, [])
    if fill not in fills:
        fills.append(fill)


LeadsOn = Callable[[Principal, MediaItem | None], str]
"""Where a session goes on after adding an item (None: without having added one)."""

_leads_on: list[LeadsOn] = []


def lead_on(by: LeadsOn) -> None:
    """Says where adding leads: an address, or "" for the item's own page."""
    if by not in _leads_on:
        _leads_on.append(by)


def after_adding(principal: Principal, item: MediaItem | None) -> str:
    """The first address that a room names, or ""."""
    return next((found for by in _leads_on if (found := by(principal, item))), "")


def filled(place: Place, principal: Principal, item: MediaItem) -> list[Any]:
    """What the rooms show in this place, in the order in which they registered."""
    shown = (fill(principal, item) for fill in _places.get(place, []))
    return [fragment for fragment in shown if fragment is not None]


def menu(principal: Principal, item: MediaItem) -> list[MenuItem]:
    """The three-dot menu in its fixed order."""
    return sorted(filled("menu", principal, item), key=lambda entry: entry.order)


def markup(place: Place, principal: Principal, item: MediaItem) -> Markup:
    """The fragments of one place, one after another."""
    return Markup("\n").join(filled(place, principal, item))
