"""The access token request: client credentials with a JWT (Security Framework 1.0 §4.1).

The assertion is signed by the tool's own key (RFC 7523).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.schools import School
from sandbox.services import jwt_checks
from sandbox.services.host import HostPlatform
from sandbox.services.jwt_checks import Unproven

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME_SECONDS = 3600


@dataclass(frozen=True)
class TokenRules:
    """How a product's token endpoint behaves.

    path            of the endpoint; `<tool>` stands for the tool's number
    all_or_nothing  one scope too many refuses the request, instead of being left out
    required        claims that an assertion must have
    host_is_audience  `aud` is the address that was called; else the one that was registered
    checks_audience, checks_issuer, refuses_replay  whether it does at all
    oldest, leeway  seconds: how old `iat` may be, how wrong a clock
    refusal         the status when the tool is not who it says
    """

    path: str = "/token"
    all_or_nothing: bool = False
    required: tuple[str, ...] = ("iss", "sub", "aud", "iat", "exp", "jti")
    host_is_audience: bool = False
    checks_audience: bool = True
    checks_issuer: bool = True
    refuses_replay: bool = True
    oldest: float | None = None
    leeway: float = 60
    refusal: int = 401


class TokenRefused(Exception):
    """An OAuth 2 error (RFC 6749 §5.2)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


def grant(
    platform: HostPlatform,
    rules: TokenRules,
    form: Mapping[str, str],
    called: str,
    owner: School | None = None,
) -> dict[str, Any]:
    """Return the answer to a token request that came to the address `called`. Raises TokenRefused.

    `owner` is the school whose own endpoint it is, where each has one.
    """
    if form.get("grant_type") != "client_credentials":
        raise TokenRefused("unsupported_grant_type", "grant_type must be client_credentials")
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise TokenRefused("invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}")
    try:
        school = authenticate(platform, rules, form.get("client_assertion", ""), called, owner)
    except Unproven as why:
        raise TokenRefused("invalid_client", str(why)) from why
    scopes = _granted(platform, rules, school, form.get("scope", "").split())
    value = secrets.token_urlsafe(32)
    platform.access_tokens[value] = (school.client_id, scopes)
    return {
        "access_token": value,
        "token_type": "Bearer",
        "expires_in": LIFETIME_SECONDS,
        "scope": " ".join(sorted(scopes)),
    }


def _granted(
    platform: HostPlatform, rules: TokenRules, school: School, asked: list[str]
) -> frozenset[str]:
    allowed = platform.services.permitted(school)
    scopes = allowed.intersection(asked)
    if rules.all_or_nothing and set(asked) - allowed:
        refused = " ".join(sorted(set(asked) - allowed))
        raise TokenRefused("invalid_scope", f"this tool is not permitted: {refused}")
    if not scopes:
        raise TokenRefused("invalid_scope", "none of the scopes is permitted")
    return scopes


def authenticate(
    platform: HostPlatform,
    rules: TokenRules,
    assertion: str,
    called: str,
    owner: School | None = None,
) -> School:
    """Whose assertion this is, checked as the product does. Raises Unproven."""
    claims = jwt_checks.read(platform, assertion)
    jwt_checks.require(claims, *rules.required)
    jwt_checks.check_times(
        claims, platform.now().timestamp(), leeway=rules.leeway, oldest=rules.oldest
    )
    school = _client(platform, claims["sub"])
    if owner is not None and owner.key != school.key:
        raise Unproven("this is the token address of another tool")
    if rules.checks_issuer and claims["iss"] != claims["sub"]:
        raise Unproven("iss and sub differ")
    if rules.checks_audience:
        expected = called if rules.host_is_audience else platform.services.token_url(school)
        jwt_checks.check_audience(claims, expected)
    if rules.refuses_replay and not platform.first_use(str(claims["jti"])):
        raise Unproven("jti was used before")
    return school


def _client(platform: HostPlatform, client_id: str) -> School:
    for school in platform.schools:
        if school.client_id == client_id:
            return school
    raise Unproven("no such client")
