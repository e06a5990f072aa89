"""What is left of typed text, and when two texts count as one."""

from __future__ import annotations

import unicodedata

import pytest

from lti_tool.core.texts import folded, one_line, readable, shows_nothing


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ada", "Ada"),
        ("A\x00d\x1ba", "Ada"),
        ("Ada\tByron\u2028II", "Ada Byron II"),
        ("Ada\u202egnp.exe", "Adagnp.exe"),
        ("Ada\ud800", "Ada"),
        (unicodedata.normalize("NFD", "Özil"), "Özil"),
        ("a\u00a0b", "a\u00a0b"),
    ],
)
def test_readable(typed, kept) -> None:
    assert readable(typed) == kept


def test_one_line() -> None:
    assert one_line("  Ada \r\n\x1f Byron\u00a0") == "Ada Byron"


@pytest.mark.parametrize(
    "text",
    ["", "\u200b", "\u2060\u00ad", "\u0301", "\ufe0f \u00a0", "\u2028", "\u3164", "\u2800\u115f"],
)
def test_what_cannot_be_seen(text) -> None:
    assert shows_nothing(text)


@pytest.mark.parametrize("text", ["a", "م\u200dح", "नि", "·", "e\u0301"])
def test_what_can_be_seen(text) -> None:
    assert not shows_nothing(text)


def test_folded() -> None:
    assert folded(" ÖZIL  Mesut") == folded("o\u0308zil mesut") == "özil mesut"
    assert folded("Straße") == folded("STRASSE")
    assert folded("o") != folded("ö")
