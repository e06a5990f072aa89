"""A database of an earlier revision with rows in every table, and what became of them.

``services/core/upgrades`` holds the tables of revision 0002 as commit ca82168 made them, and rows
in plain SQL: nothing of today's program takes part.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from shutil import copytree
from typing import Any

from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Connection, RowMapping, column, inspect, select, table

from lti_tool.core.db.session import db

FOLDER = Path(__file__).parent / "services" / "core" / "upgrades"

Contents = Mapping[str, Sequence[RowMapping]]


def as_0001() -> None:
    """Rows for the tables of revision 0001, which are there."""
    _run(_read("rows_0001"))


def as_0002() -> None:
    """What commit ca82168 leaves behind."""
    _run(_read(f"schema_0002.{db.engine.dialect.name}"))
    _run(_read("rows_0001"))
    _run(_read("rows_0002"))


def fill(revision: str) -> None:
    """The rows that a later revision can hold besides; those of its new tables must be there."""
    if (FOLDER / f"rows_{revision}.sql").exists():
        _run(_read(f"rows_{revision}"))


def _run(statements: str) -> None:
    connection = db.engine.raw_connection()
    try:
        cursor: Any = connection.cursor()
        if db.engine.dialect.name == "sqlite":
            cursor.executescript(statements)
        else:
            cursor.execute(statements)
    finally:
        connection.close()


def _read(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def declared() -> list[str]:
    """Each column, constraint and index, in an order of its own: batch mode keeps none."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            return _lines(connection.exec_driver_sql(_STATEMENTS).all())
        return _declared_in(connection, "public")


def declared_by_ca82168() -> list[str]:
    statements = _read(f"schema_0002.{db.engine.dialect.name}")
    if db.engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(":memory:")) as memory:
            memory.executescript(statements)
            return _lines(memory.execute(_STATEMENTS).fetchall())
    _run(f"CREATE SCHEMA former; SET search_path TO former; {statements} RESET search_path")
    with db.engine.connect() as connection:
        return _declared_in(connection, "former")


_STATEMENTS = "SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"


def _lines(made: Sequence[Sequence[str]]) -> list[str]:
    return sorted(
        f"{name} {line.strip().rstrip(', ')}" for name, sql in made for line in sql.splitlines()
    )


def _declared_in(connection: Connection, schema: str) -> list[str]:
    rows = [
        str(row)
        for question in (
            "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable,"
            f" column_default, collation_name FROM information_schema.columns"
            f" WHERE table_schema = '{schema}'",
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            f" WHERE connamespace = '{schema}'::regnamespace",
            f"SELECT indexdef FROM pg_indexes WHERE schemaname = '{schema}'",
        )
        for row in connection.exec_driver_sql(question)
    ]
    # It names the tables of another schema by it, and casts a list anew whenever it reads one.
    noise = rf"\b{schema}\.|::(character varying|text)(\[\])?|[()]"
    return sorted(re.sub(noise, "", row) for row in rows)


def revisions_after(app: Flask, revision: str) -> list[str]:
    scripts = ScriptDirectory(app.extensions["migrate"].directory)
    return [one.revision for one in scripts.walk_revisions(revision, "head")][-2::-1]


def tables() -> list[str]:
    return [name for name in inspect(db.engine).get_table_names() if name != "alembic_version"]


def contents() -> Contents:
    with db.engine.connect() as connection:
        return {
            name: connection.execute(select("*").select_from(table(name))).mappings().all()
            for name in tables()
        }


def version() -> str:
    with db.engine.connect() as connection:
        return str(
            connection.scalar(select(column("version_num")).select_from(table("alembic_version")))
        )


def unfilled() -> list[str]:
    """Tables without a row, and foreign keys that lead somewhere in none."""
    eye, held = inspect(db.engine), contents()
    return [name for name, rows in held.items() if not rows] + [
        f"{name}.{column_name}"
        for name, rows in held.items()
        for key in eye.get_foreign_keys(name)
        for column_name in key["constrained_columns"]
        if all(row[column_name] is None for row in rows)
    ]


REPLACED = {"media_link_binding": ("media_link_choice", "media_link_note")}
"""Tables whose rows went over, each into one of these (and back)."""


WRITTEN_ANEW = {"invitation": {"search"}}
"""Columns that say otherwise what other columns say."""


def lost(before: Contents, after: Contents) -> list[str]:
    """The tables that hold other rows afterwards, as far as the columns are the same."""
    return [
        name
        for name, rows in before.items()
        if (
            _differ(rows, after[name], WRITTEN_ANEW.get(name, set()))
            if name in after
            else len(rows) > _taken_over(name, after)
        )
    ]


def _taken_over(name: str, after: Contents) -> int:
    return sum(len(after.get(other, ())) for other in REPLACED.get(name, ()))


def _differ(
    before: Sequence[RowMapping], after: Sequence[RowMapping], written_anew: set[str]
) -> bool:
    if len(before) != len(after):
        return True
    shared = sorted(set(before[0]) & set(after[0]) - written_anew) if before else []
    return _hash(before, shared) != _hash(after, shared)


def _hash(rows: Iterable[RowMapping], columns: Sequence[str]) -> str:
    lines = sorted(repr([row[name] for name in columns]) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def torn() -> list[str]:
    """References that lead nowhere; PostgreSQL holds no such row."""
    if db.engine.dialect.name != "sqlite":
        return []
    with db.engine.connect() as connection:
        return [str(row) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")]


def with_trial(app: Flask, folder: Path, upgrade: str) -> str:
    """A copy of the migrations with one more at their end; gives its directory."""
    directory = copytree(app.extensions["migrate"].directory, folder / "migrations")
    head = ScriptDirectory(str(directory)).get_current_head()
    lines = [
        "import sqlalchemy as sa",
        "from alembic import op",
        f"revision, down_revision, branch_labels, depends_on = 'trial', {head!r}, None, None",
        "def upgrade():",
        *(f"    {line}" for line in upgrade.splitlines()),
        "def downgrade():",
        "    pass",
    ]
    (directory / "versions" / "trial.py").write_text("\n".join(lines), encoding="utf-8")
    return str(directory)
