"""The launch: what binds it to its login, what else may be posted, and what it leaves behind."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import structlog
from factories import TestClock
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import (
    TOOL,
    Try,
    assert_entered,
    assert_refusal_page,
    assert_refused,
    begin,
    count,
    session_cookies,
    session_of,
    standing_of,
    try_launch,
)
from sqlalchemy import select

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import db
from lti_tool.core.ids import digest
from lti_tool.people.models import Course, Membership, Person, ToolSession
from lti_tool.people.rules import Standing
from sandbox.platform import Platform

pytestmark = pytest.mark.every_database

LAUNCH = "/lti/launch"


# State, nonce, once -------------------------------------------------------------------------------


def test_a_launch_is_good_once(
    app: Flask, lms: Platform, client: FlaskClient, clock: TestClock
) -> None:
    """For a minute the browser may have its answer again: see test_posted_twice.py."""
    tried = try_launch(lms, client)
    assert_entered(tried.answer)
    clock.pass_(minutes=1)
    again = Try(tried.form, tried.nonce, lms.post(client, tried.form))
    assert_refused(again, 400)
    assert count(app, ToolSession) == 1


def test_another_token_with_the_spent_state_and_nonce_is_refused(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    tried = try_launch(lms, client, "student-1")
    assert_entered(tried.answer)
    token = lms.id_token(tried.nonce, "instructor-1")
    data = {"state": tried.form.fields["state"], "id_token": token}
    assert_refusal_page(client.post(LAUNCH, data=data), 400)
    assert count(app, ToolSession) == 1


def test_the_nonce_of_another_login_is_refused(lms: Platform, client: FlaskClient) -> None:
    first, second = begin(lms, client), begin(lms, client)
    nonce = parse_qs(urlsplit(first).query)["nonce"][0]
    form = lms.answer(second, claims={"nonce": nonce})
    answer = lms.post(client, form)
    assert_refused(Try(form, nonce, answer), 401)


def test_two_logins_at_once_in_one_browser_both_get_in(lms: Platform, client: FlaskClient) -> None:
    first, second = begin(lms, client), begin(lms, client, "student-2")
    for location in (second, first):
        assert_entered(lms.post(client, lms.answer(location)))


@pytest.mark.parametrize(("minutes", "enters"), [(9.9, True), (10.0, False), (60.0, False)])
def test_a_login_lasts_ten_minutes(
    lms: Platform, client: FlaskClient, clock: TestClock, minutes: float, enters: bool
) -> None:
    location = begin(lms, client)
    query = parse_qs(urlsplit(location).query)
    clock.pass_(minutes=minutes)
    form = {"state": query["state"][0], "id_token": lms.id_token(query["nonce"][0], "student-1")}
    answer = client.post(LAUNCH, data=form)
    if enters:
        assert_entered(answer)
    else:
        assert_refusal_page(answer, 400)


def test_the_target_must_be_that_of_the_login(lms: Platform, client: FlaskClient) -> None:
    tried = try_launch(lms, client, claims={"target_link_uri": f"{TOOL}/media/other"})
    assert_refused(tried, 401)
    login = {"target_link_uri": f"{TOOL}/media/other"}
    assert_entered(lms.launch(client, "student-1", login=login))


def test_a_foreign_target_agreed_by_login_and_token_is_refused(
    lms: Platform, client: FlaskClient
) -> None:
    login = {"target_link_uri": "https://attacker.example/lti/launch"}
    answer = lms.launch(client, "student-1", login=login)
    assert_refusal_page(answer, 401)


def test_a_link_goes_on_opening_when_the_tool_has_moved(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    target = "https://old.example.edu/lti/launch"
    tried = try_launch(lms, client, claims={"target_link_uri": target})
    assert_refused(tried, 401)
    config = app.extensions["foyer.config"]
    moved = replace(config, former_base_urls=("https://old.example.edu",))
    app.extensions["foyer.config"] = moved
    login = {"target_link_uri": target}
    assert_entered(lms.launch(client, "student-1", login=login))
    login = {"target_link_uri": "https://old.example.edu.attacker.example/lti/launch"}
    assert_refusal_page(lms.launch(client, "student-1", login=login), 401)


@pytest.mark.parametrize("seconds", [-59, 59])
def test_clocks_may_differ_by_a_minute(lms: Platform, client: FlaskClient, seconds: int) -> None:
    issued_at = lms.now() + timedelta(seconds=seconds)
    assert_entered(lms.launch(client, "student-1", issued_at=issued_at))


# What else may be posted --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", ["login_required", "access_denied", "launch_no_longer_valid", "anything <b>else</b>"]
)
def test_the_platforms_refusal_is_read_by_a_person(
    app: Flask, lms: Platform, client: FlaskClient, error: str
) -> None:
    fields = {"id_token": None, "error": error, "error_description": "told to the tool <i>"}
    tried = try_launch(lms, client, fields=fields)
    assert_refused(tried, 400)
    assert "<b>else" not in tried.answer.text
    assert "told to the tool &lt;i&gt;" in tried.answer.text
    assert count(app, ToolSession) == 0


def test_the_platforms_error_code_is_logged_and_shown_where_it_has_no_sentence(
    lms: Platform, client: FlaskClient
) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    for code, shown in (("interaction_required", True), ("access_denied", False)):
        with structlog.testing.capture_logs() as lines:
            tried = try_launch(lms, client, fields={"id_token": None, "error": code})
        assert_refused(tried, 400)
        assert (code in tried.answer.text) is shown
        (line,) = [line for line in lines if line["event"] == "platform refused"]
        assert (line["code"], line["platform"]) == (code, "northfield")


def test_a_refusal_of_the_platform_without_state(client: FlaskClient, lms: Platform) -> None:
    assert_refusal_page(client.post(LAUNCH, data={"error": "login_required"}), 400)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_launch_is_a_post(client: FlaskClient, lms: Platform, method: str) -> None:
    answer = client.open(LAUNCH, method=method, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_an_empty_post_is_readable(client: FlaskClient, lms: Platform) -> None:
    assert_refusal_page(client.post(LAUNCH), 400)
    assert_refusal_page(client.post(LAUNCH, json={"state": "x"}), 400)


def test_the_query_of_the_launch_address_is_not_read(lms: Platform, client: FlaskClient) -> None:
    form = lms.answer(begin(lms, client))
    answer = client.post(LAUNCH, query_string=form.fields)
    assert_refusal_page(answer, 400)


# What a launch leaves behind ----------------------------------------------------------------------


def test_a_launch_is_recorded_once_with_who_and_where(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    session = session_of(app, assert_entered(lms.launch(client, "instructor-1")))
    with app.app_context():
        record = db.session.scalars(
            select(AuditRecord).where(AuditRecord.action == "launch.accepted")
        ).one()
    assert record.actor_id == session.person_id
    assert record.session_id == session.id
    assert record.institution_id == session.institution_id
    assert record.details == {"course": session.course_id, "standing": "manager"}


def test_what_the_platform_no_longer_says_is_forgotten(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    lms.launch(client, "instructor-1")
    lms.launch(client, "instructor-1", drop=("name", "given_name", "family_name", "email"))
    with app.app_context():
        person = db.session.scalars(select(Person)).one()
        assert (person.name, person.given_name, person.family_name) == ("", "", "")
        assert person.email is None


def test_an_address_is_kept_in_the_form_in_which_it_is_compared(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    for _way in ("long", "short"):
        lms.launch(client, "student-1", claims={"email": " Ada@PARTNER.org "})
        with app.app_context():
            assert db.session.scalars(select(Person.email)).one() == "ada@partner.org"


def test_lost_roles_are_lost(app: Flask, lms: Platform, client: FlaskClient) -> None:
    first = session_of(app, assert_entered(lms.launch(client, "instructor-1")))
    again = assert_entered(lms.launch(client, "instructor-1", claims={"roles": ["Learner"]}))
    assert standing_of(app, again) is Standing.LEARNER
    with app.app_context():
        held = db.session.get(Membership, (first.person_id, first.course_id))
        assert held is not None
        assert held.standing == "learner"


def test_a_context_that_is_renamed_keeps_its_course(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    for title in ("Owls", "Owls and other birds"):
        lms.launch(client, "student-1", claims={"context": {"id": "201", "title": title}})
    with app.app_context():
        assert db.session.scalars(select(Course.title)).all() == ["Owls and other birds"]


def test_a_session_secret_is_in_its_cookie_and_nowhere_else(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    answer = lms.launch(client, "student-1")
    (line,) = session_cookies(answer)
    secret = line.partition("=")[2].partition(";")[0]
    assert len(secret) >= 22, "128 bits"
    assert session_of(app, assert_entered(answer)).secret_hash == digest(secret)
    assert secret not in answer.location
    assert secret not in answer.text
