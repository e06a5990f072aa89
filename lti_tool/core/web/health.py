"""Health checks: ``/healthz`` (liveness) and ``/readyz`` (readiness).

``/healthz``: the process lives. ``/readyz``: it can serve (database answers, schema is up to date),
with notes of what this machine does without.
"""

from __future__ import annotations

from collections.abc import Callable

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, Response, current_app, jsonify, request
from sqlalchemy.exc import SQLAlchemyError

from lti_tool.core.db.session import db
from lti_tool.core.logs import log

blueprint = Blueprint("health", __name__)

Remark = Callable[[], str | None]
"""Says something, or nothing."""


@blueprint.get("/healthz")
def healthz() -> Response:
    return jsonify(status="alive")


@blueprint.get("/readyz")
def readyz() -> Response:
    try:
        wanted = ScriptDirectory(current_app.extensions["migrate"].directory).get_current_head()
        present = MigrationContext.configure(db.session.connection()).get_current_revision()
    except SQLAlchemyError as error:
        log.error("not ready", error=type(error).__name__)
        return _not_ready("the database does not answer")
    if present != wanted:
        return _not_ready(
            "the database schema is not up to date: run `flask --app wsgi db upgrade`"
        )
    return jsonify(status="ready", **_notes())


def _notes() -> dict[str, list[str]]:
    notes = [note for remark in (_proxies, *_remarks(current_app)) if (note := remark())]
    return {"notes": notes} if notes else {}


def _proxies() -> str | None:
    """Tell of a wrong ``proxy_hops``: everybody would count as one, or as whom they say."""
    hops = current_app.extensions["foyer.config"].proxy_hops
    passed = ",".join(request.headers.getlist("X-Forwarded-For")).split(",")
    if passed == [""] or len(passed) == hops:
        return None
    return f"addresses in X-Forwarded-For: {len(passed)}, but proxy_hops is {hops}"


def note_at_readyz(app: Flask, remark: Remark) -> None:
    """Let a room say, at ``/readyz``, what an operator should know though all goes on."""
    _remarks(app).append(remark)


def _remarks(app: Flask) -> list[Remark]:
    remarks: list[Remark] = app.extensions.setdefault("foyer.readyz_notes", [])
    return remarks


def _not_ready(why: str) -> Response:
    response = jsonify(status="not ready", why=why, **_notes())
    response.status_code = 503
    return response
