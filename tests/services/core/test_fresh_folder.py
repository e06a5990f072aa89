"""The first command in a fresh copy finds no folder to put its database in."""

from __future__ import annotations

from pathlib import Path

from lti_tool import create_app
from lti_tool.config import Config


def test_the_folder_of_the_database_is_made(tmp_path: Path) -> None:
    config = Config(
        database_url=f"sqlite:///{tmp_path / 'var' / 'foyer.sqlite3'}",
        storage_url=(tmp_path / "files").as_uri(),
        keys_dir=tmp_path / "keys",
        development=True,
    )
    result = create_app(config).test_cli_runner().invoke(args=["db", "upgrade"])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "var" / "foyer.sqlite3").is_file()
