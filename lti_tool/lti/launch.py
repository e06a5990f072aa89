"""What a launch is above the LTI room: one frozen value, without a claim's name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

from lti_tool.lti.platforms import family_of

_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")


@lru_cache(maxsize=4096)
def origin_of(address: str) -> str | None:
    """scheme://host[:port] of a web address; None where it is none.

    Hosts are of plain letters (others in their ``xn--`` form): the result stands in headers.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(parts.hostname or ""):
        return None
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else "")


@dataclass(frozen=True)
class Platform:
    """A registration as it stood when it was read."""

    id: str
    institution_id: str
    name: str
    family: str
    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    accept_new_deployments: bool
    registered_frame_origins: tuple[str, ...] = ()

    def signs_as(self, issuer: str) -> bool:
        """Whether its messages may name this issuer."""
        return family_of(self.family).signs_as(self.issuer, issuer)

    @property
    def frame_origins(self) -> tuple[str, ...]:
        """Who may show our pages in a frame: what was registered, and the platform's own hosts."""
        own = (origin_of(address) for address in (self.issuer, self.auth_url, self.token_url))
        found = [*self.registered_frame_origins, *(origin for origin in own if origin)]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Launch:
    """One verified message: who came, from where, to what."""

    platform: Platform
    login_key: str
    deployment_id: str
    sub: str
    name: str
    given_name: str
    family_name: str
    email: str | None
    roles: tuple[str, ...]
    context_id: str | None
    context_title: str
    link_id: str
    link_title: str
    custom: Mapping[str, str] = field(default_factory=dict)
    locale: str | None = None
    return_url: str | None = None

    @property
    def frame_origins(self) -> tuple[str, ...]:
        """As the platform's, and the school's own host, known from the return address."""
        school = origin_of(self.return_url) if self.return_url else None
        origins = self.platform.frame_origins
        return origins if school is None or school in origins else (*origins, school)
