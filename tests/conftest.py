"""The application as new, for every test that asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from zlib import crc32

import postgresql
import pytest
import redis_server
import selection
from databases import OnPostgresql, OnSqlite, postgresql_database
from factories import School, TestClock, make_school
from flask import Flask
from one_app import OneApp

from sandbox.keys import KeyRing

GALLERIES = ("browser/test_accessible.py", "browser/test_languages.py")
PARTS = 6


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    pluginmanager.register(selection)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_url" in metafunc.fixturenames:
        metafunc.parametrize("database_url", selection.databases(metafunc), indirect=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """With several processes (pytest -n 2): a file of tests stays in one, so that what it shares
    is made once. The browser's files come first and are taken one by one, so every process is at
    them until none is left, each with a browser and a tool of its own; those that play the gallery
    of pages are taken in parts.
    """
    from xdist.scheduler import LoadScopeScheduling

    class FilesAndParts(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            if not file.endswith(GALLERIES):
                return file
            return f"{file} {crc32(nodeid.encode()) % PARTS}"

    return FilesAndParts(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not postgresql.expected():
        terminalreporter.section("PostgreSQL was NOT tested", red=True, bold=True)
        terminalreporter.line(
            f"No server answers at {postgresql.address()} and none could be started:"
            " every test that wants one ran on SQLite alone."
        )
    if redis_server.program() is None:
        terminalreporter.section("Redis was NOT tested", red=True, bold=True)
        terminalreporter.line(
            "redis-server is not on this machine, so rate limits that several processes share"
            " were not tried. On Debian: apt-get install redis-server"
        )


@pytest.fixture(scope="session")
def on_postgresql() -> Iterator[OnPostgresql]:
    with postgresql_database("foyer_test") as url, closing(OnPostgresql(url)) as database:
        yield database


@pytest.fixture(scope="session")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> OnSqlite:
    return OnSqlite(tmp_path_factory.mktemp("sqlite") / "foyer.sqlite3")


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """Empty tables on one of the databases: see `selection`."""
    database: OnPostgresql | OnSqlite = request.getfixturevalue(f"on_{request.param}")
    database.empty()
    return database.url


@pytest.fixture(scope="session")
def keys_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture(scope="session")
def one_app_each(keys_dir: Path) -> Iterator[dict[str, OneApp]]:
    """By the address of the database; filled when a test wants one."""
    made: dict[str, OneApp] = {}
    yield made
    for one in made.values():
        one.close()


@pytest.fixture
def app(
    one_app_each: dict[str, OneApp],
    database_url: str,
    tmp_path: Path,
    keys_dir: Path,
    clock: TestClock,
) -> Iterator[Flask]:
    """The whole tool as new, with empty tables."""
    if database_url not in one_app_each:
        one_app_each[database_url] = OneApp(database_url, tmp_path, keys_dir)
    one = one_app_each[database_url]
    yield one.as_new(tmp_path, clock)
    one.rest()


@pytest.fixture(scope="session")
def key_ring() -> KeyRing:
    """Keys for platforms that do not rotate theirs."""
    return KeyRing()


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """For tests that call verbs: inside the application, outside any request."""
    with app.app_context():
        yield app


@pytest.fixture
def school(app: Flask) -> School:
    with app.app_context():
        return make_school("elm")


@pytest.fixture
def other_school(app: Flask) -> School:
    """Another institution, whose ids must mean nothing here."""
    with app.app_context():
        return make_school("oak")
