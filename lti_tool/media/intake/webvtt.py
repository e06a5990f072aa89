"""WebVTT that somebody handed in: checked, and written anew with nothing but text and timing."""

import html
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


@dataclass(frozen=True)
class Cue:
    """One cue of a WebVTT file, its times as they are written there."""

    start: str
    end: str
    settings: str
    text: str


def clean(data: bytes) -> bytes:
    """Make the same captions safe to serve as text/vtt.

    Styles, regions, comments and unknown tags go; cue settings stay when they are well formed.
    Raises Refused(CAPTIONS_INVALID | TOO_LARGE).
    """
    if len(data) > CAPTIONS_BYTES:
        raise Refused(Reason.TOO_LARGE)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise Refused(Reason.CAPTIONS_INVALID, "UTF-8") from problem
    if not text.startswith("WEBVTT"):
        raise Refused(Reason.CAPTIONS_INVALID)
    try:
        parsed = webvtt.from_string(text.replace("\x00", "\ufffd"))
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
