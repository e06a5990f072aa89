"""The languages that Foyer speaks besides English, and what is still English on a page."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

TRANSLATIONS = Path(__file__).resolve().parents[1] / "lti_tool" / "translations"
LANGUAGES = sorted(path.parent.parent.name for path in TRANSLATIONS.glob("*/*/messages.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
_READ_OUT = {"aria-label", "title", "placeholder", "alt"}
_ENGLISH = re.compile(r"\b(the|your|you|this|with|from|have)\b", re.IGNORECASE)
"""Words of most English sentences, and of none in our other languages."""


@cache
def catalogue(language: str) -> Catalog:
    path = TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file)


@cache
def said(language: str) -> dict[str, tuple[str, ...]]:
    """Every English sentence, singular or plural, and how this language says it."""
    found: dict[str, tuple[str, ...]] = {}
    for message in catalogue(language):
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        for source in message.id if isinstance(message.id, tuple) else (message.id,):
            if source:
                found[source] = texts
    return found


def untranslated(page: str, known: Mapping[str, Collection[str]]) -> list[str]:
    """Sentences that a page says in English though it is known how to say them."""
    return [text for text in texts_of(page) if text in known and text not in known[text]]


def still_english(page: str, language: str) -> list[str]:
    """What a page in this language says in English: sentences of the catalogue that were not
    looked up in it, and whatever else reads like English.
    """
    likely = [text for text in texts_of(page) if _ENGLISH.search(text)]
    return list(dict.fromkeys([*untranslated(page, said(language)), *likely]))


def texts_of(page: str) -> list[str]:
    """Everything that a page says, each text in one line."""
    reader = _Reader()
    reader.feed(page)
    return [" ".join(text.split()) for text in reader.texts if text.strip()]


class _Reader(HTMLParser):
    """What somebody reads or hears of a page, and the sentences that it gives to its scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = ""
        self._words = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts += [value for name, value in attrs if name in _READ_OUT and value]
        if tag in {"script", "style"}:
            self._silent = tag
            self._words = "data-words" in dict(attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = ""

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data)
        elif self._words:
            self.texts += json.loads(data).values()
