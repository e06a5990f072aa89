"""The HTTP client for calls to platforms: bounded in time and size, and blind to our own network.

Every address a host name resolves to is checked at the moment of connecting, so a name that
changes its answer between check and use gains nothing.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

USER_AGENT = "Foyer LTI tool"


@dataclass(frozen=True)
class Limits:
    """Seconds to connect, between two pieces of an answer, for a whole call; bytes of an answer."""

    connect: float = 5
    read: float = 10
    whole: float = 20
    answer: int = 1_048_576


_opened: ContextVar[list[socket.socket] | None] = ContextVar("foyer_sockets", default=None)


class FetchError(Exception):
    """A platform could not be reached or answered unfit; the text holds no answer body."""


@dataclass(frozen=True)
class Policy:
    """What may be called: https to public addresses; more in development or by host name."""

    development: bool = False
    private_hosts: tuple[str, ...] = ()

    def allows_scheme(self, scheme: str) -> bool:
        return scheme == "https" or (scheme == "http" and self.development)

    def allows_address(self, host: str, address: str) -> bool:
        if self.development or host.lower() in self.private_hosts:
            return True
        return ipaddress.ip_address(address.split("%")[0]).is_global


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Cut the connections made inside when the time is over.

    Whoever sends one byte now and then never runs into the limit between two pieces.
    """
    opened: list[socket.socket] = []
    token = _opened.set(opened)
    watch = threading.Timer(seconds, _cut, [opened])
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
        _opened.reset(token)
        for connection in opened:
            connection.close()


def _cut(opened: list[socket.socket]) -> None:
    for connection in opened:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _checked_socket(connection: HTTPConnection, policy: Policy, limits: Limits) -> socket.socket:
    host = connection._dns_host
    last: OSError | None = None
    for family, kind, proto, _name, address in socket.getaddrinfo(
        host, connection.port, 0, socket.SOCK_STREAM
    ):
        if not policy.allows_address(host, str(address[0])):
            last = OSError("the address is not public")
            continue
        sock = socket.socket(family, kind, proto)
        try:
            sock.settimeout(limits.connect)
            sock.connect(address)
        except OSError as error:
            sock.close()
            last = error
            continue
        opened = _opened.get()
        if opened is not None:
            opened.append(sock.dup())
        return sock
    raise NewConnectionError(connection, f"cannot connect: {last}")


def _pools(policy: Policy, limits: Limits) -> dict[str, Any]:
    class PlainConnection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _checked_socket(self, policy, limits)

    class TlsConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _checked_socket(self, policy, limits)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = PlainConnection

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = TlsConnection

    return {"http": PlainPool, "https": TlsPool}


class _GuardedAdapter(HTTPAdapter):
    def __init__(self, policy: Policy, limits: Limits) -> None:
        self._policy = policy
        self._limits = limits
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager: PoolManager
        self.poolmanager.pool_classes_by_scheme = _pools(self._policy, self._limits)


class HttpClient:
    """Fetches JSON from platforms."""

    def __init__(self, policy: Policy, limits: Limits | None = None) -> None:
        self.policy = policy
        self.limits = limits or Limits()
        self._session = requests.Session()
        self._session.headers["User-Agent"] = USER_AGENT
        self._session.headers["Connection"] = "close"  # only a new connection is checked and timed
        self._session.trust_env = False
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _GuardedAdapter(policy, self.limits))

    def get_json(self, address: str, accept: str = "application/json") -> Any:
        """The parsed answer. Raises FetchError; follows no redirect; keeps to the limits."""
        if not self.policy.allows_scheme(urlsplit(address).scheme):
            raise FetchError("the address must begin with https://")
        try:
            with (
                _within(self.limits.whole),
                self._session.get(
                    address,
                    headers={"Accept": accept},
                    timeout=(self.limits.connect, self.limits.read),
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                if response.status_code != 200:
                    raise FetchError(f"it answered with status {response.status_code}")
                return json.loads(_read(response.iter_content(65_536), self.limits.answer))
        except requests.Timeout as error:
            raise FetchError("it did not answer in time") from error
        except requests.RequestException as error:
            raise FetchError(f"it could not be reached ({type(error).__name__})") from error
        except (ValueError, RecursionError) as error:
            raise FetchError("it did not answer with JSON") from error


def _read(chunks: Iterable[bytes], largest: int) -> bytes:
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > largest:
            raise FetchError("its answer is too large")
    return bytes(content)
