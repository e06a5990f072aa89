"""All services of one platform: their addresses, their state, what came in."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.services import places, scopes
from sandbox.services.faults import Faults
from sandbox.services.habits import Habits, habits_of

if TYPE_CHECKING:
    from sandbox.courses import Course
    from sandbox.platform import Platform
    from sandbox.schools import School


@dataclass(frozen=True)
class Call:
    """One request to a service and the status of its answer."""

    service: str
    method: str
    url: str
    accept: str
    content_type: str
    client_id: str
    scopes: frozenset[str]
    status: int


class Services:
    """See the package's description."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.faults = Faults()
        self.calls: deque[Call] = deque(maxlen=2000)
        self._permitted: dict[str, frozenset[str]] = {}

    @property
    def habits(self) -> Habits:
        return habits_of(self._platform.profile.name)

    # Tokens

    def token_url(self, school: str | School | None = None) -> str:
        """The address of the token endpoint, as this school's registration names it."""
        return self._address(self.habits.tokens.path, school)

    def permit(self, school: str | School | None, allowed: Iterable[str]) -> None:
        """What this school's tool may ask for from now on; all scopes at first."""
        self._permitted[self._platform.school(school).key] = frozenset(allowed)

    def permitted(self, school: str | School | None = None) -> frozenset[str]:
        return self._permitted.get(self._platform.school(school).key, scopes.ALL)

    def revoke_tokens(self) -> None:
        """Every access token is worth nothing from now on."""
        self._platform.access_tokens.clear()

    # Addresses

    def _address(
        self,
        route: str,
        school: str | School | None,
        course: str | Course | None = None,
        **more: object,
    ) -> str:
        platform = self._platform
        values = places.values_of(platform, platform.school(school), platform.course(course))
        return platform.school_url(school) + places.fill(route, {**values, **more})
