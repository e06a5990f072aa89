"""What goes wrong around a command is told to the operator as a sentence, not as a traceback."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

import click
from flask import Flask
from sqlalchemy.exc import DBAPIError, OperationalError

_WITHOUT_TABLES = ("42P01", "42703")
"""PostgreSQL's codes for a table and a column that is not there."""


def install(app: Flask) -> None:
    """Call it when all rooms have brought their commands."""
    for name, command in app.cli.commands.items():
        # A copy, because the rooms' groups are there once for all apps of a process.
        plain = copy(command)
        plain.invoke = _plain(command.invoke)  # type: ignore[assignment, method-assign]
        app.cli.commands[name] = plain


def _plain(invoke: Callable[[click.Context], Any]) -> Callable[[click.Context], Any]:
    def invoked(context: click.Context) -> Any:
        try:
            return invoke(context)
        except DBAPIError as error:
            sentence = _of_database(error)
            if sentence is None:
                raise
            raise click.ClickException(sentence) from error
        except BrokenPipeError:
            raise  # nobody reads any more; click ends quietly
        except OSError as error:
            raise click.ClickException(str(error)) from error

    return invoked


def _of_database(error: DBAPIError) -> str | None:
    """Put an error of the database into a sentence; None for what is a fault of ours."""
    reason = (str(error.orig).splitlines() or [""])[0]
    if getattr(error.orig, "sqlstate", None) in _WITHOUT_TABLES or reason.startswith("no such "):
        return f"The database is not prepared ({reason}). Run: flask --app wsgi db upgrade"
    if isinstance(error, OperationalError):
        return f"The database does not answer: {reason}"
    return None
