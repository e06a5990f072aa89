"""The language of captions is understood or refused, never guessed."""

import unicodedata

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
        ("sh", "sr-Latn"),
        ("prs", "fa-AF"),
        ("sl-rozaj", "sl-rozaj"),
        ("portuguese", "pt"),
        ("Português", "pt"),
        ("DEUTSCH", "de"),
        ("עברית", "he"),
        ("portugues", "pt"),
        (unicodedata.normalize("NFD", "Português"), "pt"),
        ("ptBR", "pt-BR"),
        ("Chinese (Simplified)", "zh-Hans"),
        ("Brazilian Portuguese", "pt-BR"),
        ("Portuguese (Brazil)", "pt-BR"),
        ("简体中文", "zh-Hans"),
        ("繁體中文", "zh-Hant"),
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
        ("de.vtt", "de"),
        ("pt-BR.vtt", "pt-BR"),
        ("talk_de.vtt", "de"),
        ("talk-de.vtt", "de"),
        ("talk (German).vtt", "de"),
        ("talk.[de].vtt", "de"),
        ("talk.de (1).vtt", "de"),
        ("talk.de.1.vtt", "de"),
        ("talk.de.v2.vtt", "de"),
        ("talk.pt-BR.final.vtt", "pt-BR"),
        ("talk.de.corrected.vtt", "de"),
        ("talk.de.hi.vtt", "de"),
        ("talk.hi.vtt", "hi"),
        ("talk.pt.br.vtt", "pt-BR"),
        ("talk.fr.ca.vtt", "fr-CA"),
        ("talk.en.US.vtt", "en-US"),
        ("talk_zh_Hant_TW.vtt", "zh-Hant-TW"),
        ("talk.chinese simplified.vtt", "zh-Hans"),
        ("talk.mp4.fr.srt", "fr"),
        ("talk.DE.vtt", "de"),
        ("talk.no.vtt", "no"),
        ("talk.日本語.srt", "ja"),
        ("talk.한국어.srt", "ko"),
        ("talk.en-US_automatic.vtt", "en-US"),
        ("talk.scc.vtt", None),  # made of Scenarist's captions, not Serbian
        ("talk.smi.srt", None),  # of SAMI, not Sami
        ("talk.vtt", None),
        ("talk (1).vtt", None),
        ("talk.mov.vtt", None),
        ("talk.new.vtt", None),
        ("talk.final.vtt", None),
        ("talk.v1.2.vtt", None),
        ("Week 3. Introduction.vtt", None),
        ("Simone_de_Beauvoir.vtt", None),
        ("en.talk.vtt", None),
    ],
)
def test_names_of_files(filename: str, tag: str | None) -> None:
    assert of_filename(filename) == tag


@pytest.mark.parametrize(
    "filename",
    [
        "talk.xx.vtt",
        "talk.pt_XX.vtt",
        "talk.jp.vtt",
        "talk.pt-BR-x.vtt",
        "talk.BR.vtt",  # Brazil, or Breton
        "talk.UK.vtt",  # the United Kingdom, or Ukrainian
        "talk.br.vtt",
        "Part.VI.vtt",
        "Dr. No.vtt",
        "how-to.vtt",
        "a-day-in-the-sun.vtt",
        "talk.may.vtt",
        "talk.en.de.vtt",
        "talk-en-de.vtt",
        "talk.en-de.vtt",
        "talk.hi.de.vtt",
        "talk.german.english.vtt",
    ],
)
def test_what_is_meant_and_not_understood(filename: str) -> None:
    with pytest.raises(UnknownLanguage):
        of_filename(filename)


@pytest.mark.parametrize(
    ("filename", "film", "tag"),
    [
        ("talk_he.vtt", "talk.mp4", "he"),
        ("Dr. No.vtt", "Dr. No.mp4", None),
        ("Dr. No.no.vtt", "Dr. No.mp4", "no"),
        ("learning-german.vtt", "learning-german.mp4", None),
        ("talk.mp4.it.vtt", "talk.mp4", "it"),
        ("talks.de.vtt", "talk.mp4", "de"),
        ("talk.scc.vtt", "talk.mp4", None),
    ],
)
def test_what_the_film_is_called_is_no_language(filename: str, film: str, tag: str | None) -> None:
    assert of_filename(filename, film) == tag


def test_labels() -> None:
    assert label("pt-BR") == "português (Brasil)"
    assert label("sl-rozaj") == "slovenščina"
