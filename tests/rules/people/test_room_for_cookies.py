"""Which sessions' cookies make room when a browser holds many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.people.rules import (
    MOST_COOKIE_BYTES,
    MOST_SESSIONS,
    cookies_are_many,
    cookies_to_take_back,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SIZE = 48
"""Of a session's cookie in a request."""


def held(number: int) -> dict[str, int]:
    return {f"s{at:03}": SIZE for at in range(number)}


def in_order(handles: dict[str, int]) -> dict[str, datetime]:
    return {handle: NOON + timedelta(minutes=at) for at, handle in enumerate(handles)}


def test_sixty_sessions_and_sixty_logins_fit_into_a_servers_header() -> None:
    """As when a page with sixty items opens in a new browser, where each login leaves a cookie."""
    logins = 60 * 67
    assert 60 * SIZE + logins < 8190
    assert not cookies_are_many(held(60), others=logins)


def test_nothing_makes_room_before_it_must() -> None:
    assert not cookies_are_many(held(MOST_SESSIONS - 1), others=0)
    assert cookies_are_many(held(MOST_SESSIONS), others=0)
    assert cookies_are_many(held(10), others=MOST_COOKIE_BYTES)


def test_what_is_over_goes_before_anything_that_runs() -> None:
    all_of_them = held(MOST_SESSIONS)
    running = dict(list(in_order(all_of_them).items())[:50])
    gone = cookies_to_take_back(all_of_them, 0, running)
    assert set(gone) == all_of_them.keys() - running.keys()


@given(st.integers(1, 200), st.integers(0, 9000))
def test_the_most_recently_used_stay_and_there_is_room_again(number: int, others: int) -> None:
    all_of_them = held(number)
    gone = set(cookies_to_take_back(all_of_them, others, in_order(all_of_them)))
    kept = [handle for handle in all_of_them if handle not in gone]
    assert kept == list(all_of_them)[len(gone) :], "those used last"
    assert len(kept) >= min(number, 60)
    assert len(kept) * SIZE <= MOST_COOKIE_BYTES * 3 / 4
    assert len(kept) <= MOST_SESSIONS * 3 / 4
