"""Calls to platforms: whom we call at all, and how little of our time and memory they get."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from key_server import Answer, Handler, KeyServer, as_json, serving

from lti_tool.core import http
from lti_tool.core.http import FetchError, HttpClient, Limits, Policy
from sandbox.certificates import Authority

DEVELOPMENT = Policy(development=True)
SUBJECT_HASH = "d94b19a9"
"""Under this name a folder of authorities holds the sandbox's (`openssl x509 -hash`)."""
SHORT = Limits(connect=5, read=0.1, whole=0.3, answer=1000)
PATIENT = Limits(connect=30, read=30, whole=60, answer=1000)


@pytest.fixture
def server() -> Iterator[KeyServer]:
    with serving(as_json({"keys": []})) as running:
        yield running


def client(policy: Policy = DEVELOPMENT, limits: Limits = PATIENT) -> HttpClient:
    return HttpClient(policy, limits)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::a00:1",
        "2002:7f00:1::",
        "2001:0:808:808::f5ff:fffe",
        "fec0::1",
        "224.0.0.1",
        "ff0e::1",
        "::ffff:224.0.0.1",
    ],
)
def test_our_own_network_is_not_called(address: str) -> None:
    assert not Policy().allows_address("lms.example.edu", address)
    assert not Policy(private_hosts=("other.example",)).allows_address("lms.example.edu", address)
    assert Policy(private_hosts=("lms.example.edu",)).allows_address("LMS.example.edu", address)
    assert DEVELOPMENT.allows_address("lms.example.edu", address)


@pytest.mark.parametrize(
    "address",
    [
        "93.184.215.14",
        "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
        "64:ff9b::93.184.215.14",
        "::ffff:93.184.215.14",
    ],
)
def test_public_addresses_are_called(address: str) -> None:
    assert Policy().allows_address("lms.example.edu", address)


@pytest.mark.parametrize(
    ("scheme", "production", "development"),
    [
        ("https", True, True),
        ("http", False, True),
        ("file", False, False),
        ("ftp", False, False),
        ("", False, False),
    ],
)
def test_schemes(scheme: str, production: bool, development: bool) -> None:
    assert Policy().allows_scheme(scheme) is production
    assert DEVELOPMENT.allows_scheme(scheme) is development


def test_plain_http_is_not_even_tried_outside_development(server: KeyServer) -> None:
    with pytest.raises(FetchError, match="https"):
        client(Policy()).get_json(server.address)
    assert server.requests == []


def test_a_name_that_leads_to_our_own_machine_is_refused_when_connecting(server: KeyServer) -> None:
    port = server.address.rpartition(":")[2]
    for host in ("localhost", "127.0.0.1"):
        with pytest.raises(FetchError, match="could not be reached"):
            client(Policy()).get_json(f"https://{host}:{port}/")
    assert server.requests == []


def test_a_good_answer(server: KeyServer) -> None:
    assert client().get_json(f"{server.address}/jwks.json") == {"keys": []}
    assert server.requests == ["/jwks.json"]


def test_what_is_sent_arrives_and_what_is_refused_can_be_read(server: KeyServer) -> None:
    server.answer = lambda handler: handler.reply(b'{"errors": "no"}', 422, X_Why="because")
    answer = client().ask("POST", server.address, {"Authorization": "Bearer x"}, b'{"a": 1}')
    assert (answer.status, answer.json(), answer.headers["x-why"]) == (
        422,
        {"errors": "no"},
        "because",
    )
    (call,) = server.calls
    assert (call.method, call.body) == ("POST", b'{"a": 1}')
    assert call.headers["Authorization"] == "Bearer x"


def test_no_cookie_goes_out(server: KeyServer) -> None:
    server.answer = lambda handler: handler.reply(b"{}", Set_Cookie="school=elm; Path=/")
    calling = client()
    for _time in range(2):
        calling.get_json(server.address)
    assert all("Cookie" not in call.headers for call in server.calls)


REASONS: dict[str, tuple[str, Policy, str]] = {
    "http in production": ("http://127.0.0.1/", Policy(), "address"),
    "no address": ("https://[::1", DEVELOPMENT, "address"),
    "a user name, which would go out instead": ("http://x:y@127.0.0.1/", DEVELOPMENT, "address"),
    "our own network": ("https://127.0.0.1:1/", Policy(), "private"),
    "nobody listens": ("http://127.0.0.1:1/", DEVELOPMENT, "unreachable"),
    "no such name": ("http://nobody.invalid/", DEVELOPMENT, "unknown-host"),
}


@pytest.mark.parametrize("name", REASONS)
def test_why_there_is_no_answer_is_told_to_the_caller(name: str) -> None:
    address, policy, reason = REASONS[name]
    with pytest.raises(FetchError) as caught:
        client(policy).ask("GET", address, {"Authorization": "Bearer x"})
    assert caught.value.reason == reason


def test_a_private_host_cannot_be_told_from_one_that_is_not_there() -> None:
    texts = set()
    for address in ("https://127.0.0.1:1/", "https://nobody.invalid/"):
        with pytest.raises(FetchError) as caught:
            client(Policy()).get_json(address)
        texts.add(str(caught.value))
    assert texts == {"it could not be reached (ConnectionError)"}


def test_what_speaks_no_tls_has_no_certificate(server: KeyServer) -> None:
    with pytest.raises(FetchError) as caught:
        client().get_json(server.address.replace("http://", "https://"))
    assert caught.value.reason == "certificate"


@pytest.mark.parametrize("known", ["SSL_CERT_FILE", "SSL_CERT_DIR", ""])
def test_an_authority_that_the_machine_knows_is_trusted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, known: str
) -> None:
    authority = Authority(tmp_path)
    folder = tmp_path / "known"
    folder.mkdir()
    (folder / f"{SUBJECT_HASH}.0").symlink_to(authority.file)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    if known:
        monkeypatch.setenv(known, str(authority.file if known == "SSL_CERT_FILE" else folder))
    with serving(as_json({"keys": []}), authority.context(["127.0.0.1"])) as server:
        if known:
            assert HttpClient(DEVELOPMENT).get_json(server.address) == {"keys": []}
        else:
            with pytest.raises(FetchError) as caught:
                HttpClient(DEVELOPMENT).get_json(server.address)
            assert caught.value.reason == "certificate"


def test_a_call_may_have_limits_of_its_own(server: KeyServer) -> None:
    server.answer = _text("[" + " " * 2000 + "]")
    with pytest.raises(FetchError, match="too large"):
        client().ask("GET", server.address, {})
    answer = client().ask("GET", server.address, {}, limits=Limits(answer=5000))
    assert answer.json() == []


def test_the_environments_proxy_is_not_used(
    server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert client().get_json(server.address) == {"keys": []}


def _drip(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    while not handler.server.owner.over.wait(0.02):
        handler.wfile.write(b" ")


def _drip_headers(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
    while not handler.server.owner.over.wait(0.02):
        handler.wfile.write(b"a")


def _silent(handler: Handler) -> None:
    handler.server.owner.over.wait()


def _endless(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.owner.over.is_set():
        handler.wfile.write(b"[" * 65_536)


def _cut_short(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "900")
    handler.end_headers()
    handler.wfile.write(b'{"keys": [')


def test_each_call_has_a_connection_of_its_own(server: KeyServer) -> None:
    """Also where the server keeps it open and does not say whether it will."""
    connections = []

    def staying(handler: Handler) -> None:
        connections.append(handler.client_address)
        handler.protocol_version = "HTTP/1.1"
        redirecting(handler)
        handler.close_connection = False

    server.answer = staying
    calling = client()
    for _ in range(2):
        assert calling.get_json(f"{server.address}/302") == {"keys": []}
    assert len(set(connections)) == 4


def _text(body: str, status: int = 200) -> Answer:
    return lambda handler: handler.reply(body.encode(), status)


UNFIT: dict[str, tuple[Answer, str]] = {
    "says nothing": (_silent, "in time"),
    "a byte now and then": (_drip, "in time"),
    "headers a letter at a time": (_drip_headers, "in time"),
    "never ends": (_endless, "too large"),
    "ends too early": (_cut_short, "could not be reached"),
    "hangs up": (lambda handler: handler.wfile.close(), "could not be reached"),
    "too large": (_text('{"keys": [' + " " * 1000 + "]}"), "too large"),
    "not JSON": (_text("<html>down for maintenance</html>"), "JSON"),
    "nothing": (_text(""), "JSON"),
    "nested without end": (_text("[" * 999), "JSON"),
    "not UTF-8": (lambda handler: handler.reply(b'"\xff"'), "JSON"),
    "an error": (_text('{"keys": []}', 500), "status 500"),
    "not found": (_text('{"keys": []}', 404), "status 404"),
    "no content": (_text("", 204), "status 204"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_an_unfit_answer_is_told_from_a_fit_one(server: KeyServer, name: str) -> None:
    server.answer, said = UNFIT[name]
    limits = SHORT if said == "in time" else PATIENT
    with pytest.raises(FetchError, match=said) as caught:
        client(limits=limits).get_json(server.address)
    assert "maintenance" not in str(caught.value)


def test_nesting_beyond_what_can_be_read_is_no_crash(server: KeyServer) -> None:
    server.answer = _text("[" * 900_000)
    with pytest.raises(FetchError, match="JSON"):
        HttpClient(DEVELOPMENT).get_json(server.address)


def redirecting(handler: Handler) -> None:
    """/301 leads to /there, and so on; what begins otherwise is a good answer."""
    status = handler.path.strip("/")
    if status.isdecimal():
        handler.reply(b"{}", int(status), Location="/there?x=1")
    else:
        handler.reply(b'{"keys": []}')


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_at_the_same_origin(server: KeyServer, status: int) -> None:
    server.answer = redirecting
    headers = {"Authorization": "Bearer x"}
    answer = client().ask("GET", f"{server.address}/{status}", headers)
    assert answer.json() == {"keys": []}
    assert server.requests == [f"/{status}", "/there?x=1"]
    assert server.calls[-1].headers["Authorization"] == "Bearer x"


@pytest.mark.parametrize(
    "location",
    [
        "https://{host}:{port}/there",
        "http://{host}:1/there",
        "http://localhost:{port}/there",
        "http://user@{host}:{port}/there",
        "http://{host}:{port}\\@evil.example/",
        "//evil.example/there",
        "javascript:alert(1)",
        "",
    ],
)
def test_a_redirect_elsewhere_is_told_and_not_followed(server: KeyServer, location: str) -> None:
    host, _colon, port = server.address.removeprefix("http://").partition(":")
    to = location.format(host=host, port=port)
    server.answer = lambda handler: handler.reply(b"{}", 302, Location=to)
    with pytest.raises(FetchError, match="moved to") as refused:
        client().get_json(server.address)
    assert refused.value.reason == "moved"
    assert server.requests == ["/"]


@pytest.mark.parametrize(
    ("location", "asked"),
    [
        ("http://lms.example/b?c=1", "https://lms.example/b?c=1"),
        ("HTTP://LMS.example:80/b", "https://lms.example/b"),
        ("http://lms.example:443/b", "https://lms.example/b"),
        ("/b", "https://lms.example/b"),
        ("http://lms.example:8080/b", None),
        ("http://other.example/b", None),
        ("http://user@lms.example/b", None),
    ],
)
def test_what_is_asked_by_tls_goes_on_by_tls(location: str, asked: str | None) -> None:
    answer = http.Answer(301, {"Location": location}, b"")
    assert http._at_same_origin("https://lms.example/a", answer) == asked


def test_the_host_that_it_moved_to_is_named(server: KeyServer) -> None:
    server.answer = lambda handler: handler.reply(b"", 301, Location="https://new.example/jwks")
    with pytest.raises(FetchError, match=r"moved to new\.example"):
        client().get_json(server.address)
    answer = client().ask("GET", server.address, {})
    assert answer.elsewhere(server.address) == "new.example"


@pytest.mark.parametrize("way", ["in a circle", "without end"])
def test_redirects_come_to_an_end(server: KeyServer, way: str) -> None:
    def answer(handler: Handler) -> None:
        following = "/a" if way == "in a circle" else f"{handler.path}a"
        handler.reply(b"", 302, Location=following)

    server.answer = answer
    with pytest.raises(FetchError):
        client().get_json(f"{server.address}/")
    assert len(server.requests) <= 4


def test_what_is_posted_is_not_sent_on(server: KeyServer) -> None:
    server.answer = redirecting
    assert client().ask("POST", f"{server.address}/307", {}, b"secret").status == 307
    assert server.requests == ["/307"]


def _time_is_over() -> None:
    """Wait until every call that is under way has run out of time."""
    for watch in threading.enumerate():
        if isinstance(watch, threading.Timer):
            watch.join(30)


@pytest.fixture
def slow_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers after the time of the call is over."""
    look_up = socket.getaddrinfo

    def late(*args: Any, **more: Any) -> Any:
        _time_is_over()
        return look_up(*args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", late)


@pytest.mark.usefixtures("slow_names")
def test_time_that_ran_out_before_there_was_a_connection(server: KeyServer) -> None:
    with pytest.raises(FetchError, match="in time"):
        client(limits=SHORT).get_json(server.address)
    assert server.requests == []


def test_what_was_cut_is_no_answer(server: KeyServer) -> None:
    """A number without its end is a number too."""

    def begin_and_wait(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"1")
        _time_is_over()
        handler.wfile.write(b"234")

    server.answer = begin_and_wait
    with pytest.raises(FetchError, match="in time"):
        HttpClient(DEVELOPMENT, Limits(read=30, whole=0.2)).get_json(server.address)


@pytest.mark.parametrize("host", ["a" * 70 + ".example", "a..example", "xn--\u00e9.example"])
def test_a_name_that_cannot_be_one(host: str) -> None:
    with pytest.raises(FetchError, match="could not be reached"):
        client().get_json(f"http://{host}/")


def test_nobody_listens() -> None:
    with pytest.raises(FetchError, match="could not be reached"):
        client().get_json("http://127.0.0.1:1/")


def test_no_watch_is_left_running(server: KeyServer) -> None:
    client().get_json(server.address)
    left = [one for one in threading.enumerate() if isinstance(one, threading.Timer)]
    for watch in left:
        watch.join(5)
    assert not any(watch.is_alive() for watch in left)
