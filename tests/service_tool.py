"""The smallest tool that uses the services of the sandbox, without a socket."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import jwt
from flask.testing import FlaskClient
from lms_program import program_of
from werkzeug.test import TestResponse

from sandbox.keys import SigningKey, sign
from sandbox.platform import Platform
from sandbox.profiles import PlainProfile
from sandbox.schools import School
from sandbox.services import scopes
from sandbox.services.registrations import TOOL

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LAUNCH = "http://127.0.0.1:8000/lti/launch"
PRODUCTS = ("plain", "sakai", "canvas", "moodle", "certifier")


class NamedProfile(PlainProfile):
    """Plain launches under a product's name, which chooses how the services behave."""

    def __init__(self, name: str) -> None:
        self.name = name


@dataclass
class ServiceTool:
    """Asks as the tool of one school."""

    platform: Platform
    key: SigningKey
    school: School
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = program_of(self.platform).test_client()
        self.platform.fetch_tool_keys = lambda: {"keys": [self.key.jwk]}  # type: ignore[method-assign]

    def sign(self, claims: dict[str, Any], **headers: Any) -> str:
        """A JWT of ours; a claim or header that is None is left out."""
        kept = {name: value for name, value in claims.items() if value is not None}
        header = {"typ": "JWT", "alg": "RS256", "kid": self.key.kid, **headers}
        written = {name: value for name, value in header.items() if value is not None}
        return sign(kept, written, "RS256", self.key)

    def assertion(self, **changes: Any) -> str:
        now = int(self.platform.now().timestamp())
        honest = {
            "iss": self.school.client_id,
            "sub": self.school.client_id,
            "aud": self.platform.services.token_url(self.school),
            "iat": now,
            "exp": now + 300,
            "jti": uuid.uuid4().hex,
        }
        return self.sign({**honest, **changes})

    def ask(self, scopes: Iterable[str], proof: str | None = None, **form: str) -> TestResponse:
        """What the token endpoint answers."""
        fields = {
            "grant_type": "client_credentials",
            "client_assertion_type": JWT_BEARER,
            "client_assertion": proof or self.assertion(),
            "scope": " ".join(scopes),
        }
        address = self.platform.services.token_url(self.school)
        return self.client.post(**self.at(address), data={**fields, **form})

    def token(self, *scopes: str) -> str:
        answer = self.ask(scopes)
        assert answer.status_code == 200, answer.text
        return str(answer.json["access_token"])

    def call(
        self, method: str, address: str, *scopes: str, token: str | None = None, **more: Any
    ) -> TestResponse:
        """Call a service with a token for these scopes, or with the one given."""
        bearer = {"Authorization": f"Bearer {token or self.token(*scopes)}"}
        headers = {**bearer, **more.pop("headers", {})}
        return self.client.open(**self.at(address), method=method, headers=headers, **more)

    def unchecked(self, token: str) -> dict[str, Any]:
        """What a token of the platform says."""
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
        return claims

    def at(self, address: str) -> dict[str, str]:
        base = self.platform.base_url
        assert address.startswith(base), address
        return {"path": address.removeprefix(base), "base_url": base}


def request_of(**changes: Any) -> dict[str, Any]:
    """The request of a tool that registers itself; `about` changes its configuration, and what is
    None is left out.
    """
    honest: dict[str, Any] = {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["client_credentials", "implicit"],
        "initiate_login_uri": "http://127.0.0.1:8000/lti/login",
        "redirect_uris": [LAUNCH],
        "client_name": "A tool",
        "jwks_uri": "http://127.0.0.1:8000/lti/jwks.json",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": f"{scopes.MEMBERSHIPS} {scopes.SCORE}",
        TOOL: {
            "domain": "127.0.0.1",
            "target_link_uri": LAUNCH,
            "claims": ["sub", "name", "email"],
            "custom_parameters": {"colour": "blue"},
            "messages": [{"type": "LtiDeepLinkingRequest", "placements": ["ContentArea"]}],
        },
    }
    kept = {**honest, **{name: value for name, value in changes.items() if name != "about"}}
    kept[TOOL] = {**honest[TOOL], **changes.get("about", {})}
    return {name: value for name, value in kept.items() if value is not None}
