"""PNG's chunks: which of them only say something about the picture."""

from __future__ import annotations

import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Of the ancillary chunks, those that tell how the pixels are meant, and the frames of APNG.
_KEPT = frozenset({b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"acTL", b"fcTL", b"fdAT"})


def without_metadata(data: bytes) -> bytes:
    """Leave out texts, EXIF and times, and every ancillary chunk that is damaged."""
    kept, position = bytearray(SIGNATURE), len(SIGNATURE)
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4])
        kind = data[position + 4 : position + 8]
        chunk = data[position : position + 12 + length]
        critical = not kind[0] & 0x20
        whole = int.from_bytes(chunk[-4:]) == zlib.crc32(chunk[4:-4])
        if critical or (kind in _KEPT and whole):
            kept += chunk
        position += 12 + length
    return bytes(kept)
