"""Which of our keys signs, and which are published, while keys are rotated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.rules import ANNOUNCE, RETIRE, SigningKey, published_keys, signing_key

START = datetime(2026, 3, 2, tzinfo=UTC)
FIRST = SigningKey("first", datetime(2000, 1, 1, tzinfo=UTC))
SECOND = SigningKey("second", START)
MINUTE = timedelta(minutes=1)


def ids(keys: list[SigningKey]) -> list[str]:
    return [key.id for key in keys]


def test_the_first_key_signs_at_once() -> None:
    assert signing_key([FIRST], START) == FIRST
    assert signing_key([SECOND], START) == SECOND


def test_without_any_key_nothing_signs() -> None:
    with pytest.raises(ValueError, match="empty"):
        signing_key([], START)


@pytest.mark.parametrize(
    ("after", "signs", "published"),
    [
        (timedelta(0), "first", ["second", "first"]),
        (ANNOUNCE - MINUTE, "first", ["second", "first"]),
        (ANNOUNCE, "second", ["second", "first"]),
        (ANNOUNCE + RETIRE - MINUTE, "second", ["second", "first"]),
        (ANNOUNCE + RETIRE, "second", ["second"]),
    ],
)
def test_a_new_key_is_announced_before_it_signs_and_the_old_one_stays_a_while(
    after: timedelta, signs: str, published: list[str]
) -> None:
    held = [FIRST, SECOND]
    assert signing_key(held, START + after).id == signs
    assert ids(published_keys(held, START + after)) == published


GAPS = st.lists(st.integers(min_value=0, max_value=100), min_size=1, max_size=6)


@given(GAPS, st.integers(min_value=0, max_value=400))
def test_what_signed_in_the_last_two_days_can_be_checked(gaps: list[int], later: int) -> None:
    """Gaps are hours between rotations; `later` hours after the last one we look."""
    held = [FIRST]
    made = START
    for number, gap in enumerate(gaps):
        held.append(SigningKey(f"k{number}", made))
        made += timedelta(hours=gap)
    present = made + timedelta(hours=later)
    shown = published_keys(held, present)
    assert signing_key(held, present) in shown
    for hours in range(int(RETIRE.total_seconds()) // 3600):
        then = present - timedelta(hours=hours)
        known_then = [key for key in held if key.made_at <= then]
        assert signing_key(known_then, then) in shown
