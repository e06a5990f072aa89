"""What inviters see: an item's invitations, and suggestions while they type."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from lti_tool.core.clock import now
from lti_tool.core.database import db
from lti_tool.core.problems import Problem
from lti_tool.core.texts import folded
from lti_tool.invitations.lookup import link_of
from lti_tool.invitations.models import Invitation, Redemption
from lti_tool.invitations.rules import State, fits, name_order, state_of
from lti_tool.invitations.settings import invitation_settings
from lti_tool.media.access import Seen
from lti_tool.media.models import MediaItem
from lti_tool.people.models import Membership, Person
from lti_tool.people.rules import Standing

PAGE = 100
MOST_SUGGESTED = 8
SUGGEST_FROM = 2
_PLAIN = tuple(string.ascii_letters + string.digits)
_CURSOR = re.compile(r"(asked|other)-([0-9]{1,16})-([a-z2-7]{26})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SEES_ROSTER = frozenset({Standing.ADMINISTRATOR, Standing.MANAGER, Standing.ASSISTANT})


@dataclass(frozen=True)
class Shown:
    """An invitation with what its inviter reads beside it."""

    invitation: Invitation
    state: State
    redeemed_at: datetime | None
    """When its present link was last used to get in."""
    devices: int
    """From how many devices the present link was used."""
    one_device: bool
    """Whether it is bound to one just now."""


@dataclass(frozen=True)
class Page:
    """Some invitations of an item, and what to ask for the following ones with."""

    shown: list[Shown]
    after: str | None
    """None: there are no more."""


@dataclass(frozen=True)
class Suggested:
    """Somebody who might be meant; names may be empty."""

    email: str
    first_name: str
    last_name: str


def invitations_of(item: MediaItem, after: str = "") -> Page:
    """Return a hundred of the item's invitations, the newest first, and before them those whose
    invitees wait for a new link.

    `after` is what an earlier page gave. Raises a 400 problem where it is not.
    """
    rows = db.session.scalars(
        select(Invitation)
        .where(Invitation.media_id == item.id, *_behind(after))
        .order_by(
            Invitation.new_link_asked_at.is_(None), Invitation.created_at.desc(), Invitation.id
        )
        .limit(PAGE + 1)
    ).all()
    more = len(rows) > PAGE
    return Page(show(rows[:PAGE], item), _cursor(rows[PAGE - 1]) if more else None)


def _cursor(last: Invitation) -> str:
    """The place of an invitation in the list. It holds though the invitation may change."""
    group = "other" if last.new_link_asked_at is None else "asked"
    return f"{group}-{(last.created_at - _EPOCH) // timedelta(microseconds=1)}-{last.id}"


def _behind(cursor: str) -> list[ColumnElement[bool]]:
    if not cursor:
        return []
    read = _CURSOR.fullmatch(cursor)
    if read is None:
        raise Problem(400, "bad-cursor", _("The request could not be understood"))
    group, microseconds, last_id = read.groups()
    created_at = _EPOCH + timedelta(microseconds=int(microseconds))
    older = or_(
        Invitation.created_at < created_at,
        and_(Invitation.created_at == created_at, Invitation.id > last_id),
    )
    not_asked = Invitation.new_link_asked_at.is_(None)
    return [or_(not_asked, older) if group == "asked" else and_(not_asked, older)]


def show(rows: Sequence[Invitation], item: MediaItem) -> list[Shown]:
    """Add to invitations of one item what is shown beside them."""
    uses = {
        (invitation_id, generation): (last, devices)
        for invitation_id, generation, last, devices in db.session.execute(
            select(
                Redemption.invitation_id,
                Redemption.generation,
                func.max(Redemption.at),
                func.count(Redemption.device_hash.distinct()),
            )
            .where(Redemption.invitation_id.in_([row.id for row in rows]))
            .group_by(Redemption.invitation_id, Redemption.generation)
        )
    }
    one_device = invitation_settings(item.institution_id).one_device
    moment = now()
    shown = []
    for row in rows:
        last, devices = uses.get((row.id, row.generation), (None, 0))
        state = state_of(link_of(row, item), moment)
        bound = one_device and row.device_hash is not None
        shown.append(Shown(row, state, last, devices, bound))
    return shown


def suggest(seen: Seen, typed: str) -> list[Suggested]:
    """Return at most eight people who fit what was typed so far, from the second character on.

    Earlier invitees of the item for every inviter; for those who manage or assist the session's
    course also the people of that course whose address the LMS told. Never another institution.
    """
    wanted = folded(typed)
    if len(wanted) < SUGGEST_FROM:
        return []
    found: dict[str, Suggested] = {}
    for email, first, last in _earlier(seen, wanted) + _roster(seen, wanted):
        if fits(wanted, email, first, last):
            found.setdefault(email.lower(), Suggested(email, first, last))
    return list(found.values())[:MOST_SUGGESTED]


def _earlier(seen: Seen, wanted: str) -> list[tuple[str, str, str]]:
    """Those who may fit, the latest first."""
    first, last = Invitation.first_name, Invitation.last_name
    latest = func.max(Invitation.created_at)
    rows = db.session.execute(
        select(Invitation.email_shown, first, last)
        .where(
            Invitation.media_id == seen.item.id,
            Invitation.institution_id == seen.viewer.institution_id,
            _may_fit(wanted, Invitation.email_shown, first, last),
        )
        .group_by(Invitation.email_shown, first, last)
        .order_by(latest.desc(), func.min(Invitation.id))
    )
    return [(email, given, family) for email, given, family in rows]


def _roster(seen: Seen, wanted: str) -> list[tuple[str, str, str]]:
    """Those who may fit, in the order of their names, accents aside."""
    viewer = seen.viewer
    if viewer.course_id is None or viewer.standing not in _SEES_ROSTER:
        return []
    rows = db.session.execute(
        select(Person.email, Person.given_name, Person.family_name)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.course_id == viewer.course_id,
            Person.institution_id == viewer.institution_id,
            Person.kind == "lms",
            Person.email.is_not(None),
            _may_fit(wanted, Person.email, Person.given_name, Person.family_name),
        )
    )
    people = [(str(email), given, family) for email, given, family in rows if email]
    return sorted(people, key=lambda one: name_order(one[2], one[1], one[0]))


def _may_fit(
    wanted: str,
    email: InstrumentedAttribute[Any],
    first: InstrumentedAttribute[Any],
    last: InstrumentedAttribute[Any],
) -> ColumnElement[bool]:
    """Leave out whoever begins with another plain letter.

    The databases differ in how they compare any other character, so `fits` has the last word.
    """
    base = unicodedata.normalize("NFD", wanted)[0]
    begins = [func.substr(column, 1, 1) for column in (email, first, last)]
    return or_(
        *(one.in_([base, base.upper()]) for one in begins),
        *(one.not_in(_PLAIN) for one in begins),
    )
