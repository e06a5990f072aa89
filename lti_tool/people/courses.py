"""Courses, resource links and memberships, as launches tell of them (LTI Core 1.3 §5.3, §5.4)."""

from __future__ import annotations

from lti_tool.core.clock import now
from lti_tool.core.db.upsert import upsert
from lti_tool.core.ids import new_id
from lti_tool.lti.launch import Launch
from lti_tool.people.models import Course, Membership, ResourceLink
from lti_tool.people.rules import Standing


def record_course(launch: Launch, deployment_id: str) -> str | None:
    """The id of the launch's course, made or brought up to date in the running transaction; None
    where the launch names no course."""
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
    unique = (Course.deployment_id, Course.context_id)
    return str(upsert(Course, values, unique=unique, change=("title", "memberships_url")))


def record_resource_link(
    launch: Launch, deployment_id: str, course_id: str | None, *, shows_gallery: bool
) -> str | None:
    """The id of the launch's resource link, as ``record_course`` gives that of the course."""
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


def record_membership(person_id: str, course_id: str, standing: Standing) -> None:
    """Keep what the LMS says now of a person in a course, in the running transaction."""
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
