"""LTI Advantage tool certification, §6.1: what must be refused and what must be let in."""

from __future__ import annotations

import pytest
from factories import TestClock
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import (
    assert_entered,
    assert_refused,
    count,
    session_of,
    standing_of,
    try_launch,
)

from lti_tool.core.db.session import db
from lti_tool.people.models import Course, Person, ToolSession
from lti_tool.people.rules import Standing
from sandbox.certification import CASES, OTHER_RUNS, Case
from sandbox.platform import Platform

BAD = [*(case for case in CASES.values() if not case.good), *OTHER_RUNS.values()]
GOOD = [case for case in CASES.values() if case.good]
WITHOUT_ROLE = ("Launch No Role", "Instructor Launch Unknown Role")


def named(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", BAD, ids=named)
def test_6_1_1_known_bad_payloads(
    app: Flask, suite: Platform, client: FlaskClient, case: Case
) -> None:
    """Refused with a page that a person can read, and nothing comes of it."""
    tried = try_launch(suite, client, case.user, **case.options)
    assert_refused(tried, 400, 401)
    for model in (ToolSession, Person, Course):
        assert count(app, model) == 0


@pytest.mark.parametrize("case", GOOD, ids=named)
def test_6_1_2_and_3_valid_launches(
    app: Flask, suite: Platform, client: FlaskClient, case: Case
) -> None:
    """Let in, as whoever the roles say, and told no more than was sent."""
    tried = try_launch(suite, client, case.user, **case.options)
    handle = assert_entered(tried.answer)
    page = client.get(tried.answer.location)
    assert page.status_code == 200, page.text
    assert "None" not in page.text
    assert standing_of(app, handle) is _standing(case)
    session = session_of(app, handle)
    assert (session.course_id is None) == ("Without Context" in case.name)
    with app.app_context():
        person = db.session.get(Person, session.person_id)
        assert person is not None
        assert bool(person.name) == _says(case, "name")
        assert bool(person.email) == _says(case, "email")


def _standing(case: Case) -> Standing:
    if case.name.endswith(WITHOUT_ROLE):
        return Standing.NONE
    return Standing.MANAGER if case.section == "6.1.2" else Standing.LEARNER


def _says(case: Case, claim: str) -> bool:
    return claim not in case.options.get("drop", ())


def test_the_same_launch_twice_is_refused(
    suite: Platform, client: FlaskClient, clock: TestClock
) -> None:
    """But for a minute in which the browser that sent it gets the answer that it had."""
    tried = try_launch(suite, client, "instructor-1")
    handle = assert_entered(tried.answer)
    assert assert_entered(suite.post(client, tried.form)) == handle
    clock.pass_(minutes=1)
    again = suite.post(client, tried.form)
    assert again.status_code == 400
