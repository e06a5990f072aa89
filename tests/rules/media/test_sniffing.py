"""Files are told apart by their bytes, whatever stands before them."""

import io
import struct

import media_samples as samples
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.media import formats
from lti_tool.media.formats import Format, Reason, Refused
from lti_tool.media.intake.sniffing import _REFUSED, Found, locate

MP3_FRAMES = (b"\xff\xfb\x90\x64" + bytes(413)) * 6
AAC_FRAMES = (b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(9)) * 6
MP4 = b"\0\0\0\x20ftypisom" + bytes(300)
PDF = b"%PDF-1.7\n"
ID3 = b"ID3\x04\0\0\0\0\x0f\x76" + b"x" * 2038
APE = b"APETAGEX" + struct.pack("<IIII", 2000, 64, 1, 0xA0000000) + bytes(8) + b"x" * 64
HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n"
MAIL = b'--b0undary\r\nContent-Disposition: form-data; name="file"\r\n\r\n'
PJL = b"\x1b%-12345X@PJL JOB\r\n" + b"@PJL SET RESOLUTION=600\r\n" * 90


PJL_ALONE = PJL.removeprefix(b"\x1b%-12345X")
DOCUMENT = PDF + b"1 0 obj\n<< /Type /Catalog >>\nendobj\n\n2 0 obj\n"
UNENDED = b"Content-type: application/pdf\\\\nContent-size: 90200\\\\n"


def found(data: bytes) -> Found:
    return locate(io.BytesIO(data), len(data))


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b"\0\0\0\x18ftypisom", formats.MP4),
        (b"\0\0\0\x18ftyp3gp4", formats.MP4),
        (b"\0\0\0\x08wide\0\0\0\0mdat", formats.MP4),
        (b"\x1a\x45\xdf\xa3", formats.MATROSKA),
        (MP3_FRAMES, formats.MP3),
        (AAC_FRAMES, formats.AAC),
        (b"OggS\0", formats.OGG),
        (b"RIFF\0\0\0\0WAVE", formats.WAV),
        (b"RF64\xff\xff\xff\xffWAVE", formats.WAV),
        (b"RIFF\0\0\0\0WEBP", formats.WEBP),
        (b"fLaC", formats.FLAC),
        (b"%PDF-1.7", formats.PDF),
        (b"\xff\xd8\xff\xe0", formats.JPEG),
        (b"\x89PNG\r\n\x1a\n", formats.PNG),
        (b"GIF89a", formats.GIF),
        (b"\0\0\0\x18ftypavif", formats.AVIF),
        (b"II*\0\x08\0\0\0", formats.TIFF),
    ],
)
def test_known_formats(head: bytes, form: Format) -> None:
    assert found(head) == Found(form, 0, len(head))


@pytest.mark.parametrize(
    ("before", "after", "form"),
    [
        (b"\r\n", PDF, formats.PDF),
        (b"\xef\xbb\xbf", PDF, formats.PDF),
        (HTTP, PDF, formats.PDF),
        (MAIL, PDF, formats.PDF),
        (PJL, PDF, formats.PDF),
        (PJL_ALONE, PDF, formats.PDF),
        (UNENDED, DOCUMENT, formats.PDF),
        (b"\x80junk" * 200, PDF, formats.PDF),
        (bytes(1000), MP3_FRAMES, formats.MP3),
        (bytes(200_000), MP3_FRAMES, formats.MP3),
        (b"\r\n", MP3_FRAMES, formats.MP3),
        (APE, MP3_FRAMES, formats.MP3),
        (ID3, MP3_FRAMES, formats.MP3),
        (ID3 + bytes(500), MP3_FRAMES, formats.MP3),
        (b"ICY 200 OK\r\nicy-br: 128\r\n\r\n", MP3_FRAMES, formats.MP3),
        (bytes(range(1, 200)) * 9, MP3_FRAMES, formats.MP3),
        (b"\x80junk" * 80, b"fLaC\0\0\0\x22", formats.FLAC),
        (b"\x80junk" * 80, b"OggS\0\2" + MP3_FRAMES, formats.OGG),
        (ID3, AAC_FRAMES, formats.AAC),
        (ID3, b"fLaC", formats.FLAC),
        (bytes(7), b"RIFF\x01\0\0\0WAVE", formats.WAV),
        (b"\r\n", b"OggS\0", formats.OGG),
        (b"\r\n", MP4, formats.MP4),
        (bytes(1000), MP4, formats.MP4),
        (b"\xef\xbb\xbf", b"\x89PNG\r\n\x1a\n", formats.PNG),
    ],
)
def test_what_stands_before_a_file_is_stepped_over(
    before: bytes, after: bytes, form: Format
) -> None:
    assert found(before + after) == Found(form, len(before), len(before + after))


def test_a_file_within_macbinary() -> None:
    head = bytearray(128)
    head[1:8] = b"\x06a song"
    head[83:87] = struct.pack(">I", len(MP3_FRAMES))
    data = bytes(head) + MP3_FRAMES + b"resource fork"
    assert found(data) == Found(formats.MP3, 128, 128 + len(MP3_FRAMES))


def test_a_file_within_applesingle() -> None:
    entry = struct.pack(">HIII", 1, 1, 38, len(PDF))
    data = b"\x00\x05\x16\x00\0\2\0\0" + bytes(16) + entry + PDF + bytes(90)
    assert found(data) == Found(formats.PDF, 38, 38 + len(PDF))


@pytest.mark.parametrize(
    ("head", "reason", "named"),
    [
        (b"", Reason.EMPTY, ""),
        (samples.PLAYLIST, Reason.PLAYLIST, ""),
        (b"\xef\xbb\xbf" + samples.PLAYLIST, Reason.PLAYLIST, ""),
        (samples.CONCAT, Reason.PLAYLIST, ""),
        (b"file '/etc/passwd'\n", Reason.PLAYLIST, ""),
        (b"http://169.254.169.254/", Reason.PLAYLIST, ""),
        (samples.SVG, Reason.SVG, ""),
        (b"<!-- x --><svg>", Reason.SVG, ""),
        (samples.HTML, Reason.WEB_PAGE, ""),
        (HTTP + samples.HTML, Reason.WEB_PAGE, ""),
        (b"\n\n  <script>", Reason.WEB_PAGE, ""),
        ("<html>".encode("utf-16"), Reason.WEB_PAGE, ""),
        (samples.HTML + PDF, Reason.WEB_PAGE, ""),
        (samples.HTML + DOCUMENT, Reason.WEB_PAGE, ""),
        (samples.HTML + MP3_FRAMES, Reason.WEB_PAGE, ""),
        (b"FWS\6" + bytes(40) + MP3_FRAMES, Reason.VIDEO_CONTAINER, "Flash"),
        (b"<?php", Reason.WEB_PAGE, ""),
        (b"MZ\x90" + PDF, Reason.PROGRAM, ""),
        (b"\x7fELF", Reason.PROGRAM, ""),
        (b"#!/bin/sh\n" + PDF, Reason.PROGRAM, ""),
        (b"PK\x03\x04....ppt/slides", Reason.OFFICE, ""),
        (b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/epub+zip", Reason.TEXT_DOCUMENT, ""),
        (b"{\\rtf1", Reason.TEXT_DOCUMENT, ""),
        (b"PK\x03\x04....x" + PDF, Reason.ARCHIVE, ""),
        (b"1\r\n00:00:00,000 --> 00:00:01,000\r\nHi", Reason.SUBTITLES, ""),
        (samples.VTT, Reason.SUBTITLES, ""),
        (b"\0\0\0\x18ftypheic", Reason.PICTURE_FORMAT, "HEIC"),
        (b"RIFF\0\0\0\0AVI LIST", Reason.VIDEO_CONTAINER, "AVI"),
        ((b"G" + bytes(187)) * 4, Reason.VIDEO_CONTAINER, "MTS"),
        ((bytes(4) + b"G" + bytes(187)) * 4, Reason.VIDEO_CONTAINER, "MTS"),
        (b"\x30\x26\xb2\x75" + bytes(50), Reason.AUDIO_CONTAINER, "Windows Media"),
        (b"FORM\0\0\0\0AIFF", Reason.AUDIO_CONTAINER, "AIFF"),
        (b"#!AMR\n", Reason.AUDIO_CONTAINER, "AMR"),
        (b"plain words", Reason.UNKNOWN, ""),
        (b"Subject: plain words\n\nand no more", Reason.UNKNOWN, ""),
    ],
)
def test_refused_at_first_sight(head: bytes, reason: Reason, named: str) -> None:
    with pytest.raises(Refused) as refused:
        found(head)
    assert (refused.value.reason, refused.value.found) == (reason, named)


@pytest.mark.parametrize(("magic", "reason", "named"), _REFUSED)
def test_every_signature_is_seen(magic: bytes, reason: Reason, named: str) -> None:
    with pytest.raises(Refused) as refused:
        found(magic + bytes(300))
    assert (refused.value.reason, refused.value.found) == (reason, named)


@given(
    st.sampled_from([b"", b"ID3", b"PK", bytes(128), HTTP, b"\xff\xfb\x90\x64", b"RIFF"]),
    st.binary(max_size=200),
)
def test_any_bytes_get_an_answer(head: bytes, rest: bytes) -> None:
    data = head + rest
    try:
        answer = found(data)
    except Refused:
        return
    assert answer.form in formats.FORMATS
    assert 0 <= answer.begin < answer.end <= len(data)
