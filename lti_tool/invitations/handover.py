"""When a session goes over into a tab of its own, the invitations it used go with it."""

from __future__ import annotations

from sqlalchemy import select

from lti_tool.core.db.session import transaction
from lti_tool.invitations.models import Invitation, Redemption


def carry_over(origin_id: str, session_id: str) -> None:
    """Note the running redemptions of one session for another one of the same person, too.

    No use is spent. Grants must be carried over after this, in the same transaction: the
    invitations are held here, so that one revoked in the same moment ends both sessions' roles.
    """
    with transaction() as session:
        ids = select(Redemption.invitation_id).where(Redemption.session_id == origin_id)
        session.scalars(
            select(Invitation.id)
            .where(Invitation.id.in_(ids))
            .order_by(Invitation.id)
            .with_for_update(key_share=True)
        ).all()
        running = session.scalars(
            select(Redemption)
            .where(Redemption.session_id == origin_id, Redemption.ended_at.is_(None))
            .execution_options(populate_existing=True)
        ).all()
        session.add_all(
            Redemption(
                invitation_id=one.invitation_id,
                generation=one.generation,
                person_id=one.person_id,
                session_id=session_id,
                device_kind=one.device_kind,
                device_hash=one.device_hash,
                at=one.at,
            )
            for one in running
        )
        session.flush()
