"""The commands that the documents give can be copied as they stand."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from documents import ROOT
from flask import Flask

from lti_tool.core.db.session import db
from lti_tool.core.http import Policy
from lti_tool.lti import platform_files
from lti_tool.lti.registrations import Loaded, by_name, deployments_of

pytestmark = pytest.mark.sqlite_only

PROGRAM = re.compile(r"(?:\.venv/bin/flask --app wsgi|foyer) ")
"""As it is called from the program's folder, and as docs/deploy.md installs it."""


def commands(text: str) -> list[list[str]]:
    """The arguments of every command of Foyer's in the text's shell blocks."""
    found = []
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            if called := PROGRAM.match(line):
                found.append(shlex.split(line[called.end() :], comments=True))
    return found


@pytest.mark.parametrize("name", ["sakai", "canvas", "moodle"])
def test_the_command_registers_what_the_example_file_says(
    app: Flask, tmp_path: Path, name: str
) -> None:
    text = (ROOT / "docs" / f"register-in-{name}.md").read_text(encoding="utf-8")
    added = [arguments for arguments in commands(text) if arguments[:2] == ["platform", "add"]]
    assert len(added) == 1
    result = app.test_cli_runner().invoke(args=added[0])
    assert result.exit_code == 0, result.output
    assert "/lti/launch" in result.output
    example = ROOT / "config" / "platforms" / f"{name}.toml.example"
    shutil.copy(example, tmp_path / f"{name}.toml")
    with app.app_context():
        held = [one.deployment_id for one in deployments_of(by_name(name).id)]
        written = platform_files.read(tmp_path / f"{name}.toml")
        assert list(written.deployments) == held
        assert list(platform_files.apply_all(tmp_path, Policy())) == [Loaded(name)]


def test_settings_commands(app: Flask) -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    sakai = (ROOT / "docs" / "register-in-sakai.md").read_text(encoding="utf-8")
    runner = app.test_cli_runner()
    asked = commands(text)
    assert asked
    added = [arguments for arguments in commands(sakai) if arguments[:2] == ["platform", "add"]]
    for arguments in [*added, *asked]:
        result = runner.invoke(args=arguments)
        assert result.exit_code == 0, result.output


def test_questions_to_the_database_can_be_asked(context: Flask) -> None:
    text = (ROOT / "docs" / "upgrading.md").read_text(encoding="utf-8")
    (question,) = re.findall(r"^```sql\n(.*?);\n```", text, re.MULTILINE | re.DOTALL)
    assert db.session.execute(sa.text(question)).all() == []


def test_links_and_named_files_lead_somewhere() -> None:
    pages = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"
        for named in re.findall(
            r"`((?:lti_tool|tests|deploy|sandbox|migrations)/[\w./*-]+)`", text
        ):
            assert list(ROOT.glob(named)), f"{page.name} names {named}"


def test_every_threat_names_what_answers_or_tries_it() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    threats = [table for table in text.split("\n\n") if table.startswith("| Threat |")]
    rows = [row for table in threats for row in table.splitlines()[2:]]
    assert len(rows) > 40
    for row in rows:
        assert re.search(r"`(lti_tool|tests|deploy)/", row.split("|")[3]), row


@pytest.mark.parametrize("name", ["sakai", "canvas", "moodle"])
def test_every_address_to_enter_is_one_of_ours(app: Flask, name: str) -> None:
    text = (ROOT / "docs" / f"register-in-{name}.md").read_text(encoding="utf-8")
    routes = {rule.rule for rule in app.url_map.iter_rules()}
    named = set(re.findall(r"https://foyer\.example\.edu(/[\w./-]+)", text))
    assert {"/lti/register", "/lti/launch"} <= named <= routes


def test_every_command_is_one_of_ours(app: Flask) -> None:
    for page in [*(ROOT / "docs").rglob("*.md"), ROOT / "CONTRIBUTING.md"]:
        for arguments in commands(page.read_text(encoding="utf-8")):
            said = app.test_cli_runner().invoke(args=[*arguments[:2], "--help"])
            assert said.exit_code == 0, f"{page.name}: {' '.join(arguments)}"


def test_the_nightly_job_runs_what_is_to_be_run_by_hand() -> None:
    """That each of these is one of ours is asked above."""
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    unit = (ROOT / "deploy" / "systemd" / "foyer-purge.service").read_text(encoding="utf-8")
    by_hand = commands(text.partition("By hand, in this\norder:")[2].partition("\n## ")[0])
    nightly = re.findall(r"^ExecStart=\S+/flask --app wsgi (.+)$", unit, re.MULTILINE)
    assert nightly
    assert by_hand == [shlex.split(one) for one in nightly]
