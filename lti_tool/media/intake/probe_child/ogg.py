"""Ogg without comments: the pages stay, what the comment headers say becomes blank.

RFC 3533 (pages), RFC 7845 §5.2 (Opus), the Vorbis I specification §5 (comments).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import dropwhile
from typing import BinaryIO

from .pieces import Piece, blanked, joined
from .refusal import Refused

MAX_HEADERS = 64 << 20
_BEGINS = 0x02
MAX_PACKETS = 200
_CAPTURE = b"OggS\0"
_HEADER = 27
_BLOCK = 1 << 20
# How the packet begins that says who made what, and how it ends.
_COMMENTS = {b"\x03vorbis": b"\1", b"OpusTags": b"", b"\x81theora": b""}
_FLAC = b"\x7fFLAC"


class _Page:
    """A page: where it lies, its lacing, and where its payload begins."""

    def __init__(self, begin: int, head: bytes, lacing: bytes) -> None:
        self.begin, self.head, self.lacing = begin, head, lacing
        self.serial = head[14:18]
        self.payload = begin + 27 + len(lacing)
        self.end = self.payload + sum(lacing)


class _Stream:
    """What of a logical stream's first packets is known so far."""

    def __init__(self) -> None:
        self.packets = 0
        self.wanted = 2
        self.pages: list[_Page] = []
        self.done = False


def clean(stream: BinaryIO, begin: int, end: int) -> list[Piece]:
    """Return the file's pieces; players skip what lies between pages, as tags of joined files do.

    Raises Refused("truncated") when the last page is not whole.
    """
    return _Cleaning(stream, begin, end).pieces()


def is_chained(stream: BinaryIO, begin: int, end: int) -> bool:
    """Tell whether links follow one another (RFC 3533 §4): a stream begins after the first data."""
    begins = (bool(page.head[5] & _BEGINS) for page in _Cleaning(stream, begin, end).pages())
    return any(dropwhile(bool, begins))


class _Cleaning:
    def __init__(self, stream: BinaryIO, begin: int, end: int) -> None:
        self._stream, self._begin, self._end = stream, begin, end
        self._changes: list[tuple[int, Piece]] = []

    def pieces(self) -> list[Piece]:
        streams: dict[bytes, _Stream] = {}
        runs: list[tuple[int, int]] = []
        for page in self.pages():
            if runs and runs[-1][1] == page.begin:
                runs[-1] = (runs[-1][0], page.end)
            else:
                runs.append((page.begin, page.end))
            if page.head[5] & _BEGINS:
                streams[page.serial] = _Stream()
            known = streams.get(page.serial)
            if known and not known.done:
                self._header(known, page)
        if not runs:
            raise Refused("broken")
        return joined([piece for run in runs for piece in blanked(*run, self._changes)])

    def pages(self) -> Iterator[_Page]:
        """Go from page to page. A checksum is only asked for where one does not follow another."""
        position = self._begin
        last: _Page | None = None
        while position < self._end:
            page = self._page(position)
            if page is None or page.end > self._end:
                # The length of the last page may be what is wrong.
                wrong = last is not None and not self._is_right(last)
                following = self._next_right(last.begin + 1 if last and wrong else position)
                if following is None and (page or self._is_cut(position)):
                    raise Refused("truncated")
                if following is None:
                    break
                if last and following.begin < last.end:
                    last = None
                page = following
            if last:
                yield last
            last, position = page, page.end
        if last:
            ending = self._read(max(last.payload, last.end - _HEADER), _HEADER)
            if not any(ending) and not self._is_right(last):
                raise Refused("truncated")  # room that was kept for what has not come
            yield last

    def _page(self, position: int) -> _Page | None:
        head = self._read(position, _HEADER)
        if len(head) < _HEADER or not head.startswith(_CAPTURE):
            return None
        return _Page(position, head, self._read(position + _HEADER, head[26]))

    def _is_cut(self, position: int) -> bool:
        head = self._read(position, _HEADER)
        return len(head) < _HEADER and (head.startswith(_CAPTURE) or _CAPTURE.startswith(head))

    def _is_right(self, page: _Page) -> bool:
        data = bytearray(self._read(page.begin, page.end - page.begin))
        told = bytes(data[22:26])
        data[22:26] = bytes(4)
        return _crc(data).to_bytes(4, "little") == told

    def _next_right(self, position: int) -> _Page | None:
        while position < self._end:
            data = self._read(position, _BLOCK)
            at = data.find(_CAPTURE)
            if at < 0:
                position += max(len(data) - len(_CAPTURE) + 1, 1)
                continue
            page = self._page(position + at)
            if page and page.end <= self._end and self._is_right(page):
                return page
            position += at + 1
        return None

    def _read(self, position: int, length: int) -> bytes:
        self._stream.seek(position)
        return self._stream.read(min(length, self._end - position))

    def _header(self, known: _Stream, page: _Page) -> None:
        """Gather the pages of the header packets; the second one holds the comments."""
        if not known.pages:
            self._stream.seek(page.payload)
            first = self._stream.read(9)
            if first.startswith(_FLAC):  # which puts pictures into packets of their own
                known.wanted += min(int.from_bytes(first[7:9]), MAX_PACKETS)
        known.pages.append(page)
        known.packets += sum(length < 255 for length in page.lacing)
        if sum(one.end - one.begin for one in known.pages) > MAX_HEADERS:
            raise Refused("too_hard")
        if known.packets >= known.wanted:
            known.done = True
            self._rewrite(known.pages)

    def _rewrite(self, pages: list[_Page]) -> None:
        payload = bytearray()
        for page in pages:
            self._stream.seek(page.payload)
            payload += self._stream.read(page.end - page.payload)
        at = 0
        for length in _packets(b"".join(page.lacing for page in pages)):
            payload[at : at + length] = _blank(bytes(payload[at : at + length]))
            at += length
        at = 0
        for page in pages:
            size = page.end - page.payload
            written = bytearray(page.head + page.lacing + payload[at : at + size])
            at += size
            written[22:26] = bytes(4)
            written[22:26] = _crc(written).to_bytes(4, "little")
            self._changes.append((page.begin, bytes(written)))


def _packets(lacing: bytes) -> list[int]:
    lengths, length = [], 0
    for value in lacing:
        length += value
        if value < 255:
            lengths.append(length)
            length = 0
    return lengths


def _blank(packet: bytes) -> bytes:
    """Write a packet of comments anew, as long as it was: a vendor's name of spaces, no comment."""
    for magic, tail in _COMMENTS.items():
        if packet.startswith(magic):
            return _no_comments(packet, len(magic), tail)
    kind = packet[:1] and packet[0] & 0x7F
    if kind == 4 and int.from_bytes(packet[1:4]) == len(packet) - 4:
        return _no_comments(packet, 4, b"")
    if kind in (2, 6) and int.from_bytes(packet[1:4]) == len(packet) - 4:
        padding = 1 | packet[0] & 0x80
        return bytes([padding]) + packet[1:4] + bytes(len(packet) - 4)
    return packet


def _no_comments(packet: bytes, skip: int, tail: bytes) -> bytes:
    room = len(packet) - skip - 8 - len(tail)
    if room < 0:
        return packet
    return packet[:skip] + room.to_bytes(4, "little") + b" " * room + bytes(4) + tail


def _table() -> list[int]:
    table = []
    for number in range(256):
        value = number << 24
        for _ in range(8):
            value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
        table.append(value & 0xFFFFFFFF)
    return table


_TABLE = _table()


def _crc(data: bytes | bytearray) -> int:
    value = 0
    for byte in data:
        value = (value << 8 & 0xFFFFFFFF) ^ _TABLE[value >> 24 ^ byte]
    return value
