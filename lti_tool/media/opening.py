"""From a resource link to the item it opens."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sqlalchemy import Select, String, and_, bindparam, case, or_
from sqlalchemy.exc import IntegrityError

from lti_tool.core import audit, clock
from lti_tool.core.db.session import db, transaction
from lti_tool.core.web.problems import not_found
from lti_tool.media import rules
from lti_tool.media.access import Capability, capabilities, find, grant, require
from lti_tool.media.models import LinkBinding, MediaItem, Publication
from lti_tool.media.publishing import is_published, publish
from lti_tool.media.rules import Role
from lti_tool.people.models import Course, ResourceLink
from lti_tool.people.sessions import Principal


def with_what_opens_again(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Let a query also tell what a launch ``opens`` without more ado.

    The query is about a ResourceLink and its Course. It then tells the item that the link led to
    before and leads to still, where that is published in the course.

    Null where ``open_link`` must decide. The query takes ``media``: the link's custom parameter of
    that name, or "".
    """
    asked = bindparam("media", type_=String)
    still = or_(Publication.media_id == asked, and_(asked == "", LinkBinding.chosen_here))
    return (
        query.add_columns(case((still, Publication.media_id)).label("opens"))
        .outerjoin(LinkBinding, LinkBinding.resource_link_id == ResourceLink.id)
        .outerjoin(
            MediaItem,
            and_(
                MediaItem.id == LinkBinding.media_id,
                MediaItem.registration_id == ResourceLink.registration_id,
                MediaItem.deleted_at.is_(None),
            ),
        )
        .outerjoin(
            Publication,
            and_(Publication.media_id == MediaItem.id, Publication.course_id == Course.id),
        )
    )


def open_link(
    principal: Principal, resource_link_id: str | None, media_id: str | None = None
) -> MediaItem | None:
    """Find the item that a launch through this resource link opens.

    ``media_id`` is the link's custom parameter ``media``, which wins over what was chosen here.
    None: the link names no item yet, or one that was chosen here and then deleted. An item opens
    when it is published in the session's course, when the opener may publish it there (then it
    is), or when an operator put it in for all links of the registration. A deleted one opens for
    whoever may restore it. Raises not_found() for every other id.
    """
    item = find(media_id or chosen_here(resource_link_id) or "")
    if item is None or item.deleted_at is not None:
        if item is not None and Capability.RESTORE in capabilities(principal, item):
            return item
        if media_id:
            raise not_found()
        return None
    with transaction():
        _let_in(principal, item, resource_link_id)
        _remember(resource_link_id, item.id)
    return item


def bind_link(principal: Principal, resource_link_id: str, item: MediaItem) -> None:
    """Let a resource link of the session's course open this item from now on.

    The picker's verb. Raises not_found() unless the session may publish the item here.
    """
    if principal.course_id is None:
        raise not_found()
    with transaction() as session:
        offer(principal, item, "link chosen")
        bound = session.get(LinkBinding, resource_link_id)
        if bound is None:
            _note_first(resource_link_id, item.id)
            bound = session.get_one(LinkBinding, resource_link_id)
        bound.media_id = item.id
        bound.chosen_here = True
        bound.bound_at = clock.now()
        bound.bound_by = principal.person_id
        audit.record(
            "media.link_bound",
            institution_id=item.institution_id,
            actor=principal.actor,
            subject=("media", item.id),
            resource_link=resource_link_id,
        )


def offer(principal: Principal, item: MediaItem, why: str) -> None:
    """Show an item in the session's course: what staff may publish or find there already.

    Without a course it must be theirs to publish. ``why`` goes into the audit record. Raises
    not_found().
    """
    held = capabilities(principal, item)
    if not rules.may_publish_here(held, principal.standing):
        require(principal, item, Capability.VIEW)
        if not (is_published(item.id, principal.course_id) and principal.standing in rules.STAFF):
            raise not_found()
    if principal.course_id is not None:
        publish(item, principal.course_id, principal.actor, why)


def was_chosen_here(resource_link_id: str, item: MediaItem) -> bool:
    """Tell whether the link opens this item because somebody chose it here: then another can be."""
    return chosen_here(resource_link_id) == item.id


def _let_in(principal: Principal, item: MediaItem, resource_link_id: str | None) -> None:
    if principal.kind != "launch" or principal.registration_id != item.registration_id:
        raise not_found()
    if is_published(item.id, principal.course_id):
        return
    held = capabilities(principal, item)
    entitled = item.open_to_links or rules.may_publish_here(held, principal.standing)
    if principal.course_id is not None and entitled:
        publish(item, principal.course_id, principal.actor, "resource link opened")
    elif item.open_to_links:
        source = f"resource_link:{resource_link_id or 'none'}"
        grant(principal.session_id, item.id, Role.VIEWER, source)
    elif Capability.VIEW not in held:
        raise not_found()


def chosen_here(resource_link_id: str | None) -> str | None:
    """Return the id of the item that somebody chose for a link that names none itself."""
    if resource_link_id is None:
        return None
    bound = db.session.get(LinkBinding, resource_link_id)
    return bound.media_id if bound is not None and bound.chosen_here else None


def _remember(resource_link_id: str | None, media_id: str) -> None:
    """Note which links lead to an item, so that Delete can say how many it ends."""
    if resource_link_id is None:
        return
    bound = db.session.get(LinkBinding, resource_link_id)
    if bound is None:
        _note_first(resource_link_id, media_id)
        return
    if bound.media_id == media_id:
        return
    bound.media_id = media_id
    bound.chosen_here = False
    bound.bound_at = clock.now()
    bound.bound_by = None


def _note_first(resource_link_id: str, media_id: str) -> None:
    """Note what a link opens; when a whole class opens a new one, the first note stands for all."""
    with suppress(IntegrityError), db.session.begin_nested():
        db.session.add(
            LinkBinding(
                resource_link_id=resource_link_id,
                media_id=media_id,
                chosen_here=False,
                bound_at=clock.now(),
            )
        )
