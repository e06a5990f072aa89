"""From a resource link to the item it opens."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, String, and_, bindparam, func, literal, select

from lti_tool.core import audit, clock
from lti_tool.core.db.session import db, transaction
from lti_tool.core.db.upsert import conflict_aware_insert, upsert
from lti_tool.core.web.problems import not_found
from lti_tool.media import rules
from lti_tool.media.access import Capability, capabilities, find, grant, require
from lti_tool.media.models import LinkChoice, LinkNote, MediaItem, Publication
from lti_tool.media.publishing import is_published, publish
from lti_tool.media.rules import Role
from lti_tool.people.models import Course, ResourceLink
from lti_tool.people.rules import LinkShows
from lti_tool.people.sessions import Principal


def with_what_opens_again(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Let a query also tell what a launch ``opens`` without more ado.

    The query is about a ResourceLink and its Course. It then tells the item that the link leads to,
    where that is published in the course: the one that it names and has opened before, or the one
    that was chosen for it.

    Null where ``open_link`` must decide. The query takes ``media``: the item that the launch names,
    or "".
    """
    asked = bindparam("media", type_=String)
    leads_to = func.coalesce(LinkNote.media_id, LinkChoice.media_id)
    return (
        query.add_columns(Publication.media_id.label("opens"))
        .outerjoin(
            LinkNote,
            and_(LinkNote.resource_link_id == ResourceLink.id, LinkNote.media_id == asked),
        )
        .outerjoin(
            LinkChoice, and_(LinkChoice.resource_link_id == ResourceLink.id, asked == literal(""))
        )
        .outerjoin(
            MediaItem,
            and_(
                MediaItem.id == leads_to,
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
    principal: Principal,
    resource_link_id: str | None,
    media_id: str | None = None,
    *,
    only_addressed: bool = False,
) -> MediaItem | None:
    """Find the item that a launch through this resource link opens.

    ``media_id`` is what the link itself names, which wins over what was chosen here, and leaves
    that as it is. None: the link names no item yet, or one that was chosen here and then deleted.
    An item opens when it is published in the session's course, when the opener may publish it there
    (then it is), or when an operator put it in for all links of the registration. One that is
    ``only_addressed`` is not published by that: its opener sees it if they may, and is asked
    (``is_to_be_asked``). A deleted one opens for whoever may restore it. Raises not_found() for
    every other id.
    """
    item = find(media_id or chosen_here(resource_link_id) or "")
    if item is None or item.deleted_at is not None:
        if item is not None and Capability.RESTORE in capabilities(principal, item):
            return item
        if media_id:
            raise not_found()
        return None
    with transaction():
        _let_in(principal, item, resource_link_id, only_addressed)
        if media_id and resource_link_id is not None:
            _note(resource_link_id, item.id)
    return item


def is_to_be_asked(principal: Principal, item: MediaItem) -> bool:
    """Tell whether the session may publish the item in its course, whose link only addresses it."""
    return (
        principal.link_shows is LinkShows.ITEM
        and principal.course_id is not None
        and rules.may_publish_here(capabilities(principal, item), principal.standing)
        and not is_published(item.id, principal.course_id)
    )


def bind_link(principal: Principal, resource_link_id: str, item: MediaItem) -> None:
    """Let a resource link of the session's course open this item from now on.

    The picker's verb; nothing but this and ``unbind_link`` changes what a link opens that names
    nothing itself. Raises not_found() unless the session may publish the item here.
    """
    _require_link_of(principal)
    with transaction():
        offer(principal, item, "link chosen")
        former = chosen_here(resource_link_id)
        if former == item.id:
            return
        _choose(principal, resource_link_id, item.id)
        _record("media.link_bound", principal, item.id, resource_link_id, former)


def unbind_link(principal: Principal, resource_link_id: str) -> None:
    """Let a resource link of the session's course open nothing, until somebody chooses again.

    The item stays published in the course. Nothing happens where nothing was chosen. A link that
    was copied is then no longer given what it was copied from (``is_decided``).
    """
    _require_link_of(principal)
    with transaction():
        former = chosen_here(resource_link_id)
        if former is None:
            return
        _choose(principal, resource_link_id, None)
        _record("media.link_unbound", principal, former, resource_link_id, None)


def _choose(principal: Principal, resource_link_id: str, media_id: str | None) -> None:
    upsert(
        LinkChoice,
        {
            "resource_link_id": resource_link_id,
            "media_id": media_id,
            "chosen_at": clock.now(),
            "chosen_by": principal.person_id,
        },
        unique=(LinkChoice.resource_link_id,),
        change=("media_id", "chosen_at", "chosen_by"),
        returning=LinkChoice.resource_link_id,
    )


def _require_link_of(principal: Principal) -> None:
    if principal.course_id is None or principal.standing not in rules.STAFF:
        raise not_found()


def _record(
    action: str, principal: Principal, media_id: str, resource_link_id: str, former: str | None
) -> None:
    audit.record(
        action,
        institution_id=principal.institution_id,
        actor=principal.actor,
        subject=("media", media_id),
        resource_link=resource_link_id,
        **({"former": former} if former else {}),
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


def _let_in(
    principal: Principal, item: MediaItem, resource_link_id: str | None, only_addressed: bool
) -> None:
    if principal.kind != "launch" or principal.registration_id != item.registration_id:
        raise not_found()
    if is_published(item.id, principal.course_id):
        return
    held = capabilities(principal, item)
    may_publish = rules.may_publish_here(held, principal.standing) and not only_addressed
    entitled = item.open_to_links or may_publish
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
    return db.session.scalar(
        select(LinkChoice.media_id).where(LinkChoice.resource_link_id == resource_link_id)
    )


def is_decided(resource_link_id: str | None) -> bool:
    """Tell whether somebody chose for the link, or took its choice away."""
    decided = select(LinkChoice.resource_link_id)
    found = decided.where(LinkChoice.resource_link_id == resource_link_id)
    return db.session.scalar(found) is not None


def _note(resource_link_id: str, media_id: str) -> None:
    """Note that the LMS leads to an item by this link, so that Delete can say how many it ends.

    A whole class may open a new link at once: the first note stands for all.
    """
    noted = {
        "resource_link_id": resource_link_id,
        "media_id": media_id,
        "opened_at": clock.now(),
    }
    db.session.execute(conflict_aware_insert(LinkNote).values(noted).on_conflict_do_nothing())
