"""What is said of somebody who was invited."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.invitations.progress import Progress, progress_of
from lti_tool.invitations.rules import State

LETS_IN = {State.PENDING, State.REDEEMED}


@pytest.mark.parametrize(
    ("state", "came_in", "inside", "keeps_access", "said"),
    [
        (State.PENDING, False, False, False, Progress.NOT_USED),
        (State.EXPIRED, False, False, False, Progress.LINK_ENDED),
        (State.USED_UP, True, True, False, Progress.INSIDE),
        (State.EXPIRED, True, True, False, Progress.INSIDE),
        (State.REDEEMED, True, False, False, Progress.CAN_RETURN),
        # The device was reset, or there is a new link: came in by the earlier one.
        (State.PENDING, True, False, False, Progress.CAN_RETURN),
        (State.USED_UP, True, False, False, Progress.ACCESS_ENDED),
        (State.EXPIRED, True, False, False, Progress.ACCESS_ENDED),
        (State.EXPIRED, True, False, True, Progress.KEEPS_ACCESS),
        (State.USED_UP, True, True, True, Progress.INSIDE),
        (State.REVOKED, True, False, False, Progress.REVOKED),
    ],
)
def test_each_state_of_link_and_person_has_its_word(
    state, came_in, inside, keeps_access, said
) -> None:
    assert progress_of(state, came_in=came_in, inside=inside, keeps_access=keeps_access) is said


@given(st.sampled_from(State), st.booleans(), st.booleans(), st.booleans())
def test_nothing_false_is_said(state, came_in, inside, keeps_access) -> None:
    inside, keeps_access = inside and came_in, keeps_access and came_in
    said = progress_of(state, came_in=came_in, inside=inside, keeps_access=keeps_access)
    if said in (Progress.NOT_USED, Progress.LINK_ENDED):
        assert not came_in
    if said in (Progress.NOT_USED, Progress.CAN_RETURN):
        assert state in LETS_IN
    if said in (Progress.ACCESS_ENDED, Progress.LINK_ENDED):
        assert not inside
        assert not keeps_access
        assert state not in LETS_IN
    assert (said is Progress.INSIDE) == (inside and state is not State.REVOKED)
    assert (said is Progress.REVOKED) == (state is State.REVOKED)
