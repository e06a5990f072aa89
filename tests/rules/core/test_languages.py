"""Which language is spoken, and that every sentence can be translated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from lti_tool.core.languages import best, offered

ROOT = Path(__file__).resolve().parents[3]
TRANSLATIONS = ROOT / "lti_tool" / "translations"
NAMES = ("de", "en", "pt_BR", "zh_Hant")
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


@pytest.mark.parametrize(
    "path", sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po")), ids=lambda path: path.parts[-3]
)
def test_a_translation_fills_in_what_the_sentence_fills_in(path: Path) -> None:
    for message in _sentences(_catalogue(path)).values():
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        source = message.id[-1] if isinstance(message.id, tuple) else message.id
        for text in texts:
            if text and not message.fuzzy:
                assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(source))
