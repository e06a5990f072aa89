"""Ways back: from the page for adding, and from an item, to where the session came from."""

from __future__ import annotations

from flask import request
from markupsafe import Markup

from lti_tool.core.web.pages import render
from lti_tool.core.web.urls import url
from lti_tool.media.models import MediaItem
from lti_tool.people.sessions import Principal


def after_adding(principal: Principal, item: MediaItem | None) -> str:
    """To the dialog of the LMS, with what was added; else only back, to gallery or picker."""
    if principal.deep_linking_id is not None:
        kept = {"picked": request.args.getlist("picked") or None}
        return url("entrance.dialog", **kept, added=item.id if item else None)
    if item is not None:
        return ""
    if principal.shows_gallery:
        return url("entrance.course_gallery")
    return url("entrance.nothing_yet") if principal.resource_link_id is not None else ""


def back_to_gallery(principal: Principal, _item: MediaItem) -> Markup | None:
    """Shown above an item to whoever came by an entry in the course's menu."""
    if not principal.shows_gallery:
        return None
    return Markup(render("entrance/_back_to_gallery.html"))  # noqa: S704 – Jinja escapes
