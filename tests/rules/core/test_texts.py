"""What is left of typed text, and when two texts count as one."""

from __future__ import annotations

import unicodedata

import pytest

from lti_tool.core.texts import folded, one_line, readable, shows_something


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


def test_folded() -> None:
    assert folded(" ÖZIL  Mesut") == folded("o\u0308zil mesut") == "özil mesut"
    assert folded("Straße") == folded("STRASSE")
    assert folded("o") != folded("ö")


def test_shows_something() -> None:
    for text in ("a", "\u200b1", "\u05d0\u05b0", "\U0001f426", "?"):
        assert shows_something(text)
    for text in ("", " ", "\u200b", "\u200b\u2060 \u00a0", "\u0301", "\ufeff", "\u2028"):
        assert not shows_something(text)
