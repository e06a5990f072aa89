"""The tool on a database that has no tables yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import postgresql_database
from flask import Flask

from lti_tool import create_app
from lti_tool.config import Config
from lti_tool.core.db.session import db


@pytest.fixture
def empty(database_url: str, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    with postgresql_database("foyer_empty") as url:
        yield url


@pytest.fixture
def bare(empty: str, tmp_path: Path, keys_dir: Path) -> Iterator[Flask]:
    """The tool on that database, in its context."""
    config = Config(
        database_url=empty,
        storage_url=(tmp_path / "files").as_uri(),
        keys_dir=keys_dir,
        config_dir=tmp_path,
        development=True,
        log_level="ERROR",
    )
    app = create_app(config)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def inside(bare: Flask) -> Iterator[Flask]:
    with bare.app_context():
        yield bare
