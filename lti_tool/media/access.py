"""Authorization: who may do what with an item; gathers the facts and lets the rules decide.

Higher rooms call ``capabilities`` to ask and ``grant`` / ``withdraw`` to give and take a role.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import lazy_gettext
from sqlalchemy import bindparam, delete, literal, or_, select, union_all, update

from lti_tool.core import clock
from lti_tool.core.db.session import db, in_transaction, remembered, rows_matched, transaction
from lti_tool.core.ids import is_id
from lti_tool.core.institutions import Setting, setting
from lti_tool.core.web.problems import not_found
from lti_tool.media import rules
from lti_tool.media.models import Grant, MediaItem, Publication, Relation
from lti_tool.media.rules import Capability, Facts, RelationKind, Role
from lti_tool.people.models import ToolSession
from lti_tool.people.rules import Standing
from lti_tool.people.sessions import Principal, principal_for

__all__ = [
    "Access",
    "Capability",
    "Role",
    "authorize",
    "capabilities",
    "capabilities_of_student",
    "carry_over",
    "find",
    "forget",
    "grant",
    "is_owner",
    "keep_in_mind",
    "require",
    "withdraw",
]

MANAGERS_CO_PUBLISH = Setting(
    name="managers_co_publish",
    group=lazy_gettext("Media"),
    label=lazy_gettext("Course managers may publish and invite"),
    help=lazy_gettext(
        "On: instructors of a course count as co-publishers of everything published there."
    ),
    kind="switch",
    default=True,
)


_REMEMBERED = "capabilities"
_FOR_VIEWERS = frozenset({Capability.VIEW, Capability.DOWNLOAD})


@dataclass(frozen=True)
class Access:
    """An item together with the session that may see it and all that this session may do."""

    item: MediaItem
    principal: Principal
    capabilities: frozenset[Capability]


def find(media_id: str) -> MediaItem | None:
    """Find the item of this id, also a deleted one; this says nothing about who may see it."""
    return db.session.get(MediaItem, media_id) if is_id(media_id) else None


def capabilities(principal: Principal, item: MediaItem) -> frozenset[Capability]:
    """Gather everything the session may do with the item, now.

    Asked once a request, and anew in a transaction.
    """
    known = _remembered()
    key = (principal.session_id, item.id)
    if key not in known:
        reachable = _reachable(principal, item)
        facts = _facts(principal, item, clock.now()) if reachable else None
        known[key] = rules.capabilities(facts) if facts else frozenset()
    return known[key]


def _remembered() -> dict[tuple[str, str], frozenset[Capability]]:
    """Give what the request remembers.

    Nothing in a transaction, in which rights may change from one line to the next.
    """
    if in_transaction():
        return {}
    known: dict[tuple[str, str], frozenset[Capability]]
    known = remembered().setdefault(_REMEMBERED, {})
    return known


def authorize(
    media_id: str,
    capability: Capability = Capability.VIEW,
    *,
    active: bool = True,
    named: bool = False,
) -> Access:
    """Find the request's session that holds ``capability`` on the item, or refuse.

    For more than viewing, and where ``named``, the address has to name it. ``active=False`` for
    what scripts ask by themselves. Raises the one not_found() for unknown and forbidden alike.
    """
    item = find(media_id)
    held: dict[str, frozenset[Capability]] = {}

    def may(principal: Principal) -> bool:
        held[principal.session_id] = capabilities(principal, item) if item else frozenset()
        return capability in held[principal.session_id]

    # Asked for unknown items too, so that the answer does not tell them from forbidden ones.
    principal = principal_for(may, active=active, named=named or capability not in _FOR_VIEWERS)
    if item is None:
        raise not_found()
    return Access(item, principal, held[principal.session_id])


def capabilities_of_student(principal: Principal, item: MediaItem) -> frozenset[Capability]:
    """Gather what a student of the session's course may do with the item, by that alone."""
    if not _reachable(principal, item):
        return frozenset()
    facts = _facts(principal, item, clock.now())
    return rules.capabilities(
        replace(facts, relation=None, standing=Standing.LEARNER, roles=frozenset())
    )


def keep_in_mind(access: Access) -> None:
    """Keep what was found for a page rendered after a transaction that changed no right.

    Then it is not asked again by every room that shows something on it.
    """
    _remembered()[access.principal.session_id, access.item.id] = access.capabilities


def require(principal: Principal, item: MediaItem, capability: Capability) -> None:
    """Raise not_found() unless the session holds the capability."""
    if capability not in capabilities(principal, item):
        raise not_found()


def is_owner(principal: Principal, item: MediaItem) -> bool:
    """Tell whether the session's person owns the item."""
    return principal.person_id == item.owner_person_id


def grant(session_id: str, media_id: str, role: str, source: str) -> Grant:
    """Give a session a role on an item; the same source again changes the role it gave.

    ``source`` is opaque here and names what the grant stands on, e.g. "invitation:<id>".
    Raises ValueError when the kind of media does not offer the role, or when session and item
    are not of one institution.
    """
    with transaction() as session:
        item = session.get(MediaItem, media_id)
        owner = session.get(ToolSession, session_id)
        if item is None or owner is None or owner.institution_id != item.institution_id:
            raise ValueError("session and item are strangers")
        if Role(role) not in rules.roles_of(rules.Kind(item.kind)):
            raise ValueError(f"{item.kind} offers no {role}")
        given = session.scalar(
            select(Grant).where(
                Grant.session_id == session_id, Grant.media_id == media_id, Grant.source == source
            )
        )
        if given is None:
            given = Grant(
                media_id=media_id,
                session_id=session_id,
                role=role,
                source=source,
                created_at=clock.now(),
            )
            session.add(given)
        given.role = role
        given.ended_at = None
        session.flush()
        return given


def carry_over(origin_id: str, session_id: str) -> None:
    """Give a session the running grants of another one of the same person.

    They stand on the same sources, so that withdrawing reaches both.
    """
    with transaction() as session:
        running = session.execute(
            select(Grant.media_id, Grant.role, Grant.source).where(
                Grant.session_id == origin_id, Grant.ended_at.is_(None)
            )
        ).all()
        for media_id, role, source in running:
            grant(session_id, media_id, role, source)
        session.flush()


def withdraw(source: str, session_id: str | None = None) -> int:
    """End what stands on ``source`` (of one session only, where given); return how many."""
    ended = update(Grant).where(Grant.source == source, Grant.ended_at.is_(None))
    if session_id is not None:
        ended = ended.where(Grant.session_id == session_id)
    with transaction() as session:
        done = session.execute(ended.values(ended_at=clock.now()))
        return rows_matched(done)


def forget() -> int:
    """Remove the grants of sessions that ended 13 months ago; return how many."""
    before = clock.now() - rules.KEPT
    over = select(ToolSession.id).where(
        or_(ToolSession.ended_at < before, ToolSession.expires_at < before)
    )
    with transaction() as session:
        return rows_matched(session.execute(delete(Grant).where(Grant.session_id.in_(over))))


def _reachable(principal: Principal, item: MediaItem) -> bool:
    if principal.institution_id != item.institution_id:
        return False
    if principal.kind == "guest":
        return principal.scope == item.id
    return principal.registration_id == item.registration_id


def _facts(principal: Principal, item: MediaItem, now: datetime) -> Facts:
    relations, published, roles = _ties(principal, item)
    return Facts(
        reachable=True,
        deleted=item.deleted_at is not None,
        undo_open=rules.undo_is_open(item.deleted_at, now),
        has_owner=item.owner_person_id is not None,
        download_allowed=item.download_allowed,
        relation=rules.strongest(relations),
        standing=principal.standing,
        published_here=published,
        managers_co_publish=bool(setting(item.institution_id, MANAGERS_CO_PUBLISH.name)),
        roles=roles,
    )


# One statement, built once: this is asked several times in every request.
_TIES = union_all(
    select(literal("relation"), Relation.kind).where(
        Relation.media_id == bindparam("media"), Relation.person_id == bindparam("person")
    ),
    select(literal("grant"), Grant.role).where(
        Grant.media_id == bindparam("media"),
        Grant.session_id == bindparam("session"),
        Grant.ended_at.is_(None),
    ),
    select(literal("published"), literal("")).where(
        Publication.media_id == bindparam("media"), Publication.course_id == bindparam("course")
    ),
)


def _ties(
    principal: Principal, item: MediaItem
) -> tuple[list[RelationKind], bool, frozenset[Role]]:
    """Read what ties the person to the item.

    The person's relations to it, whether it is published in the session's course, and the roles
    that the session's grants give.
    """
    found = db.session.execute(
        _TIES,
        {
            "media": item.id,
            "person": principal.person_id,
            "session": principal.session_id,
            "course": principal.course_id,
        },
    ).all()
    relations = [RelationKind(value) for what, value in found if what == "relation"]
    if is_owner(principal, item):
        relations.append(RelationKind.OWNER)
    published = any(what == "published" for what, _value in found)
    roles = frozenset(Role(value) for what, value in found if what == "grant")
    return relations, published, roles
