"""The people of the schools. Both schools use the same ids, as two LMSs of one maker do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Unknown(LookupError):
    """An id that nobody and nothing here has."""


class Role(StrEnum):
    """What somebody is in one course, in the words of an LMS."""

    INSTRUCTOR = "instructor"
    ASSISTANT = "assistant"
    STUDENT = "student"
    MAINTAINER = "maintainer"
    """Sakai's "maintain", of project sites and of courses made by hand."""
    ACCESS = "access"
    """Sakai's "access", the same for those who only take part."""
    DESIGNER = "designer"
    OBSERVER = "observer"
    TEST_STUDENT = "test student"
    """The made-up student as whom an instructor looks at a course."""
    CONCLUDED = "former student"


@dataclass(frozen=True)
class User:
    """A person as one school knows them.

    `id` stands in the sandbox's addresses (?user=student-1); `sub` is what the id_token says.
    An empty sub is somebody without an account. `administrator` means: of the school, enrolled in
    no course. `elsewhere` is what they are in other courses of the school, where it differs;
    `observes` the id of the student whom an observer follows. `locale` is a BCP 47 tag.
    """

    id: str
    sub: str
    given_name: str
    family_name: str
    email: str
    administrator: bool = False
    elsewhere: Role | None = None
    observes: str = ""
    locale: str = "en-US"

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def initials(self) -> str:
        return self.given_name[:1] + self.family_name[:1]


# (id, sub): the same in every school, on purpose.
_IDENTITIES = (
    ("instructor-1", "11"),
    ("instructor-2", "12"),
    ("assistant", "21"),
    ("student-1", "31"),
    ("student-2", "32"),
    ("student-3", "33"),
    ("admin", "1"),
)


def roster(names: tuple[str, ...], domain: str) -> tuple[User, ...]:
    """Return the seven people of a school, from their names in the order of the ids."""
    people = []
    for (user_id, sub), name in zip(_IDENTITIES, names, strict=True):
        given, family = name.split(" ", 1)
        email = f"{given}.{family}@{domain}".lower().replace(" ", "")
        people.append(User(user_id, sub, given, family, email, user_id == "admin"))
    return tuple(people)
