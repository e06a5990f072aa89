"""Databases of a test process's own, with all tables: made once, which takes longer than most
tests, and emptied before each test.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import postgresql
import psycopg
from psycopg import sql
from sqlalchemy import create_engine

from lti_tool.core.db.session import db
from lti_tool.core.ids import new_id

PATIENCE = 10
"""Seconds to wait for what an earlier test has left running in the database."""


@contextmanager
def postgresql_database(prefix: str) -> Iterator[str]:
    """The address of a database without tables; gone when the block ends."""
    assert postgresql.available(), "PostgreSQL is installed, but does not start"
    server_url = postgresql.address()
    name = f"{prefix}_{new_id()[:10]}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        server.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    yield f"postgresql+psycopg://{server_url.split('://', 1)[1].rsplit('/', 1)[0]}/{name}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


class OnPostgresql:
    def __init__(self, url: str) -> None:
        self.url = url
        _make_tables(url)
        self._server = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
        self._server.execute(f"SET lock_timeout = '{PATIENCE}s'")
        written = [
            sql.SQL("SELECT {place}, {name} WHERE EXISTS (SELECT FROM {table})").format(
                place=place, name=table, table=sql.Identifier(table)
            )
            for place, table in enumerate(_tables())
        ]
        self._written = sql.SQL(" UNION ALL ").join(written) + sql.SQL(" ORDER BY 1")

    def empty(self) -> None:
        found = self._server.execute(self._written).fetchall()
        gone = [sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for _place, name in found]
        if gone:
            self._server.execute(sql.SQL("; ").join(gone))

    def close(self) -> None:
        self._server.close()


class OnSqlite:
    def __init__(self, path: Path) -> None:
        self.url = f"sqlite:///{path}"
        self._path = path
        _make_tables(self.url)

    def empty(self) -> None:
        with closing(sqlite3.connect(self._path, timeout=PATIENCE)) as file:
            file.execute("PRAGMA synchronous=OFF")
            file.executescript(
                f"BEGIN IMMEDIATE; {''.join(f'DELETE FROM {name};' for name in _tables())} COMMIT;"
            )

    def close(self) -> None:
        pass


def _tables() -> list[str]:
    """Those that refer to others come first."""
    return [table.name for table in reversed(db.metadata.sorted_tables)]


def _make_tables(url: str) -> None:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    db.metadata.create_all(engine)
    engine.dispose()
