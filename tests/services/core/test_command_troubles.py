"""What an operator reads when the surroundings of a command are not as they should be."""

from __future__ import annotations

import secrets
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from lti_tool import create_app
from lti_tool.config import Config
from lti_tool.core import commands

COMMANDS = [
    ("platform", "list"),
    ("settings", "show", "--platform", "elm"),
    ("media", "purge"),
    ("invitations", "forget"),
    ("people", "forget"),
]


def test_every_group_says_what_it_is_for(app: Flask) -> None:
    assert [name for name, one in app.cli.commands.items() if not one.get_short_help_str()] == []


def said(app: Flask, *words: str) -> str:
    """The one line that the command prints before it ends with 1."""
    result = app.test_cli_runner().invoke(args=list(words))
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    (line,) = result.output.splitlines()
    return line


@pytest.fixture
def config(database_url: str, tmp_path: Path, keys_dir: Path) -> Config:
    return Config(
        base_url="http://localhost",
        database_url=database_url,
        storage_url=(tmp_path / "files").as_uri(),
        config_dir=tmp_path / "config",
        keys_dir=keys_dir,
        development=True,
        log_level="ERROR",
    )


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.every_database
def test_an_empty_database(config: Config, command: tuple[str, ...]) -> None:
    empty = f"{config.database_url}?options=-csearch_path%3Dnowhere"
    if config.database_url.startswith("sqlite"):
        empty = f"{config.database_url}.empty"
    line = said(create_app(replace(config, database_url=empty)), *command)
    assert line.startswith("Error: The database is not prepared")
    assert line.endswith("Run: flask --app wsgi db upgrade")


ADD = [
    *("platform", "add", "--name", "elm", "--family", "other", "--client-id", "1"),
    *("--issuer", "https://lms.example", "--auth-url", "https://lms.example/auth"),
    *("--token-url", "https://lms.example/token", "--jwks-url", "https://lms.example/jwks"),
]


@pytest.mark.parametrize("command", [*COMMANDS, ("db", "upgrade"), tuple(ADD)], ids=" ".join)
@pytest.mark.sqlite_only
def test_a_database_that_is_down(config: Config, command: tuple[str, ...]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"postgresql+psycopg://127.0.0.1:{closed.getsockname()[1]}/foyer"
        app = create_app(replace(config, database_url=address))
        assert said(app, *command).startswith("Error: The database does not answer: ")


@pytest.mark.sqlite_only
def test_a_file_that_is_no_database(config: Config, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database, but a long enough text" * 40)
    app = create_app(replace(config, database_url=f"sqlite:///{tmp_path / 'notes.txt'}"))
    assert said(app, "platform", "list").endswith("file is not a database")


def test_an_option_that_the_driver_does_not_know(config: Config) -> None:
    app = create_app(replace(config, database_url="postgresql+psycopg://127.0.0.1/x?nonsense=1"))
    assert 'does not answer: invalid connection option "nonsense"' in said(app, "platform", "list")


@pytest.mark.postgresql_only
def test_a_database_of_another_owner(config: Config) -> None:
    name = f"foyer_stranger_{secrets.token_hex(4)}"
    engine = create_engine(config.database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN"))
    try:
        url = engine.url.set(username=name, password=None).render_as_string(hide_password=False)
        line = said(create_app(replace(config, database_url=url)), "platform", "list")
        assert line.startswith("Error: The database does not let Foyer do this: permission denied")
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP ROLE {name}"))
        engine.dispose()


@pytest.mark.sqlite_only
def test_a_file_that_cannot_be_read(app: Flask) -> None:
    folder: Path = app.extensions["foyer.config"].config_dir / "platforms" / "elm.toml"
    folder.mkdir(parents=True)
    assert said(app, "platform", "load") == f"Error: {folder}: Is a directory"


@pytest.mark.parametrize("fault", [LookupError("x"), IntegrityError("x", {}, Exception("y"))])
def test_a_fault_of_ours_is_not_hidden(fault: Exception) -> None:
    app = Flask(__name__)

    @app.cli.command("stumble")
    def stumble() -> None:
        raise fault

    commands.install(app)
    assert app.test_cli_runner().invoke(args=["stumble"]).exception is fault
