"""Wrong addresses typed for a link: what the attempt limit counts, and inviters are told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import and_, func, select

from lti_tool.core.db.session import db
from lti_tool.core.ids import digest, new_id
from lti_tool.invitations import attempt_limit
from lti_tool.invitations.models import Invitation, WrongAddress


@dataclass(frozen=True)
class Tries:
    """What the wrong addresses so far mean for the present attempt."""

    client: str
    """Hashed."""
    last: attempt_limit.WrongAddress | None
    """Of this client."""
    rests_until: datetime | None


def tries_before(invitation: Invitation, client: str, moment: datetime) -> Tries:
    """Read what the limiter has to know of the invitation's present link.

    ``client`` is what ``attempt_limit.client_of`` gives.
    """
    hidden = _client_hash(invitation, client)
    newest_first = (
        select(WrongAddress.at, WrongAddress.ordinal)
        .where(
            WrongAddress.invitation_id == invitation.id,
            WrongAddress.generation == invitation.generation,
        )
        .order_by(WrongAddress.at.desc(), WrongAddress.ordinal.desc())
        .limit(1)
    )
    mine = db.session.execute(newest_first.where(WrongAddress.client_hash == hidden)).one_or_none()
    last = attempt_limit.WrongAddress(mine.at, mine.ordinal) if mine else None
    thirtieth = db.session.scalar(newest_first.offset(attempt_limit.HOURLY - 1))
    return Tries(hidden, last, attempt_limit.rests_until(last, thirtieth, moment))


def note(invitation: Invitation, tries: Tries, moment: datetime) -> None:
    """Write a wrong address down, inside the running transaction."""
    db.session.add(
        WrongAddress(
            id=new_id(),
            invitation_id=invitation.id,
            generation=invitation.generation,
            client_hash=tries.client,
            ordinal=attempt_limit.next_ordinal(tries.last, moment),
            at=moment,
        )
    )
    db.session.flush()


def tried_by_others(invitation_ids: Collection[str], moment: datetime) -> frozenset[str]:
    """Return those invitations for whose present link somebody tries wrong addresses."""
    if not invitation_ids:
        return frozenset()
    present = and_(
        Invitation.id == WrongAddress.invitation_id,
        Invitation.generation == WrongAddress.generation,
    )
    counted = db.session.execute(
        select(WrongAddress.invitation_id, func.count())
        .join(Invitation, present)
        .where(
            WrongAddress.invitation_id.in_(invitation_ids),
            WrongAddress.at > moment - attempt_limit.DAY,
        )
        .group_by(WrongAddress.invitation_id)
    )
    return frozenset(
        invitation_id for invitation_id, wrong in counted if attempt_limit.is_worrying(wrong)
    )


def _client_hash(invitation: Invitation, client: str) -> str:
    """Hide the client's address: the hash is good for one invitation and with our secret only."""
    secret = current_app.extensions["foyer.secret"]
    return digest(f"{secret}\0{invitation.id}\0{client}")
