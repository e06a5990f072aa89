"""Which tests run when.

Daily, each kind of fault is to be caught once. So what is told apart by neither database runs on
one of them, and cases that add breadth rather than a kind (marked `breadth`, and the folders below)
are left out. `--everything` runs all, as does naming a file, or the folder it lies in: its breadth.
"""

from __future__ import annotations

from pathlib import Path

import postgresql
import pytest
from hypothesis import HealthCheck, settings

TESTS = Path(__file__).parent
BREADTH = (TESTS / "sandbox",)
"""The sandbox's own tests: each launch of the tool's tests goes through the sandbox as well."""

DAILY_EXAMPLES = 30
ALL_EXAMPLES = 100


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--everything",
        action="store_true",
        help="all cases, on all databases, with all examples",
    )
    parser.addoption(
        "--one-database",
        action="store_true",
        help="each test on one database only",
    )


def pytest_configure(config: pytest.Config) -> None:
    many = ALL_EXAMPLES if config.getoption("everything") else DAILY_EXAMPLES
    # (Where CI is set, the examples are the same each time: Hypothesis' own choice.)
    # A busy machine is no fault, so no time is measured.
    settings.register_profile(
        "foyer",
        max_examples=many,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("foyer")


def examples(of_everything: int) -> int:
    """How many examples to try where fewer than usual would be too few, or more too many."""
    return max(1, of_everything * settings.default.max_examples // ALL_EXAMPLES)


def databases(metafunc: pytest.Metafunc) -> list[str]:
    """Where a test runs that asks for a database.

    On PostgreSQL; on SQLite too, if what is tried there has SQL or locks of its own that differ
    (`every_database`); on SQLite alone, if it is many cases of one thing (`sqlite_only`). What
    SQLite has not at all, such as roles, is tried on PostgreSQL or skipped (`postgresql_only`).
    """
    option = metafunc.config.getoption
    marked = metafunc.definition.get_closest_marker
    if marked("postgresql_only"):
        return ["postgresql"] if postgresql.expected() else []
    if marked("sqlite_only") or not postgresql.expected():
        return ["sqlite"]
    if option("everything") or (marked("every_database") and not option("one_database")):
        return ["sqlite", "postgresql"]
    return ["postgresql"]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if config.getoption("everything") or collection_path not in BREADTH:
        return None
    return None if any(one.is_relative_to(collection_path) for one in _named(config)) else True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("everything"):
        return
    named = _named(config)
    left_out = [
        item
        for item in items
        if item.get_closest_marker("breadth") and not named & {item.path, item.path.parent}
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if not config.getoption("everything"):
        terminalreporter.line("(The daily choice of cases; all of them: --everything)")


def _named(config: pytest.Config) -> set[Path]:
    """The files and folders that the tests were asked for by."""
    return {
        (config.invocation_params.dir / argument.partition("::")[0]).resolve()
        for argument in config.args
    }
