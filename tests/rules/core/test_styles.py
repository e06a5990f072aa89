"""The styles, read as text: they know a beginning and an end, no left and right; the institution's
colour is used as what was made of it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FRONTEND = Path(__file__).parents[3] / "frontend"
STYLES = sorted(FRONTEND.glob("*/*.css"))
FOUR_SIDES = re.compile(r"(?:padding|margin|inset|border-(?:width|style|color))\s*:\s*([^;]+);")
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:padding|margin|border|scroll-margin|scroll-padding)-(?:left|right)[\w-]*"
    r"|left|right|border-(?:top|bottom)-(?:left|right)-radius)\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)"
)


def _parts(value: str) -> list[str]:
    """The values of a shorthand; what stands in brackets is one."""
    while "(" in value:
        value = re.sub(r"\([^()]*\)", "", value)
    return value.split()


def one_sided(text: str) -> list[str]:
    """Declarations that differ between left and right whatever the direction of reading."""
    found = [match.group() for match in PHYSICAL.finditer(text)]
    for match in FOUR_SIDES.finditer(text):
        parts = _parts(match.group(1))
        if len(parts) == 4 and parts[1] != parts[3]:
            found.append(match.group())
    return found


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_no_style_names_a_side(path: Path) -> None:
    assert one_sided(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_only_the_tokens_use_the_accent_as_it_was_chosen(path: Path) -> None:
    """--accent-ink and --accent-fill keep their contrast, in the dark too."""
    raw = "var(--accent)" in path.read_text(encoding="utf-8")
    assert raw == (path.name == "_tokens.css")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("padding: 1px 2px 3px 4px;", 1),
        ("padding: 1px var(--a) 3px var(--a);", 0),
        ("margin: calc(1px + 2px) 0 0 auto;", 1),
        ("margin-left: 1px; text-align: right; left: 0;", 3),
        ("padding-inline: 1px 2px; inset-inline-start: 0; text-align: start;", 0),
    ],
)
def test_what_names_a_side(text: str, named: int) -> None:
    assert len(one_sided(text)) == named
