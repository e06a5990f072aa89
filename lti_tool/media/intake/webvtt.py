"""Captions that somebody handed in: checked, and written anew as WebVTT of text and timing only."""

import codecs
import html
import io
import re
from dataclasses import dataclass

import webvtt

from lti_tool.media.formats import Reason, Refused
from lti_tool.media.rules import CAPTIONS_BYTES

MAX_CUES = 50_000
_TAG = re.compile(r"<[^<>]*>?")
_KEPT_TAG = re.compile(
    r"</?(?:b|i|u|ruby|rt|c|v|lang)>"
    r"|<(?:b|i|u|ruby|rt|c)(?:\.[\w-]{1,40}){1,4}>"
    r"|<v(?:\.[\w-]{1,40})*\s[^<>&\n]{1,80}>"
    r"|<lang\s[A-Za-z0-9-]{1,35}>"
    r"|<(?:\d{2,}:)?\d{2}:\d{2}\.\d{3}>"
)
_SETTING = re.compile(
    r"(?:vertical:(?:rl|lr)|line:-?[\d.]{1,8}%?(?:,(?:start|center|end))?"
    r"|position:[\d.]{1,8}%(?:,(?:line-left|center|line-right))?"
    r"|size:[\d.]{1,8}%|align:(?:start|center|end|left|right))"
)

# Languages that were written in Windows-1252, Western European.
_WESTERN = frozenset(
    "af ca da de en es eu fi fo fr ga gl is it lb nb nl nn no pt rm sv sw".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Cue:
    """One cue of a WebVTT file, its times as they are written there."""

    start: str
    end: str
    settings: str
    text: str


def clean(data: bytes, language: str) -> bytes:
    """Make WebVTT of the same captions that is safe to serve; SubRip (.srt) is read as well.

    Styles, regions, comments and unknown tags go; cue settings stay when they are well formed.
    ``language`` is what the captions are written in. Raises Refused(CAPTIONS_INVALID |
    CAPTIONS_ENCODING | TOO_LARGE).
    """
    if len(data) > CAPTIONS_BYTES:
        raise Refused(Reason.TOO_LARGE)
    text = decoded(data, language).replace("\x00", "\ufffd")
    try:
        if text.startswith("WEBVTT"):
            parsed = webvtt.from_string(text)
        else:
            parsed = webvtt.from_buffer(io.StringIO(text), format="srt")
        cues = [
            Cue(
                str(cue.start),
                str(cue.end),
                clean_settings(str(cue.settings or "")),
                clean_text(str(cue.raw_text)),
            )
            for cue in parsed.captions
        ]
    except (webvtt.errors.MalformedFileError, webvtt.errors.MalformedCaptionError) as problem:
        raise Refused(Reason.CAPTIONS_INVALID) from problem
    if not cues or len(cues) > MAX_CUES:
        raise Refused(Reason.CAPTIONS_INVALID)
    return write(cues)


def decoded(data: bytes, language: str) -> str:
    """Read the letters: UTF-8, UTF-16 by its mark, else what Windows used for the language.

    Raises Refused(CAPTIONS_ENCODING) for languages of which Windows had an alphabet of its own:
    their letters would turn into others.
    """
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encodings = ["utf-16"] if is_wide else ["utf-8-sig"]
    if not is_wide and language.partition("-")[0] in _WESTERN:
        encodings.append("cp1252")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(Reason.CAPTIONS_ENCODING)


def write(cues: list[Cue]) -> bytes:
    """Write a WebVTT file of these cues, in the order given."""
    blocks = ["WEBVTT"]
    for cue in cues:
        timing = f"{cue.start} --> {cue.end} {cue.settings}".rstrip()
        blocks.append(f"{timing}\n{cue.text}")
    return ("\n\n".join(blocks) + "\n").encode()


def clean_text(raw: str) -> str:
    """Clean a cue's text, so that only WebVTT's own tags are tags."""
    parts, position = [], 0
    for match in _TAG.finditer(raw):
        parts.append(_plain(raw[position : match.start()]))
        if _KEPT_TAG.fullmatch(match.group()):
            parts.append(match.group())
        position = match.end()
    parts.append(_plain(raw[position:]))
    lines = [line for line in "".join(parts).splitlines() if line.strip()]
    return "\n".join(lines)


def clean_settings(settings: str) -> str:
    """Keep those cue settings that WebVTT names, in their given order."""
    return " ".join(part for part in settings.split() if _SETTING.fullmatch(part))


def _plain(text: str) -> str:
    """Write every reserved character as an entity, none of them twice."""
    return html.escape(html.unescape(text), quote=False)
