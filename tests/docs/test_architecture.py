"""docs/architecture.md draws the house that stands."""

from __future__ import annotations

import re
import tomllib

from documents import ROOT

from lti_tool.core.db.session import db

TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_the_floors_are_those_that_the_linter_holds() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    drawn = re.findall(r"--> (\w+)\[", TEXT)
    assert drawn == [layer.removeprefix("lti_tool.") for layer in layers]


def test_the_walks_go_where_the_code_goes() -> None:
    """Each file of a walk is there, and so is each function that is named after it."""
    walks = TEXT.split("## Three walks")[1].split("## What is kept")[0]
    steps = re.findall(r"`([\w/]+\.py)`(?:: ((?:`\w+`(?:, (?=`\w+`[^:/]))?)+))?", walks)
    assert len(steps) > 25
    for path, named in steps:
        source = (ROOT / "lti_tool" / path).read_text(encoding="utf-8")
        for name in re.findall(r"\w+", named):
            assert re.search(rf"^ *def {name}\(", source, re.MULTILINE), f"{path}: {name}"


def test_every_table_is_drawn_or_named() -> None:
    missing = [name for name in db.metadata.tables if not re.search(rf"\b{name}\b", TEXT)]
    assert not missing


def test_every_library_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    told = (ROOT / "docs" / "decisions").glob("*.md")
    reasons = " ".join(page.read_text(encoding="utf-8") for page in told).lower()
    names = [re.match(r"[\w-]+", wanted) for wanted in project["dependencies"]]
    unsaid = [name[0] for name in names if name and _spoken(name[0]) not in reasons]
    assert not unsaid


def _spoken(name: str) -> str:
    """What a library is called in a sentence, where that is not the name of its package."""
    return "pyav" if name == "av" else name.lower()
