"""How long a tool session lives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lti_tool.people.rules import session_end, session_is_live

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MOMENTS = st.integers(-4000, 4000).map(lambda number: NOON + timedelta(hours=number))


def hours(number: float) -> datetime:
    return NOON + timedelta(hours=number)


@pytest.mark.parametrize(
    ("expires", "keep", "idle_hours", "seen", "end"),
    [
        pytest.param(12, None, None, 0, 12, id="launch: its absolute end"),
        pytest.param(12, None, None, 11, 12, id="launch: activity does not lengthen it"),
        pytest.param(168, 24, 12, 0, 24, id="guest: until the link's end though nothing is done"),
        pytest.param(168, 24, 12, 20, 32, id="guest: activity beyond the link's end"),
        pytest.param(168, None, 12, 3, 15, id="guest: idle limit alone"),
        pytest.param(168, 24, 12, 167, 168, id="guest: seven days at most"),
        pytest.param(168, 200, 12, 0, 168, id="guest: seven days at most, the link runs longer"),
    ],
)
def test_when_a_session_ends(
    expires: int, keep: int | None, idle_hours: int | None, seen: int, end: int
) -> None:
    keep_until = hours(keep) if keep is not None else None
    idle = idle_hours * 3600 if idle_hours is not None else None
    assert session_end(hours(expires), keep_until, idle, hours(seen)) == hours(end)


@example(expires=hours(9), keep=None, idle=3600, seen=hours(1), present=hours(2), ended=None)
@example(expires=hours(9), keep=None, idle=None, seen=hours(1), present=hours(9), ended=None)
@given(
    expires=MOMENTS,
    keep=st.none() | MOMENTS,
    idle=st.none() | st.integers(min_value=0, max_value=604_800),
    seen=MOMENTS,
    present=MOMENTS,
    ended=st.none() | MOMENTS,
)
def test_it_lives_until_its_end_and_never_after(
    expires: datetime,
    keep: datetime | None,
    idle: int | None,
    seen: datetime,
    present: datetime,
    ended: datetime | None,
) -> None:
    live = session_is_live(
        present,
        ended_at=ended,
        expires_at=expires,
        keep_until=keep,
        idle_seconds=idle,
        seen_at=seen,
    )
    end = session_end(expires, keep, idle, seen)
    assert end <= expires
    assert live == (ended is None and present < end)
