"""The platform's key ring and key set (JWKS), and a JWS writer that can also break the rules."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "RS256": hashes.SHA256,
    "RS384": hashes.SHA384,
    "RS512": hashes.SHA512,
}
_HMACS = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _number(value: int) -> str:
    return base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


@dataclass(frozen=True)
class SigningKey:
    """An RSA key pair with its key id."""

    private: rsa.RSAPrivateKey

    @classmethod
    def generate(cls) -> SigningKey:
        return cls(rsa.generate_private_key(public_exponent=65537, key_size=2048))

    @classmethod
    def from_pem(cls, pem: bytes) -> SigningKey:
        key = serialization.load_pem_private_key(pem, password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError("not an RSA private key")
        return cls(key)

    @cached_property
    def public_pem(self) -> bytes:
        """The public half as PEM: the secret of the classic HS256 confusion attack."""
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @cached_property
    def pem(self) -> bytes:
        return self.private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    @cached_property
    def kid(self) -> str:
        return hashlib.sha256(self.public_pem).hexdigest()[:16]

    @cached_property
    def jwk(self) -> dict[str, str]:
        numbers = self.private.public_key().public_numbers()
        return {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": _number(numbers.n),
            "e": _number(numbers.e),
        }


class KeyRing:
    """The platform's keys: the first signs, the second waits, retired ones stay to be checked with.

    With a folder the keys are kept in it (keys.pem, mode 0600), so a restart keeps them. At first
    there are `count` keys, two at least; a third is one that was retired before.
    """

    def __init__(self, folder: Path | None = None, count: int = 2) -> None:
        self._lock = threading.Lock()
        self._file = folder / "keys.pem" if folder else None
        self._count = max(count, 2)
        self._keys = self._load() or self._fresh()
        self._save()

    @property
    def current(self) -> SigningKey:
        return self._keys[0]

    @property
    def all(self) -> list[SigningKey]:
        """Current, next and retired keys."""
        with self._lock:
            return list(self._keys)

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """Return the public key set as JSON: current, next and retired keys."""
        return {"keys": [key.jwk for key in self.all]}

    def rotate(self, *, forget_old: bool = False) -> SigningKey:
        """Let the waiting key sign and make another wait.

        The former key stays published as the last of at most four, unless `forget_old`: then all
        keys are new at once, as after the restart of a platform that keeps them in memory.
        """
        with self._lock:
            if forget_old:
                self._keys = self._fresh()
            else:
                current, following, *retired = self._keys
                self._keys = [following, SigningKey.generate(), current, *retired][:4]
            self._save()
            return self._keys[0]

    def _fresh(self) -> list[SigningKey]:
        return [SigningKey.generate() for _ in range(self._count)]

    def _load(self) -> list[SigningKey]:
        if self._file is None or not self._file.exists():
            return []
        end = b"-----END PRIVATE KEY-----\n"
        parts = self._file.read_bytes().split(end)
        return [SigningKey.from_pem(part + end) for part in parts if part.strip()]

    def _save(self) -> None:
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(b"".join(key.pem for key in self._keys))
        fresh.replace(self._file)


def sign(
    payload: Mapping[str, Any],
    headers: Mapping[str, Any],
    alg: str,
    key: SigningKey | bytes,
) -> str:
    """Return a compact JWS, signed by `alg` whatever the header says.

    RS256/384/512 need a SigningKey; HS256/384/512 take bytes, or a SigningKey whose public PEM is
    then the secret; "none" signs nothing. Ordinary libraries refuse to make the last two.
    """
    message = ".".join(
        base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (headers, payload)
    )
    return f"{message}.{base64url(_signature(message.encode(), alg, key))}"


def _signature(message: bytes, alg: str, key: SigningKey | bytes) -> bytes:
    if alg == "none":
        return b""
    if alg in _HMACS:
        secret = key.public_pem if isinstance(key, SigningKey) else key
        return hmac.new(secret, message, _HMACS[alg]).digest()
    if alg not in _HASHES or not isinstance(key, SigningKey):
        raise ValueError(f"cannot sign with {alg} and this key")
    return key.private.sign(message, padding.PKCS1v15(), _HASHES[alg]())
