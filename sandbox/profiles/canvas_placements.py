"""The placements of Canvas: its buttons that open a dialog of a tool, and what each takes."""

from __future__ import annotations

from sandbox.placements import Placement

_LINK = "application/vnd.ims.lti.v1.ltilink"
_CARTRIDGES = "application/vnd.ims.imsccv1p1,application/vnd.ims.imsccv1p2,application/zip"

PLACEMENTS = (
    Placement(
        "editor_button",
        "Editor: insert from an app",
        accept_types=("link", "file", "html", "ltiResourceLink", "image"),
        targets=("embed", "iframe", "window"),
        multiple=True,
        media_types="image/*,text/html,application/vnd.ims.lti.v1.ltilink,*/*",
    ),
    Placement("link_selection", "Modules: add an external tool", multiple=True, media_types=_LINK),
    Placement("assignment_selection", "Assignment: find a tool", lineitem=True, media_types=_LINK),
    Placement("submission_type_selection", "Assignment: submission type", media_types=_LINK),
    Placement(
        "course_assignments_menu", "Assignments: menu entry", multiple=True, media_types=_LINK
    ),
    Placement(
        "module_index_menu_modal",
        "Modules: menu entry",
        multiple=True,
        auto_create=True,
        media_types=_LINK,
    ),
    Placement(
        "module_menu_modal",
        "Module: menu entry",
        multiple=True,
        auto_create=True,
        media_types=_LINK,
    ),
    Placement(
        "homework_submission",
        "Hand in with an app",
        accept_types=("file", "ltiResourceLink"),
        targets=("iframe",),
        media_types="*/*",
    ),
    Placement("collaboration", "New collaboration", targets=("iframe",), auto_create=True),
    Placement(
        "conference_selection", "New conference", accept_types=("link", "html"), auto_create=True
    ),
    Placement(
        "migration_selection",
        "Import content from an app",
        accept_types=("file",),
        targets=("iframe",),
        media_types=_CARTRIDGES,
    ),
)
