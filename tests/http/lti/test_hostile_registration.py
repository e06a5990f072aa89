"""A server that pretends to be an LMS, and what it gets out of us: nothing, in bounded time."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from factories import SAME_ORIGIN
from flask import Flask
from flask.testing import FlaskClient
from key_server import Answer, Handler
from launch_helpers import REFERENCE
from registering_lms import RegisteringLms, port_of, registering_lms
from sqlalchemy import func, select

from lti_tool.core.db.session import db
from lti_tool.core.http import HttpClient, Limits, Policy
from lti_tool.lti.models import Registration
from lti_tool.lti.registration import codes
from lti_tool.lti.registration.dynamic import Registrar

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow]

PATIENT = Limits(connect=30, read=30, whole=60, answer=10_000)
SHORT = Limits(connect=2, read=0.2, whole=0.5)


def limit(app: Flask, limits: Limits, policy: Policy | None = None) -> Registrar:
    registrar = Registrar(HttpClient(policy or Policy(development=True), limits))
    app.extensions["foyer.registrar"] = registrar
    return registrar


@pytest.fixture
def hostile(app: Flask) -> Iterator[RegisteringLms]:
    limit(app, PATIENT)
    with registering_lms("sakai") as running:
        yield running


def registered(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Registration)) or 0


def _drip(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    while not handler.server.owner.over.wait(0.05):
        handler.wfile.write(b" ")


def _silent(handler: Handler) -> None:
    handler.server.owner.over.wait()


def _huge(handler: Handler) -> None:
    handler.reply(b'{"issuer": "' + b"x" * 100_000 + b'"}')


def _endless(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.owner.over.is_set():
        handler.wfile.write(b"[" * 65_536)


def _to_the_metadata_service(handler: Handler) -> None:
    handler.reply(b"{}", 302, Location="http://169.254.169.254/latest/meta-data/")


def _packed(handler: Handler) -> None:
    """A gigabyte in a few kilobytes."""
    body = gzip.compress(b" " * 1_000_000) * 1_000
    handler.reply(gzip.compress(body), Content_Encoding="gzip, gzip")


def _text(body: bytes, status: int = 200) -> Answer:
    return lambda handler: handler.reply(body, status)


ANSWERS: dict[str, Answer] = {
    "a byte now and then": _drip,
    "nothing at all": _silent,
    "too much": _huge,
    "without end": _endless,
    "too much, packed": _packed,
    "a redirect to the cloud's metadata": _to_the_metadata_service,
    "no JSON": _text(b"<html>hello</html>"),
    "nested without end": _text(b"[" * 9_000),
    "an error": _text(b"{}", 500),
    "not for us": _text(b"{}", 401),
    "a list": _text(b"[]"),
    "a number": _text(b"1e999"),
    "nothing in it": _text(b"{}"),
    "not UTF-8": _text(b'{"issuer": "\xff"}'),
    "half a character": _text(b'{"client_id": "\\ud800"}'),
}


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hosts that were looked up."""
    hosts: list[str] = []
    look_up = socket.getaddrinfo

    def noting(host: str, *rest: Any, **more: Any) -> Any:
        hosts.append(host)
        return look_up(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", noting)
    return hosts


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("place", ["configuration", "answer"])
def test_an_answer_that_is_none(
    app: Flask,
    client: FlaskClient,
    hostile: RegisteringLms,
    called: list[str],
    name: str,
    place: str,
) -> None:
    if ANSWERS[name] in (_drip, _silent):
        limit(app, SHORT)
    setattr(hostile, f"before_{place}", ANSWERS[name])
    page = hostile.press(client)
    assert page.status_code in {400, 502}
    assert REFERENCE.search(page.text)
    assert "hello" not in page.text
    assert set(called) == {"127.0.0.1"}
    assert registered(app) == 0


NONSENSE: list[tuple[str, object]] = [
    ("issuer", None),
    ("issuer", 7),
    ("issuer", "https://other.example"),
    ("issuer", "https://canvas.instructure.com"),
    ("issuer", "http://127.0.0.1.other.example"),
    ("issuer", "http://127.0.0.1@other.example"),
    ("authorization_endpoint", "https://other.example/auth"),
    ("authorization_endpoint", "javascript:alert(1)"),
    ("token_endpoint", "https://other.example/token"),
    ("token_endpoint", ["https://127.0.0.1/token"]),
    ("jwks_uri", "https://other.example/jwks"),
    ("jwks_uri", "file:///etc/passwd"),
    ("jwks_uri", f"https://127.0.0.1/{'a' * 2000}"),
    ("registration_endpoint", "http://169.254.169.254/latest"),
    ("registration_endpoint", "http://[::ffff:169.254.169.254]/latest"),
    ("registration_endpoint", "//other.example/register"),
    ("registration_endpoint", "http://[broken"),
]


@pytest.mark.parametrize(("part", "value"), NONSENSE)
def test_settings_that_name_somebody_else(
    app: Flask,
    client: FlaskClient,
    hostile: RegisteringLms,
    called: list[str],
    part: str,
    value: object,
) -> None:
    if value is None:
        del hostile.configuration[part]
    else:
        hostile.configuration[part] = value
    page = hostile.press(client)
    assert page.status_code == 400
    assert REFERENCE.search(page.text)
    assert hostile.requests == [], "the token does not leave for anybody"
    assert set(called) == {"127.0.0.1"}
    assert registered(app) == 0


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"client_id": ""},
        {"client_id": None},
        {"client_id": ["a"]},
        {"client_id": True},
        {"client_id": "a" * 300},
        {"client_id": "two\nlines"},
        {"client_id": "\x00"},
        {"client_id": "\x9b2Jobeyed by a terminal"},
        {"client_id": "ok", "deployment_id": "d" * 300},
        {"client_id": "ok", "deployment_id": "\u00e9"},
    ],
)
def test_an_answer_that_names_no_client(
    app: Flask, client: FlaskClient, hostile: RegisteringLms, answer: dict[str, Any]
) -> None:
    hostile.before_answer = lambda handler: handler.reply(json.dumps(answer).encode())
    assert hostile.press(client).status_code == 400
    assert registered(app) == 0


def test_what_it_says_is_not_said_in_our_name(client: FlaskClient, hostile: RegisteringLms) -> None:
    hostile.before_answer = _text(b"Call 555-0100 and tell them your password", 400)
    page = hostile.press(client)
    assert page.status_code == 502
    assert "password" not in page.text


class _TwoNetworks(Policy):
    """One of this machine's addresses stands for a public one, all others are private."""

    def allows_address(self, host: str, address: str) -> bool:
        return address == "127.0.0.1"


def test_a_name_that_changes_its_answer(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name leads to a public address while it describes itself, to our own network after."""
    limit(app, PATIENT, _TwoNetworks(development=True))
    answers = ["127.0.0.1", "127.0.0.2"]
    look_up = socket.getaddrinfo

    def changing(host: str, *rest: Any, **more: Any) -> Any:
        return look_up(answers.pop(0) if host == "lms.example" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    with registering_lms("sakai") as lms:
        base = f"http://lms.example:{port_of(lms)}"
        text = json.dumps(lms.configuration).replace(lms.server.address, base)
        lms.configuration = json.loads(text)
        form = {"openid_configuration": f"{base}/config", "registration_token": "t"}
        page = client.post("/lti/register", data=form, headers=SAME_ORIGIN)
    assert page.status_code == 502
    assert answers == [], "it was looked up anew"
    assert lms.requests == []
    assert registered(app) == 0


OTHER_SPELLINGS = (
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "localhost.",
    "[::1]",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]",
    "[fd00:ec2::254]",
)


def test_a_private_address_outside_development(app: Flask, client: FlaskClient) -> None:
    limit(app, PATIENT, Policy())
    hosts = ("127.0.0.1", "10.0.0.1", "169.254.169.254", "localhost", *OTHER_SPELLINGS)
    for host in hosts:
        form = {"openid_configuration": f"https://{host}/config"}
        page = client.post("/lti/register", data=form, headers=SAME_ORIGIN)
        assert page.status_code == 502
        assert registered(app) == 0


def test_a_slow_one_does_not_hold_the_others(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lti_tool.lti.registration.dynamic.AT_ONCE", 1)
    registrar = limit(app, PATIENT)
    with registering_lms() as lms, app.app_context():
        code = codes.issue("Elm School", timedelta(days=1))
        with registrar.place():
            busy = lms.press(client)
            assert lms.press(client, code).status_code == 200, "whoever has a code need not wait"
        assert busy.status_code == 503
        assert busy.headers["Retry-After"] == "60"
        assert lms.press(client).status_code == 200
