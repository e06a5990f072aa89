"""The first command in a fresh copy finds no folder to put its database in."""

from __future__ import annotations

import os
import stat
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
    usual = os.umask(0o022)
    try:
        result = create_app(config).test_cli_runner().invoke(args=["db", "upgrade"])
    finally:
        os.umask(usual)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("The database is at revision 0001.\n")
    made = list((tmp_path / "var").glob("foyer.sqlite3*"))
    assert tmp_path / "var" / "foyer.sqlite3" in made
    assert not any(one.stat().st_mode & stat.S_IRWXO for one in made), "others read none of it"
