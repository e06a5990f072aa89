"""Handing over: a tab of its own goes on with all that the session in the frame may do."""

from __future__ import annotations

from lti_tool.core.db.session import transaction
from lti_tool.invitations import handover
from lti_tool.media import access
from lti_tool.people import handover_tickets
from lti_tool.people.handover_tickets import HandedOver


def hand_over(ticket: str) -> HandedOver:
    """Redeem the ticket for a session that also holds the first one's grants.

    Raises as there.
    """
    with transaction():
        handed = handover_tickets.redeem(ticket)
        handover.carry_over(handed.origin_id, handed.new.session_id)
        access.carry_over(handed.origin_id, handed.new.session_id)
        return handed
