"""Retention, or forgetting invitees: what is kept of an invitation, and for how long."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, or_, select, update

from lti_tool.core import audit
from lti_tool.core.clock import now
from lti_tool.core.db.session import db, transaction
from lti_tool.invitations.models import STANDS_ON, Invitation, Redemption
from lti_tool.invitations.rules import forget_before
from lti_tool.media.access import somebody_holds
from lti_tool.media.models import MediaItem
from lti_tool.people.models import Person, ToolSession

BATCH = 500


def forget() -> int:
    """Delete the invitations that ended thirteen months ago; return how many there were.

    Each ended with its link's time, with its revocation or with its media, whichever was first; but
    not while an LMS person holds a role by it: whoever may invite must be able to take that back.
    With them go their redemptions and wrong tries, and the names and addresses of guests who have
    no other invitation left. The audit trail stays: it names nobody.
    """
    forgotten = 0
    while done := _forget_some(forget_before(now())):
        forgotten += done
    return forgotten


def _forget_some(before: datetime) -> int:
    with transaction() as session:
        ended = session.execute(
            select(Invitation.id, Invitation.institution_id)
            .join(MediaItem, MediaItem.id == Invitation.media_id)
            .where(
                or_(
                    Invitation.expires_at < before,
                    Invitation.revoked_at < before,
                    MediaItem.deleted_at < before,
                ),
                ~somebody_holds(STANDS_ON),
            )
            .limit(BATCH)
        ).all()
        ids = [invitation_id for invitation_id, _ in ended]
        guests = session.scalars(
            select(Redemption.person_id)
            .join(Person, Person.id == Redemption.person_id)
            .where(Redemption.invitation_id.in_(ids), Person.kind == "guest")
        ).all()
        for invitation_id, institution_id in ended:
            audit.record(
                "invitation.forgotten",
                institution_id=institution_id,
                subject=("invitation", invitation_id),
            )
        session.execute(delete(Invitation).where(Invitation.id.in_(ids)))
        _forget_guests([guest for guest in guests if guest is not None])
        return len(ids)


def _forget_guests(person_ids: list[str]) -> None:
    """Forget guests; the person's row stays for their sessions, without its owner.

    The sessions have ended long ago.
    """
    still_invited = select(Redemption.person_id).where(Redemption.person_id.is_not(None))
    db.session.execute(
        update(Person)
        .where(Person.id.in_(person_ids), Person.id.not_in(still_invited))
        .values(name="", given_name="", family_name="", email="forgotten " + Person.id)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        update(ToolSession)
        .where(ToolSession.person_id.in_(person_ids), ToolSession.ended_at.is_(None))
        .where(ToolSession.person_id.not_in(still_invited))
        .values(ended_at=now())
        .execution_options(synchronize_session=False)
    )
