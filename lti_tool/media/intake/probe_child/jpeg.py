"""JPEG's segments: which of them only say something about the picture (ITU-T T.81 §B.1.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

START_OF_SCAN = 0xDA
END = 0xD9
COMMENT = 0xFE
# In a scan a zero follows 0xFF, or a restart does not end it (§B.1.1.2).
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
# JFIF, colour profile and Adobe's transform tell how the pixels are meant.
_KEPT_APPS = frozenset({0xE0, 0xE2, 0xEE})


def without_metadata(data: bytes) -> bytes:
    """Leave out EXIF, XMP, IPTC, makers' notes, comments, and what follows the picture.

    Every scan stays as it is. Behind the picture telephones keep further pictures and films.
    """
    kept = bytearray(data[:2])
    for marker, begin, end in _segments(data):
        if not _is_private(data, marker, begin):
            kept += data[begin:end]
        if marker == END:
            return bytes(kept)
    return data


def with_blank_metadata(data: bytes) -> bytes:
    """Blank the same instead, so that nothing moves; what follows the picture stays."""
    blank = bytearray(data)
    for marker, begin, end in _segments(data):
        if _is_private(data, marker, begin):
            blank[begin + 4 : end] = bytes(len(blank[begin + 4 : end]))
    return bytes(blank)


def _is_private(data: bytes, marker: int, begin: int) -> bool:
    if marker == 0xE2:
        return data[begin + 4 : begin + 15] != b"ICC_PROFILE"
    if marker == 0xE0:
        return data[begin + 4 : begin + 8] != b"JFIF"
    return marker == COMMENT or (0xE0 <= marker <= 0xEF and marker not in _KEPT_APPS)


def is_progressive(data: bytes) -> bool:
    return any(marker in (0xC2, 0xC6, 0xCA) for marker, _, _ in _segments(data))


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, begin and end of each segment, a scan's with what is coded behind its header.

    The last one is END; where that is missing, it is whatever is left behind the last scan.
    """
    position = 2
    has_scan = False
    while position + 2 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:  # filling
            position += 1
            continue
        if marker == END:
            yield marker, position, position + 2
            return
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4])
        if marker == START_OF_SCAN:
            has_scan = True
            coded = _MARKER.search(data, end)
            end = coded.start() if coded else len(data)
        yield marker, position, end
        position = end
    if has_scan:
        yield END, position, len(data)


def has_all_scans(data: bytes) -> bool:
    """Tell whether the last scan of every component has begun (§G.1.1.1: down to bit 0)."""
    components: set[int] = set()
    complete: set[int] = set()
    position = 2
    while (at := data.find(b"\xff", position)) >= 0 and at + 4 <= len(data):
        marker = data[at + 1]
        length = int.from_bytes(data[at + 2 : at + 4])
        body = data[at + 4 : at + 2 + length]
        if marker in (0xC2, 0xC6, 0xCA):
            components = {body[6 + 3 * number] for number in range(body[5])}
        elif marker == START_OF_SCAN and len(body) > 3:
            named = {body[1 + 2 * number] for number in range(body[0])}
            last_coefficient, low_bit = body[-2], body[-1] & 15
            if last_coefficient == 63 and low_bit == 0:
                complete |= named
        follows = marker not in (0x00, 0xFF) and not 0xD0 <= marker <= 0xD9
        position = at + 2 + length if follows else at + 2 - (marker == 0xFF)
    return bool(components) and components <= complete
