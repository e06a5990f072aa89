"""Authorization: who may do what with an item; gathers the facts and lets the rules decide.

Higher rooms call ``capabilities`` to ask and ``grant`` / ``withdraw`` to give and take a role.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import lazy_gettext
from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    delete,
    exists,
    literal,
    or_,
    select,
    union_all,
    update,
)

from lti_tool.core import clock
from lti_tool.core.db.session import db, in_transaction, remembered, rows_matched, transaction
from lti_tool.core.db.upsert import upsert
from lti_tool.core.ids import is_id, new_id
from lti_tool.core.institutions import Setting, setting
from lti_tool.core.web.problems import not_found
from lti_tool.media import rules
from lti_tool.media.models import Grant, MediaItem, Publication, Relation
from lti_tool.media.rules import Capability, Facts, RelationKind, Role
from lti_tool.people.models import Person, ToolSession
from lti_tool.people.rules import Standing, holds_roles_lastingly
from lti_tool.people.sessions import Principal, principal_for

__all__ = [
    "Access",
    "Capability",
    "Role",
    "authorize",
    "capabilities",
    "capabilities_of_student",
    "carry_over",
    "counts_for",
    "find",
    "forget",
    "grant",
    "held_by",
    "is_owner",
    "keep_in_mind",
    "may_undo_own_deletion",
    "require",
    "somebody_holds",
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


def may_undo_own_deletion(principal: Principal, item: MediaItem) -> bool:
    """Tell whether the session will be able to bring the item back when it deletes it."""
    facts = _facts(principal, item, clock.now()) if _reachable(principal, item) else None
    return facts is not None and rules.may_undo_own_deletion(facts)


def grant(
    session_id: str, media_id: str, role: str, source: str, *, lasting: bool = False
) -> Grant:
    """Give a session a role on an item; the same source again changes the role it gave.

    A ``lasting`` one goes to the person whom the session is of, for each session of theirs, now or
    later; to the session alone where it is of nobody who could come again as themselves
    (``people.rules.holds_roles_lastingly``). ``source`` is opaque here and names what the grant
    stands on, e.g. "invitation:<id>". Raises ValueError when the kind of media does not offer the
    role, or when session and item are not of one institution.
    """
    with transaction() as session:
        item = session.get(MediaItem, media_id)
        owner = session.get(ToolSession, session_id)
        if item is None or owner is None or owner.institution_id != item.institution_id:
            raise ValueError("session and item are strangers")
        if Role(role) not in rules.roles_of(rules.Kind(item.kind)):
            raise ValueError(f"{item.kind} offers no {role}")
        lasting = lasting and holds_roles_lastingly(owner.kind, owner.impersonation)
        holder = {"person_id": owner.person_id} if lasting else {"session_id": session_id}
        key = {**holder, "media_id": media_id, "source": source}
        told = {"id": new_id(), "role": role, "created_at": clock.now(), "ended_at": None}
        given_id = upsert(
            Grant,
            {**key, **told},
            unique=[getattr(Grant, name) for name in key],
            change=("role", "ended_at"),
        )
        return session.get_one(Grant, given_id, populate_existing=True)


def carry_over(origin_id: str, session_id: str) -> None:
    """Give a session the running grants that another one of the same person holds alone.

    They stand on the same sources, so that withdrawing reaches both. What the person holds counts
    in both by itself.
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


def counts_for(principal: Principal) -> ColumnElement[bool]:
    """Ask whether a grant is the session's, or its person's."""
    own = Grant.session_id == principal.session_id
    holder = principal.lasting_holder
    return own if holder is None else or_(own, Grant.person_id == holder)


def held_by(source: str, principals: Sequence[Principal]) -> list[Principal]:
    """Keep those of these sessions in which a running grant of this source counts."""
    if not principals:
        return []
    rows = db.session.execute(
        select(Grant.session_id, Grant.person_id).where(
            Grant.source == source,
            Grant.ended_at.is_(None),
            or_(
                Grant.session_id.in_([one.session_id for one in principals]),
                Grant.person_id.in_([one.person_id for one in principals]),
            ),
        )
    ).all()
    sessions, persons = ({row[place] for row in rows} - {None} for place in (0, 1))
    return [
        one for one in principals if one.session_id in sessions or one.lasting_holder in persons
    ]


def somebody_holds(source: ColumnElement[str]) -> ColumnElement[bool]:
    """Ask whether a person holds a role that stands on the source, and holds it still."""
    return exists().where(
        Grant.source == source, Grant.person_id.is_not(None), Grant.ended_at.is_(None)
    )


def forget() -> int:
    """Remove the grants that nobody has used for 13 months; return how many.

    Those of sessions that ended so long ago, and those of persons that ended or whose person has
    not come since.
    """
    before = clock.now() - rules.KEPT
    over = select(ToolSession.id).where(
        or_(ToolSession.ended_at < before, ToolSession.expires_at < before)
    )
    gone = select(Person.id).where(Person.seen_at < before)
    unused = or_(
        Grant.session_id.in_(over),
        and_(Grant.person_id.is_not(None), Grant.ended_at < before),
        Grant.person_id.in_(gone),
    )
    with transaction() as session:
        return rows_matched(
            session.execute(
                delete(Grant).where(unused).execution_options(synchronize_session=False)
            )
        )


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
    select(literal("grant"), Grant.role).where(
        Grant.media_id == bindparam("media"),
        Grant.person_id == bindparam("holder"),
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
    that grants give the session or its person.
    """
    found = db.session.execute(
        _TIES,
        {
            "media": item.id,
            "person": principal.person_id,
            "session": principal.session_id,
            "holder": principal.lasting_holder,
            "course": principal.course_id,
        },
    ).all()
    relations = [RelationKind(value) for what, value in found if what == "relation"]
    if is_owner(principal, item):
        relations.append(RelationKind.OWNER)
    published = any(what == "published" for what, _value in found)
    roles = frozenset(Role(value) for what, value in found if what == "grant")
    return relations, published, roles
