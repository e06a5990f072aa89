"""Form tokens against forged requests (CSRF): signed, stateless, bound to a session."""

from __future__ import annotations

from flask import Flask, current_app, g
from itsdangerous import BadData, URLSafeTimedSerializer

from lti_tool.core.web.urls import handle

FORM_TOKEN_LIFE = 12 * 3600
"""Seconds a form may stand open before it must be loaded again; a tool session's longest life."""


def install(app: Flask) -> None:
    app.jinja_env.globals["form_token"] = form_token


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.extensions["foyer.secret"], salt="form")


def form_token() -> str:
    """Sign a stateless CSRF token for the session that served the form.

    Where ``bind_forms`` has named something else, the token is bound to that.
    """
    return _serializer().dumps(g.get("foyer_forms_bound_to") or handle())


def bind_forms(to: str) -> None:
    """Bind the tokens of this page's forms to something that only its browser holds."""
    g.foyer_forms_bound_to = to


def form_token_holds(token: str, session_handle: str) -> bool:
    try:
        bound = _serializer().loads(token, max_age=FORM_TOKEN_LIFE)
    except BadData:
        return False
    return bool(bound == session_handle)
