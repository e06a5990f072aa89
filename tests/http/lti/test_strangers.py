"""Whoever registers without a code is named by the host that was asked, and its queue is fair."""

from __future__ import annotations

import json
import os
import pty
from collections.abc import Iterator
from contextlib import contextmanager

import click
import pytest
from factories import TestClock, audited
from flask import Flask
from flask.testing import FlaskClient
from registering_lms import (
    PLATFORM_CONFIGURATION,
    RegisteringLms,
    code_for,
    held,
    lead_here,
    registering_lms,
)
from sqlalchemy import select

from lti_tool.core.db.session import db
from lti_tool.core.institutions import Institution
from lti_tool.lti.registration.cli import approve

VENDOR = "https://canvas.instructure.com"
NAME, DOMAIN = "University of X", "canvas.x.edu"
TRICKS = "a\u202eb\u2066 moodle.example\u00a0\u0430"


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    lead_here(monkeypatch)


@contextmanager
def canvas(host: str) -> Iterator[RegisteringLms]:
    with registering_lms("canvas", host=host) as lms:
        lms.configuration["issuer"] = VENDOR
        about = lms.configuration[PLATFORM_CONFIGURATION]
        about[f"{VENDOR}/lti/account_name"] = NAME
        about[f"{VENDOR}/lti/account_domain"] = DOMAIN
        yield lms


def run(app: Flask, *words: str) -> str:
    done = app.test_cli_runner().invoke(args=["platform", *words])
    assert done.exit_code == 0, done.output
    return done.output


def institutions(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Institution.name)))


@pytest.mark.sqlite_only
def test_a_stranger_bears_nobody_elses_name(app: Flask, client: FlaskClient) -> None:
    with canvas("evil.example") as lms:
        told = [lms.open(client).text, lms.press(client).text]
    (row,) = held(app)
    assert row.name == "evil.example"
    assert row.frame_origins == []
    assert institutions(app) == ["evil.example"]
    listed, shown = run(app, "list"), run(app, "show", row.name)
    for text in (*told, listed, shown):
        assert NAME not in text
        assert DOMAIN not in text
        assert "evil.example" in text
    assert listed.index("evil.example  it says:") < listed.index(VENDOR)
    assert shown.index("host that was asked: evil.example") < shown.index(f"issuer: {VENDOR}")
    assert shown.index("issuer:") < shown.index("it says of itself:") < shown.index("family")
    assert "evil.example</bdi>" in told[1]


@pytest.mark.sqlite_only
def test_with_a_code_the_operator_names_the_institution(app: Flask, client: FlaskClient) -> None:
    with canvas("evil.example") as lms:
        assert lms.press(client, code_for(app)).status_code == 200
    (row,) = held(app)
    assert row.name == "evil.example"
    assert institutions(app) == ["Elm School"]


@pytest.mark.sqlite_only
def test_a_school_of_the_vendors_keeps_its_name(app: Flask, client: FlaskClient) -> None:
    with canvas("x.instructure.com") as lms:
        assert lms.press(client).status_code == 200
    (row,) = held(app)
    assert row.name == DOMAIN
    assert row.frame_origins == [f"https://{DOMAIN}"]
    assert institutions(app) == [NAME]
    assert "x.instructure.com  it says:" in run(app, "list")


@pytest.mark.sqlite_only
def test_the_end_of_a_long_name_is_kept(app: Flask, client: FlaskClient) -> None:
    """That is where it says whose it is."""
    host = f"canvas.x.edu.{'a' * 50}.evil.example"
    with canvas(host) as lms:
        assert host in lms.press(client).text
    (row,) = held(app)
    assert row.name.endswith(".evil.example")
    assert len(row.name) <= 56


@pytest.mark.sqlite_only
def test_words_that_play_tricks(app: Flask, client: FlaskClient) -> None:
    with registering_lms("moodle", host="xn--mdle-55da.example") as lms:
        lms.configuration["jwks_uri"] += f"?{TRICKS}"
        lms.configuration["issuer"] += f"/{TRICKS}"
        assert lms.press(client).status_code == 200
        page = lms.press(client).text
    assert "\u202e" not in page
    assert "\u0430" not in page
    (row,) = held(app)
    for text in (run(app, "list"), run(app, "show", row.name)):
        assert text.isascii()
        assert "a\\u{202e}b\\u{2066}\\x20moodle.example\\xa0\\u{430}" in text
        assert "xn--mdle-55da.example" in text


def test_a_full_queue_is_fair(app: Flask, client: FlaskClient, clock: TestClock) -> None:
    with registering_lms(host="evil.example") as lms:
        told = json.dumps(lms.configuration)
        here = lms.address
        full = 0
        for number in range(60):
            lms.address = here.replace("evil", f"x{number}.evil")
            lms.configuration = json.loads(told.replace(here, lms.address))
            lms.answer["client_id"] = f"client-{number}"
            client.environ_base["REMOTE_ADDR"] = f"203.0.113.{number}"
            clock.pass_(seconds=1)
            full += lms.press(client).status_code == 503
    assert full == 10
    with registering_lms(client_id="honest", host="lms.elm.edu") as honest:
        assert "waits for approval" in honest.press(client).text
        assert "waits for approval" in honest.press(client).text, "it is there already"
    names = [row.name for row in held(app)]
    assert "lms.elm.edu" in names
    assert len(names) == 50
    assert "x49.evil.example" not in names, "the newest of the most crowded domain"
    assert audited(app)[-3:] == [
        "platform.displaced",
        "platform.announced",
        "platform.registered_again",
    ]
    assert len(institutions(app)) == 50


def answering(app: Flask, monkeypatch: pytest.MonkeyPatch, answer: str, *words: str) -> None:
    """The command at a terminal, where somebody types this."""
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    with app.app_context(), os.fdopen(theirs, encoding="utf-8") as terminal:
        monkeypatch.setattr("sys.stdin", terminal)
        try:
            approve.main(args=list(words), standalone_mode=False)
        finally:
            os.close(ours)


@pytest.mark.sqlite_only
def test_approving_shows_the_hosts_and_asks(
    app: Flask,
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with canvas("evil.example") as lms:
        lms.press(client)
    alone = app.test_cli_runner().invoke(args=["platform", "approve", "evil.example"])
    assert alone.exit_code == 1
    assert "no terminal" in alone.output
    assert "platform approve evil.example --yes" in alone.output
    with pytest.raises(click.Abort):
        answering(app, monkeypatch, "n", "evil.example")
    assert held(app)[0].awaiting_approval
    shown = capsys.readouterr().out
    assert shown.index("host of auth_url: evil.example") < shown.index("it says of itself")
    answering(app, monkeypatch, "y", "evil.example")
    assert held(app)[0].enabled


@pytest.mark.sqlite_only
def test_a_script_says_that_somebody_has_looked(app: Flask, client: FlaskClient) -> None:
    with canvas("lms.elm.edu") as lms:
        lms.press(client)
    run(app, "approve", "lms.elm.edu", "--yes")
    assert held(app)[0].enabled
