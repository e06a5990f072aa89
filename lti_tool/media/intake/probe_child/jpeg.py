"""JPEG's segments: which of them only say something about the picture (ITU-T T.81 §B.1.1)."""

from __future__ import annotations

from collections.abc import Iterator

START_OF_SCAN = 0xDA
COMMENT = 0xFE
# JFIF, colour profile and Adobe's transform tell how the pixels are meant.
_KEPT_APPS = frozenset({0xE0, 0xE2, 0xEE})


def without_metadata(data: bytes) -> bytes:
    """Leave out EXIF, XMP, IPTC, makers' notes and comments; every scan stays as it is."""
    kept = bytearray(data[:2])
    rest = len(data)
    for marker, begin, end in _segments(data):
        if marker == START_OF_SCAN:
            rest = begin
            break
        private = 0xE0 <= marker <= 0xEF and marker not in _KEPT_APPS
        if marker == 0xE2 and data[begin + 4 : begin + 15] != b"ICC_PROFILE":
            private = True
        if marker == 0xE0 and data[begin + 4 : begin + 8] != b"JFIF":
            private = True
        if not private and marker != COMMENT:
            kept += data[begin:end]
    return bytes(kept + data[rest:]) if rest < len(data) else data


def is_progressive(data: bytes) -> bool:
    return any(marker in (0xC2, 0xC6, 0xCA) for marker, _, _ in _segments(data))


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:  # filling
            position += 1
            continue
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4])
        yield marker, position, end
        if marker == START_OF_SCAN:
            return
        position = end


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
