"""Text that people typed, made fit to be shown and compared; pure."""

from __future__ import annotations

import re
import unicodedata

_TURN_TEXT_AROUND = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NOT_TO_BE_SEEN = frozenset({"Cc", "Cs"})
_WITHOUT_INK = frozenset({"Cc", "Cs", "Mn", "Me", "Zs", "Zl", "Zp"})
_BREAKS = frozenset({"Cc", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me", "Cf", "Cs"})
_SHOW_NOTHING = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Those that are not of the category Cf."""
APOSTROPHES = "'’‘‛ʼʻʹ′‵´`ꞌ\u055a\u05f3"
HYPHENS = "-‐‑‒–—−\u058a\u05be"
"""The first of each is the one on every keyboard, the others its typographic twins."""
TWINS = str.maketrans(dict.fromkeys(APOSTROPHES, "'") | dict.fromkeys(HYPHENS, "-"))
_TYPED_AS = TWINS | str.maketrans(
    {"æ": "ae", "ð": "d", "ø": "o", "þ": "th", "đ": "d", "ħ": "h", "ı": "i", "ł": "l", "œ": "oe"}
)


def readable(text: str) -> str:
    """Clean a text: NFC, no control characters, lone surrogates or marks that turn text around.

    Tabs and line breaks of every kind become spaces.
    """
    return "".join(_seen(char) for char in unicodedata.normalize("NFC", text))


def one_line(text: str) -> str:
    """Clean a text and put single spaces between its words, and none around them."""
    return " ".join(readable(text).split())


def visible(text: str) -> str:
    """Take out the characters that show nothing and take no place: joiners, marks of direction."""
    shown = _SHOW_NOTHING.sub("", text)
    return "".join(char for char in shown if unicodedata.category(char) != "Cf")


def shows_nothing(text: str) -> bool:
    """Tell whether nothing of the text can be seen.

    Spaces, joiners, and marks without their letter cannot.
    """
    return all(unicodedata.category(char) in _WITHOUT_INK for char in visible(text))


def folded(text: str) -> str:
    """Reduce a text to what is the same whatever its capitals, spaces and composition."""
    capitals_alike = unicodedata.normalize("NFC", text).casefold()
    return unicodedata.normalize("NFC", " ".join(capitals_alike.split()))


def plain(text: str) -> str:
    """Reduce a text to what whoever looks for it would type.

    Capitals, accents, widths, spaces and typographic twins do not count. (Some letters are no
    letter with an accent, but are typed as if.)
    """
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_TYPED_AS)).casefold()
    bare = (char for char in apart if unicodedata.category(char) not in _MARKS)
    return " ".join("".join(bare).split())


def _seen(char: str) -> str:
    category = unicodedata.category(char)
    if char.isspace() and category in _BREAKS:
        return " "
    return "" if category in _NOT_TO_BE_SEEN or char in _TURN_TEXT_AROUND else char
