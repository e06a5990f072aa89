"""The memberships of courses as changed since the start, made-up people included."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.courses import Course
from sandbox.people import Role, User
from sandbox.schools import School

_GIVEN = (
    *("Ada", "Bao", "Carmen", "Dimitri", "Elif", "Farid", "Grace", "Hiro", "Ines", "Jonas"),
    *("Kemal", "Lucía", "Mei", "Noor", "Otto", "Priya", "Quentin", "Rosa", "Søren", "Tamar"),
)
_FAMILY = (
    *("Adeyemi", "Bauer", "Castillo", "Dubois", "Eriksen", "Fontana", "García", "Haddad"),
    *("Ivanova", "Jansen", "Kowalski", "Lindqvist", "Moreau", "Nakamura", "O’Brien", "Petrov"),
    *("Quispe", "Rossi", "Singh", "Tanaka", "Usman", "Vargas", "Weber", "Yılmaz", "Zhang"),
)


@dataclass(frozen=True)
class Member:
    """A person of a course. `inactive` ones have left it, which some products still tell."""

    user: User
    role: Role
    inactive: bool = False


def made_up(number: int, domain: str) -> User:
    """One of many, always the same for the same number."""
    given = _GIVEN[number % len(_GIVEN)]
    family = _FAMILY[number // len(_GIVEN) % len(_FAMILY)]
    return User(
        id=f"member-{number:05}",
        sub=str(100_000 + number),
        given_name=given,
        family_name=family,
        email=f"member{number:05}@{domain}",
    )


class RosterStore:
    """The people of every course, as changed since the start."""

    def __init__(self) -> None:
        self._added: dict[tuple[str, str], dict[str, Member]] = {}
        self._gone: dict[tuple[str, str], set[str]] = {}

    def members(self, school: School, course: Course) -> list[Member]:
        """In the order in which they came; only those whom the school knows."""
        key = (school.key, course.id)
        known = {user.id: user for user in school.people}
        usual = {
            user_id: Member(known[user_id], role)
            for user_id, role in course.roles.items()
            if user_id in known and known[user_id].sub
        }
        gone = self._gone.get(key, set())
        everybody = {**usual, **self._added.get(key, {})}
        return [member for user_id, member in everybody.items() if user_id not in gone]

    def add(self, school: School, course: Course, *members: Member) -> None:
        key = (school.key, course.id)
        for member in members:
            self._added.setdefault(key, {})[member.user.id] = member
            self._gone.get(key, set()).discard(member.user.id)

    def remove(self, school: School, course: Course, *user_ids: str) -> None:
        self._gone.setdefault((school.key, course.id), set()).update(user_ids)
