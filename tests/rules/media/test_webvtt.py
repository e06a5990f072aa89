"""Captions come out with text and timing only."""

import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st
from media_samples import VTT

from lti_tool.media.formats import Reason, Refused
from lti_tool.media.intake.webvtt import clean, clean_settings, clean_text
from lti_tool.media.rules import CAPTIONS_BYTES


def test_a_good_file_stays_what_it_was() -> None:
    assert (
        clean(VTT, "en")
        == b"WEBVTT\n\n00:00:00.000 --> 00:00:01.000 line:80%\nHello <b>there</b>\n"
    )


def test_styles_notes_and_foreign_tags_go() -> None:
    nasty = (
        b"WEBVTT\n\nSTYLE\n::cue { background: url(http://x/) }\n\nNOTE secret\n\n"
        b"00:00.000 --> 00:01.000 onload:1 align:start\n"
        b"<script>alert(1)</script><img src=x onerror=1> <v Anna>a & b</v>\n"
    )
    cleaned = clean(nasty, "en").decode()
    assert "STYLE" not in cleaned
    assert "secret" not in cleaned
    assert "<script" not in cleaned
    assert "<img" not in cleaned
    assert "onload" not in cleaned
    assert "align:start" in cleaned
    assert "<v Anna>a &amp; b</v>" in cleaned


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"WEBVTT\n",
        b"WEBVTT\n\n00:00.000 -> 00:01.000\nHi\n",
        b"<html>",
    ],
)
def test_what_is_no_captions_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        clean(data, "en")
    assert refused.value.reason is Reason.CAPTIONS_INVALID


def test_too_large() -> None:
    with pytest.raises(Refused) as refused:
        clean(b"WEBVTT" + b" " * CAPTIONS_BYTES, "en")
    assert refused.value.reason is Reason.TOO_LARGE


@given(st.text(alphabet=st.sampled_from("<>/&;abiv .-\n\"'="), max_size=60))
def test_cleaning_twice_changes_nothing_and_leaves_no_arrow(raw: str) -> None:
    once = clean_text(raw)
    assert clean_text(once) == once
    assert "-->" not in once
    assert "\n\n" not in once


def test_settings() -> None:
    assert clean_settings("line:0 position:50%,center x:y size:1000000000000%") == (
        "line:0 position:50%,center"
    )


def test_the_result_is_valid_webvtt() -> None:
    assert len(webvtt.from_string(clean(VTT, "en").decode(), strict=True)) == 1


UNMARKED = ("utf-16-le", "utf-16-be")
SRT = (
    "1\n00:00:00,000 --> 00:00:01,500\n<b>Grüße</b> & mehr\n\n2\n00:00:02,000 --> 00:00:03,000\nx\n"
)
AS_WEBVTT = (
    "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\n<b>Grüße</b> &amp; mehr\n\n"
    "00:00:02.000 --> 00:00:03.000\nx\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", *UNMARKED, "cp1252"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_subrip_in_the_encodings_that_programs_write(encoding: str, ends: str) -> None:
    assert clean(SRT.replace("\n", ends).encode(encoding), "de-CH").decode() == AS_WEBVTT


def test_webvtt_in_utf16() -> None:
    assert clean(VTT.decode().encode("utf-16"), "en") == clean(VTT, "en")


@pytest.mark.parametrize(
    ("before", "behind"),
    [("\u202a", "\u202c"), ("\u2067", "\u2069"), ("\u200f", ""), ("\ufeff", "")],
)
def test_what_is_not_seen_around_times_does_not_matter(before: str, behind: str) -> None:
    said = SRT.replace(
        "00:00:02,000 --> 00:00:03,000", f"{before}00:00:02,000\u00a0--> 00:00:03,000"
    )
    said = said.replace("03,000", f"03,000{behind}")
    assert clean(said.encode(), "de").decode() == AS_WEBVTT


def test_captions_put_together_of_several_files_keep_no_mark_between_them() -> None:
    assert clean(SRT.replace("\n2\n", "\n\ufeff2\n").encode(), "de").decode() == AS_WEBVTT


def test_a_minute_of_subrip_may_have_a_sixtieth_second() -> None:
    """Browsers leave such a cue out."""
    said = b"1\n00:00:60,000 --> 01:59:65,5\nHi\n"
    assert b"00:01:00.000 --> 02:00:05.500\nHi" in clean(said, "en")


@pytest.mark.parametrize("language", ["cs", "ru", "el", "he"])
def test_letters_are_not_guessed(language: str) -> None:
    """What Western Windows wrote as one letter, others wrote as another."""
    with pytest.raises(Refused) as refused:
        clean(SRT.encode("cp1252"), language)
    assert refused.value.reason is Reason.CAPTIONS_ENCODING


def text_of(cue: str, head: str = "WEBVTT\n\n") -> str:
    cleaned = clean(f"{head}00:00:01.000 --> 00:00:02.000\n{cue}\n".encode(), "en").decode()
    return cleaned.partition("02.000\n")[2].strip()


@pytest.mark.parametrize("head", ["WEBVTT\n\n", "\n\nWEBVTT\n\n", "1\n", "\n \n1\n", ""])
@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("if x < 5 and y > 2", "if x &lt; 5 and y &gt; 2"),
        ("I <3 maths", "I &lt;3 maths"),
        ("a <b and c> d", "a &lt;b and c&gt; d"),
        (r"{\an8}Above {and so on}", "Above {and so on}"),
        ("<i>loud</i>", "<i>loud</i>"),
        ('<font color="red">red</font>', "red"),
        ("2026", "2026"),
    ],
)
def test_what_only_looks_like_a_tag_is_text(head: str, said: str, kept: str) -> None:
    assert text_of(said, head) == kept


def test_in_subrip_a_few_tags_are_tags_and_all_else_is_text() -> None:
    assert text_of("<I>List<String></I> <v Anna>", "1\n") == (
        "<i>List&lt;String&gt;</i> &lt;v Anna&gt;"
    )


def test_no_cue_of_subrip_is_lost() -> None:
    """Without a number, a blank line or hours; with blank lines, coordinates, or nothing said."""
    text = (
        "1\n00:00:01,000 --> 00:00:02,000\none\n\n00:00:02,000 --> 00:00:03,000\ntwo -> 2\n"
        "3\n00:03,5 --> 00:04,000 X1:40 Y1:20\nthree\n\nand more\n\n7\n\n"
        "00:00:05,000 --> 00:00:06,000\n\n42\n\n5\n00:00:06,000 --> 00:00:07,000\n\n"
        "00:00:07,000 --> 00:00:08,000\n1984\n"
    )
    cues = list(webvtt.from_string(clean(text.encode(), "en").decode()))
    assert [(cue.start[6:], cue.text) for cue in cues] == [
        ("01.000", "one"),
        ("02.000", "two -&gt; 2"),
        ("03.500", "three\nand more"),
        ("05.000", "42"),
        ("07.000", "1984"),
    ]


@pytest.mark.parametrize(
    ("head", "second"),
    [
        ("WEBVTT\n\n", "00:00:02,000 --> 00:00:03,000"),
        ("WEBVTT\n\n", "00:00:02.000 --> later"),
        ("1\n", "1,5 --> 2,5"),
        ("1\n", "00:00:02,000 -> 00:00:03,000"),
    ],
)
def test_captions_of_which_a_cue_cannot_be_read_are_refused(head: str, second: str) -> None:
    text = f"{head}00:00:01.000 --> 00:00:02.000\none\n\n{second}\ntwo\n"
    with pytest.raises(Refused) as refused:
        clean(text.encode(), "en")
    assert refused.value.reason is Reason.CAPTIONS_INVALID
