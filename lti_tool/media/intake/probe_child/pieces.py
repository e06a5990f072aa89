"""A file as it will be served: stretches of the one that came, zeros, and a few bytes of our own.

What is private in a film is left out this way without decoding or copying anything; what is looked
into is this very file, and the parent writes it down.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, BinaryIO

BLOCK = 1 << 20
ZEROS = -1
"""Stands where a stretch begins: so many zero bytes."""

Piece = tuple[int, int] | bytes
"""A stretch of the source (where it begins, how long it is), or the bytes themselves."""


def length_of(piece: Piece) -> int:
    return len(piece) if isinstance(piece, bytes) else piece[1]


def joined(pieces: list[Piece]) -> list[Piece]:
    """Put neighbours together that are one stretch, and leave out what is empty."""
    result: list[Piece] = []
    for piece in pieces:
        last = result[-1] if result else None
        if not length_of(piece):
            continue
        if isinstance(piece, bytes) and isinstance(last, bytes):
            result[-1] = last + piece
        elif isinstance(piece, tuple) and isinstance(last, tuple) and _go_on(last, piece):
            result[-1] = (last[0], last[1] + piece[1])
        else:
            result.append(piece)
    return result


def _go_on(last: tuple[int, int], piece: tuple[int, int]) -> bool:
    if ZEROS in (last[0], piece[0]):
        return last[0] == piece[0]
    return last[0] + last[1] == piece[0]


def blanked(begin: int, end: int, changes: list[tuple[int, Piece]]) -> list[Piece]:
    """Return the stretch from ``begin`` to ``end`` with some places replaced, length for length.

    Of changes that overlap the first one counts; zeros go on behind it.
    """
    pieces: list[Piece] = []
    position = begin
    for at, piece in sorted(changes, key=lambda change: change[0]):
        following = at + length_of(piece)
        if isinstance(piece, tuple):
            at = max(at, position)
            piece = (piece[0], following - at)
        if at < position or following <= at or following > end:
            continue
        pieces += [(position, at - position), piece]
        position = following
    return joined([*pieces, (position, end - position)])


def zeros_behind(stream: BinaryIO, begin: int, end: int) -> int:
    """Count the zero bytes at the end of that stretch."""
    position = end
    while position > begin:
        length = min(BLOCK, position - begin)
        stream.seek(position - length)
        kept = len(stream.read(length).rstrip(b"\0"))
        position -= length - kept
        if kept:
            break
    return end - position


class Pieced(io.RawIOBase):
    """Reads the pieces as one file."""

    def __init__(self, source: BinaryIO, pieces: list[Piece]) -> None:
        self._source = source
        self._pieces = pieces
        self._begins = [0]
        for piece in pieces:
            self._begins.append(self._begins[-1] + length_of(piece))
        self.size = self._begins.pop()
        self._position = 0

    def first(self, length: int) -> Pieced:
        """Return the same without what follows the first so many bytes."""
        pieces: list[Piece] = []
        for begin, piece in zip(self._begins, self._pieces, strict=True):
            left = min(length_of(piece), length - begin)
            if left > 0:
                pieces.append(piece[:left] if isinstance(piece, bytes) else (piece[0], left))
        return Pieced(self._source, pieces)

    def followed_by(self, more: bytes) -> Pieced:
        return Pieced(self._source, [*self._pieces, more])

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        return self.read(-1)

    def read(self, size: int | None = -1) -> bytes:
        left = max(0, self.size - self._position)
        wanted = left if size is None or size < 0 else min(size, left)
        data = b"".join(self._parts(wanted))
        self._position += len(data)
        return data

    def _parts(self, wanted: int) -> Iterator[bytes]:
        position = self._position
        number = bisect_right(self._begins, position) - 1
        while wanted:
            piece = self._pieces[number]
            skip = position - self._begins[number]
            length = min(wanted, length_of(piece) - skip)
            if isinstance(piece, bytes):
                yield piece[skip : skip + length]
            elif piece[0] == ZEROS:
                yield bytes(length)
            else:
                self._source.seek(piece[0] + skip)
                yield self._source.read(length)
            position, wanted, number = position + length, wanted - length, number + 1
