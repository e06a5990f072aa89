"""Launches of one product's profile, as a tool sees them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt

from sandbox.pending_launches import Occasion
from sandbox.platform import FormPost, Platform


def asked(platform: Platform, login: dict[str, str], **changes: str) -> dict[str, str]:
    """The authentication request of a good tool for this login; an empty change leaves one out."""
    request = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": login.get("client_id", ""),
        "redirect_uri": platform.launch_url,
        "login_hint": login["login_hint"],
        "lti_message_hint": login.get("lti_message_hint", ""),
        "state": "the-state",
        "nonce": "the-nonce",
    }
    return {name: value for name, value in {**request, **changes}.items() if value}


def answered(
    platform: Platform, user: str, how: Occasion | None = None, **changes: str
) -> FormPost:
    login = platform.login_params(user, how=how)
    return platform.authorize(asked(platform, login, **changes))


def verified(platform: Platform, token: str) -> dict[str, Any]:
    """The claims, checked with the published keys."""
    keys = jwt.PyJWKSet.from_dict(platform.jwks())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims: dict[str, Any] = jwt.decode(
        token, key, algorithms=["RS256"], options={"verify_aud": False, "verify_iat": False}
    )
    return claims


def claims_of(
    platform: Platform, user: str, link: Any = None, how: Occasion | None = None
) -> dict[str, Any]:
    """What a tool is told in a launch."""
    return verified(platform, platform.id_token("the-nonce", user, link, how=how))


def query_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))
