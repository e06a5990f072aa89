"""Whether a browser keeps cookies at all: asked before something is used up that needs one."""

from __future__ import annotations

from flask import Response, request
from flask_babel import gettext as _

from lti_tool.core.problems import Problem
from lti_tool.core.web import external_url

PROBE = "__Host-foyer_keeps"


def leave_probe(response: Response) -> None:
    """Let a page without a cookie of ours leave one, whose coming back tells that they are kept."""
    if not request.cookies:
        response.set_cookie(
            PROBE, "1", secure=True, httponly=True, path="/", samesite="Lax", max_age=3600
        )


def require_cookies() -> None:
    """Raises Problem for a form whose page left a cookie that did not come back."""
    if not request.cookies:
        raise no_cookies()


def no_cookies() -> Problem:
    """Even in a window of its own the browser keeps no cookie for us: says what to allow."""
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
