"""The tool's own signing keys (JWKS): files in ``keys/``, several so that rotation overlaps."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask, current_app
from jwt.algorithms import RSAAlgorithm

from lti_tool.config import folder_in_use
from lti_tool.core.clock import now
from lti_tool.core.ids import new_handle
from lti_tool.core.keyfiles import DamagedKey, read_or_make
from lti_tool.lti.rules import SigningKey, published_keys

_TIME = "%Y%m%dT%H%M%SZ"
_FIRST = SigningKey("first", datetime(2000, 1, 1, tzinfo=UTC))
"""Its name is fixed, so that processes that start at once agree on one; nobody notes when it was
made."""


def is_first(key: SigningKey) -> bool:
    return key == _FIRST


class ToolKeys:
    """Reads the key files; what was read is kept, since reading a PEM takes 35 ms."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._private: dict[str, rsa.RSAPrivateKey] = {}

    def names(self) -> list[SigningKey]:
        found = []
        for path in self._folder.glob("signing-*-*.pem"):
            _prefix, made, key_id = path.stem.split("-", 2)
            found.append(SigningKey(key_id, datetime.strptime(made, _TIME).replace(tzinfo=UTC)))
        return found

    def examine(self) -> None:
        """See that each file can be read and holds a key from its beginning to its end.

        Raises DamagedKey, and OSError for what cannot be read.
        """
        for path in self._folder.glob("signing-*-*.pem"):
            lines = path.read_bytes().split()
            if not lines or lines[0] != b"-----BEGIN" or not lines[-1].endswith(b"KEY-----"):
                raise DamagedKey(path)

    def make(self, moment: datetime, key_id: str) -> None:
        path = self._folder / f"signing-{moment.strftime(_TIME)}-{key_id}.pem"
        read_or_make(path, _new_pem)

    def ensure(self) -> list[SigningKey]:
        """Return the keys there are, one made if there is none."""
        if not self.names():
            self.make(_FIRST.made_at, _FIRST.id)
        return self.names()

    def private(self, key: SigningKey) -> rsa.RSAPrivateKey:
        """Read the key to sign with.

        Raises TypeError for a file without RSA key.
        """
        if key.id not in self._private:
            path = next(self._folder.glob(f"signing-*-{key.id}.pem"))
            private = serialization.load_pem_private_key(path.read_bytes(), None)
            if not isinstance(private, rsa.RSAPrivateKey):
                raise TypeError(f"{path} holds no RSA key")
            self._private[key.id] = private
        return self._private[key.id]

    def public_jwk(self, key: SigningKey) -> dict[str, Any]:
        """Write the key as it stands in our key set.

        Raises TypeError for a file without RSA key.
        """
        public: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(self.private(key).public_key()))
        public.pop("key_ops", None)
        public.update(kid=key.id, use="sig", alg="RS256")
        return public

    def remove_retired(self, moment: datetime) -> list[str]:
        keys = self.names()
        kept = {key.id for key in published_keys(keys, moment)}
        gone = [key.id for key in keys if key.id not in kept]
        for key_id in gone:
            for path in self._folder.glob(f"signing-*-{key_id}.pem"):
                path.unlink(missing_ok=True)  # another machine may rotate at the same time
            self._private.pop(key_id, None)
        return gone


def _new_pem() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def install(app: Flask, folder: Path) -> None:
    keys = ToolKeys(folder)
    with folder_in_use("keys_dir", folder, mode=0o700):
        keys.examine()
    app.extensions["foyer.tool_keys"] = keys


def tool_keys() -> ToolKeys:
    keys: ToolKeys = current_app.extensions["foyer.tool_keys"]
    return keys


def jwks() -> dict[str, list[dict[str, Any]]]:
    """Write our key set: the signing key, one announced before it signs, those lately replaced."""
    keys = tool_keys()
    shown = published_keys(keys.ensure(), now())
    return {"keys": [keys.public_jwk(key) for key in shown]}


def rotate() -> tuple[str, list[str]]:
    """Make a new key, remove those retired long enough; return the new id and the removed."""
    keys = tool_keys()
    keys.ensure()
    key_id = new_handle()
    keys.make(now(), key_id)
    return key_id, keys.remove_retired(now())
