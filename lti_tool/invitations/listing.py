"""What inviters see: who is invited to an item, what became of it, and who waits for them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from lti_tool.core.clock import now
from lti_tool.core.db.session import db
from lti_tool.core.web.problems import Problem
from lti_tool.invitations.lookup import link_of
from lti_tool.invitations.models import Invitation, Redemption
from lti_tool.invitations.progress import Progress, progress_of
from lti_tool.invitations.rules import State, state_of
from lti_tool.invitations.settings import invitation_settings
from lti_tool.invitations.waiting import under_attack
from lti_tool.invitations.whereabouts import Whereabouts, whereabouts_of
from lti_tool.media.models import MediaItem
from lti_tool.people.search import words_of

PAGE = 100
_WAITING, _OTHER, _REVOKED = range(3)
_CURSOR = re.compile(r"([0-2])-([0-9]{1,16})-([a-z2-7]{26})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CAME_IN = exists().where(Redemption.invitation_id == Invitation.id)
_HOLDS = Invitation.revoked_at.is_(None)
_ASKS = Invitation.new_link_asked_at.is_not(None)


class Which(StrEnum):
    """Of whom the list is."""

    ALL = "all"
    CAME_IN = "came_in"
    NOT_YET = "not_yet"
    WAITING = "waiting"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Wanted:
    """What is looked for in the list, and behind which place."""

    which: str = Which.ALL
    typed: str = ""
    """Beginnings of words of names and addresses; fewer than two characters look for nothing."""
    after: str = ""


@dataclass(frozen=True)
class Shown:
    """An invitation with what its inviter reads beside it."""

    invitation: Invitation
    state: State
    progress: Progress
    came_in_at: datetime | None
    """When its invitee last came in, by this link or one that it replaced."""
    devices: int
    """From how many devices the present link was used."""
    one_device: bool
    """Whether it is bound to one just now."""
    wrong_addresses: bool
    """Somebody tries wrong addresses with its link."""
    in_lms: bool
    """A person of the LMS holds its role: ending it ends the role, and no session."""


@dataclass(frozen=True)
class Counts:
    """How many people all of it is about, whatever part of the list is shown."""

    invited: int
    """Without those whose invitations were revoked."""
    came_in: int
    waiting: int
    """Who ask for a new link, or whose link somebody tries with wrong addresses."""
    revoked: int


@dataclass(frozen=True)
class Page:
    """Some invitations of an item, and what to ask for the following ones with."""

    shown: list[Shown]
    after: str | None
    """None: there are no more."""
    counts: Counts


def invitations_of(item: MediaItem, wanted: Wanted = Wanted()) -> Page:
    """Return a hundred of the item's invitations, the newest first.

    Before them come those that wait for their inviter, behind them those that were revoked. Raises
    a 400 problem where ``wanted`` names what there is not.
    """
    tried = under_attack(item, now())
    rank = _rank(tried)
    rows = db.session.scalars(
        select(Invitation)
        .where(
            Invitation.media_id == item.id,
            *_of_which(wanted.which, tried),
            *map(_found_by, words_of(wanted.typed)),
            *_behind(wanted.after, rank),
        )
        .order_by(rank, Invitation.created_at.desc(), Invitation.id)
        .limit(PAGE + 1)
    ).all()
    more = len(rows) > PAGE
    after = _cursor(rows[PAGE - 1], tried) if more else None
    return Page(show(rows[:PAGE], item, tried), after, _counts(item, tried))


def _found_by(word: str) -> ColumnElement[bool]:
    """Look for the beginnings of names and addresses, and of what follows the @."""
    domain = Invitation.email.contains(f"@{word.removeprefix('@')}", autoescape=True)
    # Whoever was invited before version 0004 is kept without "obrien" beside "o'brien".
    bare = func.replace(Invitation.search, "'", "")
    begins = [kept.contains(f"\n{word}", autoescape=True) for kept in (Invitation.search, bare)]
    return or_(*begins, domain)


def one(invitation: Invitation, item: MediaItem) -> Shown:
    """Return one invitation of an item as it is now."""
    return show([invitation], item, under_attack(item, now()))[0]


def _counts(item: MediaItem, tried: Collection[str]) -> Counts:
    waiting = or_(_ASKS, Invitation.id.in_(tried))
    found = db.session.execute(
        select(
            func.count(case((_HOLDS, 1))),
            func.count(case((and_(_HOLDS, _CAME_IN), 1))),
            func.count(case((and_(_HOLDS, waiting), 1))),
            func.count(case((~_HOLDS, 1))),
        ).where(Invitation.media_id == item.id)
    ).one()
    return Counts(*found)


def _of_which(which: str, tried: Collection[str]) -> Sequence[ColumnElement[bool]]:
    conditions: dict[str, Sequence[ColumnElement[bool]]] = {
        Which.ALL: (),
        Which.CAME_IN: (_HOLDS, _CAME_IN),
        Which.NOT_YET: (_HOLDS, ~_CAME_IN),
        Which.WAITING: (_HOLDS, or_(_ASKS, Invitation.id.in_(tried))),
        Which.REVOKED: (~_HOLDS,),
    }
    if which not in conditions:
        raise _not_understood()
    return conditions[which]


def _rank(tried: Collection[str]) -> ColumnElement[int]:
    waiting = or_(_ASKS, Invitation.id.in_(tried))
    return case((~_HOLDS, _REVOKED), (waiting, _WAITING), else_=_OTHER)


def _cursor(last: Invitation, tried: Collection[str]) -> str:
    """Write the place of an invitation in the list.

    It holds though the invitation may change.
    """
    waits = last.new_link_asked_at is not None or last.id in tried
    rank = _REVOKED if last.revoked_at is not None else _WAITING if waits else _OTHER
    return f"{rank}-{(last.created_at - _EPOCH) // timedelta(microseconds=1)}-{last.id}"


def _behind(cursor: str, rank: ColumnElement[int]) -> list[ColumnElement[bool]]:
    if not cursor:
        return []
    read = _CURSOR.fullmatch(cursor)
    if read is None:
        raise _not_understood()
    of_last, microseconds, last_id = read.groups()
    created_at = _EPOCH + timedelta(microseconds=int(microseconds))
    older = or_(
        Invitation.created_at < created_at,
        and_(Invitation.created_at == created_at, Invitation.id > last_id),
    )
    return [or_(rank > int(of_last), and_(rank == int(of_last), older))]


def _not_understood() -> Problem:
    return Problem(400, "bad-cursor", _("The request could not be understood"))


def show(rows: Sequence[Invitation], item: MediaItem, tried: Collection[str]) -> list[Shown]:
    """Add to invitations of one item what is shown beside them."""
    moment = now()
    known = whereabouts_of([row.id for row in rows], moment)
    one_device = invitation_settings(item.institution_id).one_device
    return [_shown(row, item, known[row.id], one_device, row.id in tried, moment) for row in rows]


def _shown(
    row: Invitation,
    item: MediaItem,
    known: Whereabouts,
    one_device: bool,
    tried: bool,
    moment: datetime,
) -> Shown:
    state = state_of(link_of(row, item), moment)
    progress = progress_of(
        state,
        came_in=known.came_in_at is not None,
        inside=known.inside,
        keeps_access=known.keeps_access,
    )
    return Shown(
        invitation=row,
        state=state,
        progress=progress,
        came_in_at=known.came_in_at,
        devices=known.devices,
        one_device=one_device and row.device_hash is not None,
        wrong_addresses=tried and state is not State.REVOKED,
        in_lms=known.keeps_access,
    )
