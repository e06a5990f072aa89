"""Captions that somebody handed in: checked, and written anew as WebVTT of text and timing only.

SubRip (.srt) is read here: its files lack numbers, hours and blank lines as it happens, and what
is there is still understood by every player.
"""

import codecs
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

import webvtt

from lti_tool.media.formats import Reason, Refused
from lti_tool.media.rules import CAPTIONS_BYTES

MAX_CUES = 50_000
# A name and attributes, not just whatever stands between < and >: "if x < 5 and y > 2" is text.
_TAG = re.compile(
    r"<(?:/?[a-z][\w.:-]*(?:\s+[\w:-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>]+))*\s*/?"
    r"|(?:v|lang)(?:\.[\w-]+)*\s[^<>&\n]*|!--[^<>]*--|[\d:]+\.\d+)>",
    re.IGNORECASE,
)
_SUBRIP_TAG = re.compile(r"</?(?:[biu]|font(?:\s[^<>]*)?)>", re.IGNORECASE)
_PLACED = re.compile(r"\{\\[^{}\n]*\}")
"""Where and how SubStation programs show a cue: {\\an8}."""

_KEPT_TAG = re.compile(
    r"</?(?:b|i|u|ruby|rt|c|v|lang)>"
    r"|<(?:b|i|u|ruby|rt|c)(?:\.[\w-]{1,40}){1,4}>"
    r"|<v(?:\.[\w-]{1,40})*\s[^<>&\n]{1,80}>"
    r"|<lang\s[A-Za-z0-9-]{1,35}>"
    r"|<(?:\d{2,}:)?\d{2}:\d{2}\.\d{3}>"
)
_TIME = r"(?:(\d+):)?(\d{1,2}):(\d{1,2})(?:[,.](\d{1,3}))?"
# Programs for texts from right to left turn every line, those of times as well.
_BLANK = "[ \\t\u00a0\u200e\u200f\u202a-\u202e\u2066-\u2069]"
_TIMING = re.compile(rf"^{_BLANK}*{_TIME}{_BLANK}*-->{_BLANK}*{_TIME}(?!\d).*$", re.MULTILINE)
_ARROW = re.compile(r"^.*-->", re.MULTILINE)
_MEANT_AS_TIMING = re.compile(rf"^{_BLANK}*\d(?:[\d:.,;]|{_BLANK})*-+>{_BLANK}*\d", re.MULTILINE)
_NUMBER_OF_NEXT = re.compile(r"\n(?:[ \t]*\n[ \t]*\d+\s*|[ \t]*\d+[ \t]*\n?)\Z")
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
    text = decoded(data, language).replace("\x00", "\ufffd").replace("\ufeff", "").lstrip(" \t\r\n")
    text = "\n".join(re.split("\r\n?|\n", text))
    is_webvtt = text.startswith("WEBVTT")
    cues = _webvtt(text) if is_webvtt else list(_subrip(text))
    meant = _ARROW if is_webvtt else _MEANT_AS_TIMING
    if len(cues) < len(meant.findall(text)):
        raise Refused(Reason.CAPTIONS_INVALID)
    cues = [cue for cue in cues if cue.text]
    if not cues or len(cues) > MAX_CUES:
        raise Refused(Reason.CAPTIONS_INVALID)
    return write(cues)


def _webvtt(text: str) -> list[Cue]:
    try:
        parsed = webvtt.from_string(text)
    except (webvtt.errors.MalformedFileError, webvtt.errors.MalformedCaptionError) as problem:
        raise Refused(Reason.CAPTIONS_INVALID) from problem
    return [
        Cue(
            str(cue.start),
            str(cue.end),
            clean_settings(str(cue.settings or "")),
            clean_text(str(cue.raw_text)),
        )
        for cue in parsed.captions
    ]


def _subrip(text: str) -> Iterator[Cue]:
    """Read what stands below each line of times; the number above the next one belongs to that."""
    found = list(_TIMING.finditer(text))
    for timing, following in zip_longest(found, found[1:]):
        end = following.start() if following else None
        said = text[timing.end() : end]
        if end is not None:
            said = _NUMBER_OF_NEXT.sub("\n", said)
        yield Cue(_time(timing, 1), _time(timing, 5), "", clean_text(said, _SUBRIP_TAG))


def _time(timing: re.Match[str], first: int) -> str:
    """Write a time as WebVTT does, where a minute has no 99 seconds."""
    hours, minutes, seconds = (int(timing[first + number] or 0) for number in range(3))
    minutes, seconds = minutes + seconds // 60, seconds % 60
    hours, minutes = hours + minutes // 60, minutes % 60
    return f"{hours:02}:{minutes:02}:{seconds:02}.{timing[first + 3] or '':0<3}"


def decoded(data: bytes, language: str) -> str:
    """Read the letters: UTF-8, UTF-16, else what Windows used for the language.

    Raises Refused(CAPTIONS_ENCODING) for languages of which Windows had an alphabet of its own:
    their letters would turn into others.
    """
    wide = _wide(data)
    encodings = [wide or "utf-8-sig"]
    if not wide and language.partition("-")[0] in _WESTERN:
        encodings.append("cp1252")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(Reason.CAPTIONS_ENCODING)


def _wide(data: bytes) -> str | None:
    """Tell UTF-16 by its mark, else by the zeros beside a number or the W of WEBVTT."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = [not one for one in data[:4]]
    if zeros == [False, True, False, True]:
        return "utf-16-le"
    return "utf-16-be" if zeros == [True, False, True, False] else None


def write(cues: list[Cue]) -> bytes:
    """Write a WebVTT file of these cues, in the order given."""
    blocks = ["WEBVTT"]
    for cue in cues:
        timing = f"{cue.start} --> {cue.end} {cue.settings}".rstrip()
        blocks.append(f"{timing}\n{cue.text}")
    return ("\n\n".join(blocks) + "\n").encode()


def clean_text(raw: str, tags: re.Pattern[str] = _TAG) -> str:
    """Clean a cue's text, so that only WebVTT's own tags are tags; ``tags`` are no text."""
    parts, position = [], 0
    raw = _PLACED.sub("", raw)
    for match in tags.finditer(raw):
        parts.append(_plain(raw[position : match.start()]))
        tag = match.group().lower() if tags is _SUBRIP_TAG else match.group()
        if _KEPT_TAG.fullmatch(tag):
            parts.append(tag)
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
