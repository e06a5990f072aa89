"""The database session and what one transaction is.

A verb opens ``transaction()`` once; whatever it reads and writes inside happens together or not
at all. What is read often is remembered, but never from before a transaction in it, nor after it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from flask import Flask, has_request_context, request
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import CursorResult, Dialect, MetaData, Result, String, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import DeclarativeBase, scoped_session
from sqlalchemy.types import DateTime, TypeDecorator, TypeEngine

from lti_tool.config import ROOT, writable_folder

ID = String(26)

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=_NAMES)


db = SQLAlchemy(
    model_class=Base,
    session_options={"expire_on_commit": False, "autoflush": False},
)
if TYPE_CHECKING:
    Model = Base  # the type checker cannot see through ``db.Model``
else:
    Model = db.Model

migrate = Migrate(directory=str(ROOT / "migrations"), render_as_batch=True)

_running: ContextVar[dict[str, Any] | None] = ContextVar("foyer_transaction", default=None)
"""What the running transaction remembers; None: there is none."""

_REMEMBERED = "foyer.remembered"

WRITE_LOCK = "foyer_write_lock"
"""The option of a connection whose transactions take SQLite's write lock at their beginning."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC.

    PostgreSQL keeps timestamptz; SQLite a text that sorts by time.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone was given to the database")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 – the library's signature
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def install(app: Flask, database_url: str) -> None:
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(database_url)
    db.init_app(app)
    migrate.init_app(app, db)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            if db.engine.url.database:
                writable_folder("database_url", Path(db.engine.url.database).parent)
            _prepare_sqlite(db.engine)


def _engine_options(database_url: str) -> dict[str, Any]:
    if database_url.startswith("sqlite"):
        return {"connect_args": {"timeout": 30}}
    # What is read outside a verb is read statement by statement: each is one journey to the
    # server instead of three, and holds nothing there. transaction() asks for a real one.
    return {
        "pool_size": 16,
        "max_overflow": 16,
        "pool_recycle": 1800,
        "isolation_level": "AUTOCOMMIT",
    }


_MAKING = Lock()


def _make_private(path: str) -> None:
    """Make the file of a database that there is not yet: SQLite would let everybody read it.

    The files beside it get the mode that it has. One that is there is never opened here: closing it
    would drop all locks that this process holds on it (POSIX), and SQLite relies on these. Hence
    the lock, too: nobody connects to the new file before it is closed.
    """
    with _MAKING, suppress(OSError):  # what hinders it, SQLite will say
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640))


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "do_connect")
    def before_connect(
        _dialect: Dialect, _record: object, place: list[Any], _options: dict[str, Any]
    ) -> None:
        if place[0] != ":memory:" and not str(place[0]).startswith("file:"):
            _make_private(place[0])

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # A transaction that reads first and writes later cannot wait for another writer in
        # SQLite (it fails at once), so a verb takes the write lock at its beginning.
        writes = in_transaction() or connection.get_execution_options().get(WRITE_LOCK)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def transaction() -> Iterator[scoped_session[Session]]:
    """Open the one transaction of a verb.

    A verb called inside another joins it. What was read before in the same request is dropped from
    the session's snapshot and from what is remembered, so that the verb decides on what is true
    now.
    """
    if in_transaction():
        yield db.session
        return
    db.session.rollback()
    token = _running.set({})
    try:
        if db.engine.dialect.name == "postgresql":
            db.session.connection(execution_options={"isolation_level": "READ COMMITTED"})
        yield db.session
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _running.reset(token)
        forget_remembered()


def in_transaction() -> bool:
    """Tell whether a verb's transaction is running."""
    return _running.get() is not None


def remembered() -> dict[str, Any]:
    """Tell where to keep what need not be read twice.

    By the running transaction, which begins without and leaves nothing behind, else by the request;
    where there is neither, nothing is kept.
    """
    running = _running.get()
    if running is not None:
        return running
    if not has_request_context():
        return {}
    # Not in g, which requests share that are made inside one application context.
    kept: dict[str, Any] = request.environ.setdefault(_REMEMBERED, {})
    return kept


def forget_remembered() -> None:
    """Drop what the request remembers from before something was written."""
    if has_request_context():
        request.environ.pop(_REMEMBERED, None)


def rows_matched(result: Result[*tuple[Any, ...]]) -> int:
    """Count the rows an UPDATE or DELETE matched: with a condition, this decides who wins."""
    assert isinstance(result, CursorResult)
    return result.rowcount


__all__ = [
    "ID",
    "WRITE_LOCK",
    "Model",
    "UtcDateTime",
    "db",
    "forget_remembered",
    "in_transaction",
    "install",
    "remembered",
    "rows_matched",
    "transaction",
]
