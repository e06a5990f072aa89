"""MP4 and its relatives without what they tell beside picture and sound (ISO/IEC 14496-12).

Every box keeps its place and length, so that no offset changes: what goes becomes a ``free`` box of
zeros. Codec data, matrices, edit lists and chapters stay byte for byte. Tracks that are neither
seen nor heard (positions of a camera, faces, time codes, texts that are no chapters) go, and their
samples become zeros.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from .mp4_samples import Stretch, fragment_samples, track_samples
from .pieces import ZEROS, Piece, blanked
from .refusal import Refused

MAX_BOXES = 200_000
MAX_HEADER = 256 << 20
MAX_PADDING = 1 << 20
_TOP = frozenset({b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"mfra", b"sidx", b"ssix", b"pdin"})
_FILLING = frozenset({b"free", b"skip", b"wide"})
# Firefox takes a file for 3GPP by these, whatever type is served, and plays none of that.
_PHONE_BRAND, _COMMON_BRAND = b"3g", b"mp42"
_GONE_AT_TOP = frozenset({b"udta", b"meta", b"uuid", b"emsg", b"prft", b"meco", b"pnot", b"PICT"})
_KNOWN = _TOP | _FILLING | _GONE_AT_TOP
_PADDING = bytes(4)
_KEPT_IN: dict[bytes, frozenset[bytes]] = {
    b"moov": frozenset({b"mvhd", b"trak", b"mvex", b"iods", b"udta", b"cmov"}),
    b"trak": frozenset(
        {b"tkhd", b"tref", b"edts", b"mdia", b"tapt", b"clip", b"matt", b"load", b"trgr"}
    ),
    b"mdia": frozenset({b"mdhd", b"hdlr", b"minf", b"elng"}),
    b"minf": frozenset(
        {b"vmhd", b"smhd", b"nmhd", b"sthd", b"gmhd", b"hdlr", b"dinf", b"stbl", b"hmhd"}
    ),
    b"dinf": frozenset({b"dref"}),
    b"edts": frozenset({b"elst"}),
    b"mvex": frozenset({b"mehd", b"trex", b"leva"}),
    b"stbl": frozenset(
        b"stsd stts ctts cslg stss stps stsh stdp stsz stz2 stsc stco co64 padb sdtp sbgp sgpd "
        b"subs saiz saio".split()
    ),
    b"udta": frozenset({b"chpl"}),
    b"moof": frozenset({b"mfhd", b"traf"}),
    b"traf": frozenset(
        {b"tfhd", b"trun", b"tfdt", b"subs", b"sbgp", b"sgpd", b"saiz", b"saio", b"sdtp"}
    ),
}
_CONTAINERS = frozenset(_KEPT_IN)
_SEEN_OR_HEARD = frozenset({b"vide", b"soun"})
# Cameras write where they are, second by second, into tracks of the same kinds.
_MAY_BE_CHAPTERS = frozenset({b"text", b"sbtl", b"subt"})
# Sample entries of common encryption (ISO/IEC 23001-7), of Apple's shop and of Audible.
_LOCKED = frozenset({b"encv", b"enca", b"drms", b"drmi", b"aavd"})
# Where the dates of the header boxes stand: behind version and flags, twice four or eight bytes.
_DATED = frozenset({b"mvhd", b"tkhd", b"mdhd"})


class Box:
    """One box: its type, and where it, its content and its end lie in the file."""

    def __init__(self, kind: bytes, begin: int, content: int, end: int) -> None:
        self.kind, self.begin, self.content, self.end = kind, begin, content, end


def clean(stream: BinaryIO, begin: int, end: int) -> list[Piece]:
    """Return the file's pieces.

    Raises Refused("truncated") when samples are missing.
    """
    boxes, end = _top_level(stream, begin, end)
    moov = next((box for box in boxes if box.kind == b"moov"), None)
    if moov is None or moov.end > end or moov.end - moov.content > MAX_HEADER:
        raise Refused("truncated")
    cleaning = _Cleaning(stream, begin, end)
    for box in boxes:
        cleaning.top(box)
    fragmented = any(box.kind == b"moof" for box in boxes)
    if not fragmented:
        cleaning.unreferred([box for box in boxes if box.kind == b"mdat"])
    last = boxes[-1]
    if cleaning.last_sample > end or (fragmented and last.kind != b"mdat" and last.end > end):
        raise Refused("truncated")
    return blanked(begin, end, cleaning.changes)


def _top_level(stream: BinaryIO, begin: int, end: int) -> tuple[list[Box], int]:
    """List the boxes that follow one another, and where what a maker hung on begins.

    Boxes that nobody knows are stepped over (§4.2) as long as one that is known follows.
    """
    boxes: list[Box] = []
    unknown: list[Box] = []
    position = begin
    while position < end and len(boxes) + len(unknown) < MAX_BOXES:
        box = _box_at(stream, position, end)
        if box is None:
            break
        unknown.append(box)
        if box.kind in _KNOWN:
            boxes += unknown
            unknown = []
        position = box.end
    if unknown or position < end:
        return boxes, unknown[0].begin if unknown else position
    if position > end and boxes and boxes[-1].kind not in _TOP:
        return boxes[:-1], boxes[-1].begin
    return boxes, end


def _box_at(stream: BinaryIO, position: int, end: int) -> Box | None:
    stream.seek(position)
    header = stream.read(16)
    length, kind = int.from_bytes(header[:4], "big"), header[4:8]
    content = position + 8
    if length == 1:
        length, content = int.from_bytes(header[8:16], "big"), position + 16
    elif length == 0 and kind == _PADDING:
        stream.seek(position)
        length = _padding(stream.read(MAX_PADDING))
    elif length == 0 and kind in _KNOWN:
        length = end - position
    if length < content - position or (kind not in _KNOWN and position + length > end):
        return None
    return Box(kind, position, content, position + length)


def _padding(data: bytes) -> int:
    """Measure zeros before a box that is known, whose length may itself begin with zeros."""
    zeros = len(data) - len(data.lstrip(b"\0"))
    starts = range(max(0, zeros - 3), zeros + 1)
    return next((at for at in starts if data[at + 4 : at + 8] in _KNOWN), 0)


class _Cleaning:
    """Gathers what is to become zeros, and how far the samples reach."""

    def __init__(self, stream: BinaryIO, begin: int, end: int) -> None:
        self._stream, self._begin, self._end = stream, begin, end
        self._dropped: set[int] = set()
        self._chapters: set[int] = set()
        self._defaults: dict[int, int] = {}
        self._handler = b""
        self._kept: list[Stretch] = []
        self._tables_tell_all = True
        self.changes: list[tuple[int, Piece]] = []
        self.last_sample = 0

    def top(self, box: Box) -> None:
        if box.kind == b"moov":
            self._chapters = {number for one in self._children(box) for number in self._named(one)}
            self._inside(box)
        elif box.kind == b"moof":
            self._fragment(box)
        elif box.kind == _PADDING:
            self.changes.append((box.begin, (box.end - box.begin).to_bytes(4) + b"free"))
        elif box.kind in _FILLING:
            self._zeros(box.content, box.end)
        elif box.kind == b"ftyp":
            self._brands(box)
        elif box.kind not in _TOP:
            self._free(box)

    def _brands(self, box: Box) -> None:
        """Call a phone's film by the brand that every browser knows (§4.3)."""
        for at in (box.content, *range(box.content + 8, min(box.end, box.content + 256), 4)):
            if self._read(at, 4).startswith(_PHONE_BRAND):
                self.changes.append((at, _COMMON_BRAND))

    def _inside(self, box: Box) -> None:
        kept = _KEPT_IN.get(box.kind)
        for child in self._children(box):
            if kept is not None and child.kind not in kept:
                self._free(child)
            elif child.kind == b"trak":
                self._track(child)
            elif child.kind in _CONTAINERS:
                self._inside(child)
            else:
                self._leaf(child)

    def _leaf(self, box: Box) -> None:
        if box.kind in _DATED:
            version = self._read(box.content, 1)
            self._zeros(box.content + 4, box.content + (20 if version == b"\1" else 12))
        elif box.kind == b"hdlr":  # its name is that of the program or the camera
            self._zeros(box.content + 24, box.end)
        elif box.kind == b"stsd":
            self._entries(box)
        elif box.kind == b"dref":  # old QuickTime writes the whole path of the file there
            for entry in self._children(Box(box.kind, box.begin, box.content + 8, box.end)):
                self._zeros(entry.content + 4, entry.end)
        elif box.kind == b"trex":
            data = self._read(box.content, 24)
            self._defaults[int.from_bytes(data[4:8], "big")] = int.from_bytes(data[16:20], "big")

    def _entries(self, box: Box) -> None:
        """Take names out of the sample entries: of the compressor (§12.1.3), of who bought it."""
        for entry in self._children(Box(box.kind, box.begin, box.content + 8, box.end)):
            if entry.kind in _LOCKED:
                raise Refused("copy_protected")
            if self._handler == b"vide" and entry.end - entry.content >= 78:
                self._zeros(entry.content + 42, entry.content + 74)
            first = entry.content + self._fixed_part(entry)
            if self._handler not in _SEEN_OR_HEARD or first >= entry.end:
                continue
            for child in self._children(Box(entry.kind, entry.begin, first, entry.end)):
                if child.kind == b"sinf":
                    raise Refused("copy_protected")
                if child.kind in (b"uuid", b"udta", b"meta", b"pinf"):
                    self._free(child)

    def _fixed_part(self, entry: Box) -> int:
        """Measure a sample entry up to its boxes; QuickTime has two longer versions for sounds."""
        if self._handler == b"vide":
            return 78
        version = int.from_bytes(self._read(entry.content + 8, 2), "big")
        return 28 + {1: 16, 2: 36}.get(version, 0)

    def _track(self, box: Box) -> None:
        self._handler = self._handler_of(box)
        number = self._track_id(box)
        is_chapters = self._handler in _MAY_BE_CHAPTERS and number in self._chapters
        if self._handler in _SEEN_OR_HEARD or is_chapters:
            samples = self._samples(box)
            self._kept += samples
            self._reach(samples)
            self._inside(box)
            return
        self._dropped.add(number)
        self._forget(self._samples(box))
        self._free(box)

    def _named(self, track: Box) -> list[int]:
        """List which tracks are the chapters of this one (§8.3.3), if it is seen or heard."""
        if track.kind != b"trak" or self._handler_of(track) not in _SEEN_OR_HEARD:
            return []
        return [
            int.from_bytes(self._read(at, 4), "big")
            for box in self._descend(track, b"tref")
            if box.kind == b"chap"
            for at in range(box.content, box.end, 4)
        ]

    def unreferred(self, boxes: list[Box]) -> None:
        """Make zeros of what no kept track refers to: samples of others, and makers' own data."""
        if not self._kept or not self._tables_tell_all:
            return
        kept = sorted(self._kept)
        for box in boxes:
            position = box.content
            for at, length in kept:
                begin = self._begin + at
                if box.content <= begin < box.end:
                    self._zeros(position, begin)
                    position = max(position, begin + length)
            self._zeros(position, box.end)

    def _reach(self, stretches: list[Stretch]) -> None:
        for at, length in stretches:
            self.last_sample = max(self.last_sample, self._begin + at + length)

    def _forget(self, stretches: list[Stretch]) -> None:
        for at, length in stretches:
            self._zeros(self._begin + at, self._begin + at + length)

    def _fragment(self, moof: Box) -> None:
        for traf in self._children(moof):
            if traf.kind != b"traf":
                continue
            header, runs = b"", []
            for child in self._children(traf):
                if child.kind == b"trun":
                    runs.append(self._read(child.content, child.end - child.content))
                elif child.kind == b"tfhd":
                    header = self._read(child.content, child.end - child.content)
            found = fragment_samples(header, runs, moof.begin - self._begin, self._defaults)
            (self._forget if found.track in self._dropped else self._reach)(found.stretches)
        self._inside(moof)

    def _samples(self, track: Box) -> list[Stretch]:
        tables = {
            box.kind: self._read(box.content, box.end - box.content)
            for box in self._descend(track, b"mdia", b"minf", b"stbl")
            if box.kind in (b"stsz", b"stz2", b"stsc", b"stco", b"co64")
        }
        # Old QuickTime counts in other units where it says that all samples are of one length.
        if int.from_bytes(tables.get(b"stsz", b"")[4:8], "big"):
            self._tables_tell_all = False
        return track_samples(tables)

    def _handler_of(self, track: Box) -> bytes:
        for box in self._descend(track, b"mdia"):
            if box.kind == b"hdlr":
                return self._read(box.content + 8, 4)
        return b""

    def _track_id(self, track: Box) -> int:
        for box in self._children(track):
            if box.kind == b"tkhd":
                data = self._read(box.content, 24)
                return int.from_bytes(data[20:24] if data[:1] == b"\1" else data[12:16], "big")
        return 0

    def _descend(self, box: Box, *kinds: bytes) -> Iterator[Box]:
        if not kinds:
            yield from self._children(box)
            return
        for child in self._children(box):
            if child.kind == kinds[0]:
                yield from self._descend(child, *kinds[1:])

    def _children(self, box: Box) -> Iterator[Box]:
        position = box.content
        while position + 8 <= box.end:
            header = self._read(position, 16)
            length, content = int.from_bytes(header[:4], "big"), position + 8
            if length == 1:
                length, content = int.from_bytes(header[8:16], "big"), position + 16
            elif length == 0:
                length = box.end - position
            if length < content - position or position + length > box.end:
                return
            yield Box(header[4:8], position, content, position + length)
            position += length

    def _read(self, position: int, length: int) -> bytes:
        self._stream.seek(position)
        return self._stream.read(length)

    def _free(self, box: Box) -> None:
        self.changes.append((box.begin + 4, b"free"))
        self._zeros(box.content, box.end)

    def _zeros(self, begin: int, end: int) -> None:
        length = min(end, self._end) - begin
        if length > 0:
            self.changes.append((begin, (ZEROS, length)))
