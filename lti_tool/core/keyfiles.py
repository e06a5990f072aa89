"""Key files: made at first use, never overwritten, shared by every process and machine.

A new file is written under a temporary name and linked to its own name, which fails if another
process was faster; then that one's key is used.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from lti_tool.config import SHORTEST_SECRET


class DamagedKey(OSError):
    """A key file holds no key, as after a full disk or half a restore; it must not be used."""

    def __init__(self, path: Path) -> None:
        sentence = "holds no key: put it back from the backup, or remove it to have a new one made"
        super().__init__(errno.EINVAL, sentence, str(path))


def read_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    """Read the content of ``path``, made by ``make`` if the file is not there (mode 0600)."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
            _give_to_owner_of(path.parent, file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink()
    return path.read_bytes()


def _give_to_owner_of(folder: Path, descriptor: int) -> None:
    """Let what root makes be read by the service, to whose user the folder belongs."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def application_secret(folder: Path, configured: str) -> str:
    """Read or make the secret that signs form tokens and file addresses.

    Raises DamagedKey.
    """
    if configured:
        return configured
    path = folder / "application.key"
    found = read_or_make(path, lambda: secrets.token_hex(32).encode())
    if len(found.strip()) < SHORTEST_SECRET or not found.isascii():
        raise DamagedKey(path)
    return found.decode()


_KEY_BYTES = 32


class KeyRing:
    """Symmetric keys of one purpose, one file each; the newest is used, older ones still read."""

    def __init__(self, folder: Path, purpose: str) -> None:
        self._folder = folder
        self._purpose = purpose
        self._cache: dict[str, bytes] = {}

    def current(self) -> str:
        """Return the id of the key to use, made if there is none yet."""
        found = self._folder.glob(f"{self._purpose}-*.key")
        names = sorted(found, key=lambda path: (len(path.name), path.name))
        if names:
            return names[-1].stem.removeprefix(f"{self._purpose}-")
        self._read("1")
        return "1"

    def examine(self) -> None:
        """Read all keys there are.

        Raises DamagedKey, and OSError for what cannot be read.
        """
        for path in self._folder.glob(f"{self._purpose}-*.key"):
            self._read(path.stem.removeprefix(f"{self._purpose}-"))

    def key(self, key_id: str) -> bytes:
        """Read the 32 bytes of a key.

        Raises KeyError when its file is gone, DamagedKey where it holds none.
        """
        if key_id not in self._cache:
            if not key_id.isalnum() or not self._path(key_id).is_file():
                raise KeyError(key_id)
            self._read(key_id)
        return self._cache[key_id]

    def _path(self, key_id: str) -> Path:
        return self._folder / f"{self._purpose}-{key_id}.key"

    def _read(self, key_id: str) -> None:
        content = read_or_make(self._path(key_id), lambda: secrets.token_hex(32).encode())
        try:
            key = bytes.fromhex(content.decode())
        except ValueError:
            key = b""
        if len(key) != _KEY_BYTES:
            raise DamagedKey(self._path(key_id))
        self._cache[key_id] = key
