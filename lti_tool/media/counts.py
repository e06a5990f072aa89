"""How many rows a conditional UPDATE hit: what decides who wins."""

from typing import Any

from sqlalchemy import CursorResult, Result


def hit(result: Result[*tuple[Any, ...]]) -> int:
    """The number of rows that an UPDATE or DELETE matched."""
    assert isinstance(result, CursorResult)
    return result.rowcount
