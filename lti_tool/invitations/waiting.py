"""Who waits for the inviter: who asks for a new link, and whose link somebody tries to guess at."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, or_, select

from lti_tool.core.clock import now
from lti_tool.core.db.session import db, remembered
from lti_tool.invitations.attempt_limit import DAY
from lti_tool.invitations.models import Invitation, WrongAddress
from lti_tool.invitations.wrong_addresses import tried_by_others
from lti_tool.media.models import MediaItem

_REMEMBERED = "invitations waiting"


def people_waiting(item: MediaItem) -> int:
    """Count those who wait; asked once for all that a page shows of it."""
    known: dict[str, int] = remembered().setdefault(_REMEMBERED, {})
    if item.id not in known:
        known[item.id] = _count(item)
    return known[item.id]


def _count(item: MediaItem) -> int:
    waits = or_(
        Invitation.new_link_asked_at.is_not(None),
        Invitation.id.in_(under_attack(item, now())),
    )
    return (
        db.session.scalar(
            select(func.count()).where(
                Invitation.media_id == item.id, Invitation.revoked_at.is_(None), waits
            )
        )
        or 0
    )


def under_attack(item: MediaItem, moment: datetime) -> Collection[str]:
    """Find the item's invitations with whose present link somebody tries wrong addresses."""
    suspected = db.session.scalars(
        select(WrongAddress.invitation_id)
        .join(Invitation, Invitation.id == WrongAddress.invitation_id)
        .where(
            Invitation.media_id == item.id,
            Invitation.revoked_at.is_(None),
            WrongAddress.at > moment - DAY,
        )
        .distinct()
    ).all()
    return tried_by_others(suspected, moment)
