"""What docs/first-launch.md says about pages and parts is what the program says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "first-launch.md").read_text(encoding="utf-8")
ROOM = ROOT / "lti_tool" / "lti"


def calls(file: Path, name: str) -> list[ast.Call]:
    tree = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return [
        node
        for node in tree
        if isinstance(node, ast.Call)
        and (getattr(node.func, "id", None) or getattr(node.func, "attr", None)) == name
    ]


def texts(node: ast.AST) -> list[str]:
    return [
        one.value
        for one in ast.walk(node)
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    ]


def test_every_refusal_of_a_launch_is_explained() -> None:
    refusals = [call for file in ROOM.glob("*/errors.py") for call in calls(file, "Problem")]
    assert len(refusals) > 20
    for call in refusals:
        for title in texts(call.args[2]):
            assert title in PAGE, f"not in docs/first-launch.md: the page “{title}”"
        for slug in texts(call.args[1]):
            assert f"`{slug}`" in PAGE, f"not in docs/first-launch.md: the word {slug}"


def test_every_reason_to_open_the_item_again_is_explained() -> None:
    reasons = {
        slug
        for file in ROOM.rglob("*.py")
        for call in calls(file, "again")
        if call.args
        for slug in texts(call.args[0])
    }
    assert reasons
    for slug in reasons:
        assert f"`{slug}`" in PAGE, f"not in docs/first-launch.md: the word {slug}"


def test_every_part_of_a_message_that_can_be_at_fault_is_explained() -> None:
    named = set(re.findall(r"`([a-z_]+)`", PAGE.split("### Parts of a message")[1]))
    parts = {
        part
        for file in (ROOM / "rules.py", *(ROOM / "launching").glob("*.py"))
        for call in calls(file, "ClaimError")
        for part in texts(call.args[0])
    }
    assert parts | {"exp", "iat"} <= named | {"sub-absent"}
