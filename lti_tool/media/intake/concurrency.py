"""Throttling: how much of what is slow or heavy may go on at once in one process.

A request that finds no place is told to come back, so that the threads and the memory that are
left go on serving everybody else.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from flask_babel import gettext as _

from lti_tool.core.web.problems import Problem

RETRY_AFTER = 5
"""Seconds after which it is worth coming back."""


class Throttle:
    """So many at once in this process, and of these so many for one person."""

    def __init__(self, at_once: int, each: int) -> None:
        self._at_once = at_once
        self._each = each
        self._held: Counter[str | None] = Counter()
        self._changed = threading.Condition()

    @contextmanager
    def place(self, person_id: str | None, *, wait: float = 0) -> Iterator[None]:
        """Hold a place while the block runs; wait at most ``wait`` seconds for one.

        Raises Problem 503 when there is none. It is that also where the person holds too many
        (429 would say it better), because uploaders come back by themselves after a 503 only.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._is_free(person_id), wait):
                raise Problem(
                    503,
                    "busy",
                    _("Many uploads are going on at this moment"),
                    _("Wait a moment, then try again."),
                    retry_after=RETRY_AFTER,
                )
            self._held[person_id] += 1
        try:
            yield
        finally:
            with self._changed:
                self._held -= Counter([person_id])
                self._changed.notify_all()

    def _is_free(self, person_id: str | None) -> bool:
        return self._held.total() < self._at_once and self._held[person_id] < self._each


RECEIVING = Throttle(at_once=8, each=4)
"""Bodies of uploads. A slow one holds its thread for as long as it trickles in, unless a web
server in front takes it in first."""

EXAMINING = Throttle(at_once=1, each=1)
"""Looking into a file: a hostile one may take ``MEMORY_BYTES`` of ``probe_child/limits.py``."""
