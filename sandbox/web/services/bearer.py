"""Bearer tokens at the services: one of that school, for one of the scopes, lets in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, g, jsonify, make_response, request
from flask.typing import ResponseReturnValue

from sandbox.courses import Course
from sandbox.people import Unknown
from sandbox.schools import School
from sandbox.services import service_urls
from sandbox.services.refusals import ServiceRefused
from sandbox.web.current import current_platform

View = Callable[..., ResponseReturnValue]


def authorized_course(scopes: tuple[str, ...], values: dict[str, Any]) -> tuple[School, Course]:
    """Return the school and course that the address means. Raises ServiceRefused."""
    platform = current_platform()
    try:
        school, course = service_urls.school_and_course(platform, values)
    except Unknown as unknown:
        raise ServiceRefused(404, str(unknown)) from unknown
    _check(school, scopes)
    return school, course


def _check(school: School, scopes: tuple[str, ...]) -> None:
    platform = current_platform()
    product = platform.services.product
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    client_id, granted = platform.access_tokens.get(token.strip(), ("", frozenset()))
    g.bearer = (client_id, granted)
    if scheme.lower() != "bearer" or client_id != school.client_id:
        raise ServiceRefused(product.bearer_refused, "the access token is not valid here")
    if not granted.intersection(scopes):
        raise ServiceRefused(product.scope_refused, f"the token is not for {' or '.join(scopes)}")


def refusing(view: View) -> View:
    """Decorate a service: its refusals are answers in the product's form."""

    @wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        try:
            return view(**values)
        except ServiceRefused as refused:
            return _refusal(refused)

    return guarded


def _refusal(refused: ServiceRefused) -> Response:
    name = current_platform().services.product.name
    if name == "canvas":
        body: dict[str, Any] = {"errors": {"type": "error", "message": refused.message}}
    elif name == "moodle":
        body = {"status": refused.status, "reason": refused.message, "request": {}}
    else:
        body = {"error": refused.message}
    answer = make_response(jsonify(body), refused.status)
    if refused.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer
