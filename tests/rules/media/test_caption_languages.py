"""The language of captions is understood or refused, never guessed."""

import pytest

from lti_tool.media.intake.languages import UnknownLanguage, label, of_filename, parse


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("pt_BR", "pt-BR"),
        ("pt-br", "pt-BR"),
        ("PT", "pt"),
        ("por", "pt"),
        ("eng", "en"),
        ("ger", "de"),
        ("deu", "de"),
        ("fre", "fr"),
        ("en-US", "en-US"),
        ("es-419", "es-419"),
        ("zh_Hans", "zh-Hans"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("chi", "zh"),
        ("sr-Latn", "sr-Latn"),
        ("iw", "he"),
        ("no", "no"),
        ("sl-rozaj", "sl-rozaj"),
        ("portuguese", "pt"),
        ("Português", "pt"),
        ("DEUTSCH", "de"),
        ("עברית", "he"),
    ],
)
def test_what_people_write(written: str, tag: str) -> None:
    assert parse(written) == tag


@pytest.mark.parametrize(
    "written", ["", "xx", "pt-XX", "pt_BRA", "und", "final", "en-final", "zh-Qqqq", "e", "en--US"]
)
def test_what_is_no_language(written: str) -> None:
    assert parse(written) is None


@pytest.mark.parametrize(
    ("filename", "tag"),
    [
        ("talk.pt_BR.vtt", "pt-BR"),
        ("My.talk.of.2026.de.srt", "de"),
        ("talk.en.cc.vtt", "en"),
        ("talk.en-US.forced.vtt", "en-US"),
        ("talk.vtt", None),
        ("talk.final.vtt", None),
        ("talk.v1.2.vtt", None),
        ("Week 3. Introduction.vtt", None),
    ],
)
def test_names_of_files(filename: str, tag: str | None) -> None:
    assert of_filename(filename) == tag


@pytest.mark.parametrize(
    "filename", ["talk.xx.vtt", "talk.pt_XX.vtt", "talk.jp.vtt", "talk.pt-BR-x.vtt"]
)
def test_what_is_meant_and_not_understood(filename: str) -> None:
    with pytest.raises(UnknownLanguage):
        of_filename(filename)


def test_labels() -> None:
    assert label("pt-BR") == "português (Brasil)"
    assert label("sl-rozaj") == "slovenščina"
