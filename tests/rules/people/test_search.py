"""Finding people by the beginnings of their words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.core.texts import plain
from lti_tool.people.search import ENDS, LONGEST, MOST_TEXTS, fits, texts_of, words_of


def found(typed: str, given: str, family: str, email: str = "", name: str = "") -> bool:
    words = words_of(typed)
    return bool(words) and fits(words, texts_of(given, family, name, email))


@pytest.mark.parametrize(
    "typed", ["", "a", " a ", "  ", "é", "e\u0301", "\u0301\u0301", "\u200d\u200d"]
)
def test_one_character_is_too_little(typed) -> None:
    assert words_of(typed) == ()


@pytest.mark.parametrize(
    "typed",
    [
        "ad",
        "AD",
        "by",
        "ada b",
        "b ada",
        "byron ada",
        "lo by",
        "ada.b",
        "byron@",
        "  by  ad ",
        "<ada.byron@partner.org>",
        "Ada Byron <Ada.Byron@partner.org>;",
        "mailto:ada.byron@partner.org",
    ],
)
def test_each_word_begins_one_of_theirs(typed) -> None:
    assert found(typed, "Ada Augusta", "Lovelace Byron", "ada.byron@partner.org")


@pytest.mark.parametrize(
    "typed", ["da", "ron", "partner", "org", "ada x", "adaa", "%%", "__", "\\\\"]
)
def test_what_stands_inside_a_word_or_behind_the_at_does_not_count(typed) -> None:
    assert not found(typed, "Ada", "Byron", "ada.byron@partner.org")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("oz", "Özil"),
        ("öz", "Ozil"),
        ("ÖZ", unicodedata.normalize("NFD", "özil")),
        ("strass", "Straße"),
        ("straß", "STRASSE"),
        ("lukasz", "Łukasz"),
        ("søren", "Soren"),
        ("istan", "İstanbul"),
        ("ısı", "Isi"),
        ("nguyen", "Nguyễn"),
        ("ﬁ", "Fiona"),
        ("ａｄａ", "Ada"),
        ("שלום", "שָׁלוֹם"),
        ("мария", "МАРИЯ"),
        ("αθη", "Ἀθηνᾶ"),
        ("anne-m", "Anne-Marie"),
        ("marie", "Anne-Marie"),
        ("brien", "O'Brien"),
        ("brien", "O’Brien"),
        ("o'brien", "O’Brien"),
        ("obrien", "O’Brien"),
        ("o’br", "O'Brien"),
        ("anne-marie", "Anne‑Marie"),
        ("marie", "Anne–Marie"),
        ("צ'", "צ׳רלי"),
        ("王小", "王小明"),
    ],
)
def test_capitals_accents_and_widths_do_not_count(typed, name) -> None:
    assert found(typed, name, "Wood")
    assert found(typed, "", "", name=name)


def test_a_name_besides_the_given_and_the_family_name() -> None:
    assert found("peggy", "Margaret", "Wood", name="Peggy Wood")
    assert found("wood", "Margaret", "Wood", name="Peggy Wood")


def test_the_order_is_that_of_the_names_whichever_word_was_typed() -> None:
    kims = [("Kim", "Zorn"), ("Kim", "Ärger"), ("Kim", "Abel"), ("Kim", "Über")]
    by_given = sorted(texts_of(*one, "", "")[0] for one in kims)
    assert by_given == ["kim abel", "kim arger", "kim uber", "kim zorn"]
    assert texts_of("Ada Augusta", "Byron", "", "")[-1] == "byron ada augusta"


def test_nobody_has_endless_texts() -> None:
    texts = texts_of("a b c d e f g h " * 9, "x" * 300, "q r s t u v w " * 9, "m.n.o.p@x.org")
    assert len(texts) <= MOST_TEXTS
    assert max(map(len, texts)) <= LONGEST
    assert found("x" * 300, "Ada", "x" * 300)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_any_text_can_be_looked_for_and_looked_through(typed, first, last) -> None:
    texts = texts_of(first, last, typed, f"{first}@{last}")
    for word in words_of(typed):
        assert word == plain(word)
        assert fits([word], texts) == any(word <= text < word + ENDS for text in texts)


@given(st.text(min_size=2, max_size=30))
def test_folding_twice_changes_nothing(text) -> None:
    assert plain(plain(text)) == plain(text)
