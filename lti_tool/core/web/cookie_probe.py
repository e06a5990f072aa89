"""Whether a browser keeps cookies at all: asked before something is used up that needs one."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _

from lti_tool.core.web.problems import Problem
from lti_tool.core.web.urls import external_url


def require_cookies() -> None:
    """Raise Problem for a request whose page left a cookie that did not come back."""
    if not request.cookies:
        raise no_cookies()


def no_cookies() -> Problem:
    """Say what to allow where the browser keeps no cookie for us even in a window of its own."""
    return Problem(
        403,
        "no-cookies",
        _("Your browser does not keep cookies for this tool"),
        _(
            "Without them the tool cannot remember you. In your browser's settings, under privacy,"
            " allow cookies for %(address)s, or use another browser; then open it again from where"
            " you came. Nothing has been used up.",
            address=external_url(""),
        ),
    )
