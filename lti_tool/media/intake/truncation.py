"""Whether a file holds as many bytes as its own header promises.

Pure reading, no decoding.
"""

import os
import struct
from pathlib import Path
from typing import BinaryIO

from lti_tool.media import formats
from lti_tool.media.formats import Format, Reason, Refused

PDF_TAIL = 8192
MAX_BOXES = 10_000


def check_whole(path: Path, form: Format) -> None:
    """Raise Refused(TRUNCATED) when the end is missing, so far as the format lets one tell."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        if form is formats.MP4:
            _check_boxes(stream, size)
        elif form is formats.MATROSKA:
            _check_segment(stream, size)
        elif form in (formats.WAV, formats.WEBP):
            _check_riff(stream, size)
        elif form is formats.PDF:
            _check_pdf(stream, size)


def _check_boxes(stream: BinaryIO, size: int) -> None:
    """Walk the top-level boxes, which follow one another to the end (ISO/IEC 14496-12 §4.2)."""
    position, names = 0, set[bytes]()
    for _ in range(MAX_BOXES):
        stream.seek(position)
        header = stream.read(16)
        if len(header) < 8:
            break
        length = struct.unpack(">I", header[:4])[0]
        names.add(header[4:8])
        if length == 0:
            break
        if length == 1:
            if len(header) < 16:
                raise Refused(Reason.TRUNCATED)
            length = struct.unpack(">Q", header[8:16])[0]
        if length < 8:
            break
        position += length
        if position > size:
            raise Refused(Reason.TRUNCATED)
    if b"moov" not in names:
        raise Refused(Reason.TRUNCATED)


def _check_segment(stream: BinaryIO, size: int) -> None:
    """Check the EBML header, then one Segment, whose size may be unknown: all ones (RFC 8794)."""
    stream.seek(4)
    header_length, _ = _vint(stream)
    stream.seek(header_length, os.SEEK_CUR)
    if stream.read(4) != b"\x18\x53\x80\x67":
        raise Refused(Reason.BROKEN)
    length, known = _vint(stream)
    if known and stream.tell() + length > size:
        raise Refused(Reason.TRUNCATED)


def _vint(stream: BinaryIO) -> tuple[int, bool]:
    """Read a variable-size integer of EBML, and whether it is a real one."""
    first = stream.read(1)
    if not first or not first[0]:
        raise Refused(Reason.TRUNCATED)
    width = 9 - first[0].bit_length()
    rest = stream.read(width - 1)
    value = int.from_bytes(bytes([first[0] & ((1 << (8 - width)) - 1)]) + rest, "big")
    return value, value != (1 << (7 * width)) - 1


def _check_riff(stream: BinaryIO, size: int) -> None:
    promised = struct.unpack("<I", stream.read(8)[4:8])[0]
    streamed = promised in (0, 0xFFFFFFFF)
    if not streamed and promised + 8 > size + 1:
        raise Refused(Reason.TRUNCATED)


def _check_pdf(stream: BinaryIO, size: int) -> None:
    stream.seek(max(0, size - PDF_TAIL), os.SEEK_SET)
    if b"%%EOF" not in stream.read():
        raise Refused(Reason.TRUNCATED)
