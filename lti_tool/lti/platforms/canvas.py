"""Canvas: says from which placement it launches, and whether an administrator acts as somebody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lti_tool.lti.platforms.base import Family

MASQUERADING = "masquerading_user"
"""The custom parameter that our registration asks for, with the variable
``$Canvas.masqueradingUser.userId``; Canvas leaves the variable as it is when nobody does."""

_GRADED = frozenset(
    {"assignment_selection", "submission_type_selection", "course_assignments_menu"}
)


class Canvas(Family):
    """See ``docs/register-in-canvas.md`` for what its administrator sets up."""

    def placement(self, claims: Mapping[str, Any]) -> str | None:
        said = claims.get("https://www.instructure.com/placement")
        return said[:255] if isinstance(said, str) and said else None

    def acting_for(self, custom: Mapping[str, str]) -> str | None:
        said = custom.get(MASQUERADING, "")
        return said[:255] if said and not said.startswith("$") else None

    def allows_rosters(self) -> str:
        return (
            "In Canvas, edit the developer key, switch on the scope that retrieves the users of "
            "the place where the tool is installed, and save."
        )

    def allows_grades(self) -> str:
        return (
            "In Canvas, edit the developer key, switch on the scopes for line items, scores and "
            "results, and save."
        )

    def grades(self, placement: str | None) -> bool:
        return placement in _GRADED
