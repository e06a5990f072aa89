"""Hooks for tests that drive the sandbox from another process. All bodies and answers are JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.here import platform
from sandbox.waiting import LaunchOptions, TokenOptions

hooks = Blueprint("control", __name__, url_prefix="/control")


def _body() -> dict[str, Any]:
    """The request's JSON object. `application/json` only, so no other site's form gets in."""
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
    platform().prepare_next(**options)
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
        token = platform().id_token(**who, link=link, school=school, **options)
    except LookupError as unknown:
        abort(404, str(unknown))
    return jsonify(id_token=token)


@hooks.post("/login_params")
def login_params() -> ResponseReturnValue:
    """Begin a launch: {"user", "link"?, "school"?} gives the login's fields."""
    body = _body()
    try:
        fields = platform().login_params(
            str(body.get("user", "")), body.get("link"), school=body.get("school")
        )
    except LookupError as unknown:
        abort(404, str(unknown))
    return jsonify(fields)


@hooks.post("/rotate-keys")
def rotate_keys() -> ResponseReturnValue:
    """Sign with the next key from now on; {"forget_old": true} drops the old ones at once."""
    body = request.get_json(silent=True) or {}
    key = platform().keys.rotate(forget_old=bool(body.get("forget_old")))
    return jsonify(kid=key.kid)


@hooks.get("/auth-requests")
def auth_requests() -> ResponseReturnValue:
    """The latest authentication requests of the tool, newest last."""
    return jsonify(list(platform().auth_requests))
