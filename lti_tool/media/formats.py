"""Which files are taken, told by their first bytes (magic numbers).

Pure: bytes in, a format or a reason out.
"""

from dataclasses import dataclass
from enum import StrEnum

from lti_tool.media.rules import Kind

HEAD_BYTES = 4096


class Reason(StrEnum):
    """Why a file is refused.

    The sentences for people are in ``messages.py``.
    """

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    PLAYLIST = "playlist"
    SVG = "svg"
    WEB_PAGE = "web_page"
    PROGRAM = "program"
    ARCHIVE = "archive"
    OFFICE = "office"
    UNKNOWN = "unknown"
    UNSUPPORTED = "unsupported"
    WRONG_ENDING = "wrong_ending"
    TRUNCATED = "truncated"
    BROKEN = "broken"
    ENCRYPTED = "encrypted"
    NOTHING_INSIDE = "nothing_inside"
    NOT_PLAYABLE = "not_playable"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_HARD = "too_hard"
    CAPTIONS_INVALID = "captions_invalid"
    CAPTIONS_NOT_HERE = "captions_not_here"


class Refused(Exception):
    """A file that is not taken; ``reason`` says why, ``found`` names what it is where known."""

    def __init__(self, reason: Reason, found: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.found = found


@dataclass(frozen=True)
class Format:
    """One kind of file: who looks into it (``family``, ``reader``) and which endings fit it."""

    name: str
    family: str
    reader: str
    endings: frozenset[str]


def _format(name: str, family: str, reader: str, *endings: str) -> Format:
    return Format(name, family, reader, frozenset(endings))


MP4 = _format("MP4", "av", "mov", "mp4", "m4v", "m4a", "mov", "qt")
MATROSKA = _format("WebM", "av", "matroska", "webm", "mkv", "weba", "mka")
MP3 = _format("MP3", "av", "mp3", "mp3")
AAC = _format("AAC", "av", "aac", "aac")
OGG = _format("Ogg", "av", "ogg", "ogg", "oga", "ogv", "opus")
WAV = _format("WAV", "av", "wav", "wav")
FLAC = _format("FLAC", "av", "flac", "flac")
PDF = _format("PDF", "pdf", "pdf", "pdf")
JPEG = _format("JPEG", "picture", "JPEG", "jpg", "jpeg", "jpe", "jfif")
PNG = _format("PNG", "picture", "PNG", "png")
GIF = _format("GIF", "picture", "GIF", "gif")
WEBP = _format("WebP", "picture", "WEBP", "webp")

FORMATS = (MP4, MATROSKA, MP3, AAC, OGG, WAV, FLAC, PDF, JPEG, PNG, GIF, WEBP)
ENDINGS = frozenset(ending for form in FORMATS for ending in form.endings)

_PLAIN: tuple[tuple[bytes, Format], ...] = (
    (b"\x1a\x45\xdf\xa3", MATROSKA),
    (b"ID3", MP3),
    (b"OggS", OGG),
    (b"fLaC", FLAC),
    (b"%PDF-", PDF),
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
)
_REFUSED: tuple[tuple[bytes, Reason, str], ...] = (
    (b"#EXTM3U", Reason.PLAYLIST, ""),
    (b"#EXT-X-", Reason.PLAYLIST, ""),
    (b"ffconcat", Reason.PLAYLIST, ""),
    (b"[playlist]", Reason.PLAYLIST, ""),
    (b"MZ", Reason.PROGRAM, ""),
    (b"\x7fELF", Reason.PROGRAM, ""),
    (b"#!", Reason.PROGRAM, ""),
    (b"\xd0\xcf\x11\xe0", Reason.OFFICE, ""),
    (b"7z\xbc\xaf", Reason.ARCHIVE, ""),
    (b"Rar!", Reason.ARCHIVE, ""),
    (b"\x1f\x8b", Reason.ARCHIVE, ""),
    (b"FLV", Reason.UNSUPPORTED, "Flash video"),
    (b"\x30\x26\xb2\x75", Reason.UNSUPPORTED, "Windows Media"),
    (b"\x00\x00\x01\xba", Reason.UNSUPPORTED, "MPEG"),
    (b"II*\x00", Reason.UNSUPPORTED, "TIFF"),
    (b"MM\x00*", Reason.UNSUPPORTED, "TIFF"),
    (b"BM", Reason.UNSUPPORTED, "BMP"),
)
_OFFICE_PARTS = (b"word/", b"ppt/", b"xl/", b"mimetypeapplication/vnd.oasis", b"[Content_Types]")
_STILL_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis")


def sniff(head: bytes) -> Format:
    """Tell the format that the first ``HEAD_BYTES`` bytes show.

    Raises Refused for all others.
    """
    if not head:
        raise Refused(Reason.EMPTY)
    if head[4:8] == b"ftyp":
        if head[8:12] in _STILL_BRANDS:
            raise Refused(Reason.UNSUPPORTED, "HEIC/AVIF")
        return MP4
    if head[:4] == b"RIFF":
        return _riff(head)
    for magic, form in _PLAIN:
        if head.startswith(magic):
            return form
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip") and head[:4] < b"\x00\x10":
        return MP4
    if len(head) > 1 and head[0] == 0xFF:
        if head[1] & 0xF6 == 0xF0:
            return AAC
        if head[1] & 0xE6 == 0xE2:
            return MP3
    raise _refusal(head)


def check_ending(filename: str, form: Format) -> None:
    """Raise Refused(WRONG_ENDING) when the name promises another format than the bytes hold."""
    base = filename.replace("\\", "/").rsplit("/", 1)[-1]
    if "." not in base:
        return
    if base.rsplit(".", 1)[1].lower() not in form.endings:
        raise Refused(Reason.WRONG_ENDING, form.name)


def _riff(head: bytes) -> Format:
    if head[8:12] == b"WAVE":
        return WAV
    if head[8:12] == b"WEBP":
        return WEBP
    raise Refused(Reason.UNSUPPORTED, "AVI" if head[8:11] == b"AVI" else "RIFF")


def _refusal(head: bytes) -> Refused:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for magic, reason, found in _REFUSED:
        if text.startswith(magic) or head.startswith(magic):
            return Refused(reason, found)
    if head.startswith(b"PK"):
        is_office = any(part in head for part in _OFFICE_PARTS)
        return Refused(Reason.OFFICE if is_office else Reason.ARCHIVE)
    lowered = text[:1024].lower()
    if b"<svg" in lowered:
        return Refused(Reason.SVG)
    if lowered.startswith(
        (b"<!doctype", b"<html", b"<script", b"<?xml", b"<?php", b"<!--", b"<body")
    ):
        return Refused(Reason.WEB_PAGE)
    if b"file '" in lowered[:200] or lowered.startswith((b"http://", b"https://", b"file:")):
        return Refused(Reason.PLAYLIST)
    return Refused(Reason.UNKNOWN)


# What browsers play. Sources: the media container and codec guides of MDN and the browsers'
# own release notes; anything else is refused until transcoding exists.
_MP4_VIDEO = frozenset({"h264", "av1", "vp9"})
_WEBM_VIDEO = frozenset({"vp8", "vp9", "av1"})
_AUDIO_IN = {
    MP4: frozenset({"aac", "mp3", "opus", "flac"}),
    MATROSKA: frozenset({"opus", "vorbis"}),
    MP3: frozenset({"mp3"}),
    AAC: frozenset({"aac"}),
    OGG: frozenset({"opus", "vorbis", "flac"}),
    WAV: frozenset({"pcm_s16le", "pcm_u8", "pcm_s24le", "pcm_f32le"}),
    FLAC: frozenset({"flac"}),
}
_VIDEO_IN = {MP4: _MP4_VIDEO, MATROSKA: _WEBM_VIDEO}
_EIGHT_BIT = frozenset({"yuv420p", "yuvj420p"})
_TEN_BIT = frozenset({"yuv420p10le"})
_MIME = {
    (MP4, Kind.VIDEO): "video/mp4",
    (MP4, Kind.AUDIO): "audio/mp4",
    (MATROSKA, Kind.VIDEO): "video/webm",
    (MATROSKA, Kind.AUDIO): "audio/webm",
    (MP3, Kind.AUDIO): "audio/mpeg",
    (AAC, Kind.AUDIO): "audio/aac",
    (OGG, Kind.AUDIO): "audio/ogg",
    (WAV, Kind.AUDIO): "audio/wav",
    (FLAC, Kind.AUDIO): "audio/flac",
}
PICTURE_MIME = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
ENDING_OF_MIME = {
    "video/mp4": "mp4",
    "audio/mp4": "m4a",
    "video/webm": "webm",
    "audio/webm": "weba",
    "audio/mpeg": "mp3",
    "audio/aac": "aac",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/flac": "flac",
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "text/vtt": "vtt",
}


def playable(
    form: Format, video: str | None, pixel_format: str | None, audio: str | None
) -> tuple[Kind, str]:
    """Tell kind and content type of a film or sound that browsers play as it is.

    Raises Refused(NOT_PLAYABLE) naming the codec that they do not play.
    """
    if audio is not None and audio not in _AUDIO_IN[form]:
        raise Refused(Reason.NOT_PLAYABLE, audio)
    if video is None:
        return Kind.AUDIO, _MIME[form, Kind.AUDIO]
    if video not in _VIDEO_IN.get(form, frozenset()):
        raise Refused(Reason.NOT_PLAYABLE, video)
    fits = pixel_format in _EIGHT_BIT or (video != "h264" and pixel_format in _TEN_BIT)
    if not fits:
        raise Refused(Reason.NOT_PLAYABLE, f"{video} {pixel_format or ''}".strip())
    return Kind.VIDEO, _MIME[form, Kind.VIDEO]
