"""What goes wrong around a command is told to the operator as a sentence, not as a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable
from copy import copy
from typing import Any

import click
from flask import Flask
from flask.cli import FlaskGroup
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError

_WITHOUT_TABLES = ("42P01", "42703")
"""PostgreSQL's codes for a table and a column that is not there."""

_REFUSED = ("42501", "25006")
"""Its codes for what the user has no right to, and for a database that is only read."""


def install(app: Flask) -> None:
    """Call it when all rooms have brought their commands."""
    for name, command in app.cli.commands.items():
        # A copy, because the rooms' groups are there once for all apps of a process.
        plain = copy(command)
        plain.invoke = _plain(command.invoke)  # type: ignore[assignment, method-assign]
        app.cli.commands[name] = plain


def are_looked_up() -> bool:
    """Tell whether ``flask`` only wants to know which commands there are: for its help, mostly."""
    context = click.get_current_context(silent=True)
    return context is not None and isinstance(context.command, FlaskGroup)


def refuse_all(app: Flask, why: str) -> None:
    """Have each command, instead of being done, tell why it cannot be; their help is as ever."""
    for name, command in app.cli.commands.items():
        app.cli.commands[name] = _refusing(command, why)


def _refusing(command: click.Command, why: str) -> click.Command:
    refusing = copy(command)
    if isinstance(refusing, click.Group):
        vars(refusing).pop("invoke", None)  # else that of the group it was copied from is used
        refusing.commands = {name: _refusing(one, why) for name, one in refusing.commands.items()}
        return refusing

    def invoked(_context: click.Context) -> None:
        click.echo(why, err=True)
        sys.exit(3)

    refusing.invoke = invoked  # type: ignore[assignment, method-assign]
    return refusing


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
            where = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{where}{error.strerror or error}") from error

    return invoked


def _of_database(error: DBAPIError) -> str | None:
    """Put an error of the database into a sentence; None for what is a fault of ours."""
    reason = (str(error.orig).splitlines() or [""])[0]
    if getattr(error.orig, "sqlstate", None) in _WITHOUT_TABLES or reason.startswith("no such "):
        return f"The database is not prepared ({reason}). Run: flask --app wsgi db upgrade"
    if getattr(error.orig, "sqlstate", None) in _REFUSED:
        return f"The database does not let Foyer do this: {reason}"
    if error.statement is None or isinstance(error, OperationalError):
        return f"The database does not answer: {reason}"
    # SQLite says so of a file that is damaged; its other errors have classes of their own.
    return f"The database cannot be used: {reason}" if type(error) is DatabaseError else None
