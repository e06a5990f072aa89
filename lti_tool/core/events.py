"""What must travel from a lower room to a higher one travels as an event, after the commit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from flask import Flask, current_app

E = TypeVar("E")
_collecting: ContextVar[list[object] | None] = ContextVar("foyer_events", default=None)


def install(app: Flask) -> None:
    app.extensions["foyer.events"] = defaultdict(list)


def subscribe(app: Flask, kind: type[E], handler: Callable[[E], None]) -> None:
    """Call ``handler`` with every event of exactly this kind, after the commit that caused it."""
    handlers: dict[type[Any], list[Callable[[Any], None]]] = app.extensions["foyer.events"]
    handlers[kind].append(handler)


def publish_after_commit(event: object) -> None:
    """Queue an event. Raises RuntimeError outside a transaction."""
    collected = _collecting.get()
    if collected is None:
        raise RuntimeError("an event was published outside a transaction")
    collected.append(event)


@contextmanager
def collected() -> Iterator[list[object]]:
    queue: list[object] = []
    token = _collecting.set(queue)
    try:
        yield queue
    finally:
        _collecting.reset(token)


def deliver(queue: list[object]) -> None:
    if not queue:
        return
    handlers: dict[type[Any], list[Callable[[Any], None]]] = current_app.extensions["foyer.events"]
    for event in queue:
        for handler in handlers.get(type(event), []):
            handler(event)
