"""Languages as people write them, in file names above all: pt-BR, pt_br, por, Português.

What is meant as a language and not understood is refused: captions in a language that they are not
in help nobody, and nobody would notice. Pure.
"""

from __future__ import annotations

import re
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.localedata import locale_identifiers

# BCP 47 (RFC 5646 §2.1) without extensions and private use, in whatever case and with "_" too.
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|\d{3}))?"
    r"(?P<variants>(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*)",
    re.IGNORECASE,
)
_MEANT = re.compile(r"[a-z]{2,3}(?:[-_][a-z\d]{1,8})*", re.IGNORECASE)
_NO_LANGUAGES = frozenset({"und", "mul", "zxx", "mis", "root"})
_MARKS = frozenset({"cc", "sdh", "forced", "default", "auto", "captions", "subtitles"})
"""What may stand behind the language in a file's name and says something else."""

_CHINESE = {"chs": "zh-Hans", "cht": "zh-Hant", "cmn": "zh", "chi": "zh", "zho": "zh"}


class UnknownLanguage(Exception):
    """Something is meant as a language and is none that is known."""


def of_filename(filename: str) -> str | None:
    """Read the language in a name such as talk.pt_BR.vtt, as a tag; None: it names none.

    "talk.final.vtt" and "v1.2.vtt" name none: these are no languages and do not look like one.
    Raises UnknownLanguage for what looks like one.
    """
    parts = filename.split(".")[1:-1]
    while parts and parts[-1].lower() in _MARKS:
        parts.pop()
    if not parts:
        return None
    named = parts[-1].strip()
    language = parse(named)
    if language is None and _MEANT.fullmatch(named):
        raise UnknownLanguage(named)
    return language


def parse(text: str) -> str | None:
    """Return the BCP 47 tag of what somebody wrote, in its usual form; None: not understood."""
    written = text.strip().replace("_", "-")
    lowered = written.lower()
    if lowered in _CHINESE:
        return _CHINESE[lowered]
    match = _TAG.fullmatch(written)
    if match is None:
        return _names().get(lowered) or _names().get(text.strip().casefold())
    language = _canonical(match["language"].lower())
    if language is None or language in _NO_LANGUAGES:
        return None
    script, region = match["script"] or "", (match["region"] or "").upper()
    english = Locale("en")
    if script and script.title() not in english.scripts:
        return None
    if region and region not in english.territories:
        return None
    variants = match["variants"].lower().split("-")[1:]
    if any(variant.upper() not in english.variants for variant in variants):
        return None
    return "-".join(part for part in (language, script.title(), region, *variants) if part)


def label(tag: str) -> str:
    """Name a language in itself, for the menu of the player."""
    parts = tag.split("-")
    while parts:
        try:
            name = Locale.parse("-".join(parts), sep="-").get_display_name()
        except (UnknownLocaleError, ValueError):
            parts.pop()
            continue
        return name or tag
    return str(Locale("en").languages.get(tag.split("-")[0], tag))


def _canonical(language: str) -> str | None:
    """Return the shortest code (ISO 639): por and pt are one language, ger and deu and de too."""
    aliases = get_global("language_aliases")
    known = Locale("en").languages
    short = str(aliases.get(language, language))
    if "_" in short:
        short = short.partition("_")[0]
    return short if short in known else None


@cache
def _names() -> dict[str, str]:
    """Map the names of languages, in English and in themselves, to their tags."""
    names: dict[str, str] = {}
    for identifier in locale_identifiers():
        if "_" not in identifier and identifier not in _NO_LANGUAGES:
            own = Locale.parse(identifier).get_language_name()
            if own:
                names[own.casefold()] = identifier
    for identifier, name in Locale("en").languages.items():
        if "_" not in identifier and identifier not in _NO_LANGUAGES:
            names[name.casefold()] = identifier
    return names
