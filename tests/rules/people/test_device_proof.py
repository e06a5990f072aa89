"""Proof of a browser: only the holder of the key, only our challenge, only for five minutes."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from lti_tool.people.devices import (
    BadDeviceProof,
    StaleChallenge,
    check_challenge,
    hash_device_secret,
    make_challenge,
    verify_key_proof,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECRET = "a secret of the operator"


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def jwk_of(key: ec.EllipticCurvePrivateKey, **changes: object) -> str:
    numbers = key.public_key().public_numbers()
    size = (key.key_size + 7) // 8
    members = {"kty": "EC", "crv": "P-256", "x": b64(numbers.x.to_bytes(size)),
               "y": b64(numbers.y.to_bytes(size)), "ext": True, "key_ops": ["verify"]}  # fmt: skip
    return json.dumps({**members, **changes})


def sign(key: ec.EllipticCurvePrivateKey, challenge: str) -> str:
    r, s = decode_dss_signature(key.sign(challenge.encode(), ec.ECDSA(hashes.SHA256())))
    return b64(r.to_bytes(32) + s.to_bytes(32))


KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())


def test_the_holder_of_the_key_is_recognised() -> None:
    first = verify_key_proof(jwk_of(KEY), sign(KEY, "one"), "one")
    again = verify_key_proof(jwk_of(KEY, key_ops=[], ext=False), sign(KEY, "two"), "two")
    assert first == again
    assert first != verify_key_proof(jwk_of(OTHER), sign(OTHER, "one"), "one")


def test_a_deep_nest_is_no_key() -> None:
    with pytest.raises(BadDeviceProof):
        verify_key_proof("[" * 1000, sign(KEY, "one"), "one")


def test_the_thumbprint_is_that_of_rfc_7638() -> None:
    members = json.loads(jwk_of(KEY))
    text = f'{{"crv":"P-256","kty":"EC","x":"{members["x"]}","y":"{members["y"]}"}}'
    digest = hashes.Hash(hashes.SHA256())
    digest.update(text.encode())
    assert verify_key_proof(jwk_of(KEY), sign(KEY, "c"), "c") == b64(digest.finalize())


@pytest.mark.parametrize(
    ("jwk", "signature"),
    [
        (jwk_of(KEY), sign(OTHER, "c")),
        (jwk_of(KEY), sign(KEY, "another")),
        (jwk_of(KEY), ""),
        (jwk_of(KEY), "é"),
        (jwk_of(KEY), b64(bytes(64))),
        (jwk_of(KEY), sign(KEY, "c") + "AAAA"),
        ("", sign(KEY, "c")),
        ("null", sign(KEY, "c")),
        ("[" * 900, sign(KEY, "c")),
        (" " * 2000, sign(KEY, "c")),
        (jwk_of(KEY, kty="RSA"), sign(KEY, "c")),
        (jwk_of(KEY, crv="P-384"), sign(KEY, "c")),
        (jwk_of(KEY, d="AAAA"), sign(KEY, "c")),
        (jwk_of(KEY, x=b64(bytes(32))), sign(KEY, "c")),
        (jwk_of(KEY, x=7), sign(KEY, "c")),
        (jwk_of(KEY, x="AAAA"), sign(KEY, "c")),
        (jwk_of(ec.generate_private_key(ec.SECP384R1())), sign(KEY, "c")),
    ],
    ids=lambda _value: "",  # keys are new at each run; processes that share tests must agree
)
def test_everything_else_is_refused(jwk, signature) -> None:
    with pytest.raises(BadDeviceProof):
        verify_key_proof(jwk, signature, "c")


def test_a_challenge_is_good_for_five_minutes() -> None:
    challenge = make_challenge(SECRET, "link", NOW)
    check_challenge(SECRET, "link", challenge, NOW + timedelta(minutes=5))
    with pytest.raises(StaleChallenge):
        check_challenge(SECRET, "link", challenge, NOW + timedelta(minutes=5, seconds=1))
    with pytest.raises(StaleChallenge):
        check_challenge(SECRET, "link", challenge, NOW - timedelta(minutes=2))


@pytest.mark.parametrize("challenge", ["", "x", "1.2", "é", "0" * 10_000])
def test_a_foreign_challenge_is_refused(challenge) -> None:
    with pytest.raises(BadDeviceProof):
        check_challenge(SECRET, "link", challenge, NOW)


def test_a_challenge_is_for_one_link_and_one_tool() -> None:
    challenge = make_challenge(SECRET, "link", NOW)
    with pytest.raises(BadDeviceProof):
        check_challenge(SECRET, "another link", challenge, NOW)
    with pytest.raises(BadDeviceProof):
        check_challenge("another secret", "link", challenge, NOW)


def test_stored_secrets_of_two_links_do_not_resemble_each_other() -> None:
    assert hash_device_secret("s", "one") == hash_device_secret("s", "one")
    assert hash_device_secret("s", "one") != hash_device_secret("s", "two")
