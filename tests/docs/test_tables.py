"""The tables in docs/ say what the rules do and what the settings are."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
from documents import ROOT, table
from flask import Flask

from lti_tool.config import Config
from lti_tool.core.institutions import registry
from lti_tool.invitations.rules import AllowedUsers, Verdict, may_invite
from lti_tool.media.rules import (
    RELATION_CAPABILITIES,
    Capability,
    Facts,
    RelationKind,
    capabilities,
    may_add,
)
from lti_tool.people.rules import Standing, standing

VOCABULARY = "http://purl.imsglobal.org/vocab/lis/v2/"


def _held(heading: list[str], cells: list[str]) -> set[str]:
    return {name for name, cell in zip(heading, cells, strict=True) if cell == "yes"}


def test_relations() -> None:
    rows = table("permissions.md", "Relation")
    heading = rows.pop("Relation")
    assert set(rows) == set(RelationKind)
    for kind, cells in rows.items():
        assert _held(heading, cells) == RELATION_CAPABILITIES[RelationKind(kind)]


def test_standings_in_a_course() -> None:
    first = "Standing, item published in the course"
    rows = table("permissions.md", first)
    heading = rows.pop(first)
    assert set(rows) == set(Standing)
    assert {*heading, Capability.RESTORE} == set(Capability)
    for name, cells in rows.items():
        facts = Facts(reachable=True, published_here=True, standing=Standing(name))
        assert _held(heading, cells) == capabilities(facts)


def test_roles_that_give_a_standing() -> None:
    rows = table("permissions.md", "Standing")
    rows.pop("Standing")
    assert set(rows) == set(Standing)
    for name, (told,) in rows.items():
        named = re.findall(r"[A-Za-z/]+#[A-Za-z#]+", told)
        assert named or name == Standing.NONE
        for role in named:
            if role == "membership#Instructor" and name == Standing.ASSISTANT:
                continue  # stands there as what may come beside it
            given = standing([VOCABULARY + role], "institution_or_system")
            assert given == Standing(name), role
    assert standing([VOCABULARY + "institution/person#Instructor"], "nobody") == Standing.NONE


def test_who_may_add_media() -> None:
    allowed = {one for one in Standing if may_add(one, is_guest=False)}
    assert allowed == {"administrator", "manager", "assistant", "designer"}
    text = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    assert "to a course: administrators, managers, assistants and designers" in text


@pytest.mark.parametrize(
    ("minimal", "named"),
    [
        ("contributor", {"assistant", "designer", "manager", "administrator"}),
        ("manager", {"manager", "administrator"}),
        ("administrator", {"administrator"}),
    ],
)
def test_allowed_users(minimal: str, named: set[str]) -> None:
    (told,) = table("permissions.md", "Allowed users")[minimal]
    assert {one for one in Standing if f"{one}s" in told} == named
    for owns in (False, True):
        given = {
            one
            for one in Standing
            if may_invite(
                module_on=True,
                related=True,
                owns=owns,
                standing=one,
                user_id=None,
                allowed=AllowedUsers(minimal),
            )
        }
        everybody = owns and "owner" in told
        assert given == (set(Standing) if everybody else named)


def test_verdicts() -> None:
    rows = table("permissions.md", "Verdict")
    rows.pop("Verdict")
    assert list(rows) == list(Verdict)
    for name, (status, _when, says) in rows.items():
        verdict = Verdict(name)
        assert int(status) == verdict.status
        page = ROOT / "templates" / verdict.page
        if verdict.status != 303:
            assert f'block title %}}{{{{ _("{says}") }}}}' in page.read_text(encoding="utf-8")


def test_settings_of_an_institution(app: Flask) -> None:
    rows = table("settings.md", "Name")
    rows.pop("Name")
    with app.test_request_context():
        known = registry()
        assert set(rows) == set(known)
        for name, (label, default, values, *_rest) in rows.items():
            item = known[name]
            assert label == str(item.label)
            assert default == (item.show(item.default) or "empty")
            for choice, _label in item.choices:
                assert choice in values
            if item.kind == "number":
                assert f"{max(item.minimum, 1)} to {item.maximum}" in values


def test_settings_of_the_operator() -> None:
    rows = table("settings.md", "In foyer.toml")
    rows.pop("In foyer.toml")
    assert list(rows) == [item.name for item in fields(Config)]
    for name, (variable, default, _meaning) in rows.items():
        assert variable == f"FOYER_{name.upper()}"
        plain = next(item.default for item in fields(Config) if item.name == name)
        if isinstance(plain, bool | int | str | tuple):
            shown = str(int(plain)) if isinstance(plain, bool | int) else str(plain or "")
            assert default == (shown if shown not in {"", "()"} else "empty")


def test_every_revision_is_told() -> None:
    files = (ROOT / "migrations" / "versions").glob("*.py")
    assert set(table("upgrading.md", "Revision")) - {"Revision"} == {
        file.name.partition("_")[0] for file in files
    }


def test_what_an_upgrade_says_is_explained() -> None:
    said = (ROOT / "migrations" / "env.py").read_text(encoding="utf-8")
    rows = table("upgrading.md", "It says")
    for sentence in set(rows) - {"It says"}:
        _kind, _colon, words = sentence.removesuffix(" …").partition(": ")
        assert words in said, sentence
