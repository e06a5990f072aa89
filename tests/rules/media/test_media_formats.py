"""Files are told apart by their bytes, never by what their name or sender says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from media_samples import CONCAT, HTML, PLAYLIST, SVG

from lti_tool.media import formats
from lti_tool.media.formats import Format, Reason, Refused, check_ending, playable, sniff


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b"\0\0\0\x18ftypisom", formats.MP4),
        (b"\0\0\0\x08wide\0\0\0\0mdat", formats.MP4),
        (b"\x1a\x45\xdf\xa3", formats.MATROSKA),
        (b"ID3\x04", formats.MP3),
        (b"\xff\xfb\x90\x64", formats.MP3),
        (b"\xff\xf1\x50\x80", formats.AAC),
        (b"OggS", formats.OGG),
        (b"RIFF\0\0\0\0WAVE", formats.WAV),
        (b"RIFF\0\0\0\0WEBP", formats.WEBP),
        (b"fLaC", formats.FLAC),
        (b"%PDF-1.7", formats.PDF),
        (b"\xff\xd8\xff\xe0", formats.JPEG),
        (b"\x89PNG\r\n\x1a\n", formats.PNG),
        (b"GIF89a", formats.GIF),
    ],
)
def test_known_formats(head: bytes, form: Format) -> None:
    assert sniff(head) is form


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"", Reason.EMPTY),
        (PLAYLIST, Reason.PLAYLIST),
        (b"\xef\xbb\xbf" + PLAYLIST, Reason.PLAYLIST),
        (CONCAT, Reason.PLAYLIST),
        (b"file '/etc/passwd'\n", Reason.PLAYLIST),
        (b"http://169.254.169.254/", Reason.PLAYLIST),
        (SVG, Reason.SVG),
        (b"<!-- x --><svg>", Reason.SVG),
        (HTML, Reason.WEB_PAGE),
        (b"\n\n  <script>", Reason.WEB_PAGE),
        (b"<?php", Reason.WEB_PAGE),
        (b"MZ\x90", Reason.PROGRAM),
        (b"\x7fELF", Reason.PROGRAM),
        (b"#!/bin/sh", Reason.PROGRAM),
        (b"PK\x03\x04....ppt/slides", Reason.OFFICE),
        (b"PK\x03\x04....x", Reason.ARCHIVE),
        (b"\0\0\0\x18ftypheic", Reason.UNSUPPORTED),
        (b"RIFF\0\0\0\0AVI LIST", Reason.UNSUPPORTED),
        (b"<!DOCTYPE html>%PDF-1.7", Reason.WEB_PAGE),
        (b"plain words", Reason.UNKNOWN),
    ],
)
def test_refused_at_first_sight(head: bytes, reason: Reason) -> None:
    with pytest.raises(Refused) as refused:
        sniff(head)
    assert refused.value.reason is reason


@given(st.binary(max_size=64))
def test_any_bytes_get_an_answer(head: bytes) -> None:
    try:
        form = sniff(head)
    except Refused:
        return
    assert form in formats.FORMATS


def test_the_name_must_fit_the_bytes() -> None:
    check_ending("Talk.MP4", formats.MP4)
    check_ending("no-ending", formats.MP4)
    with pytest.raises(Refused) as refused:
        check_ending("talk.pdf", formats.MP4)
    assert (refused.value.reason, refused.value.found) == (Reason.WRONG_ENDING, "MP4")


@pytest.mark.parametrize(
    ("form", "video", "pixels", "audio", "content_type"),
    [
        (formats.MP4, "h264", "yuv420p", "aac", "video/mp4"),
        (formats.MP4, "h264", "yuv420p", None, "video/mp4"),
        (formats.MP4, "av1", "yuv420p10le", "opus", "video/mp4"),
        (formats.MATROSKA, "vp9", "yuv420p", "opus", "video/webm"),
        (formats.MP4, None, None, "aac", "audio/mp4"),
        (formats.MP3, None, None, "mp3", "audio/mpeg"),
    ],
)
def test_playable(
    form: Format, video: str | None, pixels: str | None, audio: str | None, content_type: str
) -> None:
    assert playable(form, video, pixels, audio)[1] == content_type


@pytest.mark.parametrize(
    ("form", "video", "pixels", "audio"),
    [
        (formats.MP4, "hevc", "yuv420p", "aac"),
        (formats.MP4, "h264", "yuv444p", "aac"),
        (formats.MP4, "h264", "yuv420p10le", "aac"),
        (formats.MP4, "h264", "yuv420p", "ac3"),
        (formats.MATROSKA, "h264", "yuv420p", "opus"),
        (formats.OGG, "theora", "yuv420p", "vorbis"),
    ],
)
def test_what_browsers_do_not_play(form: Format, video: str, pixels: str, audio: str) -> None:
    with pytest.raises(Refused) as refused:
        playable(form, video, pixels, audio)
    assert refused.value.reason is Reason.NOT_PLAYABLE
