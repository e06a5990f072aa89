"""Pictures that are made of boxes or chunks, each with its length: WebP (RIFF), AVIF, JPEG 2000.

Pure.
"""

from __future__ import annotations

# Of JPEG 2000 (ISO/IEC 15444-1 Annex I): XMP, EXIF, what makers add, rights.
_NOTES = frozenset({b"xml ", b"uuid", b"uinf", b"jp2i"})


def is_whole(data: bytes) -> bool:
    """Tell whether such a picture holds as many bytes as its boxes promise; others: True."""
    if data[:4] == b"RIFF":
        return int.from_bytes(data[4:8], "little") + 8 <= len(data) + 1
    if data[4:8] != b"ftyp":
        return True
    position = 0
    while position + 8 <= len(data):
        length = int.from_bytes(data[position : position + 4])
        if length < 16:  # to the end, of sixty-four bits, or no box
            return True
        position += length
    return position <= len(data)


def without_notes(data: bytes) -> bytes:
    """Blank what only tells about a JPEG 2000 picture; all else stays where it is."""
    clean, position = bytearray(data), 0
    while position + 8 <= len(data):
        length = int.from_bytes(data[position : position + 4]) or len(data) - position
        if length < 8:  # of sixty-four bits, or no box
            break
        if data[position + 4 : position + 8] in _NOTES:
            end = min(position + length, len(data))
            clean[position + 4 : end] = b"free" + bytes(end - position - 8)
        position += length
    return bytes(clean)
