"""Where a session goes on: from the page for adding back to where it came from."""

from __future__ import annotations

from flask import request

from lti_tool.core.web import url
from lti_tool.media.models import MediaItem
from lti_tool.people.sessions import Viewer


def after_adding(viewer: Viewer, item: MediaItem | None) -> str:
    """Back to the dialog of the LMS, with what was added; else, of the picker, only back."""
    if viewer.deep_linking_id is not None:
        kept = {"picked": request.args.getlist("picked") or None}
        return url("entrance.dialog", **kept, added=item.id if item else None)
    if viewer.resource_link_id is not None and item is None:
        return url("entrance.nothing_yet")
    return ""
