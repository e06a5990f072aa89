"""Device proof: how a browser shows that it is the same as before, without telling who uses it.

With script it holds a P-256 key it cannot export and signs a challenge of ours; we keep the key's
RFC 7638 thumbprint. Without script it keeps a random secret in a cookie; we keep its hash.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from itsdangerous import BadSignature, Signer

CHALLENGE_LIFE = timedelta(minutes=5)
_CLOCK_SKEW = timedelta(minutes=1)
_P256_BYTES = 32
_LONGEST_JWK = 1000


class BadDeviceProof(ValueError):
    """The browser's proof does not hold."""


class StaleChallenge(BadDeviceProof):
    """The proof is over a challenge older than five minutes; a new one would do."""


def make_challenge(secret_key: str, subject: str, now: datetime) -> str:
    """Return a signed challenge for one subject (here: one link).

    Nothing is stored. The subject itself is not readable in it. Good for five minutes from ``now``
    (aware UTC).
    """
    issued = int(now.timestamp())
    return _signer(secret_key, subject).sign(str(issued)).decode("ascii")


def check_challenge(secret_key: str, subject: str, challenge: str, now: datetime) -> None:
    """Raise BadDeviceProof or StaleChallenge unless it is ours, for this subject, and fresh."""
    try:
        issued = int(_signer(secret_key, subject).unsign(challenge))
    except (BadSignature, ValueError) as error:
        raise BadDeviceProof("not a challenge of ours") from error
    age = timedelta(seconds=int(now.timestamp()) - issued)
    if not -_CLOCK_SKEW <= age <= CHALLENGE_LIFE:
        raise StaleChallenge("the challenge has run out")


def verify_key_proof(jwk: str, signature: str, challenge: str) -> str:
    """Check that the holder of a public JWK signed the challenge; return the key's thumbprint.

    ``jwk`` is JSON text, ``signature`` base64url of the 64 raw bytes that WebCrypto makes for ECDSA
    with P-256 and SHA-256. Raises BadDeviceProof. Whether the challenge is ours and fresh is
    ``check_challenge``'s business.
    """
    x, y = _coordinates(jwk)
    raw = _decode(signature)
    if len(raw) != 2 * _P256_BYTES:
        raise BadDeviceProof("the signature has a wrong length")
    r, s = int.from_bytes(raw[:_P256_BYTES]), int.from_bytes(raw[_P256_BYTES:])
    try:
        numbers = ec.EllipticCurvePublicNumbers(
            int.from_bytes(x), int.from_bytes(y), ec.SECP256R1()
        )
        numbers.public_key().verify(
            encode_dss_signature(r, s), challenge.encode(), ec.ECDSA(hashes.SHA256())
        )
    except (ValueError, InvalidSignature) as error:
        raise BadDeviceProof("the signature does not fit the key") from error
    return thumbprint(x, y)


def thumbprint(x: bytes, y: bytes) -> str:
    """Return the RFC 7638 thumbprint (SHA-256, base64url) of a P-256 public key."""
    members = {"crv": "P-256", "kty": "EC", "x": _encode(x), "y": _encode(y)}
    text = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return _encode(hashlib.sha256(text.encode()).digest())


def hash_device_secret(secret: str, subject: str) -> str:
    """Return what is stored of a cookie's secret: a hash that differs from subject to subject.

    So the rows of two invitations never show that one browser opened both.
    """
    return hashlib.sha256(f"{subject}\0{secret}".encode()).hexdigest()


def _coordinates(jwk: str) -> tuple[bytes, bytes]:
    if len(jwk) > _LONGEST_JWK:
        raise BadDeviceProof("the key is too long")
    try:
        members: Any = json.loads(jwk)
    except (ValueError, RecursionError) as error:
        raise BadDeviceProof("the key is not JSON") from error
    if not isinstance(members, dict) or members.get("kty") != "EC" or members.get("crv") != "P-256":
        raise BadDeviceProof("the key is not a P-256 key")
    if "d" in members:
        raise BadDeviceProof("a private key was sent")
    x, y = _decode(members.get("x")), _decode(members.get("y"))
    if len(x) != _P256_BYTES or len(y) != _P256_BYTES:
        raise BadDeviceProof("the key's coordinates have a wrong length")
    return x, y


def _signer(secret_key: str, subject: str) -> Signer:
    salt = f"foyer device challenge\0{subject}"
    return Signer(secret_key, salt=salt, digest_method=hashlib.sha256)


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decode(text: object) -> bytes:
    if not isinstance(text, str) or not text.isascii():
        raise BadDeviceProof("not base64url")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise BadDeviceProof("not base64url") from error
