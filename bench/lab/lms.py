"""The platform's side of a launch: a school of people and courses, honest signed messages."""

from __future__ import annotations

import base64
import http.server
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CLIENT_ID = "bench-client"
DEPLOYMENT_ID = "1"
PEOPLE = 200
COURSES = 20
ROSTER_PAGE = 1000
_CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


@dataclass
class Lms:
    """Issuer and addresses on a local port, where its key set and answers to browsers are."""

    port: int
    key: rsa.RSAPrivateKey
    media_id: str | None = None
    year: int = 1
    """Another year's people are people that no tool has seen."""
    roster: list[dict[str, Any]] = field(default_factory=list)
    """Who is in every course, as the names and roles service tells; empty: it is not offered."""

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def jwk(self) -> dict[str, str]:
        numbers = self.key.public_key().public_numbers()
        return {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": "bench",
            "n": _base64url(numbers.n.to_bytes(256, "big")).decode(),
            "e": _base64url(numbers.e.to_bytes(3, "big")).decode(),
        }

    @property
    def public_pem(self) -> str:
        return (
            self.key.public_key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            .decode()
        )

    def login_fields(self, number: int, target: str) -> dict[str, str]:
        return {
            "iss": self.issuer,
            "login_hint": f"user-{self.year}-{number % PEOPLE}",
            "target_link_uri": target,
            "client_id": CLIENT_ID,
            "lti_deployment_id": DEPLOYMENT_ID,
            "lti_message_hint": f"hint-{number}",
        }

    def answer(self, location: str, number: int, target: str) -> dict[str, str]:
        """The form that answers the request which the tool's login made of ``location``."""
        query = dict(parse_qsl(urlsplit(location).query))
        claims = self._claims(number, query["nonce"], target)
        return {"id_token": self._sign(claims), "state": query["state"]}

    def answer_page(self, location: str) -> str:
        """For a browser: the page that posts the answer by itself."""
        query = dict(parse_qsl(urlsplit(location).query))
        number = int(query["lti_message_hint"].removeprefix("hint-"))
        fields = self.answer(location, number, query["redirect_uri"])
        inputs = "".join(f"<input name='{name}' value='{text}'>" for name, text in fields.items())
        return (
            f"<form method='post' action='{query['redirect_uri']}'>{inputs}</form>"
            "<script>document.forms[0].submit()</script>"
        )

    def _sign(self, claims: dict[str, Any]) -> str:
        header = b'{"alg":"RS256","typ":"JWT","kid":"bench"}'
        body = json.dumps(claims, separators=(",", ":")).encode()
        message = _base64url(header) + b"." + _base64url(body)
        signature = self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        return (message + b"." + _base64url(signature)).decode()

    def _claims(self, number: int, nonce: str, target: str) -> dict[str, Any]:
        person, course = number % PEOPLE, number % COURSES
        role = "Instructor" if person % 20 == 0 else "Learner"
        present = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": f"user-{self.year}-{person}",
            "iat": present,
            "exp": present + 300,
            "nonce": nonce,
            "name": f"Given{person} Family{person}",
            "given_name": f"Given{person}",
            "family_name": f"Family{person}",
            "email": f"user{person}@school.example",
            "locale": "en-US",
            _CLAIM + "version": "1.3.0",
            _CLAIM + "message_type": "LtiResourceLinkRequest",
            _CLAIM + "deployment_id": DEPLOYMENT_ID,
            _CLAIM + "target_link_uri": target,
            _CLAIM + "roles": [_ROLE + role],
            _CLAIM + "resource_link": {"id": f"link-{course}", "title": f"Film {course}"},
            _CLAIM + "context": {
                "id": f"course-{course}",
                "title": f"Course {course}",
                "label": f"C{course}",
                "type": ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"],
            },
            _CLAIM + "launch_presentation": {
                "document_target": "iframe",
                "return_url": f"{self.issuer}/courses/{course}",
                "locale": "en-US",
            },
            _CLAIM + "tool_platform": {"guid": "bench", "product_family_code": "bench"},
        }
        if self.media_id is not None:
            claims[_CLAIM + "custom"] = {"media": self.media_id}
        if self.roster:
            claims["https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"] = {
                "context_memberships_url": f"{self.issuer}/memberships",
                "service_versions": ["2.0"],
            }
        return claims

    def roster_page(self, path: str) -> tuple[bytes, str]:
        """A page of the roster, and the ``Link`` header that names the next one."""
        begin = int(dict(parse_qsl(urlsplit(path).query)).get("from", 0))
        end = begin + ROSTER_PAGE
        link = f'<{self.issuer}/memberships?from={end}>; rel="next"'
        page = json.dumps({"id": self.issuer, "members": self.roster[begin:end]}).encode()
        return page, link if end < len(self.roster) else ""


@contextmanager
def serving() -> Iterator[Lms]:
    """An LMS whose key set is served in this process, on the load core."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/auth"):
                self.give(lms.answer_page(self.path).encode(), kind="text/html")
            elif self.path.startswith("/memberships"):
                self.give(*lms.roster_page(self.path))
            else:
                self.give(json.dumps({"keys": [lms.jwk]}).encode())

        def do_POST(self) -> None:
            """An access token, for whoever asks."""
            self.rfile.read(int(self.headers["Content-Length"]))
            self.give(b'{"access_token": "bench", "token_type": "Bearer", "expires_in": 3600}')

        def give(self, body: bytes, link: str = "", kind: str = "application/json") -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if link:
                self.send_header("Link", link)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    lms = Lms(server.server_port, key)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield lms
    finally:
        server.shutdown()
        server.server_close()
