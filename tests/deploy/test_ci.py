"""Which parts of all the tests a change calls for."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DUE = ROOT / ".ci" / "due.py"


def git(folder: Path, *command: str) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *command], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Two commits: the models of a room, then a template."""
    git(tmp_path, "init", "-q")
    for name in ("lti_tool/media/models.py", "templates/core/page.html"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-q", "-m", name)
    return tmp_path


def due(folder: Path, base: str) -> list[str]:
    command = [sys.executable, str(DUE), base]
    return subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True
    ).stdout.split()


def test_what_was_pushed_says_what_is_due(copy: Path) -> None:
    assert due(copy, "HEAD~1") == ["test-browser"]
    assert due(copy, "HEAD") == []


@pytest.mark.parametrize("base", ["", "0" * 40, "no-such-branch"])
def test_where_that_is_not_known_the_last_commits_stand_for_it(copy: Path, base: str) -> None:
    assert due(copy, base) == ["test-databases", "test-browser"]
    for number in range(20):
        git(copy, "commit", "-q", "--allow-empty", "-m", str(number))
    assert due(copy, base) == []


def test_where_git_does_not_work_nothing_is_said_to_be_done(tmp_path: Path) -> None:
    command = [sys.executable, str(DUE), ""]
    nowhere = {**os.environ, "GIT_DIR": str(tmp_path / "nowhere")}
    asked = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=nowhere)
    assert asked.returncode != 0
    assert asked.stdout == ""


def test_every_pattern_means_files_that_are_there() -> None:
    parts = runpy.run_path(str(DUE))["DUE"]
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    files = listed.stdout.splitlines() or [
        path.relative_to(ROOT).as_posix() for path in ROOT.glob("*/**/*")
    ]
    for pattern, _part in parts:
        for one in pattern.split("|"):
            assert any(re.match(one, name) for name in files), one


def test_every_part_can_be_made() -> None:
    made = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    parts = re.findall(r'"(test-[a-z-]+)"', DUE.read_text(encoding="utf-8"))
    assert parts
    assert set(parts) <= set(made)
