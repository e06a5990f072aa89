"""Fault injection: answers as a platform in trouble gives them, one service at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Response

KINDS = ("slow", "cut", "not json", "huge", "redirect", "endless", "foreign next")
_HUGE = 8 * 1024 * 1024


@dataclass
class Fault:
    """`kind` is a status or one of KINDS; `times` how often it still happens, None for ever."""

    kind: int | str
    times: int | None
    to: str

    @property
    def is_refusal(self) -> bool:
        """Whether the service is not even asked."""
        return isinstance(self.kind, int) or self.kind == "redirect"

    def refusal(self) -> Response:
        if isinstance(self.kind, int):
            return Response('{"error": "a fault"}', self.kind, content_type="application/json")
        return Response("", 302, {"Location": self.to})


class Faults:
    """What goes wrong next, in the order in which it was added."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Fault]] = {}
        self._lock = threading.Lock()
        self._released = threading.Event()

    def add(self, service: str, kind: int | str, *, times: int | None = 1, to: str = "") -> None:
        """Let the next answers of a service be faulty (see `sandbox.services`)."""
        if not isinstance(kind, int) and kind not in KINDS:
            raise ValueError(f"{kind} is not one of {', '.join(KINDS)}")
        with self._lock:
            self._waiting.setdefault(service, []).append(Fault(kind, times, to))

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._waiting.clear()
        self.release()

    def release(self) -> None:
        """Slow answers go on at full speed; later ones are slow again."""
        self._released.set()
        self._released = threading.Event()

    def next(self, service: str) -> Fault | None:
        """Return the fault of this service's present answer, if it has one."""
        with self._lock:
            waiting = self._waiting.get(service, [])
            if not waiting:
                return None
            fault = waiting[0]
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    waiting.pop(0)
            return fault

    def spoil(self, fault: Fault, honest: Response, own_address: str) -> Response:
        """Return the honest answer with the fault in it."""
        if fault.kind in ("endless", "foreign next"):
            next_page = fault.to or own_address
            honest.headers["Link"] = f'<{next_page}>; rel="next"'
            return honest
        if fault.kind == "not json":
            honest.set_data(b"<!doctype html><title>Log in</title>")
        elif fault.kind == "huge":
            honest.set_data(b'{"filler": "' + b"x" * _HUGE + b'"}')
        elif fault.kind == "cut":
            body = honest.get_data()
            honest.set_data(body[: len(body) // 2])
            honest.headers["Content-Length"] = str(len(body))
        elif fault.kind == "slow":
            honest.response = self._drip(honest.get_data(), self._released)
            honest.headers.pop("Content-Length", None)
        return honest

    @staticmethod
    def _drip(body: bytes, released: threading.Event) -> Iterator[bytes]:
        for at in range(len(body)):
            if released.wait(0.05):
                yield body[at:]
                return
            yield body[at : at + 1]
