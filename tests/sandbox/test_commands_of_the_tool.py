"""The tool's commands, many of them in one process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox.commands import CommandFailed, Commands

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    inherited = {name: v for name, v in os.environ.items() if not name.startswith("FOYER_")}
    return {
        **inherited,
        "FOYER_DEVELOPMENT": "1",
        "FOYER_BASE_URL": "http://127.0.0.1:8000",
        "FOYER_DATABASE_URL": f"sqlite:///{tmp_path / 'foyer.sqlite3'}",
        "FOYER_KEYS_DIR": str(tmp_path / "keys"),
        "FOYER_CONFIG_DIR": str(tmp_path / "config"),
    }


def test_one_after_the_other_also_after_one_that_failed(environment: dict[str, str]) -> None:
    with Commands(ROOT, environment) as foyer:
        foyer.run("db", "upgrade")
        with pytest.raises(CommandFailed, match=r"(?s)flask platform show failed:.*elm"):
            foyer.run("platform", "show", "elm")
        assert foyer.run("keys", "list").strip()


def test_a_tool_that_does_not_start_says_why(environment: dict[str, str]) -> None:
    environment["FOYER_UPLOAD_LIMIT_MB"] = "many"
    with (
        Commands(ROOT, environment) as foyer,
        pytest.raises(CommandFailed, match="UPLOAD_LIMIT_MB"),
    ):
        foyer.run("keys", "list")
