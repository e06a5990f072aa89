"""Where a platform is, and what it tells a tool's operator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from sandbox.campus import Campus
from sandbox.people import User
from sandbox.profiles import Profile, Sites
from sandbox.schools import School
from sandbox.services import Services

if TYPE_CHECKING:
    from sandbox.platform import Platform

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


class Place(Campus):
    """A campus at its addresses. See `Platform` for what the parts mean."""

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
        self._issuer = issuer
        self.services = Services(cast("Platform", self))
        """Tokens, rosters, grades, dialogs and registration (sandbox.services)."""

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
        place = self.schools.index(self.school(school))
        return self.sites.schools[min(place, len(self.sites.schools) - 1)]

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

    @property
    def token_url(self) -> str:
        return self.services.token_url()

    def registration(self, school: str | School | None = None) -> Registration:
        """What the tool's operator would copy from this platform's settings page."""
        chosen = self.school(school)
        faults = frozenset(self.faults)
        return Registration(
            name=chosen.name,
            issuer=self.profile.issuer(self.issuer, chosen, faults),
            client_id=chosen.client_id,
            deployment_id=self.profile.deployment_id(chosen, self.course(), faults),
            auth_url=self.sites.auth + self.profile.paths.auth,
            token_url=self.services.token_url(chosen),
            jwks_url=self.sites.auth + self.profile.paths.jwks,
            frame_origin=_origin(self.school_url(chosen)),
            family=self.profile.family,
        )

    def sub_of(self, user: str | User, school: str | School | None = None) -> str:
        """How tools know a person: the `sub` of launches, the `user_id` of rosters."""
        chosen = self.school(school)
        return self.profile.sub(self.school_url(chosen), self.user(user, chosen))


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
