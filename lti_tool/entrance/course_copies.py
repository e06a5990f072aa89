"""Copied courses: what a copied link led to in the earlier course is shown in the new one.

A link tells the course and the links it was copied from in custom parameters, and whoever edits a
link can write anything there. So they are hints and prove nothing: they only say in which earlier
courses to look. What counts is what the LMS itself told us there of the person who opens the link
now: the item is shown here if they might publish it in the earlier course, and teach here.
"""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import and_, select

from lti_tool.core.db.session import db, transaction
from lti_tool.core.ids import is_id
from lti_tool.core.institutions import setting
from lti_tool.core.web.problems import Problem
from lti_tool.lti.launch import Launch
from lti_tool.lti.launching import errors as launch_errors
from lti_tool.media import opening
from lti_tool.media.access import MANAGERS_CO_PUBLISH, find
from lti_tool.media.models import LinkChoice, MediaItem, Publication
from lti_tool.media.publishing import is_published, publish
from lti_tool.media.rules import STAFF, EarlierCourse, may_bring_along
from lti_tool.people.models import Course, Membership, ResourceLink
from lti_tool.people.rules import Standing
from lti_tool.people.sessions import Principal


def bring_along(principal: Principal, launch: Launch) -> None:
    """Show in the session's course the item that a copied link leads to, if its opener may.

    Nothing happens for others, nor for a link that was not copied or only addresses its item:
    ``open_link`` decides then.
    """
    if not _is_copy(launch) or principal.impersonation is not None or principal.course_id is None:
        return
    if launch.item_is_only_addressed:
        return
    if principal.standing not in STAFF:
        return
    with transaction():
        item = _led_to(principal, launch)
        if item is None:
            return
        if not is_published(item.id, principal.course_id):
            if not _may(principal, item, launch):
                return
            publish(item, principal.course_id, principal.actor, "copied with its course")
        if not launch.item and principal.resource_link_id is not None:
            opening.bind_link(principal, principal.resource_link_id, item)


def not_brought_along(launch: Launch, problem: Problem) -> Problem:
    """Say what is shown instead where a link that says it was copied opens nothing.

    It is the same for an item that there is and for one that there is not.
    """
    if problem.slug == "not-found" and launch.platform.stage:
        return launch_errors.link_of_copied_platform(launch.platform.stage)
    if problem.slug != "not-found" or not _is_copy(launch):
        return problem
    return Problem(
        404,
        "copied-link",
        _("This does not open here yet"),
        _(
            "The link was copied from another course. Once somebody who also taught that course"
            " opens it here, everybody can. If you teach here and did not teach there, ask one of"
            " them, or choose the item anew."
        ),
    )


def _is_copy(launch: Launch) -> bool:
    return bool(launch.earlier_contexts or launch.earlier_links)


def _led_to(principal: Principal, launch: Launch) -> MediaItem | None:
    """Find the item that the link names, or that was chosen for the link it was copied from.

    Of several such links the latest counts.
    """
    named: str | None = launch.item
    if not named and not opening.is_decided(principal.resource_link_id):
        named = _chosen_earlier(principal, launch.earlier_links)
    item = find(named) if named and is_id(named) else None
    if item is None or item.deleted_at is not None:
        return None
    return item if item.registration_id == principal.registration_id else None


def _chosen_earlier(principal: Principal, link_ids: tuple[str, ...]) -> str | None:
    """Find the item that was chosen for the latest of these links.

    Of links with the same id, which only other deployments can have, ours is meant.
    """
    found = db.session.execute(
        select(ResourceLink.link_id, LinkChoice.media_id)
        .join(LinkChoice, LinkChoice.resource_link_id == ResourceLink.id)
        .where(
            ResourceLink.registration_id == principal.registration_id,
            ResourceLink.link_id.in_(link_ids),
            LinkChoice.media_id.is_not(None),
        )
        .order_by(ResourceLink.deployment_id == principal.deployment_id, LinkChoice.chosen_at)
    ).all()
    by_link = {row.link_id: row.media_id for row in found}
    return next((by_link[one] for one in link_ids if one in by_link), None)


def _may(principal: Principal, item: MediaItem, launch: Launch) -> bool:
    return may_bring_along(
        _earlier(principal, item, launch.earlier_contexts),
        principal.standing,
        managers_co_publish=bool(setting(item.institution_id, MANAGERS_CO_PUBLISH.name)),
    )


def _earlier(
    principal: Principal, item: MediaItem, contexts: tuple[str, ...]
) -> list[EarlierCourse]:
    """Read what we know of person and item in the courses named, as the LMS told it.

    Of any deployment of the registration: where the tool is installed in a single course, Canvas
    gives the copy a deployment of its own, and the people are the same in all of them.
    """
    found = db.session.execute(
        select(Membership.standing, Membership.seen_at, Publication.published_at)
        .select_from(Course)
        .join(
            Publication,
            and_(Publication.course_id == Course.id, Publication.media_id == item.id),
        )
        .outerjoin(
            Membership,
            and_(Membership.course_id == Course.id, Membership.person_id == principal.person_id),
        )
        .where(
            Course.registration_id == principal.registration_id,
            Course.context_id.in_(contexts),
            Course.id != principal.course_id,
        )
    ).all()
    return [
        EarlierCourse(
            standing=Standing(row.standing) if row.standing else Standing.NONE,
            published_at=row.published_at,
            told_at=row.seen_at,
        )
        for row in found
    ]
