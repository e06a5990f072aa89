"""The endpoints of a platform and its tool, and what a registration says of them."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from sandbox.directory import Directory
from sandbox.people import User
from sandbox.profiles import Profile, Sites
from sandbox.schools import School

DEFAULT_PORT = 9000
DEFAULT_TOOL_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Registration:
    """What a tool must know of one school of this platform (`dict()` gives it by these names)."""

    name: str
    issuer: str
    client_id: str
    deployment_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    frame_origin: str
    family: str = "other"

    def dict(self) -> dict[str, str]:
        return asdict(self)


class Endpoints(Directory):
    """A directory at its addresses. See `Platform` for what the parts mean."""

    def __init__(
        self,
        tool_url: str,
        profile: Profile,
        base_url: str | None = None,
        issuer: str | None = None,
        schools: Iterable[School] | None = None,
        state: Path | None = None,
    ) -> None:
        super().__init__(profile, schools, state)
        self.tool_url = tool_url.rstrip("/")
        self.sites = Sites.one(base_url.rstrip("/")) if base_url else profile.sites(DEFAULT_PORT)
        self.faults: set[str] = set()
        self.neighbours: dict[str, str] = {}
        """Other platforms that run beside this one: their addresses by their titles."""
        self._issuer = issuer
        self._used_jtis: set[str] = set()
        self._lock = threading.Lock()

    # The tool's keys and assertions (sandbox.services)

    def fetch_tool_keys(self) -> dict[str, Any]:
        """Return the tool's JWKS, fetched each time. Raises requests.RequestException, ValueError.

        A test without a running tool may put a function of its own here.
        """
        answer = requests.get(self.tool_jwks_url, timeout=5, allow_redirects=False)
        answer.raise_for_status()
        keys = answer.json()
        if not isinstance(keys, dict):
            raise ValueError("the key set is not an object")
        return keys

    def first_use(self, jti: str) -> bool:
        """Whether an assertion's jti is new; it is not, from now on."""
        with self._lock:
            if jti in self._used_jtis:
                return False
            self._used_jtis.add(jti)
            return True

    # Addresses

    @property
    def base_url(self) -> str:
        """The first school's address."""
        return self.sites.schools[0]

    @base_url.setter
    def base_url(self, base_url: str) -> None:
        self.sites = Sites.one(base_url)

    @property
    def issuer(self) -> str:
        """The server's `iss`, which logins name; a registration's may be longer."""
        return self._issuer or self.sites.issuer

    def school_url(self, school: str | School | None = None) -> str:
        """Where a school's pages and services are."""
        index = self.schools.index(self.school(school))
        return self.sites.schools[min(index, len(self.sites.schools) - 1)]

    @property
    def login_url(self) -> str:
        return f"{self.tool_url}/lti/login"

    @property
    def launch_url(self) -> str:
        """The tool's launch address: target_link_uri and the only registered redirect_uri."""
        return f"{self.tool_url}/lti/launch"

    @property
    def tool_jwks_url(self) -> str:
        return f"{self.tool_url}/lti/jwks.json"

    def sub_of(self, user: str | User, school: str | School | None = None) -> str:
        """How tools know a person: the `sub` of launches, the `user_id` of rosters."""
        chosen = self.school(school)
        person = self.user(user, chosen)
        return self.profile.sub(self.school_url(chosen), person, frozenset(self.faults))


def origin_of(address: str) -> str:
    """Scheme and authority of an address (RFC 6454)."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
