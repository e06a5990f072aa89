"""The time, injected: nothing in Foyer asks the operating system for it but this file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask, current_app

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    return datetime.now(UTC)


def install(app: Flask, clock: Clock = system_clock) -> None:
    app.extensions["foyer.clock"] = clock


def now() -> datetime:
    """Give the present moment, aware, in UTC."""
    clock: Clock = current_app.extensions["foyer.clock"]
    return clock()
