"""Handing over: a tab of its own goes on with all that the session in the frame may do."""

from __future__ import annotations

from lti_tool.core.db.session import transaction
from lti_tool.invitations import carrying
from lti_tool.media import access
from lti_tool.people import tickets
from lti_tool.people.tickets import HandedOver


def hand_over(ticket: str) -> HandedOver:
    """Redeem the ticket for a session that also holds the first one's grants. Raises as there."""
    with transaction():
        handed = tickets.redeem(ticket)
        carrying.carry_over(handed.origin_id, handed.new.session_id)
        access.carry_over(handed.origin_id, handed.new.session_id)
        return handed
