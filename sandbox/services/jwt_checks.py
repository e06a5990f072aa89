"""Checks of JWTs that a tool signed: client assertions and deep-linking responses."""

from __future__ import annotations

from typing import Any

import jwt
import requests

from sandbox.services.host import HostPlatform

_ONLY_THE_SIGNATURE: Any = {
    f"verify_{part}": False for part in ("aud", "iss", "exp", "nbf", "iat", "sub", "jti")
}
"""The times are those of the platform's clock, which the library does not know."""


class Unproven(Exception):
    """A token that is not the tool's, or does not say what it must."""


def read(platform: HostPlatform, token: str) -> dict[str, Any]:
    """Return the claims of a token that one of the tool's keys signed. Raises Unproven."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _tool_key(platform, token),
            algorithms=["RS256"],
            options=_ONLY_THE_SIGNATURE,
        )
    except jwt.PyJWTError as error:
        raise Unproven(str(error)) from error
    return claims


def _tool_key(platform: HostPlatform, token: str) -> jwt.PyJWK:
    kid = jwt.get_unverified_header(token).get("kid")
    if not kid:
        raise Unproven("the header has no kid")
    try:
        keys = platform.fetch_tool_keys()
    except (requests.RequestException, ValueError) as error:
        raise Unproven(f"the tool's keys cannot be read: {error}") from error
    for key in keys.get("keys", ()):
        if key.get("kid") == kid:
            return jwt.PyJWK(key, algorithm="RS256")
    raise Unproven("the kid is not among the tool's keys")


def require(claims: dict[str, Any], *names: str) -> None:
    """Raise Unproven where one is missing."""
    for name in names:
        if claims.get(name) in (None, ""):
            raise Unproven(f"{name} is missing")


def check_audience(claims: dict[str, Any], expected: str) -> None:
    said = claims.get("aud")
    if expected not in (said if isinstance(said, list) else [said]):
        raise Unproven(f"aud is {said}, not {expected}")


def check_times(
    claims: dict[str, Any], now: float, *, leeway: float = 60, oldest: float | None = None
) -> None:
    """`exp`, `nbf` and `iat` as far as they are there; `oldest` is how old `iat` may be."""
    for name in ("exp", "nbf", "iat"):
        if name in claims and not isinstance(claims[name], int | float):
            raise Unproven(f"{name} is not a number")
    if "exp" in claims and claims["exp"] + leeway < now:
        raise Unproven("it has expired")
    if max(claims.get("nbf", 0), claims.get("iat", 0)) > now + leeway:
        raise Unproven("it comes from the future")
    if oldest is not None and claims.get("iat", now) < now - oldest:
        raise Unproven(f"iat is older than {oldest:.0f} seconds")
