"""What this room shows on the media page: ways back, a tab of its own, another choice."""

from __future__ import annotations

from flask import request
from markupsafe import Markup

from lti_tool.core.web.pages import render
from lti_tool.core.web.urls import url
from lti_tool.media import opening
from lti_tool.media.models import MediaItem
from lti_tool.media.rules import STAFF
from lti_tool.people.sessions import Principal


def after_adding(principal: Principal, item: MediaItem | None) -> str:
    """Lead to the dialog of the LMS, with what was added; else only back, to gallery or picker."""
    if principal.deep_linking_id is not None:
        kept = {"picked": request.args.getlist("picked") or None}
        return url("entrance.dialog", **kept, added=item.id if item else None)
    if item is not None:
        return ""
    if principal.shows_gallery:
        return url("entrance.course_gallery")
    return url("entrance.nothing_yet") if principal.resource_link_id is not None else ""


def back_to_gallery(principal: Principal, _item: MediaItem) -> Markup | None:
    """Draw the way back above an item, for whoever came by an entry in the course's menu."""
    if not principal.shows_gallery:
        return None
    return Markup(render("entrance/_back_to_gallery.html"))  # noqa: S704 – Jinja escapes


def own_tab_button(principal: Principal, item: MediaItem) -> Markup | None:
    """Draw the button to the same page in a tab of its own, in the same session.

    Shown in a frame only.
    """
    if principal.kind != "launch":
        return None
    return Markup(render("entrance/_own_tab.html", media_id=item.id))  # noqa: S704 – Jinja escapes


def by_hand_dialog(principal: Principal, _item: MediaItem) -> Markup | None:
    """Draw what "Open in a new tab" says where the frame forbids new windows."""
    if principal.kind != "launch":
        return None
    return Markup(render("entrance/_by_hand.html"))  # noqa: S704 – Jinja escapes


def choose_another(principal: Principal, item: MediaItem) -> Markup | None:
    """Draw the way to another choice with a deleted item.

    Whoever may choose what the link opens is not held up by it.
    """
    if principal.standing not in STAFF or principal.resource_link_id is None:
        return None
    if not opening.was_chosen_here(principal.resource_link_id, item):
        return None
    return Markup(render("entrance/_choose_another.html"))  # noqa: S704 – Jinja escapes
