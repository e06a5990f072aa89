"""Where the invited are: when they came in, and whether they are inside now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, case, func, select

from lti_tool.core.db.session import db
from lti_tool.invitations.models import STANDS_ON, Invitation, Redemption
from lti_tool.media.models import Grant
from lti_tool.people.models import ToolSession
from lti_tool.people.rules import session_is_live
from lti_tool.people.sessions import of_running_lms


@dataclass(frozen=True)
class Whereabouts:
    """What is known of one invitee's coming and going."""

    came_in_at: datetime | None = None
    """Last, by this link or one that it replaced."""
    devices: int = 0
    """From how many the present link was used, since its device was last reset."""
    inside: bool = False
    keeps_access: bool = False
    """The role is that of a person of the LMS, who has it whenever they come."""


def whereabouts_of(invitation_ids: Sequence[str], moment: datetime) -> Mapping[str, Whereabouts]:
    """Find out about all of these invitees together, in three queries."""
    found: dict[str, Whereabouts] = defaultdict(Whereabouts)
    holds = and_(Redemption.generation == Invitation.generation, Redemption.ended_at.is_(None))
    uses = (
        select(
            Redemption.invitation_id,
            func.max(Redemption.at),
            func.count(case((holds, Redemption.device_hash)).distinct()),
        )
        .join(Invitation, Invitation.id == Redemption.invitation_id)
        .where(Redemption.invitation_id.in_(invitation_ids))
        .group_by(Redemption.invitation_id)
    )
    for invitation_id, came_in_at, devices in db.session.execute(uses):
        found[invitation_id] = Whereabouts(came_in_at, devices)
    for invitation_id in _inside(invitation_ids, moment):
        found[invitation_id] = replace(found[invitation_id], inside=True)
    for invitation_id in _people_of_the_lms(invitation_ids):
        found[invitation_id] = replace(found[invitation_id], keeps_access=True)
    return found


def _inside(invitation_ids: Sequence[str], moment: datetime) -> set[str]:
    """Find those by whose invitation a session runs now.

    Of sessions that end alike only the one that was used last is looked at, so that an invitation
    with ten thousand uses costs no more than another.
    """
    sessions = of_running_lms(
        select(
            Redemption.invitation_id,
            ToolSession.keep_until,
            ToolSession.idle_seconds,
            func.max(ToolSession.seen_at),
            func.max(ToolSession.expires_at),
        )
        .select_from(ToolSession)
        .join(Redemption, Redemption.session_id == ToolSession.id)
        .where(
            Redemption.invitation_id.in_(invitation_ids),
            Redemption.ended_at.is_(None),
            ToolSession.expires_at > moment,
        )
        .group_by(Redemption.invitation_id, ToolSession.keep_until, ToolSession.idle_seconds)
    )
    return {
        invitation_id
        for invitation_id, keep_until, idle_seconds, seen_at, expires_at in db.session.execute(
            sessions
        )
        if session_is_live(
            moment,
            ended_at=None,
            expires_at=expires_at,
            keep_until=keep_until,
            idle_seconds=idle_seconds,
            seen_at=seen_at,
        )
    }


def _people_of_the_lms(invitation_ids: Sequence[str]) -> set[str]:
    return set(
        db.session.scalars(
            select(Invitation.id)
            .join(Grant, Grant.source == STANDS_ON)
            .where(
                Invitation.id.in_(invitation_ids),
                Grant.person_id.is_not(None),
                Grant.ended_at.is_(None),
            )
            .distinct()
        )
    )
