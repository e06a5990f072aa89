"""Rate limits, by person where a session of theirs came with the request, else by client address.

A whole campus may share one address, so limits by address are wide; what must be strict (guessing
an invited e-mail) is counted in the database by the room it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, current_app, request
from flask_limiter import Limiter

from lti_tool.core.client_network import client_of
from lti_tool.core.web.health import note_at_readyz


def _who() -> str:
    """Name whom to count: the person, else the client by its address, of IPv6 its /64.

    Asked before the view runs, so the room that knows sessions is asked for the person.
    """
    person: Callable[[], str | None] = current_app.extensions["foyer.asking_person"]
    return person() or client_of(request.remote_addr)


limiter = Limiter(key_func=_who, headers_enabled=False)


def count_by(app: Flask, person: Callable[[], str | None]) -> None:
    """Count by what this says of the request: a person's id, or None."""
    app.extensions["foyer.asking_person"] = person


def install(app: Flask, storage: str) -> None:
    app.config["RATELIMIT_STORAGE_URI"] = storage
    # A Redis that takes connections and answers none would hold every thread for good.
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"socket_timeout": 2, "socket_connect_timeout": 2}
    app.config["RATELIMIT_STRATEGY"] = "moving-window"
    # Redis may be lost without harm: then each process counts for itself.
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
    # Of several requests that wait for it when it is lost, all but the first would fail otherwise.
    app.config["RATELIMIT_SWALLOW_ERRORS"] = True
    # Each limit stands at a view, and is asked for there. What the extension does before and after
    # every request (limits of the whole application, headers) would find nothing, and costs as
    # much as routing; it hooks none of that into an application that it believes it is in.
    app.extensions["limiter"] = {limiter}
    limiter.init_app(app)
    note_at_readyz(app, _lost)


def _lost() -> str | None:
    return None if limiter.storage.check() else "Redis does not answer: each process counts alone"
