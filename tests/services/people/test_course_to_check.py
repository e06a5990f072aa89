"""Whose list of people ``flask platform check`` reads."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import START, School
from sqlalchemy import update

from lti_tool.core.db.session import transaction
from lti_tool.people.models import Course, Membership
from lti_tool.people.roster_probe import latest_roster

pytestmark = pytest.mark.usefixtures("context")


def told(course_id: str) -> None:
    """A launch has told where this course's list is."""
    with transaction() as session:
        address = f"https://lms.example/{course_id}"
        session.execute(
            update(Course).where(Course.id == course_id).values(memberships_url=address)
        )


def opened(school: School, course_id: str, sub: str, days: int) -> None:
    person_id = school.person(sub)
    with transaction() as session:
        session.add(
            Membership(
                person_id=person_id,
                course_id=course_id,
                standing="learner",
                seen_at=START + timedelta(days=days),
            )
        )


def latest(school: School) -> str | None:
    found = latest_roster(school.registration_id)
    return found.title if found else None


def test_the_one_that_was_opened_last_and_has_a_list(school: School) -> None:
    assert latest(school) is None
    birds, fish, trees = (school.course(title) for title in ("Birds", "Fish", "Trees"))
    told(birds)
    assert latest(school) == "Birds", "also when only visitors opened it"
    told(fish)
    opened(school, birds, "ada", 1)
    assert latest(school) == "Birds"
    opened(school, fish, "ada", 2)
    opened(school, trees, "ada", 3)
    assert latest(school) == "Fish"
    opened(school, birds, "bob", 4)
    assert latest(school) == "Birds"


def test_never_one_of_another_school(school: School, other_school: School) -> None:
    course = other_school.course("Oaks")
    told(course)
    opened(other_school, course, "ada", 1)
    assert latest(school) is None
    assert latest(other_school) == "Oaks"
