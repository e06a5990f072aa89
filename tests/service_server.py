"""A platform's token endpoint and services, which answer as a test tells them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from key_server import Handler, serving

from lti_tool.lti.launch import Platform


@dataclass
class Asked:
    """One call of the tool's."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))

    @property
    def token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")


@dataclass
class Reply:
    """What is given back; a ``body`` that is no bytes goes as JSON."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Service = Callable[[Asked], Reply]


class ServiceServer:
    """Grants ``token-1``, ``token-2`` …, and answers every other path by ``services``.

    ``grant`` may be replaced. ``asked`` is all that came, in its order.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.asked: list[Asked] = []
        self.services: dict[str, Service] = {}
        self.headers: dict[str, str] = {}
        """Sent with every answer."""
        self.grant: Service = self.grants
        self._granted = 0
        self._lock = threading.Lock()

    def grants(self, asked: Asked) -> Reply:
        with self._lock:
            self._granted += 1
            number = self._granted
        told = {"access_token": f"token-{number}", "token_type": "Bearer", "expires_in": 3600}
        return Reply({**told, "scope": asked.form["scope"]})

    def platform(self, family: str = "other", **changes: Any) -> Platform:
        values = {
            "id": "registration-1",
            "institution_id": "institution-1",
            "name": "elm",
            "family": family,
            "issuer": self.address,
            "client_id": "client-1",
            "auth_url": f"{self.address}/auth",
            "token_url": f"{self.address}/token",
            "jwks_url": f"{self.address}/jwks",
            "accept_new_deployments": False,
            **changes,
        }
        return Platform(**values)

    def to(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]

    def answer(self, handler: Handler) -> None:
        parts = urlsplit(handler.path)
        call = handler.call
        query = dict(parse_qsl(parts.query))
        asked = Asked(call.method, parts.path, query, call.headers, call.body)
        with self._lock:
            self.asked.append(asked)
        service = self.grant if parts.path.startswith("/token") else self.services.get(parts.path)
        reply = service(asked) if service else Reply(status=404)
        handler.send_response_only(reply.status)
        for name, value in {**self.headers, **reply.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(reply.content)))
        handler.end_headers()
        handler.wfile.write(reply.content)


@contextmanager
def service_server() -> Iterator[ServiceServer]:
    with serving(lambda handler: None) as running:
        server = ServiceServer(running.address)
        running.answer = server.answer
        yield server
