"""Courses, resource links and memberships, as launches tell of them (LTI Core 1.3 §5.3, §5.4)."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select, update

from lti_tool.core.clock import now
from lti_tool.core.db.session import db
from lti_tool.core.db.upsert import upsert
from lti_tool.core.ids import new_id
from lti_tool.lti.launch import Launch
from lti_tool.people.models import Course, Membership, ResourceLink, Roster
from lti_tool.people.rules import Standing


class Recorded(NamedTuple):
    """The rows of the course and the link that a launch tells of, by their ids."""

    course_id: str | None
    resource_link_id: str | None


def record_told(
    launch: Launch,
    deployment_id: str,
    person_id: str,
    standing: Standing | None,
    *,
    shows_gallery: bool,
) -> Recorded:
    """Make or bring up to date what a launch tells of its place, in the running transaction.

    ``standing`` is None for a person who does not count among the people of the course.
    """
    course_id = _course(launch, deployment_id)
    link_id = _resource_link(launch, deployment_id, course_id, shows_gallery)
    if course_id is not None and standing is not None:
        _membership(person_id, course_id, standing)
    return Recorded(course_id, link_id)


def _course(launch: Launch, deployment_id: str) -> str | None:
    if launch.context_id is None:
        return None
    values = {
        "id": new_id(),
        "institution_id": launch.platform.institution_id,
        "registration_id": launch.platform.id,
        "deployment_id": deployment_id,
        "context_id": launch.context_id,
        "title": launch.context_title,
        "memberships_url": launch.services.memberships_url,
    }
    _have_list_read(values)
    unique = (Course.deployment_id, Course.context_id)
    return str(upsert(Course, values, unique=unique, change=("title", "memberships_url")))


def _have_list_read(told: dict[str, str | None]) -> None:
    """Make the roster due at once where the LMS names another address for it than before."""
    if told["memberships_url"] is None:
        return
    moved = select(Course.id).where(
        Course.deployment_id == told["deployment_id"],
        Course.context_id == told["context_id"],
        Course.memberships_url.is_distinct_from(told["memberships_url"]),
    )
    db.session.execute(
        update(Roster)
        .where(Roster.course_id.in_(moved))
        .values(due_at=now())
        .execution_options(synchronize_session=False)
    )


def _resource_link(
    launch: Launch, deployment_id: str, course_id: str | None, shows_gallery: bool
) -> str | None:
    if launch.link_id is None:
        return None
    values = {
        "id": new_id(),
        "institution_id": launch.platform.institution_id,
        "registration_id": launch.platform.id,
        "deployment_id": deployment_id,
        "course_id": course_id,
        "link_id": launch.link_id,
        "title": launch.link_title,
        "shows_gallery": shows_gallery,
    }
    unique = (ResourceLink.deployment_id, ResourceLink.link_id)
    return str(
        upsert(ResourceLink, values, unique=unique, change=("title", "course_id", "shows_gallery"))
    )


def _membership(person_id: str, course_id: str, standing: Standing) -> None:
    upsert(
        Membership,
        {
            "person_id": person_id,
            "course_id": course_id,
            "standing": standing.value,
            "seen_at": now(),
        },
        unique=(Membership.person_id, Membership.course_id),
        change=("standing", "seen_at"),
        returning=Membership.person_id,
    )
