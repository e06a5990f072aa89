"""SQLite rebuilds a table to alter it. That must take no row along, nor leave half of it done."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import flask_migrate
import pytest
import upgrading
from flask import Flask
from sqlalchemy import inspect, text

from lti_tool.core.db.session import db

pytestmark = [pytest.mark.every_database, pytest.mark.slow]


@pytest.fixture
def filled(inside: Flask) -> Flask:
    """At the newest revision."""
    upgrading.as_0002()
    flask_migrate.upgrade()
    return inside


def foreign_keys_are_on() -> bool:
    with db.engine.connect() as connection:
        return bool(connection.exec_driver_sql("PRAGMA foreign_keys").scalar())


def without_foreign_keys(statement: str) -> None:
    """As SQLite's own shell does it."""
    with db.engine.connect() as connection:
        driver = connection.connection.cursor()
        driver.execute("PRAGMA foreign_keys=OFF")
        driver.execute(statement)
        driver.execute("PRAGMA foreign_keys=ON")


REBUILD = """
for table in {tables}:
    with op.batch_alter_table(table, recreate="always"):
        pass
"""


@pytest.mark.sqlite_only
def test_a_rebuilt_parent_keeps_its_children(filled: Flask, tmp_path: Path) -> None:
    eye = inspect(db.engine)
    parents = {
        key["referred_table"] for name in upgrading.tables() for key in eye.get_foreign_keys(name)
    }
    assert {"media_item", "tool_session", "person", "registration", "roster"} <= parents
    before = upgrading.contents()
    rebuild = REBUILD.format(tables=sorted(parents))
    flask_migrate.upgrade(directory=upgrading.with_trial(filled, tmp_path, rebuild))
    assert upgrading.version() == "trial"
    assert not upgrading.lost(before, upgrading.contents())
    assert not upgrading.torn()
    assert foreign_keys_are_on()


@pytest.mark.sqlite_only
def test_a_wider_check_of_media_kinds_keeps_the_files(filled: Flask, tmp_path: Path) -> None:
    """Where nothing but CASCADE refers to a row, SQLite says nothing at all while it goes."""
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM invitation"))
    before = upgrading.contents()
    wider = """
    with op.batch_alter_table("media_item") as table:
        table.drop_constraint(op.f("ck_media_item_kind"), type_="check")
        table.create_check_constraint(op.f("ck_media_item_kind"), "kind <> ''")
    """
    flask_migrate.upgrade(directory=upgrading.with_trial(filled, tmp_path, dedent(wider)))
    assert not upgrading.lost(before, upgrading.contents())


def test_an_upgrade_happens_whole_or_not_at_all(inside: Flask, tmp_path: Path) -> None:
    """The steps before the one that fails are taken back with it."""
    upgrading.as_0002()
    before = upgrading.contents()
    half = """
    with op.batch_alter_table("media_item") as table:
        table.drop_constraint(op.f("ck_media_item_kind"), type_="check")
        table.add_column(sa.Column("more", sa.Text()))
    op.execute("UPDATE media_item SET title = '-'")
    op.drop_table("roster_text")
    raise RuntimeError("in the middle")
    """
    with pytest.raises(SystemExit):
        flask_migrate.upgrade(directory=upgrading.with_trial(inside, tmp_path, dedent(half)))
    after = upgrading.contents()
    assert upgrading.version() == "0002"
    assert after == before


@pytest.mark.sqlite_only
def test_what_would_lead_nowhere_is_told_and_taken_back(
    filled: Flask, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = upgrading.contents()
    tear = """
    op.execute("DELETE FROM roster_member")
    op.execute("DELETE FROM media_item WHERE id = 'media-guide'")
    """
    with pytest.raises(SystemExit):
        flask_migrate.upgrade(directory=upgrading.with_trial(filled, tmp_path, dedent(tear)))
    assert "nothing was changed" in caplog.text
    assert "  media_file file-guide: media_id media-guide is not in media_item\n" in caplog.text
    assert "  roster_text ?/?/?: member_id ? is not in roster_member\n" in caplog.text
    assert upgrading.version() != "trial"
    assert not upgrading.lost(before, upgrading.contents())
    assert foreign_keys_are_on()


@pytest.mark.sqlite_only
def test_what_led_nowhere_before_is_told_and_stops_nobody(
    filled: Flask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    without_foreign_keys("DELETE FROM person WHERE id = 'person-student'")
    before = upgrading.contents()
    rebuild = REBUILD.format(tables=["media_relation", "media_item"])
    flask_migrate.upgrade(directory=upgrading.with_trial(filled, tmp_path, rebuild))
    told = capsys.readouterr().err
    named = "media_relation media-film/person-student/co_viewer: person_id person-student is not in"
    assert f"{named} person\n" in told
    assert told.startswith("Warning: ")
    assert upgrading.version() == "trial"
    assert not upgrading.lost(before, upgrading.contents())
    assert upgrading.torn()


@pytest.mark.sqlite_only
def test_nobody_writes_while_tables_are_rebuilt(filled: Flask, tmp_path: Path) -> None:
    """A web process waits for its turn instead, and finds the new tables."""
    write = f"""
    import sqlite3
    other = sqlite3.connect({db.engine.url.database!r}, timeout=0)
    try:
        other.execute("UPDATE institution SET name = 'written meanwhile'")
    except sqlite3.OperationalError as error:
        assert "locked" in str(error)
    else:
        raise AssertionError("somebody wrote")
    finally:
        other.close()
    """
    flask_migrate.upgrade(directory=upgrading.with_trial(filled, tmp_path, dedent(write)))
    assert upgrading.version() == "trial"


@pytest.mark.sqlite_only
def test_a_migration_that_is_written_by_itself_names_no_type_of_the_program(
    inside: Flask, tmp_path: Path
) -> None:
    directory = Path(upgrading.with_trial(inside, tmp_path, "pass"))
    for version in (directory / "versions").glob("*.py"):
        version.unlink()
    flask_migrate.migrate(directory=str(directory), message="everything", rev_id="first")
    (written,) = (directory / "versions").glob("*.py")
    assert "op.create_table('tool_session'" in written.read_text(encoding="utf-8")
    assert "lti_tool" not in written.read_text(encoding="utf-8")
    flask_migrate.upgrade(directory=str(directory))
    flask_migrate.check(directory=str(directory))
