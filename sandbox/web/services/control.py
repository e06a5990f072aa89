"""Hooks for tests that use the services from another process, all in JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.web.current import current_platform

hooks = Blueprint("service_control", __name__, url_prefix="/control")


def _body(*names: str) -> dict[str, Any]:
    """Return the request's object. `application/json` only, so no other site's form gets in."""
    body = request.get_json()
    if not isinstance(body, dict) or set(body) - set(names):
        abort(400, f"The body must be a JSON object of {', '.join(names)}.")
    return body


@hooks.post("/enlarge")
def enlarge() -> ResponseReturnValue:
    """Fill a course: {"size": 20000, "course"?, "school"?}."""
    body = _body("size", "course", "school")
    size = body.get("size")
    if not isinstance(size, int) or not 0 < size <= 100_000:
        abort(400, "size must be a number up to 100000.")
    current_platform().services.enlarge(body.get("course"), size, body.get("school"))
    return "", 204


@hooks.post("/service-fault")
def fault() -> ResponseReturnValue:
    """Let a service fail: {"service": "memberships", "kind": 401, "times"?, "to"?}."""
    body = _body("service", "kind", "times", "to")
    try:
        current_platform().services.faults.add(
            str(body.get("service")),
            body.get("kind", 500),
            times=body.get("times", 1),
            to=str(body.get("to", "")),
        )
    except ValueError as error:
        abort(400, str(error))
    return "", 204


@hooks.post("/no-service-faults")
def no_faults() -> ResponseReturnValue:
    """Everything works again, and slow answers go on."""
    current_platform().services.faults.clear()
    return "", 204


@hooks.get("/calls")
def calls() -> ResponseReturnValue:
    """Return the requests that reached the services, oldest first."""
    made = [asdict(call) for call in current_platform().services.calls]
    return jsonify([{**call, "scopes": sorted(call["scopes"])} for call in made])


@hooks.get("/returned")
def returned() -> ResponseReturnValue:
    """Tell what came back from dialogs, oldest first."""
    return jsonify(
        [
            {"items": one.items, "refusal": one.refusal, "notices": list(one.notices)}
            for one in current_platform().services.returned
        ]
    )
