"""The platform on a real socket: keys, token endpoint, hooks."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from sandbox.certificates import Authority
from sandbox.keys import KeyRing, SigningKey
from sandbox.platform import Platform
from sandbox.profiles import CanvasProfile
from sandbox.serve import running

NRPS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"


@pytest.fixture
def base(platform: Platform) -> Iterator[str]:
    with running(platform) as url:
        yield url


@pytest.fixture(scope="module")
def tool_key() -> SigningKey:
    return SigningKey.generate()


def test_the_address_is_the_real_one_and_serves_the_keys(platform: Platform, base: str) -> None:
    registration = platform.registration()
    assert base.startswith("http://localhost:")
    assert (registration.issuer, registration.frame_origin) == (base, base)
    token = platform.id_token("n", "student-1")
    key = jwt.PyJWKClient(registration.jwks_url).get_signing_key_from_jwt(token)
    assert jwt.decode(token, key, algorithms=["RS256"], audience=registration.client_id)


def test_every_address_of_a_product_answers_by_https(keys: KeyRing, tmp_path: Path) -> None:
    canvas = Platform(profile=CanvasProfile(), keys=keys)
    authority = Authority(tmp_path)
    trusted = str(authority.file)
    with running(canvas, authority=authority) as school:
        told = canvas.registration()
        assert school.startswith("https://127.0.0.5:")
        assert requests.get(told.jwks_url, verify=trusted, timeout=5).json() == canvas.jwks()
        for address in canvas.sites.all:
            assert requests.get(f"{address}/healthz", verify=trusted, timeout=5).ok
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(told.jwks_url, timeout=5)
    assert not list(tmp_path.glob("*.key"))


def test_keys_rotate_on_demand(base: str) -> None:
    def kids() -> list[str]:
        return [key["kid"] for key in requests.get(f"{base}/jwks.json").json()["keys"]]

    before = kids()
    assert len(before) == 2
    answer = requests.post(f"{base}/control/rotate-keys")
    assert answer.json()["kid"] == before[1]
    assert kids()[0] == before[1]
    assert before[0] in kids()
    requests.post(f"{base}/control/rotate-keys", json={"forget_old": True})
    assert not set(before) & set(kids())


def test_keys_outlive_a_restart(tmp_path: Path) -> None:
    first = KeyRing(tmp_path)
    first.rotate()
    assert KeyRing(tmp_path).jwks() == first.jwks()
    assert (tmp_path / "keys.pem").stat().st_mode & 0o777 == 0o600


def test_hooks_mint_and_prepare(platform: Platform, base: str) -> None:
    minted = requests.post(
        f"{base}/control/id_token",
        json={"nonce": "n", "user": "admin", "alg": "none", "claims": {"sub": ""}},
    )
    assert jwt.decode(minted.json()["id_token"], options={"verify_signature": False})["sub"] == ""
    assert requests.post(f"{base}/control/next", json={"drop": ["exp"]}).status_code == 204
    fields = requests.post(f"{base}/control/login_params", json={"user": "student-1"}).json()
    assert fields["login_hint"] == "31"
    assert requests.post(f"{base}/control/next", json={"nonsense": 1}).status_code == 400
    assert requests.post(f"{base}/control/id_token", json={"nonce": "n"}).status_code == 400
    unknown = requests.post(f"{base}/control/id_token", json={"nonce": "n", "user": "nobody"})
    assert unknown.status_code == 404
    assert requests.post(f"{base}/control/next", data={"drop": "exp"}).status_code == 415


def test_auth_answers_with_a_form_or_a_page(platform: Platform, base: str) -> None:
    refused = requests.get(f"{base}/auth?client_id=unknown")
    assert refused.status_code == 400
    assert "client_id" in refused.text
    sent = requests.get(
        f"{base}/auth",
        params={"client_id": "sandbox-northfield", "redirect_uri": platform.launch_url},
    )
    assert f'action="{platform.launch_url}"' in sent.text
    assert 'value="invalid_scope"' in sent.text


def assertion(platform: Platform, key: SigningKey, **changes: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": "sandbox-northfield",
        "sub": "sandbox-northfield",
        "aud": platform.token_url,
        "iat": now,
        "exp": now + 300,
        "jti": uuid.uuid4().hex,
    }
    kid = changes.pop("kid", key.kid)
    claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return jwt.encode(claims, key.private, "RS256", headers={"kid": kid} if kid else None)


def ask(platform: Platform, proof: str, **changes: str) -> requests.Response:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": proof,
        "scope": NRPS,
    }
    return requests.post(platform.token_url, data={**form, **changes}, timeout=10)


@pytest.fixture
def known_tool(platform: Platform, base: str, tool_key: SigningKey) -> Platform:
    platform.fetch_tool_keys = lambda: {"keys": [tool_key.jwk]}  # type: ignore[method-assign]
    return platform


def test_a_token_is_granted_once_per_assertion(known_tool: Platform, tool_key: SigningKey) -> None:
    proof = assertion(known_tool, tool_key)
    granted = ask(known_tool, proof, scope=f"{NRPS} https://unknown.example/scope")
    assert granted.status_code == 200
    assert granted.json()["scope"] == NRPS
    assert granted.headers["Cache-Control"] == "no-store"
    assert known_tool.access_tokens[granted.json()["access_token"]] == (
        "sandbox-northfield",
        frozenset({NRPS}),
    )
    again = ask(known_tool, proof)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "changes",
    [
        {"kid": None},
        {"kid": "unknown"},
        {"iss": "sandbox-southgate"},
        {"iss": "x", "sub": "x"},
        {"aud": "https://elsewhere.example/token"},
        {"exp": 1000},
        {"jti": None},
        {"iat": None},
    ],
)
def test_a_wrong_assertion_is_refused(
    known_tool: Platform, tool_key: SigningKey, changes: dict[str, Any]
) -> None:
    answer = ask(known_tool, assertion(known_tool, tool_key, **changes))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_wrong_request_is_refused(known_tool: Platform, tool_key: SigningKey) -> None:
    def error(**changes: str) -> str:
        answer = ask(known_tool, assertion(known_tool, tool_key), **changes)
        assert answer.status_code == 400
        return str(answer.json()["error"])

    assert error(grant_type="password") == "unsupported_grant_type"
    assert error(client_assertion_type="x") == "invalid_request"
    assert error(scope="https://unknown.example/scope") == "invalid_scope"


def test_a_tool_whose_keys_cannot_be_read_is_refused(
    platform: Platform, base: str, tool_key: SigningKey
) -> None:
    platform.tool_url = "http://127.0.0.1:9"
    answer = ask(platform, assertion(platform, tool_key))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
