"""Hooks for tests that drive the sandbox from another process, all in JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.pending_launches import LaunchOptions, Occasion, TokenOptions
from sandbox.web.current import current_platform

hooks = Blueprint("control", __name__, url_prefix="/control")


def _body() -> dict[str, Any]:
    """Return the request's JSON object; `application/json` only, so no foreign form gets in."""
    body = request.get_json()
    if not isinstance(body, dict):
        abort(400, "The body must be a JSON object.")
    return body


def _options(body: dict[str, Any], kind: type) -> dict[str, Any]:
    """Token options from JSON; `issued_at` is an ISO 8601 text with an offset."""
    known = set(kind.__annotations__) | set(TokenOptions.__annotations__)
    unknown = set(body) - known
    if unknown:
        abort(400, f"Unknown: {', '.join(sorted(unknown))}.")
    options = dict(body)
    if "key" in options:
        options["key"] = str(options["key"]).encode()
    if "issued_at" in options:
        options["issued_at"] = datetime.fromisoformat(options["issued_at"])
    return options


@hooks.post("/next")
def prepare_next() -> ResponseReturnValue:
    """Let the next launch differ: LaunchOptions as JSON, e.g. {"drop": ["exp"]}."""
    options = cast(LaunchOptions, _options(_body(), LaunchOptions))
    current_platform().prepare_next(**options)
    return "", 204


@hooks.post("/id_token")
def id_token() -> ResponseReturnValue:
    """Mint: {"nonce", "user", "link"?, "school"?, …TokenOptions} gives {"id_token"}."""
    body = _body()
    try:
        who = {name: body.pop(name) for name in ("nonce", "user")}
    except KeyError as missing:
        abort(400, f"{missing} is missing.")
    link, school = body.pop("link", None), body.pop("school", None)
    options = cast(TokenOptions, _options(body, TokenOptions))
    try:
        token = current_platform().id_token(**who, link=link, school=school, **options)
    except LookupError as unknown:
        abort(404, str(unknown))
    return jsonify(id_token=token)


@hooks.post("/login_params")
def login_params() -> ResponseReturnValue:
    """Begin a launch: {"user", "link"?, "school"?, …Occasion} gives the login's fields."""
    body = _body()
    how = {name: body[name] for name in Occasion.__annotations__ if name in body}
    try:
        fields = current_platform().login_params(
            str(body.get("user", "")),
            body.get("link"),
            school=body.get("school"),
            how=cast(Occasion, how),
        )
    except LookupError as unknown:
        abort(404, str(unknown))
    return jsonify(fields)


@hooks.route("/faults", methods=["GET", "POST"])
def faults() -> ResponseReturnValue:
    """Switch faults: {"on": [fault…], "off": [fault…], "privacy"?}; the answer is what holds."""
    platform = current_platform()
    body = _body() if request.method == "POST" else {}
    privacy = body.get("privacy", platform.privacy)
    if privacy not in platform.profile.privacies:
        abort(404, f"{platform.profile.title} has no privacy setting called {privacy}")
    try:
        for name, on in (("on", True), ("off", False)):
            for fault in body.get(name, ()):
                platform.turn(fault, on)
    except LookupError as unknown:
        abort(404, str(unknown))
    platform.privacy = privacy
    return jsonify(faults=sorted(platform.faults), privacy=platform.privacy)


@hooks.post("/copy-course")
def copy_course() -> ResponseReturnValue:
    """Return a copy of a course with its activities: {"id", "course"?, "title"?}."""
    body = _body()
    try:
        fresh = current_platform().copy_course(
            body.get("course"), id=str(body["id"]), title=str(body.get("title", ""))
        )
    except KeyError:
        abort(400, "'id' is missing.")
    except LookupError as unknown:
        abort(404, str(unknown))
    return jsonify(id=fresh.id, title=fresh.title)


@hooks.post("/rotate-keys")
def rotate_keys() -> ResponseReturnValue:
    """Sign with the next key from now on; {"forget_old": true} drops the old ones at once."""
    body = request.get_json(silent=True) or {}
    key = current_platform().keys.rotate(forget_old=bool(body.get("forget_old")))
    return jsonify(kid=key.kid)


@hooks.get("/auth-requests")
def auth_requests() -> ResponseReturnValue:
    """Return the latest authentication requests of the tool, newest last."""
    return jsonify(list(current_platform().auth_requests))
