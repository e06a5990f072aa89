"""A web server that answers as a test tells it: for key sets, fit and unfit."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any

Answer = Callable[["Handler"], None]


@dataclass(frozen=True)
class Call:
    """What was sent."""

    method: str
    headers: dict[str, str]
    body: bytes


class Handler(BaseHTTPRequestHandler):
    server: _Server
    call: Call

    def do_GET(self) -> None:
        owner = self.server.owner
        owner.requests.append(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        self.call = Call(self.command, dict(self.headers), self.rfile.read(length))
        owner.calls.append(self.call)
        owner.answer(self)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - the names of the library

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def reply(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    owner: KeyServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is expected here."""


@dataclass
class KeyServer:
    """``answer`` may be changed at any time; ``over`` is set when the test ends."""

    answer: Answer
    address: str = ""
    requests: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


def as_json(document: object) -> Answer:
    return lambda handler: handler.reply(json.dumps(document).encode())


@contextmanager
def serving(answer: Answer, tls: SSLContext | None = None) -> Iterator[KeyServer]:
    """Serve on 127.0.0.1 until the block ends, by https where ``tls`` says how."""
    owner = KeyServer(answer)
    server = _Server(("127.0.0.1", 0), Handler)
    server.owner = owner
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    owner.address = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield owner
    finally:
        owner.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
