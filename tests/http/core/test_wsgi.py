"""The outermost layer: whatever comes in is answered, and no address gets past it into a log."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from factories import SAME_ORIGIN
from flask import Flask, request
from gunicorn.http.body import Body, ChunkedReader
from gunicorn.http.unreader import IterUnreader
from werkzeug.test import EnvironBuilder, run_wsgi_app

from lti_tool import create_app
from lti_tool.config import Config
from lti_tool.core.web.pages import Assets
from lti_tool.core.web.wsgi import Door

TOKEN = "q5C1Zg0aYvMZ8f3xwQ2v0kLq5C1Zg0aYvMZ8f3xwQ2v"
SECRET = f"/i/{TOKEN}?x=SECRETSTATE"

ODD_HOSTS = [
    "evil.example",
    "a..b",
    f"{'a' * 64}.example",
    ".",
    ":",
    "x" * 300,
    "[::1",
    "[::1]:8000",
    "10.0.0.7:8000",
    "a b",
    "b\xfccher.example",
    "localhost:99999999",
]


def make_app(tmp_path: Path, **settings: Any) -> Flask:
    config = Config(
        database_url=f"sqlite:///{tmp_path / 'x.sqlite3'}",
        storage_url=(tmp_path / "files").as_uri(),
        keys_dir=tmp_path,
        config_dir=tmp_path,
        log_level="ERROR",
        **settings,
    )
    return create_app(config)


@pytest.fixture
def plain_app(tmp_path: Path) -> Flask:
    """One that needs no database."""
    return make_app(tmp_path, base_url="https://foyer.example.edu")


@pytest.mark.parametrize("host", ODD_HOSTS)
def test_what_the_host_header_says_makes_no_difference(plain_app: Flask, host: str) -> None:
    client = plain_app.test_client()
    headers = {"Host": host}
    assert client.get("/healthz", headers=headers).status_code == 200
    page = client.get("/nothing/here", headers=headers)
    assert page.status_code == 404
    assert "<h1" in page.text
    for path in ("/media//new", "//media/new"):
        answer = client.get(path, headers=headers)
        assert answer.location in {None, "https://foyer.example.edu/media/new"}, path
    assert client.get("/media//new", headers=headers).status_code == 308


def test_a_request_without_a_host_is_served(plain_app: Flask) -> None:
    environ = {"HTTP_HOST": None, "SERVER_NAME": "/run/foyer.sock", "SERVER_PORT": ""}
    answer = plain_app.test_client().get("/nothing", environ_overrides=environ)
    assert answer.status_code == 404
    assert "<h1" in answer.text


@pytest.mark.parametrize("host", ODD_HOSTS)
def test_nor_what_a_proxy_says_of_it(tmp_path: Path, host: str) -> None:
    app = make_app(tmp_path, base_url="https://foyer.example.edu", proxy_hops=1)
    headers = {"X-Forwarded-Host": host, "X-Forwarded-Proto": "http"}
    answer = app.test_client().get("/media//new", headers=headers)
    assert (answer.status_code, answer.location) == (308, "https://foyer.example.edu/media/new")


@pytest.mark.parametrize(("hops", "seen"), [(0, "127.0.0.1"), (1, "192.0.2.7")])
def test_a_forwarded_address_counts_only_behind_a_proxy(
    tmp_path: Path, hops: int, seen: str
) -> None:
    app = make_app(tmp_path, base_url="https://foyer.example.edu", proxy_hops=hops)

    @app.get("/who")
    def who() -> str:
        return f"{request.remote_addr} {request.url_root}"

    headers = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Host": "b.example"}
    answer = app.test_client().get("/who", headers=headers)
    assert answer.text == f"{seen} https://foyer.example.edu/"


def test_what_no_handler_catches_ends_here(plain_app: Flask) -> None:
    plain_app.testing = True  # Flask then lets out what it would try to answer a second time

    @plain_app.after_request
    def breaks(_response: object) -> Any:
        raise RuntimeError(f"a message that quotes {request.url}")

    with structlog.testing.capture_logs() as lines:
        status, headers, body = serve(plain_app)
    assert status.startswith("500 ")
    assert headers["Content-Type"].startswith("text/plain")
    assert headers["Content-Length"] == str(len(body))
    (line,) = (line for line in lines if line["event"] == "escaped")
    assert line["request"] == headers["X-Request-Id"]
    assert line["path"] == "/i/…"
    assert TOKEN not in str(lines)
    assert "SECRETSTATE" not in str(lines)


def test_a_header_that_the_server_refuses_is_an_error_like_any_other() -> None:
    def tool(_environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("X-Refused", SECRET)])
        return [b"never"]

    status, _headers, body = serve(Door(tool, "https://x.example"))
    assert status.startswith("500 ")
    assert b"never" not in body


def serve(tool: Any) -> tuple[str, dict[str, str], bytes]:
    """What a server gets for SECRET, one that refuses a header as gunicorn does."""
    began: list[tuple[str, dict[str, str]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _failed: Any = None) -> None:
        if "X-Refused" in dict(headers):
            raise ValueError(f"this header cannot be sent: {headers}")
        began.append((status, dict(headers)))

    body = b"".join(tool(EnvironBuilder(SECRET).get_environ(), start_response))
    return (*began[-1], body)


def test_an_answer_that_breaks_off_is_cut_without_a_word() -> None:
    closed = []

    class Film:
        def __iter__(self) -> Iterator[bytes]:
            yield b"a"
            raise OSError(f"the disk is gone at {SECRET}")

        def close(self) -> None:
            closed.append(True)

    def tool(_environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return Film()

    with structlog.testing.capture_logs() as lines:
        environ = EnvironBuilder(f"/i/{TOKEN}?x=SECRETSTATE").get_environ()
        sent, _status, _headers = run_wsgi_app(Door(tool, "https://x.example"), environ)
        pieces = iter(sent)
        assert next(pieces) == b"a"
        with pytest.raises(ConnectionResetError) as cut:
            next(pieces)
        sent.close()  # type: ignore[attr-defined]
    assert cut.value.errno == errno.ECONNRESET
    assert cut.value.__suppress_context__
    assert closed
    assert [line["path"] for line in lines] == ["/i/…"]
    assert TOKEN not in str(lines)


def test_a_page_that_cannot_be_made_is_a_few_words(plain_app: Flask, tmp_path: Path) -> None:
    """Without the built front end no page stands, that of an error neither."""
    plain_app.extensions["foyer.assets"] = Assets(tmp_path / "nothing")
    answer = plain_app.test_client().get("/nothing")
    assert answer.status_code == 404
    assert answer.mimetype == "text/plain"
    assert "There is nothing to see here" in answer.text
    assert answer.headers["X-Request-Id"] in answer.text
    assert answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("sent", [b"zz\r\n", b"5\r\nowls", b"5;=\r\nowls!", b"5\r\nowls!X\r\n"])
@pytest.mark.parametrize(
    ("path", "mimetype"),
    [
        ("/lti/login", "application/x-www-form-urlencoded"),
        (f"/i/{TOKEN}", "multipart/form-data; boundary=b"),
    ],
)
def test_a_body_in_broken_chunks_is_a_bad_request(
    plain_app: Flask, path: str, mimetype: str, sent: bytes
) -> None:
    """As gunicorn reads it: its own errors are of several kinds."""
    body = Body(ChunkedReader(None, IterUnreader(iter([sent]))))
    answer = plain_app.test_client().post(
        path,
        headers={**SAME_ORIGIN, "Transfer-Encoding": "chunked"},
        content_type=mimetype,
        environ_overrides={"wsgi.input": body, "wsgi.input_terminated": True},
    )
    assert answer.status_code == 400
    assert "<h1" in answer.text
