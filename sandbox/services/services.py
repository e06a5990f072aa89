"""The services of one platform together: their URLs, their state, the log of calls."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from sandbox.courses import Course, Link
from sandbox.people import Role, User
from sandbox.profiles.base import LaunchFacts
from sandbox.schools import School
from sandbox.services import service_urls, state_store
from sandbox.services.announcing import announced
from sandbox.services.call_log import Call, call_log
from sandbox.services.checklist import Check, checklist
from sandbox.services.dialogs import Returned
from sandbox.services.faults import Faults
from sandbox.services.gradebook import Gradebook, LineItem
from sandbox.services.host import HostPlatform
from sandbox.services.product_profiles import product_profile
from sandbox.services.registrar import Registrar
from sandbox.services.roster_store import Member, RosterStore, made_up


class Services:
    """All services of one platform (`sandbox.services` tells how tests use them)."""

    def __init__(self, platform: HostPlatform) -> None:
        self._platform = platform
        self.product = product_profile(platform.profile.name)
        """How this product's services behave."""
        self.faults = Faults()
        self.calls: deque[Call] = call_log()
        self.page_size: int | None = None
        """The largest page of any list, where the product's own is not smaller."""
        self.returned: list[Returned] = []
        """What came back from dialogs, oldest first, refused or taken."""
        self.registrar = Registrar(platform, self.product.registry)
        platform.add_links(*state_store.made_links(platform.state))
        self._roster_store = RosterStore()
        self._books: dict[tuple[str, str], Gradebook] = {}
        self._permitted: dict[str, frozenset[str]] = {}

    # Tokens

    def token_url(self, school: str | School | None = None) -> str:
        """Return the address of the token endpoint, as this school's registration names it."""
        return self._address(self.product.tokens.path, school)

    def permit(self, school: str | School | None, allowed: Iterable[str]) -> None:
        """Tell what this school's tool may ask for from now on; all scopes at first."""
        self._permitted[self._platform.school(school).key] = frozenset(allowed)

    def permitted(self, school: str | School | None = None) -> frozenset[str]:
        """Tell what its tool may ask for."""
        owner = self._platform.school(school)
        if owner.key in self._permitted:
            return self._permitted[owner.key]
        granted = self.registrar.granted(owner.client_id)
        return self.product.scopes if granted is None else frozenset(granted)

    def revoke_tokens(self) -> None:
        """Every access token is worth nothing from now on."""
        self._platform.access_tokens.clear()

    # Rosters

    def memberships_url(
        self, course: str | Course | None = None, school: str | School | None = None
    ) -> str:
        """Where the people of a course are listed."""
        return self._address(self.product.routes.memberships, school, course)

    def members(
        self, course: str | Course | None = None, school: str | School | None = None
    ) -> list[Member]:
        """Who is in a course, in the order of its list."""
        return self._roster_store.members(
            self._platform.school(school), self._platform.course(course)
        )

    def enlarge(
        self, course: str | Course | None, size: int, school: str | School | None = None
    ) -> None:
        """Fill a course with made-up learners until there are `size` people in it."""
        owner, chosen = self._platform.school(school), self._platform.course(course)
        missing = size - len(self._roster_store.members(owner, chosen))
        domain = owner.people[0].email.partition("@")[2]
        people = (Member(made_up(number, domain), Role.STUDENT) for number in range(missing))
        self._roster_store.add(owner, chosen, *people)

    def hire(
        self,
        course: str | Course | None,
        user: User,
        role: Role = Role.STUDENT,
        school: str | School | None = None,
        *,
        inactive: bool = False,
    ) -> None:
        """Put somebody into a course, or let them be something else in it."""
        owner, chosen = self._platform.school(school), self._platform.course(course)
        self._roster_store.add(owner, chosen, Member(user, role, inactive))

    def leave(
        self, course: str | Course | None, user_id: str, school: str | School | None = None
    ) -> None:
        """Take somebody out of a course's list."""
        owner, chosen = self._platform.school(school), self._platform.course(course)
        self._roster_store.remove(owner, chosen, user_id)

    def empty(self, course: str | Course | None = None, school: str | School | None = None) -> None:
        """Take everybody out of a course's list."""
        for member in self.members(course, school):
            self.leave(course, member.user.id, school)

    # Grades

    def gradebook(
        self, course: str | Course | None = None, school: str | School | None = None
    ) -> Gradebook:
        """Return the columns and results of a course."""
        owner, chosen = self._platform.school(school), self._platform.course(course)
        return self._books.setdefault((owner.key, chosen.id), Gradebook())

    def couple(self, link: Link, *, label: str = "", maximum: float = 100, **more: Any) -> LineItem:
        """Give an activity a column; its launches name it from now on."""
        book = self.gradebook(link.course, link.school)
        return book.add(label or link.title, maximum, link_id=link.id, **more)

    def lineitems_url(
        self, course: str | Course | None = None, school: str | School | None = None
    ) -> str:
        """Where the columns of a course are."""
        return self._address(self.product.routes.lineitems, school, course)

    def lineitem_url(
        self,
        item: LineItem,
        course: str | Course | None = None,
        school: str | School | None = None,
    ) -> str:
        """Where one column is."""
        return self._address(self.product.routes.lineitem, school, course, item=item.id)

    # Certification

    def checklist(self) -> list[Check]:
        """Tell what the certification's sections 6.2 to 6.4 have seen of the tool."""
        return checklist(self.calls, self.returned)

    # Launches

    def claims(self, facts: LaunchFacts) -> dict[str, Any]:
        """Tell what a launch says of the services that its tool may use."""
        return announced(self._platform, self.product, facts)

    # Addresses

    def _address(
        self,
        route: str,
        school: str | School | None,
        course: str | Course | None = None,
        **more: object,
    ) -> str:
        platform = self._platform
        values = service_urls.values_of(platform, platform.school(school), platform.course(course))
        return platform.school_url(school) + service_urls.fill(route, {**values, **more})
