"""What SQLite relies on: the locks on its file, which a process loses where it closes that file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from lti_tool.core.db.session import db

pytestmark = pytest.mark.sqlite_only

COMES_AND_GOES = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("SELECT count(*) FROM sqlite_master").fetchall()
other.close()
"""


def test_a_further_connection_takes_no_lock_away(context: Flask) -> None:
    """Else the next process that leaves takes itself for the last one, and removes what is not yet
    in the file; that ruins it.
    """
    path = db.engine.url.database
    assert path
    held = db.engine.connect()
    held.execute(text("PRAGMA user_version = 1"))
    db.engine.pool.recreate().connect().close()

    subprocess.run([sys.executable, "-c", COMES_AND_GOES, path], check=True)

    assert Path(f"{path}-wal").exists(), "it is in use"
    held.close()
