"""Courses, the activities placed in them, and the file that says which media they open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from sandbox.people import Role


class LinksFileError(ValueError):
    """links.json is not what it should be."""


@dataclass(frozen=True)
class Course:
    """A course (LTI: a context).

    roles    what people are in it, by their user ids
    history  ids of the courses it was copied from, latest first
    """

    id: str
    label: str
    title: str
    about: str
    roles: Mapping[str, Role] = field(default_factory=lambda: MappingProxyType({}))
    history: tuple[str, ...] = ()

    def role_of(self, user_id: str) -> Role | None:
        return self.roles.get(user_id)


@dataclass(frozen=True)
class Link:
    """A resource link: one activity of one course of one school. `custom` goes into the token.

    url      the address it opens, of a link that a tool made; "" opens the tool's launch address
    history  ids of the links it was copied from, latest first
    window   opens in a window of its own
    """

    id: str
    title: str
    course: str
    school: str
    kind: str = "picker"
    custom: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    url: str = ""
    history: tuple[str, ...] = ()
    window: bool = False


FIRST_COURSE = Course(
    id="201",
    label="BIO 201",
    title="Life in Running Water",
    about="Rivers, what lives in them, and how we measure it.",
    roles=MappingProxyType(
        {
            "instructor-1": Role.INSTRUCTOR,
            "instructor-2": Role.INSTRUCTOR,
            "assistant": Role.ASSISTANT,
            "student-1": Role.STUDENT,
            "student-2": Role.STUDENT,
            "student-3": Role.STUDENT,
        }
    ),
)
SECOND_COURSE = Course(
    id="110",
    label="HIS 110",
    title="Cities and Trade",
    about="How goods, money and news moved between towns.",
    # The assistant of the first course is a student here: standing belongs to a course.
    roles=MappingProxyType(
        {
            "instructor-2": Role.INSTRUCTOR,
            "assistant": Role.STUDENT,
            "student-1": Role.STUDENT,
        }
    ),
)
COURSES = (FIRST_COURSE, SECOND_COURSE)


def enrolled(course: Course, more: Mapping[str, Role]) -> Course:
    """Return the course with more people in it, by their ids."""
    return replace(course, roles=MappingProxyType({**course.roles, **more}))


def picker_link(course: Course, school: str) -> Link:
    """Return the activity without a custom parameter: the tool asks a manager to choose."""
    return Link(
        id=f"{course.id}-1", title="Choose something to show", course=course.id, school=school
    )


def navigation_link(course: Course, school: str) -> Link:
    """Return the tool's entry in the course's menu, in products that have one."""
    return Link(
        id=f"{course.id}-menu",
        title="Course media",
        course=course.id,
        school=school,
        kind="navigation",
        custom=MappingProxyType({"show": "gallery"}),
    )


def media_links(path: Path) -> list[Link]:
    """Return the activities listed in links.json, in its order; none when there is no file yet.

    The file holds a list of {title, media_id, kind, school[, course]}, `school` being a school's
    key; without `course` the first course is meant. Raises LinksFileError for any other content.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    try:
        entries = json.loads(text)
    except json.JSONDecodeError as error:
        raise LinksFileError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(entries, list):
        raise LinksFileError(f"{path.name} must hold a list")
    return [_media_link(path, entry) for entry in entries]


def _media_link(path: Path, entry: object) -> Link:
    if not isinstance(entry, dict):
        raise LinksFileError(f"{path.name}: every entry must be an object")
    missing = [name for name in ("title", "media_id", "school") if not entry.get(name)]
    if missing:
        raise LinksFileError(f"{path.name}: an entry has no {', '.join(missing)}")
    course = str(entry.get("course") or FIRST_COURSE.id)
    media_id = str(entry["media_id"])
    return Link(
        id=f"{course}-{media_id}",
        title=str(entry["title"]),
        course=course,
        school=str(entry["school"]),
        kind=str(entry.get("kind") or "media"),
        custom=MappingProxyType({"media": media_id}),
    )
