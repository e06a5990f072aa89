"""What a platform reports instead of a launch: its own word, and the right one to turn to."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import structlog
from cookieless import Tab
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import (
    add_item,
    assert_entered,
    assert_refusal_page,
    begin,
    count,
    register,
    try_launch,
)

from lti_tool.lti.models import LoginState
from lti_tool.lti.registration_switch import switch
from sandbox.platform import Platform

PRODUCTION, BETA, TEST = (
    f"https://canvas.{stage}instructure.com" for stage in ("", "beta.", "test.")
)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("unauthorized_client", "switched off"),
        ("invalid_client", "switched off"),
        ("access_denied", "may not open this"),
        ("login_required", "not signed in there"),
        ("interaction_required", "in a tab of its own"),
        ("consent_required", "in a tab of its own"),
        ("invalid_request_object", "addresses"),
        ("invalid_request", "Open it again from your course"),
        ("temporarily_unavailable", "trouble of its own"),
        ("server_error", "trouble of its own"),
        ("something_new", "“something_new”"),
    ],
)
@pytest.mark.parametrize("state", ["its own", "none", "unknown"])
def test_its_word_is_read_with_or_without_the_state(
    lms: Platform, client: FlaskClient, code: str, said: str, state: str
) -> None:
    fields: dict[str, Any] = {"id_token": None, "error": code}
    if state != "its own":
        fields["state"] = None if state == "none" else "nobodys"
    tried = try_launch(lms, client, fields=fields)
    assert_refusal_page(tried.answer, 400)
    assert said in tried.answer.text
    assert "is missing" not in tried.answer.text
    if code in ("unauthorized_client", "invalid_client"):
        assert "Reload the course page" not in tried.answer.text
        assert "administrator" in tried.answer.text


def test_its_sentence_is_shown_to_whom_it_answers_and_can_do_nothing(
    lms: Platform, client: FlaskClient
) -> None:
    told = "<script>x</script> not\r\nopen until 9 " + "s3cret-" * 10 + " more" * 100
    fields = {"id_token": None, "error": "not_yet", "error_description": told}
    answer = try_launch(lms, client, fields=fields).answer
    assert_refusal_page(answer, 400)
    assert "&lt;script&gt;x&lt;/script&gt; not  open until 9" in answer.text
    assert "s3cret-s3cret" not in answer.text
    assert answer.text.count(" more") < 60


@pytest.mark.parametrize("state", ["none", "unknown", "another browser's"])
def test_nobody_else_has_a_sentence_shown_on_our_page(
    app: Flask, lms: Platform, client: FlaskClient, state: str
) -> None:
    form = lms.answer(begin(lms, client)).fields
    told = "Call 0800-123 or http://evil.example"
    sent = {"error": told, "error_description": told}
    if state != "none":
        sent["state"] = form["state"] if state == "another browser's" else "nobodys"
    answer = app.test_client().post("/lti/launch", data=sent)
    assert_refusal_page(answer, 400)
    assert "0800" not in answer.text
    assert "evil.example" not in answer.text


def test_a_sentence_is_not_shown_where_the_storage_would_have_to_vouch(
    app: Flask, lms: Platform
) -> None:
    """Its state is known to whoever began the login, in whichever browser."""
    state = lms.answer(Tab(app).begin(lms)).fields["state"]
    sent = {"error": "not_yet", "error_description": "Call 0800-123", "state": state}
    answer = app.test_client().post("/lti/launch", data=sent)
    assert_refusal_page(answer, 400)
    assert "0800" not in answer.text


@pytest.mark.parametrize("code", ["access_denied", "ACCESS_DENIED", "access denied"])
def test_its_word_is_read_by_get_too(lms: Platform, client: FlaskClient, code: str) -> None:
    state = lms.answer(begin(lms, client)).fields["state"]
    sent = {"error": code, "state": state, "error_description": "Not in week 3."}
    answer = client.get("/lti/launch", query_string=sent)
    assert_refusal_page(answer, 400)
    assert "may not open this" in answer.text
    assert "Not in week 3." in answer.text
    assert client.get("/lti/launch", query_string={"state": state}).status_code == 405


def test_an_error_opens_no_page_to_ask_the_storage(app: Flask, lms: Platform) -> None:
    answer = app.test_client(use_cookies=False).post(
        "/lti/launch", data={"error": "login_required", "state": "x", "id_token": "y"}
    )
    assert_refusal_page(answer, 400)
    assert "not signed in there" in answer.text


# Copies of a Canvas -------------------------------------------------------------------------------


def canvas(app: Flask, lms: Platform, issuer: str, **changes: Any) -> str:
    school = lms.schools[0]
    return register(app, lms, school, family="canvas", issuer=issuer, **changes)


@pytest.mark.parametrize(("copy", "stage"), [(BETA, "beta"), (TEST, "test")])
def test_a_copy_that_nobody_registered_is_told_from_a_stranger(
    app: Flask, bare_lms: Platform, client: FlaskClient, copy: str, stage: str
) -> None:
    canvas(app, bare_lms, PRODUCTION)
    params = {**bare_lms.login_params("student-1"), "iss": copy}
    answer = client.post("/lti/login", data=params)
    assert_refusal_page(answer, 400)
    assert "This is a copy of your learning platform" in answer.text
    assert f"(“{stage}”)" in answer.text
    other = client.post("/lti/login", data={**params, "client_id": "another"})
    assert "not registered here" in other.text
    foreign = client.post("/lti/login", data={**params, "iss": "https://lms.example"})
    assert "not registered here" in foreign.text


def test_the_real_platform_is_no_copy_of_its_copy(
    app: Flask, bare_lms: Platform, client: FlaskClient
) -> None:
    canvas(app, bare_lms, BETA)
    for said in (PRODUCTION, TEST):
        params = {**bare_lms.login_params("student-1"), "iss": said}
        answer = client.post("/lti/login", data=params)
        assert_refusal_page(answer, 400)
        assert "not registered here" in answer.text


def test_a_copy_of_what_is_switched_off_is_a_stranger(
    app: Flask, bare_lms: Platform, client: FlaskClient
) -> None:
    canvas(app, bare_lms, PRODUCTION, name="production")
    with app.app_context():
        switch("production", enabled=False)
    params = {**bare_lms.login_params("student-1"), "iss": BETA}
    answer = client.post("/lti/login", data=params)
    assert "not registered here" in answer.text


def test_a_copy_that_calls_itself_by_the_real_ones_name_is_stopped_in_time(
    app: Flask, bare_lms: Platform, client: FlaskClient
) -> None:
    canvas(app, bare_lms, PRODUCTION)
    params = {**bare_lms.login_params("student-1"), "iss": PRODUCTION}
    beta = bare_lms.open_login(client, {**params, "canvas_environment": "beta"})
    assert_refusal_page(beta, 400)
    assert "(“beta”)" in beta.text
    assert count(app, LoginState) == 0
    assert bare_lms.open_login(client, {**params, "canvas_environment": "prod"}).status_code == 302


def test_links_that_were_copied_say_so(app: Flask, bare_lms: Platform, client: FlaskClient) -> None:
    canvas(app, bare_lms, PRODUCTION, name="production")
    media_id = add_item(app, "production", open_to_links=True)
    canvas(app, bare_lms, BETA, name="beta")
    claims = {"iss": BETA, "custom": {"media": media_id}}
    login = {"iss": BETA, "canvas_environment": "beta"}
    answer = bare_lms.launch(client, "student-1", login=login, claims=claims)
    assert answer.status_code == 404
    assert "belong there" in answer.text
    own = add_item(app, "beta", open_to_links=True)
    claims = {"iss": BETA, "custom": {"media": own}}
    assert_entered(bare_lms.launch(client, "student-1", login=login, claims=claims))


def test_whoever_reads_the_log_sees_what_an_unknown_platform_calls_itself(
    bare_lms: Platform, client: FlaskClient
) -> None:
    """An administrator compares it, letter by letter, with what is registered."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    said = {"iss": "https://canvas.instructure.com", "client_id": "7" * 300}
    with structlog.testing.capture_logs() as lines:
        client.post("/lti/login", data={**bare_lms.login_params("student-1"), **said})
    (line,) = [line for line in lines if line["event"] == "platform unknown"]
    assert (line["issuer"], line["client_id"]) == (said["iss"], "7" * 255)
