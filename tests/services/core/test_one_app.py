"""The application that tests share is as new before each of them, whatever the last one did."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from factories import START, School, TestClock, in_the_background
from flask import Flask
from invitation_scene import make_scene
from one_app import WIRED, OneApp

from lti_tool.core.background import in_background
from lti_tool.core.clock import now
from lti_tool.core.db.session import db
from lti_tool.core.web.rate_limits import limiter
from lti_tool.media.delivery.storage import storage

pytestmark = pytest.mark.every_database


def rows() -> int:
    db.session.rollback()
    counted = (sa.select(sa.func.count()).select_from(table) for table in db.metadata.sorted_tables)
    return sum(db.session.scalar(one) or 0 for one in counted)


def test_nothing_of_a_test_is_left_for_the_next(
    context: Flask,
    school: School,
    one_app_each: dict[str, OneApp],
    database_url: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    app = context
    make_scene(app, school).invite()
    assert app.test_client().get("/lti/jwks.json").status_code == 200
    before = dict(app.extensions)
    in_background("roster", lambda: None)
    with app.test_request_context("/"):
        assert limiter.storage.incr("limit", 60) == 1
    assert rows() > 0
    before["foyer.clock"].pass_(days=1)
    app.testing = False
    app.extensions["foyer.config"] = replace(before["foyer.config"], base_url="https://other")
    app.extensions["foyer.secret"] = "another"

    kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    request.getfixturevalue(f"on_{kind}").empty()
    renewed = one_app_each[database_url].as_new(tmp_path / "next", TestClock())

    assert renewed is app
    assert rows() == 0
    assert app.testing
    assert app.extensions["foyer.config"].base_url == "http://localhost"
    assert in_the_background(app).waiting == {}
    with app.test_request_context("/"):
        assert limiter.storage.get("limit") == 0
    assert now() == START
    assert list(Path(storage().root).rglob("*")) == []
    for name, kept in before.items():
        assert (app.extensions[name] is kept) == (name in WIRED), name
