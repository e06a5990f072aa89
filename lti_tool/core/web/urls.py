"""Addresses: those of the tool's own pages carry the session, whole ones the configured origin."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, g, has_request_context
from flask import url_for as flask_url_for

SESSION_PARAMETER = "as"


def install(app: Flask) -> None:
    app.jinja_env.globals.update(url=url, handle=handle)


def url(endpoint: str, **values: Any) -> str:
    """Build the address of one of our pages, carrying the session it is to be opened with."""
    current = handle()
    if current and SESSION_PARAMETER not in values:
        values[SESSION_PARAMETER] = current
    return flask_url_for(endpoint, **values)


def external_url(path: str) -> str:
    """Build a whole address on the tool's own, configured origin (never from the Host header)."""
    base: str = current_app.extensions["foyer.config"].base_url
    return base + path


def former_origins() -> tuple[str, ...]:
    """List the origins at which the tool was reached before."""
    former: tuple[str, ...] = current_app.extensions["foyer.config"].former_base_urls
    return former


def in_development() -> bool:
    """Tell whether platforms on http are permitted."""
    return bool(current_app.extensions["foyer.config"].development)


def handle() -> str:
    """Return the handle of the session that serves this request, or an empty text."""
    value: str = g.get("foyer_handle", "") if has_request_context() else ""
    return value
