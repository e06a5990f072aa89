"""Every launch the sandbox can name: bad ones are refused readably, valid ones get in."""

from __future__ import annotations

import pytest
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

from lti_tool.lti.models import LoginState
from lti_tool.people.models import Course, Person, ToolSession
from lti_tool.people.rules import Standing
from sandbox.payloads import KNOWN_BAD, KNOWN_GOOD, MALFORMED, known_bad, known_good, malformed
from sandbox.platform import Platform

pytestmark = pytest.mark.slow

UNTRUSTED = {
    "foreign signature",
    "alg none",
    "HS256 with the public key",
    "no exp",
    "no iat",
    "foreign azp",
    "foreign target",
    "another nonce",
    "expired",
    "unknown kid",
}


@pytest.mark.sqlite_only
@pytest.mark.parametrize("name", KNOWN_BAD)
def test_bad_launches_are_refused(
    app: Flask, lms: Platform, client: FlaskClient, name: str
) -> None:
    tried = try_launch(lms, client, "instructor-1", **known_bad(name, lms))
    assert_refused(tried, *([401] if name in UNTRUSTED else []))
    for model in (ToolSession, Person, Course):
        assert count(app, model) == 0


@pytest.mark.parametrize("name", KNOWN_GOOD)
def test_valid_launches_get_in(app: Flask, lms: Platform, client: FlaskClient, name: str) -> None:
    tried = try_launch(lms, client, "student-1", **known_good(name, lms))
    handle = assert_entered(tried.answer)
    page = client.get(tried.answer.location)
    assert page.status_code == 200, page.text
    assert standing_of(app, handle) is _expected_standing(name)
    assert (session_of(app, handle).course_id is None) == ("without context" in name)


def _expected_standing(name: str) -> Standing:
    who, _colon, what = name.partition(": ")
    if what == "no role" or name == "roles is an empty list" or name == "instructor: unknown role":
        return Standing.NONE
    return Standing.MANAGER if who == "instructor" else Standing.LEARNER


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_launches_never_break_the_tool_nor_give_more(
    app: Flask, lms: Platform, client: FlaskClient, name: str
) -> None:
    tried = try_launch(lms, client, "student-1", **malformed(name, lms))
    if tried.answer.status_code != 303:
        assert_refused(tried)
        return
    handle = assert_entered(tried.answer)
    assert standing_of(app, handle) in {Standing.LEARNER, Standing.NONE}
    page = client.get(tried.answer.location)
    assert page.status_code == 200
    assert "<img src=x" not in page.text


@pytest.mark.sqlite_only
def test_a_refused_launch_has_not_burnt_the_login(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    """Somebody else's forgery must not take the honest launch away from a person."""
    tried = try_launch(lms, client, **known_bad("foreign signature", lms))
    assert_refused(tried, 401)
    token = lms.id_token(tried.nonce, "student-1")
    answer = client.post(
        "/lti/launch", data={"state": tried.form.fields["state"], "id_token": token}
    )
    assert_entered(answer)
    assert count(app, LoginState) == 1
