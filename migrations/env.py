"""Runs the migrations on the application's own engine; on SQLite tables are rebuilt in batches."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app

from lti_tool.core.database import UtcDateTime, db
from lti_tool.core.sealed import Sealed


def render_item(kind: str, item: Any, _autogen: Any) -> str | bool:
    if kind == "type" and isinstance(item, UtcDateTime | Sealed):
        return f"{type(item).__name__}()"
    return False


def run() -> None:
    arguments = dict(current_app.extensions["migrate"].configure_args)
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # The engine's connections are in autocommit; a migration happens whole or not at all.
            connection = connection.execution_options(isolation_level="READ COMMITTED")
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            **arguments,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
