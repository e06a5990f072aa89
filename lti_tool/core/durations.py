"""Lengths of time as people write them ("3 days", "90"); pure.

A length is stored as a whole number of its setting's own unit, such as minutes.
"""

from __future__ import annotations

import re
from fractions import Fraction

MINUTES_OF = {"minutes": 1, "hours": 60, "days": 24 * 60}
"""The units that are offered, the smallest first."""

_MINUTES_OF_WORD = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 1),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 60),
    **dict.fromkeys(("d", "day", "days"), 24 * 60),
    **dict.fromkeys(("w", "week", "weeks"), 7 * 24 * 60),
}
_WRITTEN = re.compile(r"([0-9]{1,9}(?:[.,][0-9]{1,2})?)\s*([a-z]*)")
"""Three digits behind a comma or a point may be thousands ("1.000"), and are not guessed at."""


class NotADuration(ValueError):
    """The text is no length of time, or none of a whole number of units."""


def units_from(base: str) -> dict[str, int]:
    """Return the units from ``base`` up, with how many of ``base`` each of them is."""
    smallest = MINUTES_OF[base]
    return {unit: much // smallest for unit, much in MINUTES_OF.items() if much >= smallest}


def read_duration(text: str, base: str) -> int:
    """Read a length of time in units of ``base``; a bare number is one of these.

    Raises NotADuration.
    """
    read = _WRITTEN.fullmatch(text.strip().lower())
    minutes = _MINUTES_OF_WORD.get(read[2] or base) if read else None
    if read is None or minutes is None:
        raise NotADuration(text)
    length = Fraction(read[1].replace(",", ".")) * minutes / MINUTES_OF[base]
    if length.denominator != 1:
        raise NotADuration(text)
    return int(length)


def largest_unit(length: int, base: str) -> tuple[int, str]:
    """Write a length in the largest unit of which it is a whole number."""
    for unit, much in reversed(units_from(base).items()):
        if length and length % much == 0:
            return length // much, unit
    return length, base
