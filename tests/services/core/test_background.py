"""Work that nobody waits for."""

from __future__ import annotations

import threading

import pytest
import structlog
from flask import Flask, current_app

from lti_tool.core import background
from lti_tool.core.background import MOST_WAITING, OneThread, in_background


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    background.install(app, None)
    return app


class Gate:
    """Work that lasts until the test lets it end."""

    def __init__(self) -> None:
        self.begun, self.open = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.begun.set()
        assert self.open.wait(60)


def finished(app: Flask) -> bool:
    """Whether all that waits now is done within a minute."""
    done = threading.Event()
    with app.app_context():
        in_background("last", done.set)
    return done.wait(60)


def test_it_is_done_inside_the_application_by_another_thread(app: Flask) -> None:
    seen: list[object] = []

    def work() -> None:
        seen.append((current_app.name, threading.current_thread() is threading.main_thread()))

    with app.app_context():
        in_background("one", work)
    assert finished(app)
    assert seen == [(app.name, False)]


def test_what_waits_already_is_not_added_and_what_runs_may_be_asked_for_again(app: Flask) -> None:
    gate, done = Gate(), []
    with app.app_context():
        in_background("a", gate)
        assert gate.begun.wait(60)
        for number in range(3):
            in_background("a", lambda number=number: done.append(number))
    gate.open.set()
    assert finished(app)
    assert done == [0]


def test_an_error_ends_only_its_own_work(app: Flask) -> None:
    done = threading.Event()
    with structlog.testing.capture_logs() as lines, app.app_context():
        in_background("broken", lambda: 1 / 0)
        in_background("whole", done.set)
        assert done.wait(60)
    (line,) = [one for one in lines if one["event"] == "background-failed"]
    assert line["error"] == "ZeroDivisionError"
    assert "division by zero" not in str(line)


def test_of_too_much_the_latest_is_left_out(app: Flask) -> None:
    gate, done, last = Gate(), [], threading.Event()
    with app.app_context():
        in_background("first", gate)
        assert gate.begun.wait(60)
        for number in range(MOST_WAITING - 1):
            in_background(number, lambda number=number: done.append(number))
        in_background("last", last.set)
        in_background("too much", lambda: done.append("too much"))
    gate.open.set()
    assert last.wait(60)
    assert finished(app)
    assert done == list(range(MOST_WAITING - 1))


def test_a_process_that_was_forked_has_a_thread_of_its_own(app: Flask, monkeypatch) -> None:
    runner = OneThread()
    runner.submit(app, "here", lambda: None)
    monkeypatch.setattr(background.os, "getpid", lambda: -1)
    done = threading.Event()
    runner.submit(app, "there", done.set)
    assert done.wait(60)
