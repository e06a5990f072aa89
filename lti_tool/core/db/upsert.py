"""Upsert: a row that is made, or brought up to date where it is there already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from lti_tool.core.db.session import Model, db


def upsert(
    model: type[Model],
    values: dict[str, Any],
    *,
    unique: Sequence[Any],
    change: Sequence[str],
    where: Any = None,
    returning: Any = None,
) -> Any:
    """Insert a row, or change the named columns of the one that has its unique columns.

    Returns the row's id (or the column ``returning``). Safe between processes. ``where`` is the
    condition of a partial unique index.
    """
    statement = conflict_aware_insert(model).values(values)
    statement = statement.on_conflict_do_update(
        index_elements=list(unique),
        index_where=where,
        set_={name: statement.excluded[name] for name in change},
    )
    column = model.__table__.c.id if returning is None else returning
    return db.session.execute(statement.returning(column)).scalar_one()


def conflict_aware_insert(model: type[Model]) -> postgresql.Insert | sqlite.Insert:
    """Begin an INSERT, in the database's dialect, that may say what happens if the row is there."""
    return sqlite.insert(model) if db.engine.dialect.name == "sqlite" else postgresql.insert(model)
