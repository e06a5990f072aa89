"""An LMS that is about to register the tool, small and as obliging or hostile as a test wants."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from factories import SAME_ORIGIN
from flask import Flask
from flask.testing import FlaskClient
from key_server import Answer, Handler, KeyServer, serving
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core.db.session import db
from lti_tool.lti.models import Registration

TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"
PRODUCTS = {"sakai": "sakailms.org", "canvas": "canvas", "moodle": "moodle", "other": "brightspace"}


@dataclass
class RegisteringLms:
    """``configuration`` and ``answer`` may be changed; ``requests`` are the tool's own, parsed.
    ``address`` is where it says that it is, ``server`` where it is.

    ``before_asked`` and ``before_answer`` stand in for what it serves, where a test wants.
    """

    server: KeyServer
    configuration: dict[str, Any]
    answer: dict[str, Any]
    address: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    assertions: list[str] = field(default_factory=list)
    """What came to its token address."""
    before_configuration: Answer | None = None
    before_answer: Answer | None = None

    @property
    def url(self) -> str:
        """With a query of its own, as Sakai's has."""
        return f"{self.address}/well_known?key=7&clientId=x"

    def serve(self, handler: Handler) -> None:
        if handler.command == "GET":
            if self.before_configuration:
                self.before_configuration(handler)
            else:
                handler.reply(json.dumps(self.configuration).encode())
            return
        if handler.path.startswith("/token"):
            form = dict(parse_qsl(self.server.calls[-1].body.decode()))
            self.assertions.append(form["client_assertion"])
            handler.reply(json.dumps({"access_token": "t", "expires_in": 60}).encode())
            return
        self.requests.append(json.loads(self.server.calls[-1].body))
        if self.before_answer:
            self.before_answer(handler)
        else:
            handler.reply(json.dumps({**self.requests[-1], **self.answer}).encode())

    def open(self, client: FlaskClient, token: str = "token-1") -> TestResponse:
        """The page in the frame."""
        query = {"openid_configuration": self.url, "registration_token": token}
        return client.get("/lti/register", query_string=query)

    def press(self, client: FlaskClient, code: str = "", token: str = "token-1") -> TestResponse:
        """Press the page's button."""
        form = {"openid_configuration": self.url, "registration_token": token, "code": code}
        return client.post("/lti/register", data=form, headers=SAME_ORIGIN)


@contextmanager
def registering_lms(
    product: str = "moodle", client_id: str = "client-1", host: str = "127.0.0.1"
) -> Iterator[RegisteringLms]:
    """``host``: a name that leads to this machine."""
    with serving(lambda handler: handler.reply(b"", 500)) as server:
        base = server.address.replace("127.0.0.1", host)
        lms = RegisteringLms(
            server,
            {
                "issuer": base,
                "authorization_endpoint": f"{base}/auth",
                "token_endpoint": f"{base}/token",
                "jwks_uri": f"{base}/jwks.json",
                "registration_endpoint": f"{base}/register",
                "scopes_supported": ["openid"],
                PLATFORM_CONFIGURATION: {
                    "product_family_code": PRODUCTS[product],
                    "version": "1",
                    "messages_supported": [{"type": "LtiResourceLinkRequest"}],
                },
            },
            {"client_id": client_id},
            base,
        )
        server.answer = lms.serve
        yield lms


def code_for(app: Flask, *words: str) -> str:
    """An activation code, for a new institution unless these words of the command say otherwise."""
    order = ["platform", "code", *(words or ("--institution", "Elm School"))]
    done = app.test_cli_runner().invoke(args=order)
    found = re.search(r"code: (\S+)", done.output)
    assert found is not None, done.output
    return found[1]


def held(app: Flask) -> list[Registration]:
    """The registrations that the tool has."""
    with app.app_context():
        return list(db.session.scalars(select(Registration).order_by(Registration.name)))


def port_of(lms: RegisteringLms) -> int:
    return urlsplit(lms.server.address).port or 0


def lead_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """All names of hosts lead to this machine."""
    look_up = socket.getaddrinfo

    def here(host: str, *rest: Any, **more: Any) -> Any:
        return look_up("127.0.0.1", *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", here)
