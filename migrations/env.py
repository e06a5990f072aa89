"""Runs the migrations on the application's own engine, all that are due in one transaction.

SQLite alters hardly anything in place: a table is copied, dropped and renamed ("batch mode"), and
DROP TABLE first deletes the rows. With foreign keys on that reaches the children: ON DELETE CASCADE
removes them, SET NULL blanks them, without a word. So foreign keys are off meanwhile, and before
anything counts SQLite is asked whether each reference still leads somewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
import sqlalchemy as sa
from alembic import context
from alembic.runtime.migration import MigrationInfo
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import Connection, RowMapping

from lti_tool.core.db.encrypted import Sealed
from lti_tool.core.db.session import WRITE_LOCK, UtcDateTime, db

TOLD = 20
"""References that lead nowhere, of which each is told."""

_MOMENT = 'sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")'


def render_item(kind: str, item: Any, autogen: Any) -> str | bool:
    """A migration stays what it was when the program goes on, so it names none of its types."""
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return _MOMENT
    if kind == "type" and isinstance(item, Sealed):
        return "sa.Text()"
    return False


def run() -> None:
    steps: list[str] = []
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            with _without_foreign_keys(connection), _nothing_torn(connection):
                _migrate(connection, steps)
        else:
            # The engine's connections are in autocommit; a migration happens whole or not at all.
            _migrate(connection.execution_options(isolation_level="READ COMMITTED"), steps)
    for step in steps:  # told when it counts
        click.echo(step)


def _migrate(connection: Connection, steps: list[str]) -> None:
    def done(*, step: MigrationInfo, **_more: Any) -> None:
        steps.append(
            f"The database is at revision {step.up_revision_id}."
            if step.is_upgrade
            else f"Revision {step.up_revision_id} is taken back."
        )

    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_item=render_item,
        on_version_apply=done,
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Switch SQLite's foreign keys off for what is done inside.

    SQLite heeds the switch between transactions only, so it is moved past SQLAlchemy, which would
    begin one.
    """
    driver = connection.connection.cursor()
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")
        driver.close()


@contextmanager
def _nothing_torn(connection: Connection) -> Iterator[None]:
    """Open one transaction that nobody writes beside, and keep the references whole.

    Raises CommandError, and leaves the database as it was, if a reference leads nowhere that led
    somewhere before. Of one that led nowhere already (foreign keys are off in SQLite's own shell)
    the operator is told, and the upgrade goes on: to be held at an old schema besides would help
    nobody.
    """
    with connection.execution_options(**{WRITE_LOCK: True}).begin():
        before = _dangling(connection)
        if before:
            click.echo(
                "Warning: these rows already refer to others that are not there"
                f" (docs/upgrading.md):\n{_list(before)}",
                err=True,
            )
        yield
        torn = _dangling(connection) - before
        if torn:
            raise CommandError(
                "nothing was changed, because afterwards these rows would refer to others that are"
                f" not there (docs/upgrading.md):\n{_list(torn)}"
            )


def _list(references: Counter[str]) -> str:
    lines = sorted(references.elements())
    more = [f"and {len(lines) - TOLD} more"] if len(lines) > TOLD else []
    return "\n".join(f"  {line}" for line in (*lines[:TOLD], *more))


def _dangling(connection: Connection) -> Counter[str]:
    """Count each reference to a row that is not there.

    In words that are the same after its table has been rebuilt, as the numbers of rows are not.
    """
    found = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return Counter(_told(connection, *one) for one in found)


def _told(connection: Connection, table: str, row: int | None, parent: str, number: int) -> str:
    columns = _pragma(connection, "table_info", table)
    primary = [str(column["name"]) for column in columns if column["pk"]]
    keys = _pragma(connection, "foreign_key_list", table)
    names = [str(key["from"]) for key in keys if key["id"] == number]
    values = ["?"] * len(primary + names)
    if row is not None:  # of a table without row numbers SQLite does not say which one it is
        asked = sa.select(*map(sa.column, primary + names)).select_from(sa.table(table))
        values = [
            str(value) for value in connection.execute(asked.where(sa.column("rowid") == row)).one()
        ]
    held, leads = values[: len(primary)], values[len(primary) :]
    return f"{table} {'/'.join(held)}: {'/'.join(names)} {'/'.join(leads)} is not in {parent}"


def _pragma(connection: Connection, name: str, table: str) -> Sequence[RowMapping]:
    quoted = connection.dialect.identifier_preparer.quote(table)
    return connection.exec_driver_sql(f"PRAGMA {name}({quoted})").mappings().all()


run()
