"""Which language is spoken, and that every sentence can be translated."""

from __future__ import annotations

import re
from collections import Counter
from gettext import c2py
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from lti_tool.core.web.languages import best, offered

ROOT = Path(__file__).resolve().parents[3]
TRANSLATIONS = ROOT / "lti_tool" / "translations"
NAMES = ("de", "en", "he", "id", "pt_BR", "yi", "zh_Hant")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        (["de"], "de"),
        (["de-AT"], "de"),
        (["DE_at"], "de"),
        (["de-CH-1901"], "de"),
        (["en-US"], "en"),
        (["pt_br"], "pt_BR"),
        (["pt-BR-x-old"], "pt_BR"),
        (["zh-Hant-TW"], "zh_Hant"),
        (["pt"], None),
        (["es-MX", "de", "en"], "de"),
        (["iw"], "he"),
        (["iw_IL"], "he"),
        (["in-ID"], "id"),
        (["ji"], "yi"),
        (["en-AU-x-unimelb"], "en"),
        (["*"], None),
        (["deu", "-", ""], None),
        ([], None),
    ],
)
def test_the_first_language_that_is_offered(wanted: list[str], name: str | None) -> None:
    assert best(wanted, NAMES) == name


def test_a_language_is_offered_once_its_catalogue_is_compiled(tmp_path: Path) -> None:
    for name, file in (("de", "messages.mo"), ("fr", "messages.po")):
        folder = tmp_path / name / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / file).touch()

    assert offered(tmp_path) == ("de", "en")
    assert offered(tmp_path / "none") == ("en",)


def _catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def _sentences(catalogue: Catalog) -> dict[object, Message]:
    return {message.id: message for message in catalogue if message.id}


def test_every_marked_sentence_stands_in_the_template(tmp_path: Path) -> None:
    fresh = tmp_path / "messages.pot"
    mapping = ["--mapping", str(ROOT / "pyproject.toml"), "--keywords", "lazy_gettext"]
    sources = [str(ROOT / "lti_tool"), str(ROOT / "templates")]
    CommandLineInterface().run(
        ["pybabel", "--quiet", "extract", *mapping, "--output", str(fresh), *sources]
    )

    marked = _sentences(_catalogue(fresh)).keys()
    assert marked == _sentences(_catalogue(TRANSLATIONS / "messages.pot")).keys(), "make messages"


CATALOGUES = sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"))
in_each_language = pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])


def _texts(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


@in_each_language
def test_every_sentence_is_translated(path: Path) -> None:
    waiting = [
        message.id
        for message in _sentences(_catalogue(path)).values()
        if message.fuzzy or not all(_texts(message))
    ]
    assert waiting == []


@in_each_language
def test_a_translation_fills_in_what_the_sentence_fills_in(path: Path) -> None:
    catalogue = _catalogue(path)
    alone = _forms_of_one_number(catalogue.plural_expr)
    for message in _sentences(catalogue).values():
        source = message.id[-1] if isinstance(message.id, tuple) else message.id
        for form, text in enumerate(_texts(message)):
            expected = sorted(PLACEHOLDER.findall(source))
            if isinstance(message.id, tuple) and form in alone and "%(num)d" not in text:
                expected.remove("%(num)d")
            assert sorted(PLACEHOLDER.findall(text)) == expected, source


def _forms_of_one_number(rule: str) -> set[int]:
    """The plural forms that say one number only, and may say it in words ("in two hours")."""
    form_of = c2py(rule)
    used = Counter(form_of(number) for number in range(1, 1000))
    return {form for form, times in used.items() if times == 1 and form_of(0) != form}


@in_each_language
def test_a_translation_is_written_in_its_own_language(path: Path) -> None:
    """A sentence that stands there in English was copied, not translated."""
    left = [
        text
        for message in _sentences(_catalogue(path)).values()
        for text in _texts(message)
        if len(re.findall(r"[a-z]+", PLACEHOLDER.sub("", text))) > 2
        and text in (message.id if isinstance(message.id, tuple) else (message.id,))
    ]
    assert left == []


def test_hebrew_sets_apart_what_others_wrote() -> None:
    """Names and addresses may run from left to right: U+2068 and U+2069 keep the sentence whole."""
    foreign = (
        r"(?:%\((?:name|email|course|institution|title|domain|address|code)\)s|\{(?:name|email)\})"
    )
    path = TRANSLATIONS / "he" / "LC_MESSAGES" / "messages.po"
    bare = re.compile(rf"(?<!\u2068){foreign}|{foreign}(?!\u2069)")
    for message in _sentences(_catalogue(path)).values():
        assert not any(bare.search(text) for text in _texts(message)), message.id
