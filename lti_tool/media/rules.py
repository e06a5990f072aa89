"""What a person may do with a media item.

Pure: facts in, capabilities out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from lti_tool.core.texts import one_line, readable, shows_nothing
from lti_tool.people.rules import Standing

TITLE_LENGTH = 200
DESCRIPTION_LENGTH = 10_000
TAG_LENGTH = 50
TAGS = 20
CAPTIONS_BYTES = 4 << 20
UNDO_DELETE = timedelta(days=30)
KEPT = timedelta(days=396)
"""How long viewings, and the grants of sessions that are over, are kept: 13 months."""
VIEWING_IDLE = timedelta(minutes=30)


class Kind(StrEnum):
    """What an item is.

    The kinds of live sessions belong to a later room.
    """

    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"
    IMAGE = "image"


class Role(StrEnum):
    """What an invitation can give on one item."""

    VIEWER = "viewer"
    MODERATOR = "moderator"
    SPEAKER = "speaker"


class RelationKind(StrEnum):
    """How a person belongs to an item, the strongest first."""

    OWNER = "owner"
    CO_OWNER = "co_owner"
    CO_EDITOR = "co_editor"
    CO_PUBLISHER = "co_publisher"
    CO_VIEWER = "co_viewer"


class FileRole(StrEnum):
    """What a stored file is to its item."""

    ORIGINAL = "original"
    POSTER = "poster"
    CAPTIONS = "captions"


class Capability(StrEnum):
    """One thing a session may do with one item."""

    VIEW = "view"
    DOWNLOAD = "download"
    INVITE = "invite"
    EDIT = "edit"
    PUBLISH = "publish"
    DELETE = "delete"
    RESTORE = "restore"


C = Capability

RELATION_CAPABILITIES: dict[RelationKind, frozenset[Capability]] = {
    RelationKind.OWNER: frozenset({C.VIEW, C.DOWNLOAD, C.INVITE, C.EDIT, C.PUBLISH, C.DELETE}),
    RelationKind.CO_OWNER: frozenset({C.VIEW, C.DOWNLOAD, C.INVITE, C.EDIT, C.PUBLISH, C.DELETE}),
    RelationKind.CO_EDITOR: frozenset({C.VIEW, C.DOWNLOAD, C.INVITE, C.EDIT}),
    RelationKind.CO_PUBLISHER: frozenset({C.VIEW, C.INVITE, C.PUBLISH}),
    RelationKind.CO_VIEWER: frozenset({C.VIEW}),
}

STAFF = frozenset({Standing.ADMINISTRATOR, Standing.MANAGER, Standing.ASSISTANT, Standing.DESIGNER})
MANAGERS = frozenset({Standing.ADMINISTRATOR, Standing.MANAGER})

VIEWER_ONLY: frozenset[Role] = frozenset({Role.VIEWER})


@dataclass(frozen=True)
class Facts:
    """All that decides about one session and one item.

    ``reachable`` says that the session may meet the item at all: same institution and same
    registration for a launch session, and for a guest session that the item is the one it was
    opened for. ``standing`` is that of the session's own course, ``published_here`` says whether
    the item is published in that very course.
    """

    reachable: bool
    deleted: bool = False
    undo_open: bool = False
    has_owner: bool = True
    download_allowed: bool = False
    relation: RelationKind | None = None
    standing: Standing = Standing.NONE
    published_here: bool = False
    managers_co_publish: bool = True
    roles: frozenset[Role] = field(default_factory=frozenset)


def strongest(kinds: Iterable[RelationKind]) -> RelationKind | None:
    """Choose the relation that gives most, of those a person has to an item."""
    order = list(RelationKind)
    return min(kinds, key=order.index, default=None)


def capabilities(facts: Facts) -> frozenset[Capability]:
    """Unite what relation, standing and grants give; nothing of it lowers another."""
    if not facts.reachable:
        return frozenset()
    if facts.deleted:
        return _after_deletion(facts)
    held: set[Capability] = set()
    if facts.relation is not None:
        held |= RELATION_CAPABILITIES[facts.relation]
    if facts.published_here:
        held |= _from_course(facts)
    if facts.roles:
        held.add(C.VIEW)
    if C.VIEW in held and facts.download_allowed:
        held.add(C.DOWNLOAD)
    return frozenset(held)


def _from_course(facts: Facts) -> set[Capability]:
    held = {C.VIEW}
    if facts.managers_co_publish and facts.standing in MANAGERS:
        held |= RELATION_CAPABILITIES[RelationKind.CO_PUBLISHER]
    if not facts.has_owner and facts.standing is Standing.ADMINISTRATOR:
        held.add(C.DELETE)
    return held


def _after_deletion(facts: Facts) -> frozenset[Capability]:
    """Give nothing but the undo of a deleted item, and that to its owner alone."""
    if not facts.undo_open:
        return frozenset()
    if facts.relation is RelationKind.OWNER:
        return frozenset({C.RESTORE})
    ownerless = not facts.has_owner and facts.published_here
    if ownerless and facts.standing is Standing.ADMINISTRATOR:
        return frozenset({C.RESTORE})
    return frozenset()


def may_undo_own_deletion(facts: Facts) -> bool:
    """Tell whether whoever deletes the item now will be able to bring it back."""
    deleted = replace(facts, deleted=True, undo_open=True)
    return C.RESTORE in capabilities(deleted)


_POWERS = frozenset({C.INVITE, C.EDIT, C.PUBLISH, C.DELETE})


def has_powers(held: frozenset[Capability]) -> bool:
    """Tell whether there is more to do with the item than to see it."""
    return bool(held & _POWERS)


def may_add(standing: Standing, *, is_guest: bool) -> bool:
    """Tell whether somebody with this standing may put media into the course."""
    return not is_guest and standing in STAFF


def may_publish_here(held: frozenset[Capability], standing: Standing) -> bool:
    """Tell whether the opener of a resource link may publish the item into that link's course."""
    return C.PUBLISH in held and standing in STAFF


@dataclass(frozen=True)
class EarlierCourse:
    """A course in which an item is published, and which the present one is said to be a copy of.

    ``standing`` is what the LMS last said of the person there, at ``told_at``.
    """

    standing: Standing
    published_at: datetime
    told_at: datetime | None


def may_bring_along(
    earlier: Iterable[EarlierCourse], standing_here: Standing, *, managers_co_publish: bool
) -> bool:
    """Tell whether the opener of a copied link may publish its item in the copy.

    Whoever may publish it in an earlier course may: not because the link says so, but because of
    what they are there. That counts for what was published there while they were. An
    administrator is one everywhere.
    """
    there = (_there(one, standing_here, managers_co_publish) for one in earlier)
    return any(may_publish_here(capabilities(facts), standing_here) for facts in there)


def _there(one: EarlierCourse, standing_here: Standing, managers_co_publish: bool) -> Facts:
    if standing_here is Standing.ADMINISTRATOR:
        standing, published = Standing.ADMINISTRATOR, True
    else:
        standing = one.standing
        published = one.told_at is not None and one.published_at <= one.told_at
    return Facts(
        reachable=True,
        standing=standing,
        published_here=published,
        managers_co_publish=managers_co_publish,
    )


def roles_of(kind: Kind) -> frozenset[Role]:
    """Return the invitation types that an item of this kind offers; nobody can grant more."""
    return {
        Kind.VIDEO: VIEWER_ONLY,
        Kind.AUDIO: VIEWER_ONLY,
        Kind.DOCUMENT: VIEWER_ONLY,
        Kind.IMAGE: VIEWER_ONLY,
    }[kind]


def undo_is_open(deleted_at: datetime | None, now: datetime) -> bool:
    """Tell whether a deletion can still be undone.

    Both times are aware UTC.
    """
    return deleted_at is not None and now < deleted_at + UNDO_DELETE


class InvalidText(ValueError):
    """A title, description or tag that cannot be taken; ``field`` and ``reason`` say which."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def clean_title(text: str) -> str:
    """Clean a title: one line of readable text, at most ``TITLE_LENGTH`` characters.

    Raises InvalidText("title", "empty" | "too_long").
    """
    cleaned = one_line(text)
    if shows_nothing(cleaned):
        raise InvalidText("title", "empty")
    if len(cleaned) > TITLE_LENGTH:
        raise InvalidText("title", "too_long")
    return cleaned


def clean_description(text: str) -> str:
    """Clean a description, readable text that keeps its lines.

    Raises InvalidText("description", "too_long").
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cleaned = "\n".join(readable(line).rstrip() for line in lines).strip()
    if len(cleaned) > DESCRIPTION_LENGTH:
        raise InvalidText("description", "too_long")
    return cleaned


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Clean the tags, each once, in the order given.

    Raises InvalidText("tags", "too_long" | "too_many").
    """
    kept: dict[str, str] = {}
    for tag in tags:
        cleaned = one_line(tag)
        if len(cleaned) > TAG_LENGTH:
            raise InvalidText("tags", "too_long")
        if cleaned:
            kept.setdefault(cleaned.casefold(), cleaned)
    if len(kept) > TAGS:
        raise InvalidText("tags", "too_many")
    return list(kept.values())


def running_time(duration_ms: int | None) -> str:
    """Write how long an item runs, as 1:02:03 or 2:03; empty for what does not run."""
    if duration_ms is None:
        return ""
    minutes, seconds = divmod(round(duration_ms / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
