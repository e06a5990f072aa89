"""Statements that very many people wait for: compiled once, run on the bare connection.

SQLAlchemy writes the SQL and knows the types; its result objects, which cost more than the question
itself, are left out. Alone, a statement is its own transaction; inside ``transaction()`` it is part
of that.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from psycopg import RawCursor
from sqlalchemy import Dialect, Engine, Executable, PoolProxiedConnection, Select
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from lti_tool.core.db.session import db, in_transaction

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
Convert = Callable[[Any], Any]


class Statement:
    """A Core statement whose values are all named parameters."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, values: dict[str, Any]) -> list[Any]:
        """Fetch what a SELECT finds, as named tuples."""
        compiled = self._for_engine()
        with _cursor(compiled, values) as cursor:
            return [compiled.row(found) for found in cursor.fetchall()]

    def run(self, values: dict[str, Any]) -> int:
        """Execute an INSERT or UPDATE and count the rows that it touched."""
        with _cursor(self._for_engine(), values) as cursor:
            return cursor.rowcount

    def takes(self) -> frozenset[str]:
        """Name its parameters."""
        return self._for_engine().names

    def _for_engine(self) -> _Compiled:
        dialect = db.engine.dialect
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = _Compiled(self._statement, dialect)
        return self._compiled[dialect.name]


class _Compiled:
    """The statement in the SQL of one kind of database, with the ways in and out of its types."""

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)
        self.sql, order = _numbered(compiled)
        self.names = frozenset(compiled.binds)
        self._fixed = {
            name: bound.value for name, bound in compiled.binds.items() if bound.value is not None
        }
        self._inward = [(name, _inward(compiled.binds[name].type, dialect)) for name in order]
        columns = list(statement.selected_columns) if isinstance(statement, Select) else []
        self._row: Any = namedtuple("Row", [column.key for column in columns])  # type: ignore[misc]
        outward = [_outward(column.type, dialect) for column in columns]
        self._outward = [(at, convert) for at, convert in enumerate(outward) if convert]

    def parameters(self, values: dict[str, Any]) -> Any:
        given = {**self._fixed, **values}
        return [convert(given[name]) if convert else given[name] for name, convert in self._inward]

    def row(self, found: Any) -> Any:
        if not self._outward:
            return self._row._make(found)
        values = list(found)
        for at, convert in self._outward:
            values[at] = convert(values[at])
        return self._row._make(values)


def _numbered(compiled: SQLCompiler) -> tuple[str, list[str]]:
    """Tell the SQL of a statement and the names of its parameters in their order.

    PostgreSQL gets its own placeholders ($1), each name once: psycopg turns others into them anew
    at each call, for what is longer than it remembers (4,096 characters).
    """
    if compiled.positiontup is not None:
        return str(compiled), compiled.positiontup
    order = list(dict.fromkeys(_PLACEHOLDER.findall(str(compiled))))
    number = {name: place for place, name in enumerate(order, start=1)}
    sql = _PLACEHOLDER.sub(lambda found: f"${number[found[1]]}", str(compiled))
    return sql.replace("%%", "%"), order


def _inward(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _outward(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _connect(engine: Engine) -> PoolProxiedConnection:
    try:
        return engine.raw_connection()
    except engine.dialect.loaded_dbapi.Error as error:
        raise _instance(None, error, engine.dialect) from error


def _instance(statement: str | None, error: Exception, dialect: Dialect) -> BaseException:
    """Make SQLAlchemy's error of the driver's.

    Without the parameters, which may hold what somebody sent.
    """
    kind = dialect.loaded_dbapi.Error
    return DBAPIError.instance(statement, None, error, kind, dialect=dialect)


@contextmanager
def _cursor(compiled: _Compiled, values: dict[str, Any]) -> Iterator[DBAPICursor]:
    """Execute the statement and lend the cursor for what is done inside.

    Raises SQLAlchemy's errors, as a session does.
    """
    parameters = compiled.parameters(values)
    engine = db.engine
    joined = in_transaction()
    connection = db.session.connection().connection if joined else _connect(engine)
    cursor: Any = (
        RawCursor(cast("psycopg.Connection[Any]", connection.dbapi_connection))
        if engine.dialect.driver == "psycopg"
        else connection.cursor()
    )
    try:
        cursor.execute(compiled.sql, parameters)
        yield cursor
    except engine.dialect.loaded_dbapi.Error as error:
        if engine.dialect.is_disconnect(error, connection.dbapi_connection, cursor):
            engine.dispose()  # the server went away: none of the idle connections is good any more
        raise _instance(compiled.sql, error, engine.dialect) from error
    finally:
        cursor.close()
        if not joined:
            connection.close()
