"""The way out through an HTTP proxy: all goes through it, and nothing into our own network."""

from __future__ import annotations

import base64
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from key_server import KeyServer, as_json, serving

from lti_tool.core.http import FetchError, HttpClient, Policy
from sandbox.certificates import Authority


@dataclass
class ConnectProxy:
    """A little HTTP proxy that knows CONNECT (RFC 9110 §9.3.6); all names lead to this machine."""

    address: str = ""
    port: int = 0
    asked: list[str] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)
    refuses: str = ""

    def answer(self, client: socket.socket) -> None:
        with closing(client), suppress(ConnectionError):  # whoever asked may be gone
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(65_536)
            lines = head.decode("latin-1").split("\r\n")
            method, target, _version = lines[0].split(" ")
            self.asked.append(f"{method} {target}")
            self.credentials += [one for one in lines if one.lower().startswith("proxy-auth")]
            if self.refuses or method != "CONNECT":
                client.sendall(f"HTTP/1.1 {self.refuses or '405 No'}\r\n\r\n".encode())
                return
            with closing(socket.create_connection(("127.0.0.1", int(target.split(":")[1])))) as far:
                client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                self._pass_on(client, far)

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        ends = {one: other, other: one}
        while True:
            ready, _writable, _odd = select.select(list(ends), [], [], 10)
            for source in ready:
                data = source.recv(65_536)
                if not data:
                    return
                ends[source].sendall(data)
            if not ready:
                return


@pytest.fixture
def proxy() -> Iterator[ConnectProxy]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        running = ConnectProxy(port=listening.getsockname()[1])
        running.address = f"http://127.0.0.1:{running.port}"

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _address = listening.accept()
                    threading.Thread(target=running.answer, args=(client,), daemon=True).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield running
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(10)


HOST = "lms.campus.example"
"""A name that only the proxy knows."""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyServer]:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    with serving(as_json({"keys": []}), authority.context([HOST])) as running:
        running.address = running.address.replace("127.0.0.1", HOST)
        yield running


def through(proxy: ConnectProxy, **more: Any) -> HttpClient:
    return HttpClient(Policy(proxy=proxy.address, **more))


def test_the_lms_is_reached_through_the_proxy(proxy: ConnectProxy, server: KeyServer) -> None:
    assert through(proxy).get_json(f"{server.address}/jwks") == {"keys": []}
    assert proxy.asked == [f"CONNECT {server.address.removeprefix('https://')}"]
    assert server.requests == ["/jwks"]


def test_its_password_is_sent_to_it_and_to_nobody_else(
    proxy: ConnectProxy, server: KeyServer
) -> None:
    proxy.address = proxy.address.replace("http://", "http://foyer:se%40cret@")
    through(proxy).get_json(server.address)
    (line,) = proxy.credentials
    assert base64.b64decode(line.split(" ")[-1]) == b"foyer:se@cret"
    assert not any("proxy" in name.lower() for name in server.calls[0].headers)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.0.0.1",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "169.254.169.254",
        "2130706433",
        "0x7f.1",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "tool.localhost",
        "metadata.google.internal",
        "printer.local",
        "intranet",
        "127.0.0.1.",
        "169.254.169.254.",
        "10.0.0.1..",
        "0177.0.0.1.",
        "1.2.3.0x7f",
        "10.0.0.0x",
        "127.0.0.1%00",
        "127.0.0.1%00.example",
        "１２７.0.0.1",
        "127。0。0。1",
        "lms.corp",
        "lms.CORP.",
        "x.home",
        "x.intra",
        "x.private",
        "x.test",
        "-.example",
        "a..example",
        "*.example",
    ],
)
def test_our_own_network_is_not_named_to_the_proxy(proxy: ConnectProxy, host: str) -> None:
    with pytest.raises(FetchError) as refused:
        through(proxy).get_json(f"https://{host}:8443/jwks")
    assert refused.value.reason == "private"
    assert proxy.asked == []


def test_a_redirect_does_not_lead_there_either(proxy: ConnectProxy, server: KeyServer) -> None:
    server.answer = lambda handler: handler.reply(b"", 302, Location="https://127.0.0.1/")
    with pytest.raises(FetchError, match="moved"):
        through(proxy).get_json(server.address)
    assert len(proxy.asked) == 1


def test_a_name_that_is_known_here_and_private_is_refused(
    proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 443))
    private = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 443))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_asked: [public, private])
    with pytest.raises(FetchError) as refused:
        through(proxy).get_json("https://rebinding.example/")
    assert refused.value.reason == "private"
    assert proxy.asked == []


def test_a_named_private_host_is_asked_through_it_or_past_it(
    proxy: ConnectProxy, server: KeyServer
) -> None:
    port = server.address.rpartition(":")[2]
    allowed = {"private_hosts": ("127.0.0.1",)}
    with pytest.raises(FetchError) as refused:
        through(proxy, **allowed).get_json(f"https://127.0.0.1:{port}/")
    assert refused.value.reason == "certificate"
    assert len(proxy.asked) == 1
    with pytest.raises(FetchError) as refused:
        through(proxy, no_proxy=("127.0.0.1",), **allowed).get_json(f"https://127.0.0.1:{port}/")
    assert refused.value.reason == "certificate"
    assert len(proxy.asked) == 1


@pytest.mark.parametrize(
    ("host", "direct"),
    [
        ("campus.example", True),
        ("LMS.Campus.Example", True),
        ("lms.campus.example.", True),
        ("notcampus.example", False),
        ("campus.example.evil.example", False),
    ],
)
def test_a_host_of_no_proxy_stands_for_all_below_it(host: str, direct: bool) -> None:
    policy = Policy(proxy="http://proxy.example:3128", no_proxy=("campus.example",))
    assert policy.leads_through_proxy(host) is not direct
    assert not Policy(no_proxy=("campus.example",)).leads_through_proxy(host)


def test_a_name_of_our_own_network_may_be_allowed() -> None:
    policy = Policy(private_hosts=("lms.corp", "my_lms"))
    for host in ("LMS.corp.", "my_lms"):
        assert policy.allows_name(host)
        assert policy.allows_address(host, "10.0.0.1")
    assert not policy.allows_name("other.corp")


@pytest.mark.parametrize("refuses", ["403 Forbidden", "407 Proxy Authentication Required"])
def test_a_proxy_that_refuses_is_named(proxy: ConnectProxy, refuses: str) -> None:
    proxy.refuses = refuses
    with pytest.raises(FetchError) as refused:
        through(proxy).get_json(f"https://{HOST}/")
    assert refused.value.reason == "proxy"


def test_a_proxy_that_is_not_there_is_named(proxy: ConnectProxy) -> None:
    with pytest.raises(FetchError) as refused:
        HttpClient(Policy(proxy="http://127.0.0.1:1")).get_json(f"https://{HOST}/")
    assert refused.value.reason == "proxy"


def test_the_variables_of_the_environment_alone_do_nothing(
    proxy: ConnectProxy, server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.address)
    with pytest.raises(FetchError):
        HttpClient(Policy()).get_json(server.address)
    assert proxy.asked == []
