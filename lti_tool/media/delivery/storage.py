"""Where the bytes of media lie.

The database knows only keys; a key's bytes never change.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from flask import Flask, current_app

from lti_tool.config import writable_folder
from lti_tool.core.ids import new_id

COPY_BYTES = 1 << 20
PART = ".part"


class Storage(Protocol):
    """What the room asks of a place for files."""

    def keep(self, source: Path) -> str:
        """Copy a file in and return its key."""

    def keep_joined(self, parts: Iterable[Path]) -> str:
        """Copy the parts, one after another, into one file and return its key."""

    def keep_blocks(self, blocks: Iterable[bytes]) -> str:
        """Write the blocks, one after another, into one file and return its key."""

    def open(self, key: str) -> BinaryIO:
        """Open a readable, seekable stream.

        Raises FileNotFoundError.
        """

    def path(self, key: str) -> Path:
        """Return the path of the file on the local disk."""

    def internal_name(self, key: str) -> str:
        """Write the key as a path below the web server's internal location."""

    def remove(self, key: str) -> None:
        """Remove a file; one that is gone already is no error."""

    def keys_before(self, moment: datetime) -> Iterator[str]:
        """List the keys of files that were stored before this moment."""

    def remove_unfinished(self, moment: datetime) -> int:
        """Remove what was begun before this moment and never became a file; say how many."""


class LocalStorage:
    """A folder: random names, two levels of sub-folders, each file written aside and renamed in."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def keep(self, source: Path) -> str:
        return self.keep_joined([source])

    def keep_joined(self, parts: Iterable[Path]) -> str:
        return self.keep_blocks(_blocks(parts))

    def keep_blocks(self, blocks: Iterable[bytes]) -> str:
        key = new_id()
        target = self.path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_suffix(PART)
        try:
            with beside.open("xb") as out:
                out.writelines(blocks)
                out.flush()
                os.fsync(out.fileno())
            beside.rename(target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        return key

    def open(self, key: str) -> BinaryIO:
        return self.path(key).open("rb")

    def path(self, key: str) -> Path:
        return self.root / self.internal_name(key)

    def internal_name(self, key: str) -> str:
        if not _is_key(key):
            raise FileNotFoundError(key)
        return f"{key[:2]}/{key[2:4]}/{key}"

    def remove(self, key: str) -> None:
        self.path(key).unlink(missing_ok=True)

    def keys_before(self, moment: datetime) -> Iterator[str]:
        for path in self._written_before(moment):
            if _is_key(path.name):
                yield path.name

    def remove_unfinished(self, moment: datetime) -> int:
        unfinished = [path for path in self._written_before(moment) if path.suffix == PART]
        for path in unfinished:
            path.unlink(missing_ok=True)
        return len(unfinished)

    def _written_before(self, moment: datetime) -> Iterator[Path]:
        for path in self.root.glob("??/??/*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < moment.timestamp():
                    yield path


def _blocks(parts: Iterable[Path]) -> Iterator[bytes]:
    for part in parts:
        with part.open("rb") as piece:
            while block := piece.read(COPY_BYTES):
                yield block


def _is_key(name: str) -> bool:
    return name.isascii() and name.isalnum() and len(name) > 4


class Incoming:
    """Parts of unfinished uploads, each named by the offset it begins at."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, upload_id: str) -> Path:
        return self.root / upload_id

    def aside(self, upload_id: str) -> Path:
        """Choose a fresh name for a part that is being received."""
        folder = self.folder(upload_id)
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{new_id()}.new"

    def settle(self, upload_id: str, part: Path, offset: int) -> None:
        """Make a received part count, as the one that begins at ``offset``."""
        part.rename(self.folder(upload_id) / f"{offset:020d}")

    def parts(self, upload_id: str, size: int) -> list[Path]:
        """List the parts in order.

        Raises ValueError unless they make up exactly ``size`` bytes.
        """
        position, found = 0, []
        while position < size:
            part = self.folder(upload_id) / f"{position:020d}"
            length = part.stat().st_size if part.is_file() else 0
            if not length:
                raise ValueError(f"no part begins at {position}")
            found.append(part)
            position += length
        if position != size:
            raise ValueError(f"{position} bytes instead of {size}")
        return found

    def remove(self, upload_id: str) -> None:
        shutil.rmtree(self.folder(upload_id), ignore_errors=True)


def root_of(storage_url: str) -> Path:
    """Return the folder that a ``file:///…`` address names."""
    return Path(unquote(urlsplit(storage_url).path))


def install(app: Flask, storage_url: str) -> None:
    root = root_of(storage_url)
    kept, coming = root / "media", root / "incoming"
    for folder in (root, kept, coming):  # those inside may have another owner, as after a restore
        if folder == root or folder.exists():
            writable_folder("storage_url", folder)
    app.extensions["foyer.media.storage"] = LocalStorage(kept)
    app.extensions["foyer.media.incoming"] = Incoming(coming)


def storage() -> Storage:
    """Return the running application's storage."""
    found: Storage = current_app.extensions["foyer.media.storage"]
    return found


def incoming() -> Incoming:
    """Return the running application's unfinished uploads."""
    found: Incoming = current_app.extensions["foyer.media.incoming"]
    return found
