"""What the form of settings sends: of each setting the value it showed, and what was typed.

Only what its reader typed anew is changed. So a page that was opened before a setting existed, or
that lost some fields on its way, leaves those alone; and of two administrators who have it open at
once, neither puts back what only the other changed.
"""

from __future__ import annotations

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from lti_tool.admin.change import differs
from lti_tool.core.institutions import Setting, registry
from lti_tool.core.problems import Problem

SHOWN = "shown-"
"""Begins the name of the hidden field that holds the value of a setting as the form showed it."""


def typed_anew(form: MultiDict[str, str]) -> dict[str, str]:
    """Read what was typed, by setting, of those whose reader wants another value than was shown.

    Settings that there are no longer are passed over. Raises Problem 409 for a form that does not
    say what it showed: a page of an earlier version, whose absent fields may mean anything.
    """
    shown = {name: form[SHOWN + name] for name in registry() if form.get(SHOWN + name) is not None}
    if not shown:
        raise Problem(
            409,
            "outdated-form",
            _("Nothing was changed"),
            _(
                "The page that was sent does not say which settings it showed: it is from an"
                " earlier version of this tool, or parts of it were lost. Open the settings again"
                " and make your changes there."
            ),
        )
    typed = {name: _typed(form, registry()[name]) for name in shown}
    return {
        name: value
        for name, value in typed.items()
        if value is not None and differs(registry()[name], value, shown[name])
    }


def _typed(form: MultiDict[str, str], item: Setting) -> str | None:
    """None where the form has no field for it. (A switch that is off has none either.)"""
    if item.kind == "switch":
        return form.get(item.name, "off")
    typed = form.get(item.name)
    if item.kind == "words" and item.choices and not typed:
        return form.get(f"{item.name}-list")
    return typed
