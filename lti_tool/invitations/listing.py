"""What inviters see: an item's invitations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, func, or_, select

from lti_tool.core.clock import now
from lti_tool.core.db.session import db
from lti_tool.core.web.problems import Problem
from lti_tool.invitations.lookup import link_of
from lti_tool.invitations.models import Invitation, Redemption
from lti_tool.invitations.rules import State, state_of
from lti_tool.invitations.settings import invitation_settings
from lti_tool.media.models import MediaItem

PAGE = 100
_CURSOR = re.compile(r"(asked|other)-([0-9]{1,16})-([a-z2-7]{26})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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


def invitations_of(item: MediaItem, after: str = "") -> Page:
    """Return a hundred of the item's invitations, the newest first.

    Before them come those whose invitees wait for a new link. ``after`` is what an earlier page
    gave. Raises a 400 problem where it is not.
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
    """Write the place of an invitation in the list.

    It holds though the invitation may change.
    """
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
