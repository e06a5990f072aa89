"""The gradebook of one course: its line items (columns), and the results in them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class LineItem:
    """A line item, which is a column of the gradebook.

    link_id  the activity it belongs to, "" for none
    more     members of the tool that the platform only keeps
    """

    id: int
    label: str
    maximum: float
    resource_id: str = ""
    tag: str = ""
    link_id: str = ""
    read_only: bool = False
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What stands in a cell. `score` is None where only progress, or nothing, was reported."""

    sub: str
    score: float | None
    maximum: float | None
    comment: str
    activity: str
    grading: str
    timestamp: str


class Gradebook:
    """Thread-safe for the programs' simple needs: ids are given once."""

    def __init__(self) -> None:
        self.items: dict[int, LineItem] = {}
        self.results: dict[int, dict[str, Result]] = {}
        """By line item and sub, as they stand."""
        self.scores: list[Mapping[str, Any]] = []
        """Every score that was accepted, as it came."""
        self._lock = threading.Lock()
        self._last = 0

    def add(self, label: str, maximum: float, **more: Any) -> LineItem:
        """Return a new column."""
        with self._lock:
            self._last += 1
            item = LineItem(self._last, label, maximum, **more)
            self.items[item.id] = item
            self.results[item.id] = {}
        return item

    def remove(self, item: LineItem) -> None:
        self.items.pop(item.id, None)
        self.results.pop(item.id, None)

    def of_link(self, link_id: str) -> list[LineItem]:
        """Return the columns of an activity."""
        return [item for item in self.items.values() if link_id and item.link_id == link_id]

    def record(self, item: LineItem, result: Result) -> None:
        self.results[item.id][result.sub] = result
