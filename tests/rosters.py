"""An LMS's list of who is in a course, as a test wants it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import update

from lti_tool.core.db.session import transaction
from lti_tool.lti.launch import Platform
from lti_tool.lti.services.names_and_roles import Member
from lti_tool.people.models import Course

URL = "https://elm.example/memberships"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"


def member(
    sub: str, given: str, family: str = "Wood", email: str | None = "", **more: Any
) -> Member:
    told = {
        "sub": sub,
        "name": f"{given} {family}",
        "given_name": given,
        "family_name": family,
        "email": f"{sub}@elm.example" if email == "" else email,
        "roles": (LEARNER,),
        "active": True,
        **more,
    }
    return Member(**told)


class Lms:
    """Gives its list in pages; counts how often it was asked."""

    def __init__(self, *pages: list[Member] | Exception) -> None:
        self.pages = pages
        self.asked: list[str] = []

    def __call__(self, platform: Platform, url: str) -> Iterator[list[Member]]:
        self.asked.append(f"{platform.name} {url}")
        for page in self.pages:
            if isinstance(page, Exception):
                raise page
            yield page


def lists(course_id: str, url: str | None = URL) -> None:
    """Have the LMS give the course's list, or no longer."""
    with transaction() as session:
        session.execute(update(Course).where(Course.id == course_id).values(memberships_url=url))
