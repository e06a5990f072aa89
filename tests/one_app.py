"""One application for each database of a test process, as new before each test.

To make an application takes longer than most tests. What it holds in memory is either made once and
the same for all tests, or made anew for each, by the very functions that make it in `create_app`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from factories import Held, TestClock
from flask import Flask

from lti_tool import create_app
from lti_tool.config import Config
from lti_tool.core import background, clock, logs
from lti_tool.core.db.session import db
from lti_tool.core.web import rate_limits
from lti_tool.lti.launching import login, platform_keys
from lti_tool.lti.registration import dynamic
from lti_tool.lti.services import access_tokens
from lti_tool.media.delivery import storage

MOST_CONNECTIONS = 4
"""More are given back after a test: other test runs share the server."""

WIRED = frozenset(
    {
        "babel",
        "limiter",  # its counts are begun anew
        "migrate",
        "sqlalchemy",
        "foyer.asking_person",
        "foyer.assets",
        "foyer.http",  # keeps neither connections nor cookies
        "foyer.invitation_keys",  # with the next two: what is in the test process's one keys_dir
        "foyer.seal",
        "foyer.secret",
        "foyer.languages",
        "foyer.media.slots",  # whoever adds to them puts them right again
        "foyer.readyz_notes",
        "foyer.settings",
        "foyer.tool_keys",
    }
)
"""The extensions that hold nothing of a test. Every other must be made anew in `as_new`."""


class OneApp:
    def __init__(self, database_url: str, folder: Path, keys_dir: Path) -> None:
        self._config = Config(
            base_url="http://localhost",
            database_url=database_url,
            storage_url=(folder / "files").as_uri(),
            config_dir=folder / "config",
            keys_dir=keys_dir,
            development=True,
            upload_limit_mb=2,
            log_level="ERROR",
        )
        self._app = app = create_app(self._config)
        app.testing = True
        self._set = dict(app.config)
        self._wired = {name: app.extensions[name] for name in WIRED}
        made = set(app.extensions)
        self.as_new(folder, TestClock())
        assert made == set(app.extensions), (
            f"{made ^ set(app.extensions)}: tests share one application. Say in {__file__} whether"
            " this holds nothing of a test (WIRED), or make it anew for each (as_new)."
        )

    def as_new(self, folder: Path, test_clock: TestClock) -> Flask:
        """The application as it was made, with the test's own folder and clock. The tables are the
        database's matter.
        """
        app = self._app
        app.config.clear()
        app.config.update(self._set)
        app.extensions.clear()
        app.extensions.update(self._wired)
        app.extensions["foyer.config"] = config = replace(
            self._config,
            storage_url=(folder / "files").as_uri(),
            config_dir=folder / "config",
        )
        client = app.extensions["foyer.http"]
        logs.write_to_stderr(config.log_level)
        clock.install(app, test_clock)
        background.install(app, Held())
        platform_keys.install(app, client)
        access_tokens.install(app, client)
        login.install(app)
        dynamic.install(app, client)
        storage.install(app, config.storage_url)
        # There is one limiter in a process; it counts in what it was installed with last.
        rate_limits.install(Flask("counts"), config.redis_url)
        return app

    def rest(self) -> None:
        """After a test: keep only a few connections."""
        with self._app.app_context():
            pool = db.engine.pool
            if pool.checkedin() > MOST_CONNECTIONS or pool.checkedout():
                db.engine.dispose()

    def close(self) -> None:
        with self._app.app_context():
            db.engine.dispose()
