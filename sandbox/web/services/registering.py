"""The Dynamic Registration endpoints: platform configuration and client registration."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request
from flask.typing import ResponseReturnValue

from sandbox.services import service_urls
from sandbox.services.registrations import Pressed, RegistrationRefused, Tool
from sandbox.services.registries import Registry
from sandbox.web.current import current_platform
from sandbox.web.services.calls import service
from sandbox.web.services.routes import at_each

endpoints = Blueprint("registering", __name__)


@at_each(endpoints, lambda product: product.registry.configuration_path, ["GET"])
@service("configuration")
def configuration() -> ResponseReturnValue:
    """Tell what the platform says of itself (OpenID discovery, Dynamic Registration §2.1)."""
    platform, registry = current_platform(), _registry()
    pressed = _shown()
    if registry.configuration_needs_token and pressed is None:
        return _refusal(RegistrationRefused(401, {"token": "the registration token is not good"}))
    key = request.args.get("key", "")
    if pressed is not None:
        school = platform.school(pressed.school)
    elif key.isdigit():
        school = service_urls.school_of_tool(platform, int(key))
    else:
        school = platform.school()
    return jsonify(registry.configuration(platform, school))


@at_each(endpoints, lambda product: product.registry.endpoint_path, ["GET", "POST"])
@service("registration")
def registration(key: str = "") -> ResponseReturnValue:
    """Take the tool in; Moodle also says what it holds."""
    platform = current_platform()
    pressed = _shown(spent_too=request.method == "GET")
    if pressed is None or key not in ("", service_urls.number_of_tool(platform, pressed.school)):
        return _refusal(RegistrationRefused(401, {"token": _bad_token()}))
    if request.method == "GET":
        return _held(pressed)
    if request.mimetype != "application/json":
        return _refusal(RegistrationRefused(400, {"body": "the Content-Type is not JSON"}))
    try:
        answer = platform.services.registrar.register(pressed, request.get_data())
    except RegistrationRefused as refused:
        return _refusal(refused)
    return jsonify(answer)


@endpoints.route("/api/lti/registrations/<client_id>", methods=["GET", "PUT"])
@service("registration")
def canvas_registration(client_id: str) -> ResponseReturnValue:
    """Canvas: read or renew a registration at its own address (after RFC 7592)."""
    pressed = _shown()
    if current_platform().services.product.name != "canvas" or pressed is None:
        return _refusal(RegistrationRefused(401, {"token": "the registration token is not good"}))
    if pressed.client_id != client_id:
        return _refusal(RegistrationRefused(404, {"client_id": "there is no such registration"}))
    if request.method == "GET":
        return _held(pressed)
    try:
        return jsonify(current_platform().services.registrar.register(pressed, request.get_data()))
    except RegistrationRefused as refused:
        return _refusal(refused)


def _held(pressed: Pressed) -> ResponseReturnValue:
    """Return the registration that this token may change."""
    platform = current_platform()
    held = [pressed.tool] if pressed.tool else []
    held += [
        tool for tool in platform.services.registrar.tools if tool.client_id == pressed.client_id
    ]
    if not held:
        return _refusal(RegistrationRefused(404, {"client_id": "nothing is registered"}))
    return jsonify(_answer(pressed, held[0]))


def _answer(pressed: Pressed, tool: Tool) -> dict[str, Any]:
    return _registry().answer(current_platform(), pressed, tool)


def _registry() -> Registry:
    return current_platform().services.product.registry


def _bad_token() -> str:
    return (
        "token_already_used" if _registry().plain_errors else "the registration token is not good"
    )


def _shown(*, spent_too: bool = False) -> Pressed | None:
    pressed = current_platform().services.registrar.shown(request.headers.get("Authorization", ""))
    return None if pressed is None or (pressed.spent and not spent_too) else pressed


def _refusal(refused: RegistrationRefused) -> Response:
    if _registry().plain_errors:
        return Response(str(refused), refused.status, content_type="text/plain; charset=utf-8")
    if _registry().product == "canvas":
        body: dict[str, Any] = {
            "errors": [{"field": field, "message": said} for field, said in refused.errors.items()]
        }
    else:
        body = {"error": "invalid_client_metadata", "error_description": str(refused)}
    return make_response(jsonify(body), refused.status)
