"""What may happen once: a conditional update, and the rows that are written only if it hits.

The update names every condition under which the thing may still be used; whoever comes second
finds it used and writes nothing. On PostgreSQL all of it is a single statement, hence one journey
to the server and one transaction by itself; elsewhere it is the same statements one by one, in a
transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, cast

from sqlalchemy import (
    CTE,
    Column,
    Insert,
    Select,
    Table,
    Update,
    bindparam,
    literal_column,
    select,
    true,
)

from lti_tool.core.db.compiled import Statement
from lti_tool.core.db.session import Model, db, transaction
from lti_tool.core.db.upsert import conflict_aware_insert

Follower = Callable[[CTE | None], Insert]
"""Makes a statement; given the one before to read from, one that does nothing without its row."""


class Once:
    """Built once, run often. ``update`` and ``then`` hold named parameters for all values."""

    def __init__(self, update: Update, *then: Follower) -> None:
        self._update = update
        self._then = then

    def run(self, values: dict[str, Any]) -> bool:
        """Whether the update hit; if not, nothing was written.

        Raises ValueError for a value that no column takes: it would silently be lost.
        """
        if db.engine.dialect.name == "postgresql":
            _refuse_lost(values, self._together)
            return bool(self._together.rows(values))
        _refuse_lost(values, self._gate, *self._one_by_one)
        with transaction():
            if self._gate.run(values) != 1:
                return False
            for statement in self._one_by_one:
                statement.run(values)
            return True

    @cached_property
    def _together(self) -> Statement:
        done = self._update.returning(literal_column("1").label("one")).cte("hit")
        for place, make in enumerate(self._then):
            # Each reads from the one before, so that all take their locks in the order given:
            # PostgreSQL runs parts that do not depend on each other in an order of its own.
            done = make(done).returning(literal_column("1").label("one")).cte(f"then_{place}")
        return Statement(select(done.c.one))

    @cached_property
    def _gate(self) -> Statement:
        return Statement(self._update)

    @cached_property
    def _one_by_one(self) -> list[Statement]:
        return [Statement(make(None)) for make in self._then]


def inserted(
    model: type[Model],
    prefix: str,
    *,
    unique: Iterable[str] = (),
    change: Iterable[str] = (),
    empty: Iterable[str] = (),
) -> Follower:
    """A row whose column ``x`` is the parameter ``<prefix>x``; the ``empty`` ones are left out and
    can be given no value.

    Where the ``unique`` columns are taken, the columns of ``change`` of the row there are changed.
    (psycopg keeps the reading of a statement only up to 50 parameters: spare those of no use.)
    """
    columns = [one for one in cast(Table, model.__table__).columns if one.key not in empty]

    def make(before: CTE | None) -> Insert:
        statement = conflict_aware_insert(model).from_select(
            [column.key for column in columns], _values(columns, prefix, before)
        )
        if unique:
            statement = statement.on_conflict_do_update(
                index_elements=list(unique),
                set_={name: statement.excluded[name] for name in change},
            )
        return statement

    return make


def _refuse_lost(values: dict[str, Any], *statements: Statement) -> None:
    given = {name for name, value in values.items() if value is not None}
    lost = given.difference(*(statement.takes() for statement in statements))
    if lost:
        raise ValueError(f"no column takes {', '.join(sorted(lost))}")


def _values(columns: list[Column[Any]], prefix: str, before: CTE | None) -> Select[Any]:
    given = select(*(bindparam(prefix + item.key, type_=item.type) for item in columns))
    # SQLite reads ON after a bare SELECT as a join, so the SELECT is given a condition.
    return given.select_from(before) if before is not None else given.where(true())


def prefixed(prefix: str, values: dict[str, Any]) -> dict[str, Any]:
    """The values of a row as the parameters of ``inserted(…, prefix)``."""
    return {prefix + name: value for name, value in values.items()}
