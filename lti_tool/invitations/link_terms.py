"""How long and how often a link works, within the most that the institution allows; pure."""

from __future__ import annotations

from dataclasses import dataclass

UNLIMITED = -1
MOST_USES = 10_000
"""The highest number that can be chosen, where there is no other limit."""

_HOUR, _DAY = 60, 24 * 60
_MINUTES = tuple(_HOUR * hours for hours in (1, 2, 4, 8)) + tuple(
    _DAY * days for days in (1, 2, 3, 7, 14, 30, 90)
)
_USES = (1, 2, 3, 5, 10, 20, 50, 100)


@dataclass(frozen=True)
class LinkTerms:
    """How long a link can be redeemed, and how often; -1: any number of times."""

    minutes: int
    uses: int


@dataclass(frozen=True)
class TermsWanted:
    """What an inviter asks for; None: as much as there is."""

    minutes: int | None = None
    uses: int | None = None

    def within(self, most: LinkTerms) -> LinkTerms:
        """Return the terms of a link that is made now.

        Raises ExceedsTerms with each field that asks for nothing, or for more than there is.
        """
        minutes = most.minutes if self.minutes is None else self.minutes
        uses = most.uses if self.uses is None else self.uses
        wrong = []
        if not 1 <= minutes <= most.minutes:
            wrong.append("minutes")
        if not _may_be_used(uses, most.uses):
            wrong.append("uses")
        if wrong:
            raise ExceedsTerms(wrong, {"minutes": minutes < 1, "uses": uses == 0})
        return LinkTerms(minutes, uses)


AS_MUCH_AS_THERE_IS = TermsWanted()


class ExceedsTerms(ValueError):
    """Something was asked for that the institution does not allow."""

    def __init__(self, fields: list[str], too_little: dict[str, bool]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields
        self.too_little = too_little


def _may_be_used(uses: int, most: int) -> bool:
    if uses == UNLIMITED:
        return most == UNLIMITED
    return 1 <= uses <= (MOST_USES if most == UNLIMITED else most)


def minutes_to_choose(most: LinkTerms) -> list[int]:
    """Give the durations that the window offers; the last is the most."""
    return [*(one for one in _MINUTES if one < most.minutes), most.minutes]


def uses_to_choose(most: LinkTerms) -> list[int]:
    """Give the numbers of uses that the window offers; the last is the most."""
    return [*(one for one in _USES if most.uses == UNLIMITED or one < most.uses), most.uses]
