"""Languages as people write them, in file names above all: pt-BR, pt_br, por, Português.

What may be a language or something else is refused: captions in a language that they are not in
help nobody, and nobody would notice. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.languages import get_official_languages
from babel.localedata import locale_identifiers

from lti_tool.media.formats import ENDINGS, SURELY_UNSUITABLE

# BCP 47 (RFC 5646 §2.1) without extensions and private use, in whatever case and with "_" too.
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|\d{3}))?"
    r"(?P<variants>(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*)",
    re.IGNORECASE,
)
_MEANT = re.compile(r"[a-z]{2,3}(?:[-_][a-z\d]{1,8})*", re.IGNORECASE)
_NO_LANGUAGES = frozenset({"und", "mul", "zxx", "mis", "root"})
_LONGEST_TAG = 3
"""Parts of a name that make up one tag: zh.Hant.TW."""

_NUMBER = re.compile(r"v?\d+[a-z]{0,2}", re.IGNORECASE)
_MARKS = frozenset(
    """
    auto automatic captions cap cc checked clean copy corrected default draft edit edited final
    fixed forced generated hi itt mcc new old orig original proofread rev reviewed revised scc sdh
    smi stl sub subs subtitles synced transcript translated txt
    """.split()  # noqa: SIM905
)
"""What may stand behind the language in a file's name and says something else."""

_WORDS = frozenset(
    """
    am an as be do go he hi id in is it la me my no or so to we
    """.split()  # noqa: SIM905
)
_LONGER_WORDS = frozenset(
    """
    arm ben car cat dan est fin fry fur geo her ice kin lit mac mar may per run rum san sat sin
    sun tat tel ton vol
    """.split()  # noqa: SIM905
)
"""Codes that are words as well, at the end of a title for instance ("how-to", "Dr. No")."""

_COUNTRIES = frozenset({"br", "ch", "ee", "in", "kr", "se", "tw"})
"""Codes of languages that most people take for the country's: Brazil, not Breton."""

_CHINESE = {"chs": "zh-Hans", "cht": "zh-Hant", "cmn": "zh", "chi": "zh", "zho": "zh"}
_JOINED = re.compile(
    r"(pt)(br|pt)|(en)(us|gb|au|ca)|(es)(es|mx)|(fr)(fr|ca)|(de)(de|at|ch)|(zh)(cn|tw|hk)"
)


class UnknownLanguage(Exception):
    """Something may be meant as a language, and cannot be understood for certain."""


def of_filename(filename: str, film: str = "") -> str | None:
    """Read the language in a name such as talk.pt_BR.vtt, as a tag; None: it names none.

    ``film`` is the name of the file that the captions belong to: what both begin with is no
    language. What stands behind the language (final, v2, sdh) does not matter.
    Raises UnknownLanguage for what looks like one, or like two, or like a word as well.
    """
    stem = unicodedata.normalize("NFC", filename).rpartition(".")[0]
    title = unicodedata.normalize("NFC", film).rpartition(".")[0]
    behind = stem[len(title) :]
    is_beside = bool(title) and stem.startswith(title) and not behind[:1].isalnum()
    parts = _without_marks((behind if is_beside else stem).split("."))
    if not parts:
        return None
    language = _at_the_end(parts, sure=is_beside)
    if language is None:
        pieces = _without_marks(re.split(r"[_\-(){}\[\]]", parts[-1]))
        in_brackets = pieces[-1:] and re.search(
            rf"[({{\[]\s*{re.escape(pieces[-1])}\s*[)}}\]]", parts[-1]
        )
        language = _at_the_end(pieces, sure=is_beside or bool(in_brackets), within=True)
    named = parts[-1].strip()
    if language is None and (len(parts) > 1 or is_beside) and _MEANT.fullmatch(named):
        raise UnknownLanguage(named)
    return language


def _without_marks(parts: Sequence[str]) -> list[str]:
    """Leave out what is empty, and what stands behind the language and is none."""
    kept = [part for part in parts if part.strip(" ,;+")]
    while kept and _is_mark(kept[-1].strip().lower()):
        if kept[-1].strip().lower() == "hi" and not (len(kept) > 1 and parse(kept[-2])):
            break  # Hindi; behind a language it is for the hearing impaired
        kept.pop()
    return kept


def _is_mark(word: str) -> bool:
    ending = word in ENDINGS or word in SURELY_UNSUITABLE
    return bool(_NUMBER.fullmatch(word)) or word in _MARKS or ending


def _at_the_end(parts: Sequence[str], *, sure: bool, within: bool = False) -> str | None:
    """Read the language that the last parts make up together; the longest tag counts.

    Raises UnknownLanguage where the part before them is a language as well.
    """
    for length in range(min(_LONGEST_TAG, len(parts)), 0, -1):
        last = [part.strip() for part in parts[-length:]]
        tag = parse("-".join(last)) or parse(" ".join(last))
        if tag is None:
            continue
        before = parts[-length - 1].strip() if length < len(parts) else ""
        is_word = (within or parts[-length][:1].isspace()) and len(parts) > 1
        if (
            (before and parse(before) and not _is_mark(before.lower()))
            or (length == 1 and _is_doubtful(last[0], sure=sure, is_word=is_word))
            or (length > 1 and _are_two(last))
        ):
            raise UnknownLanguage(" ".join(filter(None, (before, *last))))
        return tag
    return None


def _is_doubtful(written: str, *, sure: bool, is_word: bool) -> bool:
    """Tell whether a code may as well be a country, a number, or a word."""
    code = written.lower()
    if "-" in code or "_" in code:
        return _are_two(re.split("[-_]", written))
    if len(code) > 3 or not code.isascii():
        return False
    if len(code) == 3:
        data = _canonical(code) in locale_identifiers() or code in _CHINESE
        return not data or (code in _LONGER_WORDS and not sure)
    if code in _COUNTRIES or (not sure and is_word and code in _WORDS):
        return True
    return written.isupper() and (
        _is_elsewhere(code, code) or bool(re.fullmatch("[IVXLC]+", written))
    )


def _are_two(parts: Sequence[str]) -> bool:
    """Tell whether what looks like language and country may be two languages (en.de)."""
    region = parts[-1]
    if len(region) != 2 or _canonical(region.lower()) is None or len(parts[0]) > 3:
        return False
    return _is_elsewhere(_canonical(parts[0].lower()) or "", region)


def _is_elsewhere(language: str, region: str) -> bool:
    """Tell whether this is the code of a country that has other languages."""
    territory = get_global("territory_aliases").get(region.upper(), [region.upper()])[0]
    if territory not in Locale("en").territories:
        return False
    spoken = get_official_languages(territory, regional=True, de_facto=True)
    return language not in {one.partition("_")[0] for one in spoken}


def parse(text: str) -> str | None:
    """Return the BCP 47 tag of what somebody wrote, in its usual form; None: not understood."""
    written = text.strip().replace("_", "-")
    lowered = written.lower()
    if lowered in _CHINESE:
        return _CHINESE[lowered]
    alias = str(get_global("language_aliases").get(lowered, ""))
    if "_" in alias:  # Serbo-Croatian is Serbian in Latin letters
        return parse(alias)
    if _JOINED.fullmatch(lowered):
        written = f"{written[:2]}-{written[2:]}"
    match = _TAG.fullmatch(written)
    if match is None:
        return _names().get(_spelled(text))
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
    english = Locale("en")
    codes = [one for one in locale_identifiers() if "_" not in one and one not in _NO_LANGUAGES]
    for identifier in codes:
        own = Locale.parse(identifier)
        if name := own.get_language_name():
            names.setdefault(_spelled(name), identifier)
    for identifier, name in english.languages.items():
        if identifier not in _NO_LANGUAGES:
            names[_spelled(name)] = identifier.replace("_", "-")
    for identifier in locale_identifiers():
        language, _, region = identifier.partition("_")
        for speaker in (english, Locale(language)) if region in english.territories else ():
            name = f"{speaker.languages.get(language)} {speaker.territories.get(region)}"
            names.setdefault(_spelled(name), f"{language}-{region}")
    for script, word in (("Hans", "simplified"), ("Hant", "traditional")):
        names[_spelled(f"chinese {word}")] = f"zh-{script}"
        for speaker in (Locale("zh"), Locale("zh", script=script)):
            names[_spelled(speaker.languages[f"zh_{script}"])] = f"zh-{script}"
    return names


def _spelled(name: str) -> str:
    """Write a name so that accents, brackets and the order of its words do not matter."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(one for one in letters if unicodedata.category(one) != "Mn")
    return " ".join(sorted(re.findall(r"\w+", plain.replace("_", " "))))
