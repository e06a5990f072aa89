"""What the services need of the platform that hosts them, and of one another.

Services depend on these protocols and never on the platform, which is made of them. A service that
another one needs is reached through `HostPlatform.services`.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from sandbox.courses import Course, Link
from sandbox.endpoints import Registration
from sandbox.keys import KeyRing
from sandbox.people import User
from sandbox.profiles.base import Profile, Sites
from sandbox.schools import School
from sandbox.services.gradebook import Gradebook, LineItem
from sandbox.services.roster_store import Member


class HostedServices(Protocol):
    """The services of one platform, as one of them sees the others."""

    page_size: int | None

    def permitted(self, school: str | School | None = None) -> frozenset[str]:
        """Return the scopes that the school's tool may ask for."""
        ...

    def token_url(self, school: str | School | None = None) -> str: ...

    def memberships_url(
        self, course: str | Course | None = None, school: str | School | None = None
    ) -> str: ...

    def lineitems_url(
        self, course: str | Course | None = None, school: str | School | None = None
    ) -> str: ...

    def lineitem_url(
        self,
        item: LineItem,
        course: str | Course | None = None,
        school: str | School | None = None,
    ) -> str: ...

    def members(
        self, course: str | Course | None = None, school: str | School | None = None
    ) -> list[Member]: ...

    def gradebook(
        self, course: str | Course | None = None, school: str | School | None = None
    ) -> Gradebook: ...

    def couple(
        self, link: Link, *, label: str = "", maximum: float = 100, **more: Any
    ) -> LineItem: ...


class HostPlatform(Protocol):
    """The platform as its services see it: issuer, keys, clock, people, courses and links.

    What the members mean is said where they are: `sandbox.directory` (schools, people, courses,
    links), `sandbox.endpoints` (addresses, the tool's keys) and `sandbox.platform`.
    """

    profile: Profile
    state: Path | None
    schools: tuple[School, ...]
    courses: tuple[Course, ...]
    tool_url: str
    sites: Sites
    keys: KeyRing
    privacy: str
    tool_custom: dict[str, str]
    access_tokens: dict[str, tuple[str, frozenset[str]]]

    @property
    def services(self) -> HostedServices: ...

    def now(self) -> datetime:
        """Return the platform's clock."""
        ...

    # Schools, people, courses and links

    def school(self, school: str | School | None = None) -> School: ...

    def course(self, course: str | Course | None = None) -> Course: ...

    def link(self, link: str | Link | None = None, school: str | School | None = None) -> Link: ...

    def links(
        self, course: str | Course | None = None, school: str | School | None = None
    ) -> list[Link]: ...

    def add_link(
        self,
        title: str = "An activity",
        *,
        media: str | None = None,
        custom: dict[str, str] | None = None,
        id: str | None = None,
        course: str | Course | None = None,
        school: str | School | None = None,
        url: str = "",
        window: bool = False,
    ) -> Link: ...

    def add_links(self, *links: Link) -> None: ...

    # Addresses and what is registered

    def school_url(self, school: str | School | None = None) -> str: ...

    def registration(self, school: str | School | None = None) -> Registration: ...

    def sub_of(self, user: str | User, school: str | School | None = None) -> str: ...

    def custom_of(self, user: User, link: Link) -> dict[str, str]: ...

    # The tool's keys and assertions

    def fetch_tool_keys(self) -> dict[str, Any]: ...

    def first_use(self, jti: str) -> bool: ...
