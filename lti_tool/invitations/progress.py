"""What has become of somebody who was invited, in one word; pure."""

from __future__ import annotations

from enum import StrEnum

from lti_tool.invitations.rules import State


class Progress(StrEnum):
    """What stands beside a name in the list of the invited.

    Whether somebody has opened a link nobody knows, since opening changes nothing: the first that
    is known is that they came in.
    """

    NOT_USED = "not_used"
    INSIDE = "inside"
    KEEPS_ACCESS = "keeps_access"
    """Not inside now; as a person of the LMS they have the role whenever they come."""
    CAN_RETURN = "can_return"
    """Not inside now, and the link lets them in again."""
    ACCESS_ENDED = "access_ended"
    LINK_ENDED = "link_ended"
    """They never came in, and cannot any more."""
    REVOKED = "revoked"


def progress_of(state: State, *, came_in: bool, inside: bool, keeps_access: bool) -> Progress:
    """Return what is said of an invitee.

    ``came_in``: by this link or one that it replaced. ``inside``: a session that stands on the
    present link runs now.
    """
    if state is State.REVOKED:
        return Progress.REVOKED
    if inside:
        return Progress.INSIDE
    if keeps_access:
        return Progress.KEEPS_ACCESS
    lets_in = state in (State.PENDING, State.REDEEMED)
    if came_in:
        return Progress.CAN_RETURN if lets_in else Progress.ACCESS_ENDED
    return Progress.NOT_USED if lets_in else Progress.LINK_ENDED
