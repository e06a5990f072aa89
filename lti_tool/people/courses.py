"""Courses, resource links and memberships, as launches tell of them (LTI Core 1.3 §5.3, §5.4)."""

from __future__ import annotations

from typing import Any, NamedTuple

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
    renames_link: bool,
) -> Recorded:
    """Make or bring up to date what a launch tells of its place, in the running transaction.

    ``standing`` is None for a person who does not count among the people of the course. Without
    ``renames_link`` a link that is known keeps its title: another one may come under its id.
    """
    course_id = _course(launch, deployment_id)
    link_id = _resource_link(launch, deployment_id, course_id, renames=renames_link)
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
    # Not every message names the course; and there are LMSs whose dialogs name no list.
    told = [name for name in ("title", "memberships_url") if values[name]]
    if launch.deep_linking is None and "memberships_url" not in told:
        told.append("memberships_url")
    # What changes nothing is written all the same: so the row of before is told.
    return str(upsert(Course, values, unique=unique, change=told or ("context_id",)))


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
    launch: Launch, deployment_id: str, course_id: str | None, *, renames: bool
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
    }
    # What changes nothing is written all the same: so the row of before is told.
    change = ("title",) if renames else ("link_id",)
    unique: list[Any] = [ResourceLink.deployment_id, ResourceLink.link_id]
    if course_id is None:
        outside = ResourceLink.course_id.is_(None)
        return str(upsert(ResourceLink, values, unique=unique, where=outside, change=change))
    unique.append(ResourceLink.course_id)
    return str(upsert(ResourceLink, values, unique=unique, change=change))


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
