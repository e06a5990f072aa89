"""Background work, which nobody waits for: one thread of each process, one thing at a time.

Nothing is lost for good when a process ends before it came to something: whatever is done here is
asked for again the next time somebody needs it.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Hashable
from typing import Protocol

from flask import Flask, current_app

from lti_tool.core.logs import log, where

Work = Callable[[], object]

MOST_WAITING = 64


class Runner(Protocol):
    """Whoever does the background work: a thread of the process, or a test's own way."""

    def submit(self, app: Flask, key: Hashable, work: Work) -> None:
        """Have it done inside the application, soon or later; never wait for it."""


def install(app: Flask, runner: Runner | None) -> None:
    app.extensions["foyer.background"] = runner or OneThread()


def in_background(key: Hashable, work: Work) -> None:
    """Have work done that nobody waits for.

    What waits already under the same key is not added.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    runner: Runner = app.extensions["foyer.background"]
    runner.submit(app, key, work)


class OneThread:
    """A thread that begins with the first work; of too much, the latest is left out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._waiting: set[Hashable] = set()
        self._queue: queue.Queue[tuple[Flask, Hashable, Work]] = queue.Queue(MOST_WAITING)
        self._thread: threading.Thread | None = None

    def submit(self, app: Flask, key: Hashable, work: Work) -> None:
        with self._lock:
            if self._process != os.getpid():
                self._begin()  # a fork takes the queue along, but not the thread
            if key in self._waiting:
                return
            try:
                self._queue.put_nowait((app, key, work))
            except queue.Full:
                log.warning("background-full", key=str(key))
                return
            self._waiting.add(key)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="background", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            app, key, work = self._queue.get()
            with self._lock:
                self._waiting.discard(key)
            run(app, key, work)


def run(app: Flask, key: Hashable, work: Work) -> None:
    """Do it inside the application; what goes wrong is logged."""
    with app.app_context():
        try:
            work()
        except Exception as error:
            log.error(
                "background-failed", key=str(key), error=type(error).__name__, at=where(error)
            )
