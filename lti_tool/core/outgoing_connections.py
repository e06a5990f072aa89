"""Connections to platforms: every address checked when it is connected, every call timed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from lti_tool.core.outgoing_policy import Policy


@dataclass(frozen=True)
class Limits:
    """Seconds to connect, between two pieces of an answer, for a whole call; bytes of an answer."""

    connect: float = 5
    read: float = 10
    whole: float = 20
    answer: int = 1_048_576


class Call:
    """One call: the connections made for it, and whether its time is over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._opened: list[socket.socket] = []
        self._over = False
        self.hindrance = "unreachable"
        """Why there is no connection, in the words of FetchError."""

    @property
    def over(self) -> bool:
        with self._lock:
            return self._over

    def watch(self, connection: socket.socket) -> None:
        """Have the connection cut when the time is over, which it may be already."""
        with self._lock:
            self._opened.append(connection.dup())

    def cut(self) -> None:
        with self._lock:
            self._over = True
            for connection in self._opened:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with self._lock:
            for connection in self._opened:
                connection.close()
            self._opened.clear()


_call: ContextVar[Call] = ContextVar("foyer_call")


@contextmanager
def within(seconds: float) -> Iterator[Call]:
    """Cut the connections made inside when the time is over.

    Whoever sends one byte now and then never runs into the limit between two pieces.
    """
    call = Call()
    token = _call.set(call)
    watch = threading.Timer(seconds, call.cut)
    watch.daemon = True
    watch.start()
    try:
        yield call
    finally:
        watch.cancel()
        _call.reset(token)
        call.close()


def _checked_socket(connection: HTTPConnection, policy: Policy, limits: Limits) -> socket.socket:
    host = connection._dns_host
    call = _call.get()
    last: OSError | None = None
    try:
        found = socket.getaddrinfo(host, connection.port, 0, socket.SOCK_STREAM)
    except socket.gaierror:
        call.hindrance = "unknown-host"
        raise
    for family, kind, proto, _name, address in found:
        if call.over:
            break
        if not policy.allows_address(host, str(address[0])):
            call.hindrance = "private"
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
        call.watch(sock)
        if not call.over:
            call.hindrance = "unreachable"
            return sock
        sock.close()
    raise NewConnectionError(connection, f"cannot connect: {last}")


class _ForOneCall(HTTPConnectionPool):
    """Keeps no connection: only a new one is checked and timed, and an old one may be dead.

    A server that is told to close need not say in its answer that it will, so the header alone
    leaves its connection here.
    """

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.close()
        super()._put_conn(conn)


def pools(policy: Policy, limits: Limits) -> dict[str, Any]:
    class PlainConnection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _checked_socket(self, policy, limits)

    class TlsConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _checked_socket(self, policy, limits)

    class PlainPool(_ForOneCall, HTTPConnectionPool):
        ConnectionCls = PlainConnection

    class TlsPool(_ForOneCall, HTTPSConnectionPool):
        ConnectionCls = TlsConnection

    return {"http": PlainPool, "https": TlsPool}
