"""What the form of settings sends: of each setting the value it showed, and what was typed.

Only what its reader typed anew is changed. So a page that was opened before a setting existed, or
that lost some fields on its way, leaves those alone; and of two administrators who have it open at
once, neither puts back what only the other changed (no lost update).
"""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

from lti_tool.admin.change import differs
from lti_tool.core.institutions import UNLIMITED, Setting, SettingError, registry

NO_LIMIT = "-unlimited"
UNIT = "-unit"
"""End the names of the fields that stand beside a number: a box, and a list of units."""

SHOWN = "shown-"
"""Begins the name of the hidden field that holds the value of a setting as the form showed it."""


def typed_anew(form: MultiDict[str, str]) -> dict[str, str]:
    """Read what was typed, by setting, of those whose sender wants another value than was shown.

    A value that comes without what was shown is meant as it is. Settings that there are no longer
    are passed over.
    """
    wanted = {}
    for name, item in registry().items():
        shown = form.get(SHOWN + name)
        typed = _typed(form, item, was_shown=shown is not None)
        if typed is not None and (shown is None or differs(item, typed, shown)):
            wanted[name] = typed
    return wanted


def _typed(form: MultiDict[str, str], item: Setting, *, was_shown: bool) -> str | None:
    """Read the value that the form sends for a setting; None where it says nothing of it.

    A switch that is off has no field: that says it only where the form has shown the switch.
    """
    typed = form.get(item.name)
    if item.kind == "switch" and was_shown:
        return typed or "off"
    if item.kind == "duration" and typed is not None and (unit := form.get(item.name + UNIT)):
        return typed if _says_its_unit(item, typed) else f"{typed.strip()} {unit}"
    if item.unlimited and form.get(item.name + NO_LIMIT):
        return str(UNLIMITED)
    if item.kind == "words" and item.choices and not typed:
        return form.get(f"{item.name}-list")
    return typed


def _says_its_unit(item: Setting, typed: str) -> bool:
    """Tell whether a length of time came with a unit of its own, such as “2 days”."""
    try:
        item.parse(typed)
    except SettingError:
        return False
    return typed.strip()[-1:].isalpha()
