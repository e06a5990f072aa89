"""The OAuth 2 token endpoint: client credentials, proved by a JWT of the tool's own key."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import jwt
import requests
from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox import here
from sandbox.platform import Platform
from sandbox.schools import School

endpoint = Blueprint("token", __name__)

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME_SECONDS = 3600
_AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
SCOPES = frozenset(
    {
        _AGS + "lineitem",
        _AGS + "lineitem.readonly",
        _AGS + "result.readonly",
        _AGS + "score",
        "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
    }
)


class TokenRefused(Exception):
    """An OAuth 2 error (RFC 6749 §5.2)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@endpoint.post("/token")
def token() -> ResponseReturnValue:
    """Grant the permitted ones among the asked scopes, or say in OAuth words why not."""
    try:
        answer = grant(here.platform(), request.form)
    except TokenRefused as refused:
        body = {"error": refused.error, "error_description": refused.description}
        return jsonify(body), 401 if refused.error == "invalid_client" else 400
    return jsonify(answer), 200, {"Cache-Control": "no-store"}


def grant(platform: Platform, form: Mapping[str, str]) -> dict[str, Any]:
    """The answer to a token request. Raises TokenRefused."""
    if form.get("grant_type") != "client_credentials":
        raise TokenRefused("unsupported_grant_type", "grant_type must be client_credentials")
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise TokenRefused("invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}")
    school = authenticate(platform, form.get("client_assertion", ""))
    scopes = SCOPES.intersection(form.get("scope", "").split())
    if not scopes:
        raise TokenRefused("invalid_scope", "none of the scopes is permitted")
    value = secrets.token_urlsafe(32)
    platform.access_tokens[value] = (school.client_id, scopes)
    return {
        "access_token": value,
        "token_type": "Bearer",
        "expires_in": LIFETIME_SECONDS,
        "scope": " ".join(sorted(scopes)),
    }


def authenticate(platform: Platform, assertion: str) -> School:
    """Whose assertion this is: iss = sub = client id, our address as aud, fresh, used once."""
    try:
        claims = jwt.decode(
            assertion,
            _tool_key(platform, assertion),
            algorithms=["RS256"],
            audience=platform.token_url,
            leeway=60,
            options={"require": ["iss", "sub", "aud", "iat", "exp", "jti"]},
        )
    except jwt.PyJWTError as error:
        raise TokenRefused("invalid_client", str(error)) from error
    if claims["iss"] != claims["sub"]:
        raise TokenRefused("invalid_client", "iss and sub differ")
    for school in platform.schools:
        if school.client_id == claims["sub"]:
            break
    else:
        raise TokenRefused("invalid_client", "no such client")
    if not platform.first_use(str(claims["jti"])):
        raise TokenRefused("invalid_client", "jti was used before")
    return school


def _tool_key(platform: Platform, assertion: str) -> jwt.PyJWK:
    kid = jwt.get_unverified_header(assertion).get("kid")
    if not kid:
        raise TokenRefused("invalid_client", "the assertion's header has no kid")
    try:
        keys = platform.fetch_tool_keys()
    except (requests.RequestException, ValueError) as error:
        raise TokenRefused("invalid_client", f"the tool's keys cannot be read: {error}") from error
    for key in keys.get("keys", ()):
        if key.get("kid") == kid:
            return jwt.PyJWK(key, algorithm="RS256")
    raise TokenRefused("invalid_client", "the kid is not among the tool's keys")
