"""The cookies by which a browser is recognised between a login and its launch.

Each first login gives the browser a cookie of a name of its own: of several frames that open at
once, none may take away what another has left for the platform with. A launch is good in a
browser that holds the cookie of its login, whatever else it holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from werkzeug.wrappers import Response

from lti_tool.core.clock import now
from lti_tool.core.ids import new_handle, new_secret

COOKIE_PREFIX = "__Host-foyer_browser-"
LIFE = timedelta(days=7)
SETTLED = timedelta(minutes=15)
"""Well after any login that began before the newest cookie came has ended."""

_NAME = re.compile(re.escape(COOKIE_PREFIX) + r"(?P<made>[0-9]{10})-[a-z2-7]{10}")
_ATTRIBUTES = {
    "path": "/",
    "secure": True,
    "httponly": True,
    "samesite": "None",
    "partitioned": True,
}


class _Held(NamedTuple):
    made_at: datetime
    name: str
    secret: str


def secrets_of(cookies: Mapping[str, str]) -> list[str]:
    """Read the secrets this browser holds of us, newest first; none for one we do not know."""
    return [held.secret for held in _held(cookies)]


def introduce(response: Response) -> None:
    """Give a browser we do not know a cookie."""
    name = f"{COOKIE_PREFIX}{int(now().timestamp())}-{new_handle()}"
    life = int(LIFE.total_seconds())
    response.set_cookie(name, new_secret(16), max_age=life, **_ATTRIBUTES)  # type: ignore[arg-type]


def tidy(response: Response, cookies: Mapping[str, str]) -> None:
    """Take back what frames that opened at once were given, as soon as one cookie will do."""
    newest, *others = _held(cookies)
    if newest.made_at <= now() - SETTLED:
        for held in others:
            response.delete_cookie(held.name, **_ATTRIBUTES)  # type: ignore[arg-type]


def _held(cookies: Mapping[str, str]) -> list[_Held]:
    found = []
    for name, secret in cookies.items():
        fits = _NAME.fullmatch(name) if secret else None
        if fits is not None:
            made_at = datetime.fromtimestamp(int(fits["made"]), UTC)
            found.append(_Held(made_at, name, secret))
    return sorted(found, reverse=True)
