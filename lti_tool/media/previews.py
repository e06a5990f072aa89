"""The media page "as a student sees it": for whoever may do more than that.

Only what is shown is less; what the session may do stays as it is, and one press leads back. It is
shown at once to whoever came as a student and owns the item all the same: most often that is an
instructor who has switched their role in the LMS, which does not tell us so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask_babel import gettext as _
from markupsafe import Markup

from lti_tool.core.web.pages import render
from lti_tool.core.web.urls import url
from lti_tool.media import access as media_access
from lti_tool.media import rules, slots
from lti_tool.media.access import Access, Capability
from lti_tool.media.models import MediaItem
from lti_tool.media.slots import MenuItem
from lti_tool.people.rules import Impersonation, Standing
from lti_tool.people.sessions import Principal

PARAMETER = "view"
STUDENT, OWN = "student", "own"


@dataclass(frozen=True)
class Look:
    """What the page shows: as the session may see it, or as a student would."""

    access: Access
    is_preview: bool = False
    came_as_student: bool = False
    seen_by_students: bool = True
    """Whether the course shows the item to its students at all."""


def look_at(access: Access, wanted: str | None) -> Look:
    """Choose what the page shows to a session that may see the item."""
    came_as_student = access.principal.standing is Standing.LEARNER
    asked, by_itself = wanted == STUDENT, came_as_student and not wanted
    wanted_at_all = (asked or by_itself) and rules.has_powers(access.capabilities)
    if not wanted_at_all or not _may_preview(access.principal):
        return Look(access)
    held = media_access.capabilities_of_student(access.principal, access.item)
    if not asked and Capability.VIEW not in held:
        # Students see nothing here, so there would be nothing to see.
        return Look(access)
    student = replace(
        access.principal, standing=Standing.LEARNER, impersonation=Impersonation.STUDENT_VIEW
    )
    shown = Access(access.item, student, held | {Capability.VIEW})
    return Look(shown, True, came_as_student, Capability.VIEW in held)


def strip(look: Look) -> Markup:
    """Draw the word above a preview, and the way back."""
    if not look.is_preview:
        return Markup()
    back = url("media.page", media_id=look.access.item.id, **{PARAMETER: OWN})
    return Markup(render("media/_preview_strip.html", look=look, back=back))  # noqa: S704 – Jinja escapes


def menu_entry(principal: Principal, item: MediaItem) -> MenuItem | None:
    """Make the line of the menu that leads to the preview."""
    if not _may_preview(principal):
        return None
    if not rules.has_powers(media_access.capabilities(principal, item)):
        return None
    return MenuItem(
        order=slots.PREVIEW,
        label=_("Preview as a student"),
        symbol="eye",
        href=url("media.page", media_id=item.id, **{PARAMETER: STUDENT}),
    )


def _may_preview(principal: Principal) -> bool:
    in_course = principal.kind == "launch" and principal.course_id is not None
    return in_course and principal.impersonation is None
