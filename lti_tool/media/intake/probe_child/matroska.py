"""WebM without what it tells beside picture and sound (RFC 8794, RFC 9559).

Elements keep their place and length: what goes becomes a Void element of zeros.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from .pieces import ZEROS, Piece, blanked
from .refusal import Refused

VOID, CRC = 0xEC, 0xBF
EBML, DOC_TYPE = 0x1A45DFA3, 0x4282
SEGMENT, INFO, TRACKS, CLUSTER = 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675
SEEK_HEAD, CUES, CHAPTERS = 0x114D9B74, 0x1C53BB6B, 0x1043A770
TRACK_ENTRY, TRACK_NUMBER, TRACK_TYPE = 0xAE, 0xD7, 0x83
SIMPLE_BLOCK, BLOCK_GROUP, BLOCK = 0xA3, 0xA0, 0xA1
_KEPT_IN_SEGMENT = frozenset({SEEK_HEAD, INFO, TRACKS, CLUSTER, CUES, CHAPTERS})
_KEPT_IN_INFO = frozenset({0x2AD7B1, 0x4489})  # TimestampScale, Duration
_NAMES = frozenset({0x4D80, 0x5741})  # MuxingApp and WritingApp, which must be there
_GONE_FROM_TRACK = frozenset({0x536E, 0x258688, 0x7446, CRC, VOID})  # names, AttachmentLink
_SEEN_OR_HEARD = frozenset({1, 2})  # video, audio
ENCODINGS, ENCODING, ENCRYPTION = 0x6D80, 0x6240, 0x5035


class Element:
    """One element; ``end`` is None where its length is not told, as in what is recorded live."""

    def __init__(self, ident: int, begin: int, content: int, end: int | None) -> None:
        self.ident, self.begin, self.content, self.end = ident, begin, content, end


def clean(stream: BinaryIO, begin: int, end: int) -> list[Piece]:
    """Return the file's pieces.

    Raises Refused("truncated" | "broken").
    """
    return _Cleaning(stream, begin, end).pieces()


class _Cleaning:
    def __init__(self, stream: BinaryIO, begin: int, end: int) -> None:
        self._stream, self._begin, self._end = stream, begin, end
        self._changes: list[tuple[int, Piece]] = []
        self._dropped: set[int] = set()

    def pieces(self) -> list[Piece]:
        head = self._element(self._begin)
        if head is None or head.end is None:
            raise Refused("broken")
        for child in self._children(head, head.end):
            if child.ident == DOC_TYPE and child.end is not None:
                # Firefox looks for this word; what is inside has been compared with WebM's own.
                room = child.end - child.content
                self._changes.append((child.content, b"webm".ljust(room, b"\0")[:room]))
        segment = self._element(head.end)
        while segment is not None and segment.ident == VOID and segment.end is not None:
            segment = self._element(segment.end)
        if segment is None or segment.ident != SEGMENT:
            raise Refused("truncated" if segment is None else "broken")
        if segment.end is not None and segment.end > self._end:
            raise Refused("truncated")
        return blanked(self._begin, self._segment(segment), self._changes)

    def _segment(self, segment: Element) -> int:
        """Go through the segment and return where it ends."""
        limit = self._end if segment.end is None else segment.end
        position = segment.content
        while position < limit:
            child = self._element(position)
            if child is None:
                if segment.end is None and self._is_junk(position):
                    return position
                raise Refused("truncated")
            if child.end is not None and child.end > limit:
                raise Refused("truncated")
            if child.ident == CLUSTER:
                position = self._cluster(child, limit)
                continue
            if child.end is None:
                raise Refused("broken")
            self._top(child, child.end)
            position = child.end
        return limit

    def _is_junk(self, position: int) -> bool:
        return self._read(position, 1) in (b"\0", b"")

    def _top(self, child: Element, end: int) -> None:
        if child.ident == INFO:
            self._info(child, end)
        elif child.ident == TRACKS:
            self._tracks(child, end)
        elif child.ident == VOID:
            self._zeros(child.content, end)
        elif child.ident not in _KEPT_IN_SEGMENT:
            self._void(child, end)

    def _info(self, info: Element, end: int) -> None:
        for child in self._children(info, end):
            if child.end is None or child.ident in _KEPT_IN_INFO:
                continue
            if child.ident in _NAMES:
                self._zeros(child.content, child.end)
            else:
                self._void(child, child.end)

    def _tracks(self, tracks: Element, end: int) -> None:
        for entry in self._children(tracks, end):
            if entry.end is None:
                continue
            if entry.ident != TRACK_ENTRY:
                self._void(entry, entry.end)
                continue
            told = {
                child.ident: int.from_bytes(self._read(child.content, child.end - child.content))
                for child in self._children(entry, entry.end)
                if child.ident in (TRACK_NUMBER, TRACK_TYPE) and child.end is not None
            }
            if told.get(TRACK_TYPE) not in _SEEN_OR_HEARD:
                self._dropped.add(told.get(TRACK_NUMBER, 0))
                self._void(entry, entry.end)
                continue
            if self._is_encrypted(entry):
                raise Refused("copy_protected")
            for child in self._children(entry, entry.end):
                if child.ident in _GONE_FROM_TRACK and child.end is not None:
                    self._void(child, child.end)

    def _is_encrypted(self, entry: Element) -> bool:
        found = [entry]
        for ident in (ENCODINGS, ENCODING, ENCRYPTION):
            found = [
                child
                for one in found
                for child in self._children(one, one.end or 0)
                if child.ident == ident
            ]
        return bool(found)

    def _cluster(self, cluster: Element, limit: int) -> int:
        """Go through a cluster as far as needed and return where it ends."""
        if cluster.end is not None and not self._dropped:
            return cluster.end
        position = cluster.content
        while position < (limit if cluster.end is None else cluster.end):
            child = self._element(position)
            if child is None:
                if cluster.end is None and self._is_junk(position):
                    return position
                raise Refused("truncated")
            if cluster.end is None and child.ident in _KEPT_IN_SEGMENT | {0x1254C367, 0x1941A469}:
                return position
            if child.end is None or child.end > limit:
                raise Refused("truncated")
            self._block(child, child.end)
            position = child.end
        return position

    def _block(self, child: Element, end: int) -> None:
        if not self._dropped:
            return
        inner = [child] if child.ident == SIMPLE_BLOCK else []
        if child.ident == BLOCK_GROUP:
            inner = [one for one in self._children(child, end) if one.ident == BLOCK]
        for block in inner:
            track, _ = self._number(block.content)
            if track in self._dropped:
                self._void(child, end)

    def _children(self, parent: Element, end: int) -> Iterator[Element]:
        position = parent.content
        while position < end:
            child = self._element(position)
            if child is None or child.end is None or child.end > end:
                return
            yield child
            position = child.end

    def _element(self, position: int) -> Element | None:
        head = self._read(position, 4)
        if not head or not head[0] or head[0] < 0x10:
            return None
        width = 9 - head[0].bit_length()
        if len(head) < width:
            return None
        length, content = self._number(position + width)
        if content < 0:
            return None
        end = None if length is None else content + length
        return Element(int.from_bytes(head[:width]), position, content, end)

    def _number(self, position: int) -> tuple[int | None, int]:
        """Read a variable-size integer (None: unknown, all ones) and say where it ends."""
        data = self._read(position, 8)
        if not data or not data[0]:
            return None, -1
        width = 9 - data[0].bit_length()
        if len(data) < width:
            return None, -1
        value = int.from_bytes(data[:width]) & ((1 << (7 * width)) - 1)
        return None if value == (1 << (7 * width)) - 1 else value, position + width

    def _read(self, position: int, length: int) -> bytes:
        if position >= self._end:
            return b""
        self._stream.seek(position)
        return self._stream.read(min(length, self._end - position))

    def _void(self, element: Element, end: int) -> None:
        total = end - element.begin
        width = min(8, element.content - element.begin - 1)
        length = total - 1 - width
        head = bytes([VOID]) + ((1 << (7 * width)) | length).to_bytes(width)
        self._changes.append((element.begin, head))
        self._zeros(element.begin + len(head), end)

    def _zeros(self, begin: int, end: int) -> None:
        if end > begin:
            self._changes.append((begin, (ZEROS, end - begin)))
