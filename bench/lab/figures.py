"""Medians, spreads and ratios of paired rounds."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median


def spread(values: Sequence[float], digits: int = 0) -> str:
    """Median (least–most)."""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """Median of the ratios of rounds that ran next to each other.

    In a brief round a server may use less processor time than the system can count: nothing.
    """
    if not all(theirs):
        return "too little to tell"
    pairs = [a / b for a, b in zip(ours, theirs, strict=True)]
    return f"{median(pairs):.2f} ({min(pairs):.2f}–{max(pairs):.2f})"


def table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
