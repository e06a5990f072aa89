"""Attempt limit against guessing: when somebody who typed wrong addresses has to rest.

Pure; times are aware UTC. A wrong address gets the next number of its series: five from one client
make a series, after which the client rests for 15 minutes; a day without a wrong one starts a new
series. Thirty wrong ones within an hour from anywhere let everybody rest, save a bound device,
until the first of them is an hour old. All of it counts for one link: a new one begins anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from lti_tool.core.client_network import client_of as client_of

SERIES = 5
REST = timedelta(minutes=15)
DAY = timedelta(days=1)
HOURLY = 30
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class WrongAddress:
    """The last wrong address from one client."""

    at: datetime
    ordinal: int


def next_ordinal(last: WrongAddress | None, now: datetime) -> int:
    """Return the number, from 1 to 5, of a wrong address typed now."""
    if last is None or last.ordinal >= SERIES or now - last.at >= DAY:
        return 1
    return last.ordinal + 1


def rests_until(
    last: WrongAddress | None, thirtieth_last: datetime | None, now: datetime
) -> datetime | None:
    """Return when the client may try again, or None: now.

    ``thirtieth_last`` is when the thirtieth wrong address, counted back from the newest of this
    invitation, was typed; None where there are fewer.
    """
    ends = []
    if last is not None and last.ordinal >= SERIES:
        ends.append(last.at + REST)
    if thirtieth_last is not None:
        ends.append(thirtieth_last + HOUR)
    later = [end for end in ends if end > now]
    return max(later) if later else None


def seconds_until(end: datetime, now: datetime) -> int:
    """Return how long to wait, in whole seconds and never too short."""
    return max(1, -((now - end) // timedelta(seconds=1)))


def is_worrying(wrong: int) -> bool:
    """Tell whether so many wrong addresses within a day are more than slips of the invitee."""
    return wrong >= SERIES
