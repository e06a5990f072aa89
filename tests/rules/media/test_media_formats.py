"""What browsers play of a film or a sound, and what a file's name tells."""

import pytest

from lti_tool.media import formats
from lti_tool.media.formats import Format, Reason, Refused, Streams, playable, title_from_filename
from lti_tool.media.intake.messages import SENTENCES, early_refusals, sentence


@pytest.mark.parametrize(
    ("form", "found", "content_type"),
    [
        (formats.MP4, Streams("h264", "yuv420p", ("aac",)), "video/mp4"),
        (formats.MP4, Streams("h264", "yuv420p"), "video/mp4"),
        (formats.MP4, Streams("av1", "yuv420p10le", ("opus",)), "video/mp4"),
        (formats.MP4, Streams("h264", "yuvj420p", ("aac", "ac3")), "video/mp4"),
        (formats.MATROSKA, Streams("vp9", "yuv420p", ("opus",)), "video/webm"),
        (formats.MP4, Streams(None, None, ("aac",)), "audio/mp4"),
        (formats.MP3, Streams(None, None, ("mp3",)), "audio/mpeg"),
        (formats.WAV, Streams(None, None, ("pcm_mulaw",)), "audio/wav"),
        (formats.WAV, Streams(None, None, ("pcm_alaw",)), "audio/wav"),
        (formats.WAV, Streams(None, None, ("pcm_s32le",)), "audio/wav"),
    ],
)
def test_playable(form: Format, found: Streams, content_type: str) -> None:
    assert playable(form, found)[1] == content_type


@pytest.mark.parametrize(
    ("form", "found", "reason", "named"),
    [
        (formats.MP4, Streams("hevc", "yuv420p", ("aac",)), Reason.VIDEO_CODEC, "H.265 (HEVC)"),
        (formats.MP4, Streams("h264", "yuv444p"), Reason.PIXEL_FORMAT, "H.264 yuv444p"),
        (formats.MP4, Streams("h264", "yuv420p10le"), Reason.PIXEL_FORMAT, "H.264 yuv420p10le"),
        (
            formats.MP4,
            Streams("h264", "yuv420p lossless"),
            Reason.PIXEL_FORMAT,
            "H.264 yuv420p lossless",
        ),
        (formats.MATROSKA, Streams("h264", "yuv420p", ("opus",)), Reason.WEBM_CODEC, "H.264"),
        (formats.MATROSKA, Streams("vp9", "yuv420p", ("aac",)), Reason.WEBM_CODEC, "AAC"),
        (formats.MATROSKA, Streams(None, None, ("mp3",)), Reason.WEBM_CODEC, "MP3"),
        (formats.OGG, Streams("theora", "yuv420p", ("vorbis",)), Reason.VIDEO_CODEC, "Theora"),
        (
            formats.MP4,
            Streams("h264", "yuv420p", ("ac3",)),
            Reason.AUDIO_CODEC_OF_FILM,
            "Dolby Digital (AC-3)",
        ),
        (
            formats.MP4,
            Streams("h264", "yuv420p", ("ac3", "aac")),
            Reason.FIRST_AUDIO_TRACK,
            "Dolby Digital (AC-3)",
        ),
        (
            formats.MP4,
            Streams(None, None, ("alac",)),
            Reason.AUDIO_CODEC,
            "Apple Lossless (ALAC)",
        ),
        (formats.WAV, Streams(None, None, ("pcm_f64le",)), Reason.AUDIO_CODEC, "PCM (f64le)"),
    ],
)
def test_what_not_every_browser_plays(
    form: Format, found: Streams, reason: Reason, named: str
) -> None:
    with pytest.raises(Refused) as refused:
        playable(form, found)
    assert (refused.value.reason, refused.value.found) == (reason, named)


def test_a_refusal_never_asks_for_what_the_file_is() -> None:
    """H.264 with AAC behind Dolby is no reason to ask for H.264 and AAC."""
    with pytest.raises(Refused) as refused:
        playable(formats.MP4, Streams("h264", "yuv420p", ("ac3", "aac")))
    said = sentence(refused.value)
    assert "AC-3" in said
    assert "H.264" not in said


def test_every_reason_has_a_sentence_that_can_be_said() -> None:
    assert set(SENTENCES) == set(Reason)
    for reason in Reason:
        assert "%" not in sentence(Refused(reason, "X"))


@pytest.mark.parametrize(
    ("filename", "title"),
    [
        ("My_first talk.mp4", "My first talk"),
        ("C:\\films\\x.y.mov", "x.y"),
        ("../../etc/passwd", "passwd"),
        ("Week 3. Introduction", "Week 3. Introduction"),
        ("v1.2 final", "v1.2 final"),
        ("Version 1.2", "Version 1.2"),
        ("Dr. No.mp4", "Dr. No"),
        ("A talk at example.com", "A talk at example.com"),
        ("Slides.PPTX", "Slides"),
        (".mp4", ".mp4"),
        ("", ""),
    ],
)
def test_title_from_filename(filename: str, title: str) -> None:
    assert title_from_filename(filename) == title


def test_a_name_helps_where_the_bytes_say_nothing() -> None:
    vague = Refused(Reason.WEB_PAGE)
    assert formats.named(vague, "talk.ttml").reason is Reason.SUBTITLES
    assert formats.named(vague, "talk.mp4") is vague
    assert formats.named(Refused(Reason.UNKNOWN), "talk.ape").found == "Monkey's Audio"
    assert formats.named(Refused(Reason.ARCHIVE), "slides.key").reason is Reason.OFFICE
    certain = Refused(Reason.PROGRAM)
    assert formats.named(certain, "talk.docx") is certain


def test_what_a_name_refuses_beforehand_is_never_what_might_be_taken() -> None:
    told = {ending for one in early_refusals() for ending in one["endings"]}  # type: ignore[attr-defined]
    assert {"docx", "svg", "avi", "heic", "srt"} <= told
    assert not told & formats.ENDINGS
    assert "com" not in told
