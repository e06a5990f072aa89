"""Whoever asks which commands there are reads it, however wrong the settings are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lti_tool.config import ROOT

pytestmark = pytest.mark.slow


def flask(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=ROOT,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("FOYER_")},
            "FOYER_CONFIG_DIR": str(folder),
            "FOYER_KEYS_DIR": str(folder / "keys"),
            "FOYER_DATABASE_URL": "mysql://nowhere",
            **settings,
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--help"], "platform"),
        (["platform", "--help"], "add-deployment"),
        (["platform", "list", "--help"], "List the registered LMSs"),
    ],
)
def test_help_is_given(tmp_path: Path, words: list[str], said: str) -> None:
    asked = flask(tmp_path, *words)
    assert asked.returncode == 0, asked.stderr
    assert said in asked.stdout
    assert "Traceback" not in asked.stderr
    assert list(tmp_path.iterdir()) == []


def test_help_is_given_by_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "foyer.toml").write_text("base_url = ", encoding="utf-8")
    assert "platform" in flask(tmp_path, "--help").stdout


def test_help_is_given_without_a_database(tmp_path: Path) -> None:
    down = "postgresql://127.0.0.1:1/foyer"
    asked = flask(tmp_path, "--help", FOYER_DATABASE_URL=down, FOYER_DEVELOPMENT="1")
    assert "platform" in asked.stdout
    assert asked.returncode == 0


@pytest.mark.parametrize("words", [["platform", "list"], ["db", "upgrade"], ["routes"]])
def test_what_is_to_be_done_tells_the_fault(tmp_path: Path, words: list[str]) -> None:
    asked = flask(tmp_path, *words)
    assert asked.returncode == 3
    assert "FOYER_DATABASE_URL" in asked.stderr
    assert "Traceback" not in asked.stderr
