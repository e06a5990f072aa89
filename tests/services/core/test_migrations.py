"""The migrations make exactly the tables that the models describe, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import PrimaryKeyConstraint, Table, UniqueConstraint, inspect
from sqlalchemy.schema import ColumnCollectionConstraint

from lti_tool import create_app
from lti_tool.config import Config
from lti_tool.core.db.session import db
from lti_tool.core.web.health import note_at_readyz

pytestmark = [pytest.mark.every_database, pytest.mark.slow]


def described() -> dict[str, Any]:
    """Every table as the database itself describes it."""
    eye = inspect(db.engine)
    return {
        table: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"], _value(column["default"]))
                for column in sorted(eye.get_columns(table), key=lambda one: str(one["name"]))
            ],
            "key": eye.get_pk_constraint(table)["constrained_columns"],
            "foreign keys": _sorted(eye.get_foreign_keys(table)),
            "indexes": _sorted(eye.get_indexes(table)),
            "unique": _sorted(eye.get_unique_constraints(table)),
            "checks": _sorted(
                {**check, "sqltext": " ".join(str(check["sqltext"]).split())}
                for check in eye.get_check_constraints(table)
            ),
        }
        for table in eye.get_table_names()
        if table != "alembic_version"
    }


def _value(default: str | None) -> str | None:
    return {"1": "true", "0": "false"}.get(default or "", default)


def _sorted(found: Any) -> list[str]:
    return sorted(_plain(one) for one in found)


def _plain(found: Any) -> str:
    """As text; the condition of a partial index is an object without one of its own."""
    if isinstance(found, dict):
        return str({name: _plain(value) for name, value in sorted(found.items())})
    return str(found)


def test_upgrading_from_nothing_gives_the_models(inside: Flask) -> None:
    flask_migrate.upgrade()
    flask_migrate.check()
    migrated = described()
    flask_migrate.downgrade(revision="base")
    db.create_all()
    made = described()
    assert set(migrated) == set(made)
    for table, description in made.items():
        assert migrated[table] == description, table


def test_downgrading_leaves_nothing(inside: Flask) -> None:
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    flask_migrate.upgrade()
    flask_migrate.check()


def test_every_step_can_be_taken_back(inside: Flask) -> None:
    steps = list(ScriptDirectory(inside.extensions["migrate"].directory).walk_revisions())
    for _step in steps:
        flask_migrate.upgrade(revision="+1")
        before = described()
        flask_migrate.downgrade(revision="-1")
        flask_migrate.upgrade(revision="+1")
        assert described() == before
    flask_migrate.check()


def test_the_tool_is_ready_when_the_schema_is(bare: Flask) -> None:
    client = bare.test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "db upgrade" in answer.json["why"]
    assert client.get("/healthz").status_code == 200
    with bare.app_context():
        flask_migrate.upgrade()
    assert client.get("/readyz").json["status"] == "ready"
    note_at_readyz(bare, lambda: "this machine does without something")
    note_at_readyz(bare, lambda: None)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "ready")
    assert answer.json["notes"][-1] == "this machine does without something"


def test_a_database_that_does_not_answer(tmp_path: Path, keys_dir: Path) -> None:
    config = Config(
        database_url="postgresql+psycopg://nobody@127.0.0.1:1/nothing",
        storage_url=(tmp_path / "files").as_uri(),
        keys_dir=keys_dir,
        config_dir=tmp_path,
        development=True,
        log_level="CRITICAL",
    )
    client = create_app(config).test_client(use_cookies=False)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["why"] == "the database does not answer"
    assert client.get("/healthz").status_code == 200
    page = client.get("/settings", headers={"Cookie": "__Host-foyer-aaaaaaaaaa=x"})
    assert page.status_code == 500
    assert "<h1" in page.text
    assert "psycopg" not in page.text


def test_rows_that_are_forgotten_are_found_without_reading_whole_tables() -> None:
    """What refers to a session, an item or a person, and what is removed by its age."""
    removed = {"tool_session", "media_item", "person"}
    for table in db.metadata.sorted_tables:
        begins = {next(iter(index.columns)).name for index in table.indexes}
        begins |= {next(iter(key.columns)).name for key in _unique(table)}
        for key in table.foreign_keys:
            told_only = key.parent.name.endswith("_by")  # who did something: staff, who stay
            if key.column.table.name in removed and not told_only:
                assert key.parent.name in begins, f"{table.name}.{key.parent.name}"
    for table_name in ("login_state", "media_upload"):
        table = db.metadata.tables[table_name]
        assert "expires_at" in {next(iter(index.columns)).name for index in table.indexes}


def _unique(table: Table) -> Iterator[ColumnCollectionConstraint]:
    for constraint in table.constraints:
        if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint):
            yield constraint
