"""A launch from a known place takes a shorter way: it must leave the very same rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from factories import TestClock
from flask import Flask
from launch_helpers import assert_entered, begin
from sqlalchemy import delete, event, select

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import Model, db, transaction
from lti_tool.people.models import Membership, Person, ToolSession
from sandbox.platform import Platform

pytestmark = pytest.mark.every_database

WRITTEN: tuple[type[Model], ...] = (Person, Membership, ToolSession, AuditRecord)
ANEW = {"id", "handle", "secret_hash", "session_id", "actor_id", "person_id", "request_id"}
"""Ids and secrets that every launch makes."""


@contextmanager
def places_written(app: Flask) -> Iterator[list[str]]:
    """The INSERTs of places, which only the long way makes."""
    seen: list[str] = []
    with app.app_context():
        engine = db.engine

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("INSERT INTO resource_link"):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def launch(app: Flask, lms: Platform, user: str, *, drop: tuple[str, ...], known: bool) -> None:
    client = app.test_client()
    location = begin(lms, client, user)
    with places_written(app) as written:
        assert_entered(lms.post(client, lms.answer(location, drop=drop)))
    assert bool(written) is not known


def rows(app: Flask, clock: TestClock) -> dict[str, list[dict[str, Any]]]:
    """Every row that launches write, whole but for what is new in each; times as seen from now."""

    def plain(value: object) -> object:
        return value - clock.present if isinstance(value, datetime) else value

    with app.app_context():
        return {
            model.__tablename__: [
                {name: plain(value) for name, value in row.items() if name not in ANEW}
                for row in db.session.execute(select(model.__table__)).mappings()
            ]
            for model in WRITTEN
        }


def forget(app: Flask, *models: type[Model]) -> None:
    with app.app_context(), transaction() as session:
        for model in models:
            session.execute(delete(model))


@pytest.mark.parametrize("drop", [(), ("context",), ("name", "email", "given_name")], ids=str)
@pytest.mark.parametrize("user", ["student-1", "instructor-1"])
def test_both_ways_end_in_the_same_rows(
    app: Flask, lms: Platform, clock: TestClock, user: str, drop: tuple[str, ...]
) -> None:
    forget(app, AuditRecord)
    launch(app, lms, user, drop=drop, known=False)
    first = rows(app, clock)
    counts = {name: len(found) for name, found in first.items()}
    in_course = 0 if "context" in drop else 1
    assert counts == {"person": 1, "membership": in_course, "tool_session": 1, "audit_record": 1}

    forget(app, ToolSession, AuditRecord)
    clock.pass_(minutes=3)
    launch(app, lms, user, drop=drop, known=True)
    assert rows(app, clock) == first, "for a person who was here before"

    forget(app, ToolSession, AuditRecord, Membership, Person)
    clock.pass_(minutes=3)
    launch(app, lms, user, drop=drop, known=True)
    assert rows(app, clock) == first, "for a new person"
