"""Granting access tokens: client credentials, proved by a JWT of the tool's own key (RFC 7523)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.schools import School
from sandbox.services import jwt_checks
from sandbox.services.jwt_checks import Unproven

if TYPE_CHECKING:
    from sandbox.platform import Platform

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME_SECONDS = 3600


class TokenRefused(Exception):
    """An OAuth 2 error (RFC 6749 §5.2)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


def grant(
    platform: Platform, form: Mapping[str, str], called: str, owner: School | None = None
) -> dict[str, Any]:
    """The answer to a token request that came to the address `called`. Raises TokenRefused.

    `owner` is the school whose own endpoint it is, where each has one.
    """
    if form.get("grant_type") != "client_credentials":
        raise TokenRefused("unsupported_grant_type", "grant_type must be client_credentials")
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise TokenRefused("invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}")
    try:
        school = authenticate(platform, form.get("client_assertion", ""), called, owner)
    except Unproven as why:
        raise TokenRefused("invalid_client", str(why)) from why
    scopes = _granted(platform, school, form.get("scope", "").split())
    value = secrets.token_urlsafe(32)
    platform.access_tokens[value] = (school.client_id, scopes)
    return {
        "access_token": value,
        "token_type": "Bearer",
        "expires_in": LIFETIME_SECONDS,
        "scope": " ".join(sorted(scopes)),
    }


def _granted(platform: Platform, school: School, asked: list[str]) -> frozenset[str]:
    allowed = platform.services.permitted(school)
    scopes = allowed.intersection(asked)
    if platform.services.habits.tokens.all_or_nothing and set(asked) - allowed:
        refused = " ".join(sorted(set(asked) - allowed))
        raise TokenRefused("invalid_scope", f"this tool is not permitted: {refused}")
    if not scopes:
        raise TokenRefused("invalid_scope", "none of the scopes is permitted")
    return scopes


def authenticate(
    platform: Platform, assertion: str, called: str, owner: School | None = None
) -> School:
    """Whose assertion this is, checked as the product does. Raises Unproven."""
    services = platform.services
    habits = services.habits.tokens
    claims = jwt_checks.read(platform, assertion)
    jwt_checks.require(claims, *habits.required)
    jwt_checks.check_times(
        claims, platform.now().timestamp(), leeway=habits.leeway, oldest=habits.oldest
    )
    school = _client(platform, claims["sub"])
    if owner is not None and owner.key != school.key:
        raise Unproven("this is the token address of another tool")
    if habits.checks_issuer and claims["iss"] != claims["sub"]:
        raise Unproven("iss and sub differ")
    if habits.checks_audience:
        expected = called if habits.host_is_audience else services.token_url(school)
        jwt_checks.check_audience(claims, expected)
    if habits.refuses_replay and not platform.first_use(str(claims["jti"])):
        raise Unproven("jti was used before")
    return school


def _client(platform: Platform, client_id: str) -> School:
    for school in platform.schools:
        if school.client_id == client_id:
            return school
    raise Unproven("no such client")
