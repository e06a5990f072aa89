"""The limiter of wrong addresses, against a plain list of what was typed when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.invitations.attempt_limit import (
    DAY,
    HOUR,
    HOURLY,
    REST,
    SERIES,
    WrongAddress,
    client_of,
    is_worrying,
    next_ordinal,
    rests_until,
    seconds_until,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Limiter:
    """What the database keeps, kept in a list."""

    def __init__(self) -> None:
        self.wrong: list[tuple[str, WrongAddress]] = []

    def end(self, client: str, now: datetime) -> datetime | None:
        mine = [wrong for who, wrong in self.wrong if who == client]
        times = sorted((wrong.at for _, wrong in self.wrong), reverse=True)
        thirtieth = times[HOURLY - 1] if len(times) >= HOURLY else None
        return rests_until(mine[-1] if mine else None, thirtieth, now)

    def type_wrong(self, client: str, now: datetime) -> bool:
        """Return whether the address was looked at, that is: not answered with «rest»."""
        if self.end(client, now) is not None:
            return False
        mine = [wrong for who, wrong in self.wrong if who == client]
        ordinal = next_ordinal(mine[-1] if mine else None, now)
        self.wrong.append((client, WrongAddress(now, ordinal)))
        return True


def test_five_then_a_quarter_of_an_hour() -> None:
    limiter = Limiter()
    for second in range(SERIES):
        assert limiter.type_wrong("a", NOW + timedelta(seconds=second))
    last = NOW + timedelta(seconds=SERIES - 1)
    assert limiter.end("a", last) == last + REST
    assert not limiter.type_wrong("a", last + REST - timedelta(seconds=1))
    assert limiter.type_wrong("a", last + REST)
    assert limiter.end("a", last + REST) is None


def test_one_client_does_not_make_another_rest() -> None:
    limiter = Limiter()
    for _ in range(SERIES):
        limiter.type_wrong("a", NOW)
    assert limiter.end("b", NOW) is None


def test_thirty_in_an_hour_from_anywhere_let_everybody_rest_for_an_hour_at_most() -> None:
    limiter = Limiter()
    for number in range(HOURLY):
        assert limiter.type_wrong(f"client {number}", NOW + number * MINUTE)
    later = NOW + HOURLY * MINUTE
    assert limiter.end("somebody else", later) == NOW + HOUR
    assert not limiter.type_wrong("somebody else", NOW + HOUR - timedelta(seconds=1))
    assert limiter.type_wrong("somebody else", NOW + HOUR)


def test_thirty_in_more_than_an_hour_let_nobody_rest() -> None:
    limiter = Limiter()
    for number in range(2 * HOURLY):
        assert limiter.type_wrong(f"client {number}", NOW + number * timedelta(minutes=2.1))


def test_slow_tries_count_too_until_a_day_has_passed() -> None:
    limiter = Limiter()
    for number in range(SERIES):
        limiter.type_wrong("a", NOW + number * timedelta(hours=5))
    assert limiter.end("a", NOW + (SERIES - 1) * timedelta(hours=5)) is not None
    patient = Limiter()
    for number in range(20):
        assert patient.type_wrong("a", NOW + number * DAY)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 30)), max_size=120))
def test_never_more_than_the_law_allows(steps) -> None:
    limiter, now = Limiter(), NOW
    for client, minutes in steps:
        now += minutes * MINUTE
        limiter.type_wrong(client, now)
        assert sum(1 for _, wrong in limiter.wrong if now - wrong.at < HOUR) <= HOURLY
        ends = [end for who in "abcd" if (end := limiter.end(who, now))]
        assert all(end - now <= HOUR for end in ends)
        for who in "abc":
            recent = [w for c, w in limiter.wrong if c == who and now - w.at < REST]
            fifths = [index for index, w in enumerate(recent) if w.ordinal == SERIES]
            assert not fifths or fifths == [len(recent) - 1]


@given(st.timedeltas(timedelta(microseconds=1), HOUR))
def test_whoever_waits_as_long_as_was_said_has_waited_long_enough(left) -> None:
    seconds = seconds_until(NOW + left, NOW)
    assert timedelta(seconds=seconds - 1) < left <= timedelta(seconds=seconds)


def test_a_few_slips_of_the_invitee_worry_nobody() -> None:
    assert [is_worrying(wrong) for wrong in (0, 1, 4, 5, 30)] == [False] * 3 + [True] * 2


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("64:ff9b::192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:49152", "192.0.2.7"),
        ("[2001:db8:1:2::5]:49152", "2001:db8:1:2::"),
        ("[2001:db8:1:2::5]", "2001:db8:1:2::"),
        ("192.0.2.7:49152:1", "unknown"),
        ("[192.0.2.7", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_what_counts_as_one_client(address, client) -> None:
    assert client_of(address) == client
