"""Addresses that were typed a little differently lead to the right one, with all that was sent.

A slash at the end, two in the middle, a space that came along, ``/LTI/Login``: an administrator
enters such addresses by hand, and an LMS keeps to them. 308 (RFC 9110 §15.4.9) has a form sent
again as it was. (Links to invitations are read by their own room.)
"""

from __future__ import annotations

import re
from urllib.parse import quote

from flask import Flask, redirect, request
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response

from lti_tool.core.web.urls import external_url

_INVITATIONS = re.compile(r"/+[ig](/|$)")
_ANY_CASE = ("/lti/",)
"""Below these no part of a path is a secret or an id, whose letters count."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_AROUND = re.compile(r"^[/\s\u200b\ufeff]+|[/\s\u200b\ufeff]+$")


def install(app: Flask) -> None:
    """Come before the guard against forged requests (CSRF): it would refuse what leads nowhere."""
    app.before_request(_to_canonical_path)


def _to_canonical_path() -> Response | None:
    if request.routing_exception is None or _INVITATIONS.match(request.path):
        return None
    for path in spellings(request.path):
        if path != request.path and _leads_somewhere(path):
            query = request.query_string.decode("latin-1")
            return redirect(external_url(_quoted(path)) + (f"?{query}" if query else ""), 308)
    return None


def spellings(path: str) -> list[str]:
    """List what may have been meant, the nearest first; nobody means control characters."""
    plain = "/" + re.sub(r"/{2,}", "/", _AROUND.sub("", path))
    if _CONTROL.search(plain):
        return []
    lower = plain.lower()
    return [plain, lower] if lower.startswith(_ANY_CASE) and lower != plain else [plain]


def _quoted(path: str) -> str:
    """Write a path that was read: what stood for a sign of its own goes on doing so."""
    return quote(path, safe="/!$&'()*+,;=:@")


def _leads_somewhere(path: str) -> bool:
    adapter = request_ctx.url_adapter
    try:
        return adapter is not None and bool(adapter.match(path, method=request.method))
    except MethodNotAllowed:
        return True  # it is said there
    except HTTPException:
        return False
