"""Conditional writes (compare-and-set): what may happen once, and the rows that follow it.

The rows are written only if the conditional update hits.

The update names every condition under which the thing may still be used; whoever comes second
finds it used and writes nothing. On PostgreSQL all of it is a single statement, hence one journey
to the server and one transaction by itself; elsewhere it is the same statements one by one, in a
transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, cast

from sqlalchemy import (
    CTE,
    JSON,
    ColumnElement,
    Insert,
    Select,
    Table,
    Update,
    bindparam,
    literal_column,
    select,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement

from lti_tool.core.db.compiled import Statement
from lti_tool.core.db.session import Model, db, forget_remembered, transaction
from lti_tool.core.db.upsert import conflict_aware_insert


class Follower:
    """A row that is written after the update has hit; made by ``inserted``."""

    def __init__(
        self,
        model: type[Model],
        prefix: str,
        unique: tuple[str, ...],
        change: tuple[str, ...],
        taken: Mapping[str, str],
        shared: Mapping[str, str],
    ) -> None:
        self._model, self._prefix = model, prefix
        self._unique, self._change = unique, change
        self.taken = {prefix + column: name for column, name in taken.items()}
        self._shared = {prefix + column: name for column, name in shared.items()}
        columns = cast(Table, model.__table__).columns
        self._columns = list(columns)

    def parameters(self, row: dict[str, Any]) -> dict[str, Any]:
        """Give the values of a row as the statement's parameters.

        Without what it takes from elsewhere, whatever the row says of that.
        """
        named = {self._prefix + column: value for column, value in row.items()}
        others = {*self.taken, *self._shared}
        return {name: value for name, value in named.items() if name not in others}

    def after(self, found: CTE, before: CTE) -> Insert:
        """Build the statement that takes what was found and does nothing without the row before."""

        def value(parameter: str, kind: Any) -> ColumnElement[Any]:
            name = self.taken.get(parameter)
            return found.c[name] if name else self._parameter(parameter, kind)

        return self._insert(value, lambda given: given.select_from(found.join(before, true())))

    def alone(self) -> Insert:
        """Build the statement in which what was found is given as parameters too."""
        # SQLite reads ON after a bare SELECT as a join, so the SELECT is given a condition.
        return self._insert(self._parameter, lambda given: given.where(true()))

    def _parameter(self, parameter: str, kind: Any) -> ColumnElement[Any]:
        return bindparam(self._shared.get(parameter, parameter), type_=kind)

    def _insert(
        self,
        value: Callable[[str, Any], ColumnElement[Any]],
        source: Callable[[Select[Any]], Select[Any]],
    ) -> Insert:
        given = select(*(value(self._prefix + one.key, one.type) for one in self._columns))
        statement = conflict_aware_insert(self._model).from_select(
            [one.key for one in self._columns], source(given)
        )
        if not self._unique:
            return statement
        return statement.on_conflict_do_update(
            index_elements=list(self._unique),
            set_={name: statement.excluded[name] for name in self._change},
        )


def inserted(
    model: type[Model],
    prefix: str,
    *,
    unique: Iterable[str] = (),
    change: Iterable[str] = (),
    taken: Mapping[str, str] | None = None,
    shared: Mapping[str, str] | None = None,
) -> Follower:
    """Describe a row whose column ``x`` is the parameter ``<prefix>x``.

    The ``taken`` ones are columns of what was found, the ``shared`` ones another parameter; what a
    row says of those itself is passed over. Where the ``unique`` columns are taken, the columns of
    ``change`` of the row there are changed.
    """
    return Follower(model, prefix, tuple(unique), tuple(change), taken or {}, shared or {})


class Once:
    """Built once, run often: ``found`` is looked up, ``update`` decides, the rows ``then`` follow.

    All values are named parameters, but those that the rows take from what was found.
    """

    def __init__(self, found: Select[Any], update: Update, *then: Follower) -> None:
        self._find, self._update, self._then = found, update, then

    def run(self, values: dict[str, Any]) -> Any:
        """Look up, update and write the rows; return what was found, as a named tuple.

        So once the update has hit and all is written; else it returns None, and nothing was
        written.

        Raises ValueError for a value that no column takes: it would silently be lost.
        """
        if db.engine.dialect.name == "postgresql":
            _refuse_lost(values, self._together)
            found = next(iter(self._together.rows(values)), None)
            forget_remembered()
            return found
        _refuse_lost(values, self._lookup, self._gate, *self._one_by_one)
        with transaction():
            found = next(iter(self._lookup.rows(values)), None)
            if found is None or self._gate.run(values) != 1:
                return None
            for row, statement in zip(self._then, self._one_by_one, strict=True):
                taken = {parameter: getattr(found, name) for parameter, name in row.taken.items()}
                statement.run({**values, **taken})
            return found

    @cached_property
    def _together(self) -> Statement:
        found = self._find.cte("found")
        hit = self._update.where(select(found.c[0]).exists())
        done = hit.returning(literal_column("1").label("one")).cte("hit")
        for place, row in enumerate(self._then):
            # Each reads from the one before, so that all take their locks in the order given:
            # PostgreSQL runs parts that do not depend on each other in an order of its own.
            written = row.after(found, done)
            done = written.returning(literal_column("1").label("one")).cte(f"then_{place}")
        return Statement(select(found).select_from(found.join(done, true())))

    @cached_property
    def _lookup(self) -> Statement:
        return Statement(self._find)

    @cached_property
    def _gate(self) -> Statement:
        return Statement(self._update)

    @cached_property
    def _one_by_one(self) -> list[Statement]:
        return [Statement(row.alone()) for row in self._then]


def _refuse_lost(values: dict[str, Any], *statements: Statement) -> None:
    left: set[str] = set(values)
    for statement in statements:
        left -= statement.takes()
    lost = sorted(name for name in left if values[name] is not None)
    if lost:
        raise ValueError(f"no column takes {', '.join(lost)}")


class json_object(FunctionElement[Any]):  # noqa: N801 - named as the function of SQL
    """A JSON object made by the database: a name and its value, and so on."""

    type = JSON()
    inherit_cache = True


@compiles(json_object, "sqlite")
def _on_sqlite(element: json_object, compiler: SQLCompiler, **more: Any) -> str:
    return f"json_object({compiler.process(element.clauses, **more)})"


@compiles(json_object, "postgresql")
def _on_postgresql(element: json_object, compiler: SQLCompiler, **more: Any) -> str:
    return f"json_build_object({compiler.process(element.clauses, **more)})"
