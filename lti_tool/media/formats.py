"""Which files are taken, why others are not, and what browsers play.

Pure: names of formats and codecs in, a verdict out. ``intake/sniffing.py`` tells them apart.
"""

from dataclasses import dataclass
from enum import StrEnum

from lti_tool.core.texts import readable
from lti_tool.media.rules import TITLE_LENGTH, Kind


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
    TEXT_DOCUMENT = "text_document"
    SUBTITLES = "subtitles"
    UNKNOWN = "unknown"
    VIDEO_CONTAINER = "video_container"
    AUDIO_CONTAINER = "audio_container"
    PICTURE_FORMAT = "picture_format"
    VIDEO_CODEC = "video_codec"
    WEBM_CODEC = "webm_codec"
    PIXEL_FORMAT = "pixel_format"
    AUDIO_CODEC = "audio_codec"
    AUDIO_CODEC_OF_FILM = "audio_codec_of_film"
    FIRST_AUDIO_TRACK = "first_audio_track"
    TRUNCATED = "truncated"
    BROKEN = "broken"
    ENCRYPTED = "encrypted"
    XFA_FORM = "xfa_form"
    PORTFOLIO = "portfolio"
    COPY_PROTECTED = "copy_protected"
    SEVERAL_PAGES = "several_pages"
    NOTHING_INSIDE = "nothing_inside"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_HARD = "too_hard"
    CAPTIONS_INVALID = "captions_invalid"
    CAPTIONS_ENCODING = "captions_encoding"
    CAPTIONS_NOT_HERE = "captions_not_here"


class Refused(Exception):
    """A file that is not taken; ``reason`` says why, ``found`` names what it is where known."""

    def __init__(self, reason: Reason, found: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.found = found


@dataclass(frozen=True)
class Format:
    """One kind of file: who looks into it (``family``, ``reader``) and its usual endings."""

    name: str
    family: str
    reader: str
    endings: frozenset[str]


def _format(name: str, family: str, reader: str, *endings: str) -> Format:
    return Format(name, family, reader, frozenset(endings))


MP4 = _format(
    "MP4", "av", "mov", "mp4", "m4v", "m4a", "m4b", "mov", "qt", "3gp", "3gpp", "3g2", "f4v", "f4a"
)
MATROSKA = _format("WebM", "av", "matroska", "webm", "mkv", "weba", "mka")
MP3 = _format("MP3", "av", "mp3", "mp3", "mpga")
AAC = _format("AAC", "av", "aac", "aac", "adts")
OGG = _format("Ogg", "av", "ogg", "ogg", "oga", "ogv", "opus", "spx")
WAV = _format("WAV", "av", "wav", "wav", "wave", "bwf")
FLAC = _format("FLAC", "av", "flac", "flac")
PDF = _format("PDF", "pdf", "pdf", "pdf", "ai")
JPEG = _format("JPEG", "picture", "JPEG", "jpg", "jpeg", "jpe", "jfif")
PNG = _format("PNG", "picture", "PNG", "png", "apng")
GIF = _format("GIF", "picture", "GIF", "gif")
WEBP = _format("WebP", "picture", "WEBP", "webp")
AVIF = _format("AVIF", "picture", "AVIF", "avif")
TIFF = _format("TIFF", "picture", "TIFF", "tif", "tiff")
BMP = _format("BMP", "picture", "BMP", "bmp", "dib")

FORMATS = (MP4, MATROSKA, MP3, AAC, OGG, WAV, FLAC, PDF, JPEG, PNG, GIF, WEBP, AVIF, TIFF, BMP)
ENDINGS = frozenset(ending for form in FORMATS for ending in form.endings)


# Endings of what is not taken. Those of ENDINGS are not among them, since what is inside decides.
_UNSUITABLE: dict[tuple[Reason, str], str] = {
    (Reason.OFFICE, ""): "doc docx dot dotx docm ppt pptx pps ppsx pptm xls xlsx xlsm "
    "odt odp ods odg pages key numbers",
    (Reason.TEXT_DOCUMENT, ""): "rtf epub ps eps djvu mobi azw3 tex md xps oxps pub vsdx",
    (Reason.ARCHIVE, ""): "zip 7z rar gz tgz tar bz2 xz cab iso",
    (Reason.SVG, ""): "svg svgz",
    (Reason.WEB_PAGE, ""): "html htm xhtml mht php",
    (Reason.PROGRAM, ""): "exe msi dmg apk bat cmd com sh app",
    (Reason.PLAYLIST, ""): "m3u m3u8 pls mpd",
    (Reason.SUBTITLES, ""): "srt vtt sbv ass ssa ttml dfxp",
    (Reason.VIDEO_CONTAINER, "AVI"): "avi",
    (Reason.VIDEO_CONTAINER, "Windows Media"): "wmv asf",
    (Reason.VIDEO_CONTAINER, "MTS"): "mts m2ts m2t ts",
    (Reason.VIDEO_CONTAINER, "MPEG"): "mpg mpeg vob mod",
    (Reason.VIDEO_CONTAINER, "Flash"): "flv swf",
    (Reason.VIDEO_CONTAINER, "MXF"): "mxf",
    (Reason.VIDEO_CONTAINER, "RealMedia"): "rm rmvb",
    (Reason.VIDEO_CONTAINER, "DV"): "dv dif",
    (Reason.VIDEO_CONTAINER, "DivX"): "divx",
    (Reason.VIDEO_CONTAINER, "Windows TV"): "wtv dvr-ms",
    (Reason.VIDEO_CONTAINER, "Camtasia"): "trec camrec camproj tscproj",
    (Reason.AUDIO_CONTAINER, "Windows Media"): "wma",
    (Reason.AUDIO_CONTAINER, "AIFF"): "aif aiff aifc",
    (Reason.AUDIO_CONTAINER, "AMR"): "amr",
    (Reason.AUDIO_CONTAINER, "CAF"): "caf",
    (Reason.AUDIO_CONTAINER, "AU"): "au snd",
    (Reason.AUDIO_CONTAINER, "Audacity"): "aup aup3",
    (Reason.AUDIO_CONTAINER, "Dolby Digital (AC-3)"): "ac3 eac3 ec3",
    (Reason.AUDIO_CONTAINER, "DTS"): "dts",
    (Reason.AUDIO_CONTAINER, "DSD"): "dsf dff",
    (Reason.AUDIO_CONTAINER, "DSS"): "dss ds2",
    (Reason.AUDIO_CONTAINER, "Monkey's Audio"): "ape",
    (Reason.AUDIO_CONTAINER, "MPEG layer II"): "mp2",
    (Reason.AUDIO_CONTAINER, "Musepack"): "mpc",
    (Reason.AUDIO_CONTAINER, "RealAudio"): "ra ram",
    (Reason.AUDIO_CONTAINER, "TTA"): "tta",
    (Reason.AUDIO_CONTAINER, "Wave64"): "w64",
    (Reason.AUDIO_CONTAINER, "WavPack"): "wv",
    (Reason.AUDIO_CONTAINER, "MIDI"): "mid midi",
    (Reason.PICTURE_FORMAT, "HEIC"): "heic heif hif",
    (Reason.PICTURE_FORMAT, "JPEG 2000"): "jp2 j2k jpx",
    (Reason.PICTURE_FORMAT, "JPEG XL"): "jxl",
    (Reason.PICTURE_FORMAT, "Photoshop"): "psd",
    (Reason.PICTURE_FORMAT, "RAW"): "dng cr2 cr3 nef arw orf rw2 raf pef srw nrw rwl 3fr",
    (Reason.PICTURE_FORMAT, "DICOM"): "dcm dicom",
    (Reason.PICTURE_FORMAT, "GIMP"): "xcf",
    (Reason.PICTURE_FORMAT, "Windows icon"): "ico cur",
    (Reason.PICTURE_FORMAT, "Windows Metafile"): "wmf emf",
    (Reason.PICTURE_FORMAT, "OpenEXR"): "exr",
    (Reason.PICTURE_FORMAT, "PNM"): "ppm pgm pbm pnm",
    (Reason.PICTURE_FORMAT, "Targa"): "tga",
}
UNSUITABLE = {ending: why for why, endings in _UNSUITABLE.items() for ending in endings.split()}

_ALSO_WORDS = frozenset(
    """
    ape app au bat cmd com cur divx dot dv key md mod numbers pages ps pub ra ram rm sh snd tex
    """.split()  # noqa: SIM905
)
SURELY_UNSUITABLE = {ending: why for ending, why in UNSUITABLE.items() if ending not in _ALSO_WORDS}
"""Those that end no title, as "A talk at example.com" does: told before a file is sent."""


def named(refusal: Refused, filename: str) -> Refused:
    """Return the refusal that a name lets one give where the bytes alone say nothing."""
    vague = refusal.reason in (Reason.UNKNOWN, Reason.WEB_PAGE, Reason.ARCHIVE)
    told = UNSUITABLE.get(filename.rpartition(".")[2].lower())
    return Refused(*told) if vague and told else refusal


def title_from_filename(filename: str) -> str:
    """Suggest a first title for an upload: the file's name without its ending.

    Only what is known as an ending is one: in "Week 3. Introduction" the dot belongs to the title.
    """
    base = filename.replace("\\", "/").rsplit("/", 1)[-1]
    stem, dot, ending = base.rpartition(".")
    known = ending.lower() in ENDINGS or ending.lower() in SURELY_UNSUITABLE
    name = stem if dot and stem and known else base
    return " ".join(readable(name).replace("_", " ").split())[:TITLE_LENGTH].strip()


# What Chromium, Firefox and Safari play alike. Sources: the media container and codec guides of
# MDN and the browsers' own release notes; anything else is refused until transcoding exists.
_AUDIO_IN = {
    MP4: frozenset({"aac", "mp3", "opus", "flac"}),
    MATROSKA: frozenset({"opus", "vorbis"}),
    MP3: frozenset({"mp3"}),
    AAC: frozenset({"aac"}),
    OGG: frozenset({"opus", "vorbis", "flac"}),
    WAV: frozenset(
        {
            "pcm_u8",
            "pcm_s16le",
            "pcm_s24le",
            "pcm_s32le",
            "pcm_f32le",
            "pcm_mulaw",
            "pcm_alaw",
        }
    ),
    FLAC: frozenset({"flac"}),
}
_VIDEO_IN = {
    MP4: frozenset({"h264", "av1", "vp9"}),
    MATROSKA: frozenset({"vp8", "vp9", "av1"}),
}
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
_CODEC_NAMES = {
    "h264": "H.264",
    "hevc": "H.265 (HEVC)",
    "vvc": "H.266 (VVC)",
    "mpeg4": "MPEG-4 Part 2",
    "msmpeg4v3": "DivX",
    "mpeg2video": "MPEG-2",
    "mpeg1video": "MPEG-1",
    "prores": "ProRes",
    "dnxhd": "DNxHD",
    "mjpeg": "Motion JPEG",
    "h263": "H.263",
    "theora": "Theora",
    "av1": "AV1",
    "vp8": "VP8",
    "vp9": "VP9",
    "aac": "AAC",
    "ac3": "Dolby Digital (AC-3)",
    "eac3": "Dolby Digital Plus (E-AC-3)",
    "truehd": "Dolby TrueHD",
    "dts": "DTS",
    "alac": "Apple Lossless (ALAC)",
    "amr_nb": "AMR",
    "amr_wb": "AMR",
    "mp2": "MPEG audio layer II",
    "mp3": "MP3",
    "opus": "Opus",
    "vorbis": "Vorbis",
    "flac": "FLAC",
    "speex": "Speex",
    "wmav2": "Windows Media Audio",
    "adpcm_ima_wav": "ADPCM",
    "adpcm_ms": "ADPCM",
    "gsm_ms": "GSM",
}


def codec_name(codec: str) -> str:
    """Name a codec as people know it."""
    if codec.startswith("pcm_"):
        return f"PCM ({codec.removeprefix('pcm_')})"
    return _CODEC_NAMES.get(codec, codec)


@dataclass(frozen=True)
class Streams:
    """What was found in a film or a sound: its picture, and its sound tracks in their order.

    The pixel format is known once a picture has been decoded.
    """

    video: str | None
    pixel_format: str | None
    audio: tuple[str, ...] = ()


def playable(form: Format, found: Streams) -> tuple[Kind, str]:
    """Tell kind and content type of a film or sound that every browser plays as it is.

    Raises Refused naming the codec that some of them do not play.
    """
    if found.video is None:
        _check_sound(form, found)
        return Kind.AUDIO, _MIME[form, Kind.AUDIO]
    _check_picture(form, found.video, found.pixel_format)
    _check_sound(form, found)
    return Kind.VIDEO, _MIME[form, Kind.VIDEO]


def _check_picture(form: Format, video: str, pixel_format: str | None) -> None:
    if video not in _VIDEO_IN.get(form, frozenset()):
        mistaken = form is MATROSKA and video in _VIDEO_IN[MP4]
        raise Refused(Reason.WEBM_CODEC if mistaken else Reason.VIDEO_CODEC, codec_name(video))
    fitting = _EIGHT_BIT if video == "h264" else _EIGHT_BIT | _TEN_BIT
    if pixel_format and pixel_format not in fitting:
        raise Refused(Reason.PIXEL_FORMAT, f"{codec_name(video)} {pixel_format}")


def _check_sound(form: Format, found: Streams) -> None:
    """Check the first track, which is the one that all browsers play."""
    fitting = _AUDIO_IN[form]
    if not found.audio or found.audio[0] in fitting:
        return
    name = codec_name(found.audio[0])
    if any(other in fitting for other in found.audio[1:]):
        raise Refused(Reason.FIRST_AUDIO_TRACK, name)
    if form is MATROSKA and found.audio[0] in _AUDIO_IN[MP4]:
        raise Refused(Reason.WEBM_CODEC, name)
    raise Refused(Reason.AUDIO_CODEC_OF_FILM if found.video else Reason.AUDIO_CODEC, name)
