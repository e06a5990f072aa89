"""URLs of the services: which school and course each names, in the manner of each product.

A route is written as Flask writes it, perhaps with a query. The names in it that are known:

    <school>    the school's key with a capital letter: Northfield
    <course>    the course's id
    <number>    the same as a number
    <site>      both: Northfield-201, as Sakai's site ids hold capitals
    <shard>     both in one number, as Canvas counts over all its schools: 10000000000201
    <tool>      the number of the school's registration, as Sakai and Moodle count them
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping

from sandbox.courses import Course
from sandbox.people import Unknown
from sandbox.schools import School
from sandbox.services.host import HostPlatform

_NAME = re.compile(r"<(?:int:)?(\w+)>")
_SHARD = 10**13


def fill(route: str, values: Mapping[str, object]) -> str:
    """Return the route as an address, with the values put in."""
    return _NAME.sub(lambda found: str(values[found[1]]), route)


def parameters(query: str) -> dict[str, str]:
    """Return the names behind a route's question mark, and the parameters they are."""
    pairs = (part.split("=", 1) for part in query.split("&") if part)
    return {found[1]: name for name, value in pairs if (found := _NAME.fullmatch(value))}


def below(route: str, part: str) -> str:
    """Return the route with one more part, before any question mark."""
    path, mark, query = route.partition("?")
    return f"{path}/{part}{mark}{query}"


def values_of(
    platform: HostPlatform, school: School, course: Course | None = None
) -> dict[str, str]:
    """Tell what stands in the addresses of a school and a course."""
    number = _number(platform, school)
    values = {"school": school.key.capitalize(), "tool": str(number)}
    if course is None:
        return values
    return {
        **values,
        "course": course.id,
        "site": f"{values['school']}-{course.id}",
        "number": str(_course_number(course.id)),
        "shard": str(number * _SHARD + _course_number(course.id)),
    }


def school_and_course(
    platform: HostPlatform, values: Mapping[str, object]
) -> tuple[School, Course]:
    """Return the school and course that the values of an address mean. Raises Unknown."""
    for school in platform.schools:
        for course in platform.courses:
            known = values_of(platform, school, course)
            if all(known[name] == str(value) for name, value in values.items() if name in known):
                return school, course
    raise Unknown("there is no such course")


def school_of_tool(platform: HostPlatform, number: int) -> School:
    """Return the school whose registration has this number. Raises Unknown."""
    for school in platform.schools:
        if _number(platform, school) == number:
            return school
    raise Unknown(f"there is no tool {number}")


def number_of_tool(platform: HostPlatform, school: str) -> str:
    """Return the number of a school's registration."""
    return str(_number(platform, platform.school(school)))


def _course_number(course_id: str) -> int:
    """Return the id where it is a number, as all are at the start; else one of its own."""
    return int(course_id) if course_id.isdigit() else zlib.crc32(course_id.encode())


def _number(platform: HostPlatform, school: School) -> int:
    return 1 + [known.key for known in platform.schools].index(school.key)
