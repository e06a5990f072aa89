"""The application on each database, for every test that asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile
from zlib import crc32

import postgresql
import psycopg
import pytest
import redis_server
from factories import Held, School, TestClock, make_school, share_compiled
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import create_engine

from lti_tool import create_app
from lti_tool.config import Config
from lti_tool.core.db.session import db
from lti_tool.core.ids import new_id
from sandbox.keys import KeyRing

GALLERIES = ("browser/test_accessible.py", "browser/test_languages.py")
PARTS = 6


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--everything",
        action="store_true",
        help="all cases, on all databases, with all examples",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "breadth: more cases of a kind that is tried daily")
    postgresql.available()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("everything"):
        left_out = [item for item in items if item.get_closest_marker("breadth")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_url" in metafunc.fixturenames:
        alone = metafunc.definition.get_closest_marker("sqlite_only") is not None
        both = postgresql.available() and not alone
        names = ["sqlite", "postgresql"] if both else ["sqlite"]
        metafunc.parametrize("database_url", names, indirect=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """With several processes (pytest -n 2): a file of tests stays in one, so that what it shares
    is made once. The browser's files come first and are taken one by one, so every process is at
    them until none is left, each with a browser and a tool of its own; those that play the gallery
    of pages are taken in parts."""
    from xdist.scheduler import LoadScopeScheduling

    class FilesAndParts(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            if not file.endswith(GALLERIES):
                return file
            return f"{file} {crc32(nodeid.encode()) % PARTS}"

    return FilesAndParts(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not postgresql.available():
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
def postgresql_url() -> Iterator[str]:
    """A database of this test run's own, with the tables; gone when it ends."""
    name = f"foyer_test_{new_id()[:10]}"
    with psycopg.connect(postgresql.address(), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        server.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    url = f"postgresql+psycopg://{postgresql.address().split('://', 1)[1].rsplit('/', 1)[0]}/{name}"
    _make_tables(url)
    yield url
    with psycopg.connect(postgresql.address(), autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with empty tables, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "foyer.sqlite3"
    _make_tables(f"sqlite:///{path}")
    return path


def _make_tables(url: str) -> None:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    db.metadata.create_all(engine)
    engine.dispose()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Empty tables. They are made once, which takes longer than most tests."""
    if request.param == "sqlite":
        path = tmp_path / "foyer.sqlite3"
        copyfile(request.getfixturevalue("sqlite_file"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("postgresql_url")
    empty = "; ".join(f'DELETE FROM "{table}"' for table in reversed(db.metadata.sorted_tables))
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as server:
        server.execute(empty)
    return url


@pytest.fixture(scope="session")
def keys_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def app(
    database_url: str,
    tmp_path: Path,
    keys_dir: Path,
    clock: TestClock,
    compiled_templates: FileSystemBytecodeCache,
) -> Iterator[Flask]:
    """The whole tool with empty tables, on SQLite and on PostgreSQL."""
    config = Config(
        base_url="http://localhost",
        database_url=database_url,
        storage_url=(tmp_path / "files").as_uri(),
        config_dir=tmp_path / "config",
        keys_dir=keys_dir,
        development=True,
        upload_limit_mb=2,
        log_level="ERROR",
    )
    app = create_app(config, clock, Held())
    app.testing = True
    app.jinja_env.bytecode_cache = compiled_templates
    with app.app_context():
        share_compiled(db.engine)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


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
