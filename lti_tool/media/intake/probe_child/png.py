"""PNG's chunks: which of them only say something about the picture."""

from __future__ import annotations

import zlib
from typing import BinaryIO

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Of the ancillary chunks, those that tell how the pixels are meant, and the frames of APNG.
_KEPT = frozenset(b"tRNS gAMA cHRM sRGB iCCP cICP sBIT acTL fcTL fdAT".split())


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


def code_points(stream: BinaryIO) -> tuple[int, int] | None:
    """Read primaries and transfer in the chunk cICP, which counts before what else tells colours.

    None without one, or with one for colours that PNG cannot hold.
    """
    stream.seek(len(SIGNATURE))
    while (head := stream.read(8)) and head[4:] not in (b"IDAT", b"PLTE", b""):
        length = int.from_bytes(head[:4])
        if head[4:] == b"cICP" and length == 4:
            content, told = stream.read(4), stream.read(4)
            is_whole = zlib.crc32(b"cICP" + content) == int.from_bytes(told)
            return (content[0], content[1]) if is_whole and content[2:] == b"\0\1" else None
        stream.seek(length + 4, 1)
    return None
