"""Sounds without tags: MP3, AAC, FLAC and WAV, down to what is heard."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

from .frames import HEADER, Measure, adts_length, in_a_row, mp3_length, tags_behind
from .pieces import Piece, joined
from .refusal import Refused

BLOCK = 1 << 20
TAIL = 1 << 20
MAX_CHUNKS = 10_000
_STREAMED = 0x7FFF0000
"""Lengths from here on are what programs write that do not know it yet."""

_Chunk = bytes | tuple[int, int]
_EXTENSIBLE, _MP3 = b"\xfe\xff", b"\x55\0"
_CHUNKS = frozenset(
    b"fmt |data|fact|ds64|LIST|list|bext|iXML|axml|chna|cue |smpl|inst|JUNK|junk|FLLR|PAD |PEAK|"
    b"id3 |ID3 |DISP|cart|levl|link|note|labl|ltxt|plst|acid|strc|umid|minf|elm1|regn|_PMX|SAUR|"
    b"AFAn|afsp|LGWV|mext|aXML|MD5 |wavl|slnt".split(b"|")
)
_CHUNK = re.compile(b"|".join(map(re.escape, sorted(_CHUNKS))))


def clean_mp3(stream: BinaryIO, begin: int, end: int) -> list[Piece]:
    return _frames(stream, begin, end, mp3_length)


def clean_aac(stream: BinaryIO, begin: int, end: int) -> list[Piece]:
    return _frames(stream, begin, end, adts_length)


def _frames(stream: BinaryIO, begin: int, end: int, measure: Measure) -> list[Piece]:
    """Keep the runs of frames; players skip what lies between, as tags of joined files do."""
    pieces: list[Piece] = list(_runs(stream, begin, end, measure))
    if not pieces:
        raise Refused("broken")
    return joined(pieces)


def _runs(stream: BinaryIO, begin: int, end: int, measure: Measure) -> Iterator[tuple[int, int]]:
    reader = _Reader(stream, end)
    position = begin
    while position < end:
        length = measure(reader.at(position, HEADER))
        if not length:
            position = _next_run(reader, position + 1, measure)
            continue
        if position + length > end:
            return
        yield position, length
        position += length


def _next_run(reader: _Reader, position: int, measure: Measure) -> int:
    """Find where frames go on in a row, else the end."""
    while position < reader.end:
        data = reader.at(position, 64 << 10)
        at = data.find(0xFF)
        while at >= 0:
            if in_a_row(reader.at(position + at, 16 << 10), 0, measure):
                return position + at
            at = data.find(0xFF, at + 1)
        position += len(data)
    return reader.end


class _Reader:
    """Reads little by little out of large blocks."""

    def __init__(self, stream: BinaryIO, end: int) -> None:
        self._stream, self.end = stream, end
        self._begin, self._block = 0, b""

    def at(self, position: int, length: int) -> bytes:
        length = max(0, min(length, self.end - position))
        if not self._begin <= position <= self._begin + len(self._block) - length:
            self._stream.seek(position)
            self._begin, self._block = position, self._stream.read(BLOCK)
        within = position - self._begin
        return self._block[within : within + length]


def clean_flac(stream: BinaryIO, begin: int, end: int) -> list[Piece]:
    """Keep STREAMINFO and SEEKTABLE, and the frames (RFC 9639 §8)."""
    position, last = begin + 4, False
    kept: list[Piece] = []
    while not last:
        stream.seek(position)
        head = stream.read(4)
        if len(head) < 4:
            raise Refused("truncated")
        length = int.from_bytes(head[1:])
        last, kind = bool(head[0] & 0x80), head[0] & 0x7F
        if kind in (0, 3):
            kept += [bytes([kind]) + head[1:], (position + 4, length)]
        position += 4 + length
    if not kept or position > end:
        raise Refused("truncated" if position > end else "broken")
    heads = [place for place, piece in enumerate(kept) if isinstance(piece, bytes)]
    final = kept[heads[-1]]
    if isinstance(final, bytes):
        kept[heads[-1]] = bytes([final[0] | 0x80]) + final[1:]
    end -= _tags(stream, position, end)
    return joined([b"fLaC", *kept, (position, end - position)])


def _tags(stream: BinaryIO, begin: int, end: int) -> int:
    length = min(TAIL, end - begin)
    stream.seek(end - length)
    return tags_behind(stream.read(length))


def clean_wav(stream: BinaryIO, begin: int, end: int) -> list[Piece]:
    """Write the header anew, with lengths that are right, around the samples."""
    form, fact, at, length = _wave(stream, begin, end)
    return joined(_riff(form, fact, at, length))


def mp3_within(stream: BinaryIO, begin: int, end: int) -> tuple[int, int] | None:
    """Say where an MP3 begins and ends of which a program has made a WAV (RFC 2361)."""
    try:
        form, _, at, length = _wave(stream, begin, end)
    except Refused:
        return None
    kind = form[24:26] if form[:2] == _EXTENSIBLE else form[:2]
    return (at, at + length) if kind == _MP3 else None


def _wave(stream: BinaryIO, begin: int, end: int) -> tuple[bytes, _Chunk | None, int, int]:
    """Return the format, the chunk ``fact``, and where the samples begin and how long they are."""
    stream.seek(begin)
    head = stream.read(12)
    chunks = _chunks(stream, begin + 12, end)
    large = chunks.get(b"ds64", b"")
    form, data = chunks.get(b"fmt "), chunks.get(b"data")
    if not isinstance(data, tuple):
        raise Refused("truncated")
    at, length = data
    if not isinstance(form, bytes) or len(form) < 16:
        raise Refused("truncated" if at + length > end else "broken")
    if length == 0xFFFFFFFF and head[:4] != b"RIFF" and isinstance(large, bytes):
        length = int.from_bytes(large[8:16], "little")
    frame = max(1, int.from_bytes(form[12:14], "little"))
    there = end - at
    if not length or (length >= _STREAMED and length > there):
        length = (there - _chunks_behind(stream, at, end)) // frame * frame
    elif length - there >= frame:
        raise Refused("truncated")
    return form, chunks.get(b"fact"), at, min(length, there)


def _chunks_behind(stream: BinaryIO, begin: int, end: int) -> int:
    """Measure the chunks that follow samples of which nobody tells where they end."""
    stream.seek(max(begin, end - TAIL))
    data = stream.read(min(TAIL, end - begin))
    for first in _CHUNK.finditer(data):
        position = first.start()
        while data[position : position + 4] in _CHUNKS:
            length = int.from_bytes(data[position + 4 : position + 8], "little")
            position += 8 + length + length % 2
        if position in (len(data), len(data) + 1):
            return len(data) - first.start()
    return 0


def _riff(form: bytes, fact: _Chunk | None, at: int, length: int) -> list[Piece]:
    parts = b"fmt " + struct.pack("<I", len(form)) + form + bytes(len(form) % 2)
    if isinstance(fact, bytes):
        parts += b"fact" + struct.pack("<I", len(fact)) + fact + bytes(len(fact) % 2)
    whole = 4 + len(parts) + 8 + length + length % 2
    if whole < 1 << 32:
        head = b"RIFF" + struct.pack("<I", whole) + b"WAVE"
        data = b"data" + struct.pack("<I", length)
    else:  # EBU Tech 3306
        sizes = struct.pack("<QQQI", whole + 36, length, 0, 0)
        head = b"RF64\xff\xff\xff\xffWAVEds64" + struct.pack("<I", len(sizes)) + sizes
        data = b"data\xff\xff\xff\xff"
    return [head + parts + data, (at, length), bytes(length % 2)]


def _chunks(stream: BinaryIO, position: int, end: int) -> dict[bytes, _Chunk]:
    """Read the chunks until the format and the samples are known, of which only the place is."""
    found: dict[bytes, _Chunk] = {}
    for _ in range(MAX_CHUNKS):
        if position + 8 > end or (b"fmt " in found and b"data" in found):
            break
        stream.seek(position)
        head = stream.read(8)
        kind, length = head[:4], int.from_bytes(head[4:], "little")
        if kind == b"data":
            found.setdefault(kind, (position + 8, length))
        elif kind in (b"fmt ", b"fact", b"ds64") and length <= 1 << 16:
            found[kind] = stream.read(length)
        position += 8 + length
        # Some programs forget the byte that makes an odd chunk even.
        stream.seek(position)
        if length % 2 and stream.read(4) not in _CHUNKS:
            position += 1
    return found
