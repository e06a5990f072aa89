"""What a file is, told by its bytes: never by its name or by what its sender says.

Reading only: nothing is decoded. What may stand in front of a file, as other programs leave it
there (padding, tags, a header of the line it came over), is stepped over first.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import BinaryIO

from lti_tool.media import formats
from lti_tool.media.formats import Format, Reason, Refused
from lti_tool.media.intake.probe_child.frames import (
    Measure,
    adts_length,
    id3_length,
    in_a_row,
    mp3_length,
)
from lti_tool.media.intake.probe_child.sounds import mp3_within

HEAD_BYTES = 64 << 10
"""How far a signature, or the first frames of a sound, are looked for."""

PDF_HEAD = 1024
"""Readers find ``%PDF-`` within so many bytes (the implementation notes of PDF Reference 1.7)."""

PADDING_BYTES = 1 << 20
STEPS = 8
_SOUNDS: tuple[tuple[Format, Measure], ...] = (
    (formats.AAC, adts_length),
    (formats.MP3, mp3_length),
)

_PLAIN: tuple[tuple[bytes, Format], ...] = (
    (b"\x1a\x45\xdf\xa3", formats.MATROSKA),
    (b"OggS\0", formats.OGG),
    (b"fLaC", formats.FLAC),
    (b"%PDF-", formats.PDF),
    (b"\xff\xd8\xff", formats.JPEG),
    (b"\x89PNG\r\n\x1a\n", formats.PNG),
    (b"GIF87a", formats.GIF),
    (b"GIF89a", formats.GIF),
    (b"II+\x00", formats.TIFF),
    (b"MM\x00+", formats.TIFF),
)
# Signatures that are long enough to be found behind bytes that nobody knows.
_BEHIND: tuple[tuple[re.Pattern[bytes], Format], ...] = (
    (re.compile(rb"fLaC[\0\x80]\0\0\x22"), formats.FLAC),
    (re.compile(rb"OggS\0\x02"), formats.OGG),
)
_REFUSED: tuple[tuple[bytes, Reason, str], ...] = (
    (b"#EXTM3U", Reason.PLAYLIST, ""),
    (b"#EXT-X-", Reason.PLAYLIST, ""),
    (b"ffconcat", Reason.PLAYLIST, ""),
    (b"[playlist]", Reason.PLAYLIST, ""),
    (b"#!AMR", Reason.AUDIO_CONTAINER, "AMR"),
    (b"MZ", Reason.PROGRAM, ""),
    (b"\x7fELF", Reason.PROGRAM, ""),
    (b"\xcf\xfa\xed\xfe", Reason.PROGRAM, ""),
    (b"\xca\xfe\xba\xbe", Reason.PROGRAM, ""),
    (b"#!", Reason.PROGRAM, ""),
    (b"\xd0\xcf\x11\xe0", Reason.OFFICE, ""),
    (b"7z\xbc\xaf", Reason.ARCHIVE, ""),
    (b"Rar!", Reason.ARCHIVE, ""),
    (b"\x1f\x8b", Reason.ARCHIVE, ""),
    (b"BZh", Reason.ARCHIVE, ""),
    (b"\xfd7zXZ", Reason.ARCHIVE, ""),
    (b"MSCF", Reason.ARCHIVE, ""),
    (b"{\\rtf", Reason.TEXT_DOCUMENT, ""),
    (b"%!PS", Reason.TEXT_DOCUMENT, ""),
    (b"AT&TFORM", Reason.TEXT_DOCUMENT, ""),
    (b"WEBVTT", Reason.SUBTITLES, ""),
    (b"[Script Info]", Reason.SUBTITLES, ""),
    (b"FLV", Reason.VIDEO_CONTAINER, "Flash"),
    (b"FWS", Reason.VIDEO_CONTAINER, "Flash"),
    (b"CWS", Reason.VIDEO_CONTAINER, "Flash"),
    (b"ZWS", Reason.VIDEO_CONTAINER, "Flash"),
    (b"\x00\x00\x01\xba", Reason.VIDEO_CONTAINER, "MPEG"),
    (b"\x00\x00\x01\xb3", Reason.VIDEO_CONTAINER, "MPEG"),
    (b".RMF", Reason.VIDEO_CONTAINER, "RealMedia"),
    (b"\x06\x0e\x2b\x34", Reason.VIDEO_CONTAINER, "MXF"),
    (b"FORM", Reason.AUDIO_CONTAINER, "AIFF"),
    (b"caff", Reason.AUDIO_CONTAINER, "CAF"),
    (b".snd", Reason.AUDIO_CONTAINER, "AU"),
    (b"MThd", Reason.AUDIO_CONTAINER, "MIDI"),
    (b"riff", Reason.AUDIO_CONTAINER, "Wave64"),
    (b"\x0b\x77", Reason.AUDIO_CONTAINER, "Dolby Digital (AC-3)"),
    (b"\xff\xfc", Reason.AUDIO_CONTAINER, "MPEG layer II"),
    (b"\xff\xfd", Reason.AUDIO_CONTAINER, "MPEG layer II"),
    (b"\xff\xf4", Reason.AUDIO_CONTAINER, "MPEG layer II"),
    (b"\xff\xf5", Reason.AUDIO_CONTAINER, "MPEG layer II"),
    (b"8BPS", Reason.PICTURE_FORMAT, "Photoshop"),
    (b"\x00\x00\x00\x0cjP  ", Reason.PICTURE_FORMAT, "JPEG 2000"),
    (b"\xff\x4f\xff\x51", Reason.PICTURE_FORMAT, "JPEG 2000"),
    (b"\xff\x0a", Reason.PICTURE_FORMAT, "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", Reason.PICTURE_FORMAT, "JPEG XL"),
    (b"FUJIFILMCCD-RAW", Reason.PICTURE_FORMAT, "RAW"),
)
_OFFICE_PARTS = (
    b"word/",
    b"ppt/",
    b"xl/",
    b"mimetypeapplication/vnd.oasis",
    b"[Content_Types]",
    b"Index/Document.iwa",
    b"Index.zip",
)
_ASF, _ASF_VIDEO = b"\x30\x26\xb2\x75", b"\xc0\xef\x19\xbc\x4d\x5b\xcf\x11"
_WEB = (b"<!doctype", b"<html", b"<head", b"<script", b"<?xml", b"<?php", b"<!--", b"<body")
_SUBRIP = re.compile(rb"\d{1,6}[ \t]*\r?\n\d{1,2}:\d\d:\d\d[,.]\d{1,3} *-->")
_HEADER = re.compile(
    rb"(?:HTTP/\d|ICY \d|From |--[\w'()+,./:=? -]+\r?\n|[A-Za-z][A-Za-z-]{2,40}:[ \t])"
)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BLANKS = b"\0\t\n\r "


@dataclass(frozen=True)
class Found:
    """A format, and the stretch of the file in which it lies."""

    form: Format
    begin: int
    end: int


def locate(stream: BinaryIO, size: int) -> Found:
    """Find what the file is and where it begins and ends.

    Raises Refused for everything that is not taken.
    """
    if not size:
        raise Refused(Reason.EMPTY)
    begin, end = 0, size
    for _ in range(STEPS):
        head = _read(stream, begin, HEAD_BYTES)
        form = signature(head)
        within = mp3_within(stream, begin, end) if form is formats.WAV else None
        if within:
            return Found(formats.MP3, *within)
        if form is not None:
            return Found(form, begin, end)
        _refuse_signature(head)  # which may begin with what looks like padding
        fork = _data_fork(head, end - begin)
        if fork:
            begin, end = begin + fork[0], begin + fork[0] + fork[1]
            continue
        step = _step_over(head, _read(stream, begin, PADDING_BYTES))
        if not step or begin + step >= end:
            break
        begin += step
    head = _read(stream, begin, HEAD_BYTES)
    refuse(head)
    form, skipped = _further_in(head)
    return Found(form, begin + skipped, end)


def signature(head: bytes) -> Format | None:
    """Tell the format whose signature stands at the very beginning."""
    if head[4:8] == b"ftyp":
        return _of_brand(head)
    if head[:4] in (b"RIFF", b"RF64", b"BW64"):
        return _of_riff(head)
    for magic, form in _PLAIN:
        if head.startswith(magic):
            return form
    if head[:4] in (b"II*\x00", b"MM\x00*"):
        if head[8:10] == b"CR":
            raise Refused(Reason.PICTURE_FORMAT, "RAW")
        return formats.TIFF
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0" and head[15:18] == b"\0\0\0":
        return formats.BMP
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot") and _is_box(head):
        return formats.MP4
    return _of_frames(head)


def refuse(head: bytes) -> None:
    """Raise Refused for what is known and not taken."""
    text = _refuse_signature(head)
    if head.startswith(_ASF):
        is_film = _ASF_VIDEO in head
        raise Refused(
            Reason.VIDEO_CONTAINER if is_film else Reason.AUDIO_CONTAINER, "Windows Media"
        )
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        _refuse_zip(head)
    if head[257:262] == b"ustar":
        raise Refused(Reason.ARCHIVE)
    if _is_transport_stream(head):
        raise Refused(Reason.VIDEO_CONTAINER, "MTS")
    _refuse_text(head, text)


def _refuse_signature(head: bytes) -> bytes:
    """Return ``head`` without the blanks of a text, unless its signature is one of these."""
    text = head.removeprefix(_BYTE_ORDER_MARK).lstrip()
    for magic, reason, found in _REFUSED:
        if text.startswith(magic) or head.startswith(magic):
            raise Refused(reason, found)
    return text


def _refuse_zip(head: bytes) -> None:
    if b"mimetypeapplication/epub" in head[:100]:
        raise Refused(Reason.TEXT_DOCUMENT)
    is_office = any(part in head for part in _OFFICE_PARTS)
    raise Refused(Reason.OFFICE if is_office else Reason.ARCHIVE)


def _refuse_text(head: bytes, text: bytes) -> None:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = head.decode("utf-16", "replace").encode().lstrip()
    lowered = text[:PDF_HEAD].lower()
    if b"<svg" in lowered:
        raise Refused(Reason.SVG)
    if lowered.startswith(_WEB) or b"<script" in lowered or b"<html" in lowered:
        raise Refused(Reason.WEB_PAGE)
    if b"file '" in lowered[:200] or lowered.startswith((b"http://", b"https://", b"file:")):
        raise Refused(Reason.PLAYLIST)
    if _SUBRIP.match(text) or text.startswith(b"WEBVTT"):
        raise Refused(Reason.SUBTITLES)


def _read(stream: BinaryIO, position: int, length: int) -> bytes:
    stream.seek(position)
    return stream.read(length)


def _is_box(head: bytes) -> bool:
    length = int.from_bytes(head[:4], "big")
    return length >= 8 or length in (0, 1)


def _of_brand(head: bytes) -> Format:
    """ISO/IEC 14496-12 §4.3: the major brand, then those it is compatible with."""
    length = int.from_bytes(head[:4], "big")
    brands = {head[at : at + 4] for at in (8, *range(16, min(length, 256), 4))}
    if head[8:12] in (b"avif", b"avis") or (head[8:12] in (b"mif1", b"msf1") and b"avif" in brands):
        return formats.AVIF
    if head[8:12] in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"):
        raise Refused(Reason.PICTURE_FORMAT, "HEIC")
    if head[8:12] == b"crx ":
        raise Refused(Reason.PICTURE_FORMAT, "RAW")
    return formats.MP4


def _of_riff(head: bytes) -> Format:
    if head[8:12] == b"WAVE":
        return formats.WAV
    if head[8:12] == b"WEBP":
        return formats.WEBP
    if head[8:12] == b"RMID":
        raise Refused(Reason.AUDIO_CONTAINER, "MIDI")
    if head[8:11] == b"AVI":
        raise Refused(Reason.VIDEO_CONTAINER, "AVI")
    raise Refused(Reason.UNKNOWN)


def _of_frames(head: bytes) -> Format | None:
    """Tell a sound that begins with a frame: the sync word, and after it the next frames."""
    if len(head) < 2 or head[0] != 0xFF:
        return None
    for form, measure in _SOUNDS:
        if in_a_row(head, 0, measure):
            return form
    return None


def _step_over(head: bytes, padding: bytes) -> int:
    """Say how many bytes in front of a file to leave out: 0 where it has none of these."""
    if head[:3] == b"ID3" and len(head) >= 10:
        return id3_length(head)
    if head[:8] == b"APETAGEX" and len(head) >= 32:
        return int.from_bytes(head[12:16], "little") + 32
    blanks = len(padding) - len(padding.lstrip(_BLANKS))
    # The length of an MP4's first box may itself begin with what looks like padding.
    box = padding.find(b"ftyp", 4, blanks + 8) - 4
    if blanks:
        return box if box > 0 else blanks
    if head.startswith(_BYTE_ORDER_MARK):
        return len(_BYTE_ORDER_MARK)
    if _HEADER.match(head):
        end = _BLANK_LINE.search(head[: 8 << 10])
        return end.end() if end and b"%PDF-" not in head[: end.end()] else 0
    return 0


def _further_in(head: bytes) -> tuple[Format, int]:
    """Find a format behind bytes that nobody knows.

    Raises Refused(UNKNOWN).
    """
    of_printer = head.startswith((b"\x1b%-12345X", b"@PJL"))
    at = head.find(b"%PDF-", 0, HEAD_BYTES if of_printer else PDF_HEAD)
    if at >= 0:
        return formats.PDF, at
    starts = [(match.start(), form) for magic, form in _BEHIND if (match := magic.search(head))]
    if starts:
        at, form = min(starts, key=lambda start: start[0])
        return form, at
    at = head.find(0xFF)
    while at >= 0:
        for form, measure in _SOUNDS:
            if in_a_row(head, at, measure):
                return form, at
        at = head.find(0xFF, at + 1)
    raise Refused(Reason.UNKNOWN)


def _data_fork(head: bytes, size: int) -> tuple[int, int] | None:
    """Say where the file lies in what old Macs made of it: MacBinary, or AppleSingle (RFC 1740)."""
    if len(head) < 128:
        return None
    if head[:4] == b"\x00\x05\x16\x00":
        for number in range(min(int.from_bytes(head[24:26], "big"), 8)):
            kind, begin, length = struct.unpack(">III", head[26 + 12 * number : 38 + 12 * number])
            if kind == 1 and begin + length <= size:
                return begin, length
        return None
    length = int.from_bytes(head[83:87], "big")
    named = 1 <= head[1] <= 63 and all(head[2 : 2 + head[1]])
    if head[0] or head[74] or head[82] or not named or not 0 < length <= size - 128:
        return None
    return 128, length


def _is_transport_stream(head: bytes) -> bool:
    """ISO/IEC 13818-1 §2.4.3.2: packets of 188 bytes that begin with 0x47; cameras add four."""
    return any(
        len(head) > begin + 2 * length
        and all(head[begin + number * length] == 0x47 for number in range(3))
        for begin, length in ((0, 188), (0, 192), (4, 192))
    )
