"""What a link of a course may have been made from, by title and order."""

from __future__ import annotations

import pytest

from lti_tool.entrance.link_choice import Original, likely_originals


def order(link_id: str, title: str, *others: tuple[str, str]) -> list[str]:
    originals = [Original(other, named, f"item of {other}") for other, named in others]
    return [one.link_id for one in likely_originals(link_id, title, originals)]


@pytest.mark.parametrize(
    "title",
    [
        "Week 1",
        " week  1 ",
        "Week 1 (copy)",
        "Week 1 (Kopie)",
        "Week 1 [copy] (copy)",
        "Week 1（コピー）",
    ],
)
def test_the_title_tells(title: str) -> None:
    assert order("9", title, ("8", "Week 10"), ("1", "Week 1"), ("7", ""))[0] == "1"


@pytest.mark.parametrize("title", ["Copy of Week 1", "Week 1 Copy", "Kopia: Week 1", "Week 1 - 2"])
def test_a_copy_may_be_named_by_a_word_around_the_title(title: str) -> None:
    others = ("7", ""), ("8", "Week 10"), ("6", "Week"), ("1", "Week 1"), ("5", "Eek 1")
    assert order("9", title, *others)[:2] == ["1", "6"]


def test_an_addition_of_its_own_is_kept_first() -> None:
    owls = ("1", "Owls"), ("2", "Owls (part 1)"), ("3", "Owls (part 2)")
    assert order("9", "Owls (part 2) (copy)", *owls) == ["3", "1", "2"]
    assert order("9", "Owls (part 1)", *owls)[0] == "2"


def test_without_a_title_the_order_tells() -> None:
    assert order("12", "Renamed", ("30", "c"), ("9", "a"), ("11", "b")) == ["11", "9", "30"]


@pytest.mark.parametrize("title", ["", "  ", "(copy)", "((", "(a" * 500, "a(" * 500 + ")" * 500])
def test_a_title_that_tells_nothing(title: str) -> None:
    assert order("x", title, ("b", ""), ("a", "(copy) of it")) == ["b", "a"]
