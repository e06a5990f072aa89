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
    assert clean(VTT) == b"WEBVTT\n\n00:00:00.000 --> 00:00:01.000 line:80%\nHello <b>there</b>\n"


def test_styles_notes_and_foreign_tags_go() -> None:
    nasty = (
        b"WEBVTT\n\nSTYLE\n::cue { background: url(http://x/) }\n\nNOTE secret\n\n"
        b"00:00.000 --> 00:01.000 onload:1 align:start\n"
        b"<script>alert(1)</script><img src=x onerror=1> <v Anna>a & b</v>\n"
    )
    cleaned = clean(nasty).decode()
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
        b"1\n00:00:00,000 --> 00:00:01,000\nHi\n",
        b"WEBVTT\n",
        b"WEBVTT\n\n00:00.000 -> 00:01.000\nHi\n",
        b"\xff\xfe\x00",
        b"<html>",
    ],
)
def test_what_is_no_webvtt_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        clean(data)
    assert refused.value.reason is Reason.CAPTIONS_INVALID


def test_too_large() -> None:
    with pytest.raises(Refused) as refused:
        clean(b"WEBVTT" + b" " * CAPTIONS_BYTES)
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
    assert len(webvtt.from_string(clean(VTT).decode(), strict=True)) == 1
