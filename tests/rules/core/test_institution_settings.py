"""How an institution's settings are read and shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.core.institutions import Kind, Setting, SettingError

_CHOICES = (("one", "One"), ("two", "Two"))


def make(kind: Kind, **more: object) -> Setting:
    return Setting(name="x", group="", label="", help="", kind=kind, default=None, **more)  # type: ignore[arg-type]


SWITCH = make("switch")
NUMBER = make("number", minimum=1, maximum=100)
DURATION = make("duration", minimum=1, maximum=527_040, unit="minutes")
HOURS = make("duration", minimum=1, maximum=168, unit="hours")
UNLIMITED = make("number", minimum=1, maximum=100, unlimited=True)
CHOICE = make("choice", choices=_CHOICES)
WORDS = make("words")
COLOUR = make("colour")


@pytest.fixture(autouse=True, scope="module")
def words() -> Iterator[None]:
    """Complaints are translated texts."""
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context():
        yield


@pytest.mark.parametrize(
    ("item", "raw", "value"),
    [
        (SWITCH, "on", True),
        (SWITCH, " TRUE ", True),
        (SWITCH, "0", False),
        (SWITCH, "", False),
        (NUMBER, " 7 ", 7),
        (NUMBER, "007", 7),
        (NUMBER, "100", 100),
        (UNLIMITED, "-1", -1),
        (UNLIMITED, "Unlimited", -1),
        (UNLIMITED, "no limit", -1),
        (DURATION, "1440", 1440),
        (DURATION, "1 days", 1440),
        (DURATION, "3d", 4320),
        (DURATION, "2 weeks", 20160),
        (DURATION, "1,5 h", 90),
        (DURATION, "2 Hours", 120),
        (HOURS, "12", 12),
        (HOURS, "7 days", 168),
        (HOURS, "0.5 days", 12),
        (CHOICE, "two", "two"),
        (WORDS, "a.org, b.org\nc.org;d.org", ["a.org", "b.org", "c.org", "d.org"]),
        (WORDS, "a.org، b.org、c.org，d.org", ["a.org", "b.org", "c.org", "d.org"]),
        (WORDS, "\u200fa.org\u200f, \ufeffb.org a.org", ["a.org", "b.org"]),
        (WORDS, "ن\u200cا.org", ["ن\u200cا.org"]),
        (NUMBER, "\u200e7\u200e", 7),
        (DURATION, "\u200f3 days", 4320),
        (DURATION, "1.25 hours", 75),
        (WORDS, "  ", []),
        (COLOUR, "#1F5fA8", "#1f5fa8"),
    ],
)
def test_fit_values(item: Setting, raw: str, value: object) -> None:
    assert item.parse(raw) == value


@pytest.mark.parametrize(
    ("item", "raw"),
    [
        (SWITCH, "perhaps"),
        (NUMBER, ""),
        (NUMBER, "0"),
        (NUMBER, "101"),
        (NUMBER, "-1"),
        (NUMBER, "1.5"),
        (NUMBER, "1e2"),
        (NUMBER, "٧"),
        (NUMBER, "9" * 4000),
        (UNLIMITED, "-2"),
        (DURATION, ""),
        (DURATION, "0"),
        (DURATION, "-1"),
        (DURATION, "367 days"),
        (DURATION, "1.5 minutes"),
        (DURATION, "1.000 minutes"),
        (DURATION, "1,440"),
        (UNLIMITED, "0"),
        (DURATION, "for a while days"),
        (DURATION, "3 moons"),
        (DURATION, "٧ days"),
        (HOURS, "30 minutes"),
        (CHOICE, "One"),
        (CHOICE, ""),
        (COLOUR, "red"),
        (COLOUR, "#fff"),
        (COLOUR, "#1f5fa8;}"),
    ],
)
def test_unfit_values_are_refused_with_a_sentence(item: Setting, raw: str) -> None:
    with pytest.raises(SettingError) as caught:
        item.parse(raw)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("item", "raw", "said"),
    [
        (HOURS, "30 minutes", "whole hours or days"),
        (DURATION, "soon", "90 minutes"),
        (UNLIMITED, "-2", "from 1 to 100, or choose no limit"),
        (UNLIMITED, "many", "from 1 to 100, or choose no limit"),
        (NUMBER, "-1", "from 1 to 100."),
    ],
)
def test_the_sentence_names_nothing_that_would_be_refused_too(
    item: Setting, raw: str, said: str
) -> None:
    with pytest.raises(SettingError, match=said) as caught:
        item.parse(raw)
    assert "-1" not in str(caught.value)


def test_a_check_may_normalise_or_refuse() -> None:
    def upper(value: list[str]) -> list[str]:
        if "no" in value:
            raise SettingError("Not this.")
        return [word.upper() for word in value]

    item = make("words", check=upper)
    assert item.parse("a b") == ["A", "B"]
    with pytest.raises(SettingError, match="Not this"):
        item.parse("a no")


@given(st.sampled_from([SWITCH, NUMBER, DURATION, UNLIMITED, CHOICE, WORDS, COLOUR]), st.text())
def test_what_is_shown_reads_back_as_the_same(item: Setting, raw: str) -> None:
    try:
        value = item.parse(raw)
    except SettingError:
        return
    assert item.parse(item.show(value)) == value


@given(st.integers(min_value=1, max_value=527_040))
def test_a_duration_is_taken_apart_for_the_page_and_reads_back(length: int) -> None:
    amount, unit = DURATION.amount_and_unit(DURATION.show(length))

    assert unit in DURATION.units
    assert DURATION.parse(f"{amount} {unit}") == length


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        ("1440", ("1", "days")),
        ("90", ("90", "minutes")),
        ("90 hours", ("90", "hours")),
        ("for a while days", ("for a while", "days")),
        ("for a while", ("for a while", "minutes")),
        ("0", ("0", "minutes")),
        ("", ("", "minutes")),
    ],
)
def test_what_was_typed_stands_where_it_was_typed(raw: str, parts: tuple[str, str]) -> None:
    assert DURATION.amount_and_unit(raw) == parts
