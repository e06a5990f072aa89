"""Slots of the media page: what higher rooms show on it (hooks, extension points).

A room adds callables to the application's slots while the application is put together; each gets
the principal and the item and returns what is to be shown, or None. Nothing here knows what the
rooms are about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, Response, current_app
from markupsafe import Markup

from lti_tool.core.web.problems import Problem
from lti_tool.media.models import MediaItem
from lti_tool.people.sessions import Principal

_EXTENSION = "foyer.media.slots"

# The order of the three-dot menu: what is done with the item, ways to elsewhere, Delete.
PUBLISH, INVITE, EDIT, ANALYTICS, CAPTIONS, EDITOR = range(10, 70, 10)
USE_LINK, OWN_TAB, CHANGE_LINK, PREVIEW, SETTINGS, DELETE = range(70, 130, 10)

Shown = TypeVar("Shown")
PageView = TypeVar("PageView", bound=Callable[[str], Any])
Fill = Callable[[Principal, MediaItem], Shown | None]


@dataclass(frozen=True)
class Mark:
    """A number beside a label that says: something waits here. With 0 it is there and not shown."""

    count: int
    words: str
    """The same for those who listen."""


@dataclass(frozen=True)
class MenuItem:
    """One line of the three-dot menu: it opens a dialog, goes to an address, or sends a form.

    ``symbol`` is a name from templates/core/icons. Without script, ``href`` is followed, so an
    item that ``opens`` a dialog should have one as well. ``sends`` is the id of a form of the page.
    A ``mark`` also stands on the button of the menu.
    """

    order: int
    label: str
    symbol: str
    href: str = ""
    opens: str = ""
    sends: str = ""
    only_in_frames: bool = False
    danger: bool = False
    mark: Mark | None = None


@dataclass(frozen=True)
class Panel:
    """A part of the page below the item, with a heading: ``id`` is that of its element."""

    id: str
    label: str
    body: Markup


@dataclass(frozen=True)
class MediaPageSlots:
    """All places of one application's media page, in the order in which the rooms fill them."""

    menu: list[Fill[MenuItem]] = field(default_factory=list)
    stage: list[Fill[Markup]] = field(default_factory=list)
    """In place of the item's own player or reader; the first that has something."""
    panel: list[Fill[Panel]] = field(default_factory=list)
    script: list[Fill[str]] = field(default_factory=list)
    """A built script that the page loads after its first paint, such as "live.js"."""
    strip: list[Fill[Markup]] = field(default_factory=list)
    """Above everything."""
    back: list[Fill[Markup]] = field(default_factory=list)
    """Above the media: a way to where the reader came from."""
    tools: list[Fill[Markup]] = field(default_factory=list)
    """A button in the row right under the media, where few stand, or a form that the menu sends."""
    dialog: list[Fill[Markup]] = field(default_factory=list)
    """A <dialog> at the end of the page."""
    instead: list[Fill[Markup]] = field(default_factory=list)
    """On the page of a deleted item: where it is found later, a way to something else."""
    deletion: list[Fill[str]] = field(default_factory=list)
    """A sentence of the Delete dialog, such as "3 invitations stop working"."""
    ended: list[Callable[[str], Response | None]] = field(default_factory=list)
    """In place of "nothing to see here", for a browser whose access to the item ended."""
    after_adding: list[Callable[[Principal, MediaItem | None], str]] = field(default_factory=list)
    """Where adding an item leads: an address, or "" for the item's own page. None: nothing was
    added."""


def install(app: Flask) -> None:
    """Give the application slots of its own."""
    app.extensions[_EXTENSION] = MediaPageSlots()


def slots_of(app: Flask) -> MediaPageSlots:
    """Return the slots of an application, for rooms that fill them."""
    slots: MediaPageSlots = app.extensions[_EXTENSION]
    return slots


def media_page_slots() -> MediaPageSlots:
    """Return the slots of the running application."""
    return slots_of(current_app)


def filled(fills: Sequence[Fill[Shown]], principal: Principal, item: MediaItem) -> list[Shown]:
    """Collect what the rooms show in a slot, in the order in which they filled it."""
    shown = (fill(principal, item) for fill in fills)
    return [fragment for fragment in shown if fragment is not None]


def markup(fills: Sequence[Fill[Markup]], principal: Principal, item: MediaItem) -> Markup:
    """Join the fragments of a slot, one after another."""
    return Markup("\n").join(filled(fills, principal, item))


def menu(principal: Principal, item: MediaItem) -> list[MenuItem]:
    """Put the three-dot menu into its fixed order."""
    return sorted(filled(media_page_slots().menu, principal, item), key=lambda entry: entry.order)


def told_when_ended(view: PageView) -> PageView:
    """Let the rooms above answer where an item's view finds nothing that this browser may see."""

    @wraps(view)
    def answer(media_id: str) -> Any:
        try:
            return view(media_id)
        except Problem as problem:
            told = (tell(media_id) for tell in media_page_slots().ended)
            found = next(filter(None, told), None) if problem.status == 404 else None
            if found is None:
                raise
            return found

    return answer  # type: ignore[return-value]


def after_adding(principal: Principal, item: MediaItem | None) -> str:
    """Return the first address that a room names, or ""."""
    leads = media_page_slots().after_adding
    return next((found for lead in leads if (found := lead(principal, item))), "")
