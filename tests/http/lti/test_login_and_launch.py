"""The two steps of a launch: what binds them together, and everything that comes between."""

from __future__ import annotations

import logging
from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from house import TestClock
from lms import (
    TOOL,
    Try,
    assert_entered,
    assert_refusal_page,
    assert_refused,
    begin,
    count,
    register,
    session_cookies,
    session_of,
    standing_of,
    try_launch,
)
from sqlalchemy import insert, select
from werkzeug.test import TestResponse

from lti_tool.core.audit import AuditRecord
from lti_tool.core.database import db, transaction
from lti_tool.core.ids import digest, new_secret
from lti_tool.lti import registrations
from lti_tool.lti.deployments import MOST_WAITING
from lti_tool.lti.login import MOST_LOGINS
from lti_tool.lti.models import Deployment, LoginState
from lti_tool.people.models import Course, Membership, Person, ToolSession
from lti_tool.people.rules import Standing
from sandbox.platform import Platform

LAUNCH = "/lti/launch"


# The login ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_login_leads_to_the_platform(
    app: Flask, lms: Platform, client: FlaskClient, method: str
) -> None:
    answer = lms.launch(client, "instructor-1", method=method)
    handle = assert_entered(answer)
    assert standing_of(app, handle) is Standing.MANAGER


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_request_to_the_platform_says_what_the_standard_asks(
    lms: Platform, client: FlaskClient, method: str
) -> None:
    fields = lms.login_params("student-1")
    answer = lms.open_login(client, fields, method)
    query = dict(parse_qsl(urlsplit(answer.location).query, keep_blank_values=True))
    state, nonce = query.pop("state"), query.pop("nonce")
    assert query == {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": fields["client_id"],
        "redirect_uri": f"{TOOL}{LAUNCH}",
        "login_hint": fields["login_hint"],
        "lti_message_hint": fields["lti_message_hint"],
    }
    assert len(state) >= 22
    assert len(nonce) >= 22
    assert state != nonce


def test_without_a_message_hint_none_is_sent(lms: Platform, client: FlaskClient) -> None:
    location = begin(lms, client, lti_message_hint=None)
    assert "lti_message_hint" not in parse_qs(urlsplit(location).query)


def test_hints_come_back_unaltered(lms: Platform, client: FlaskClient) -> None:
    odd = '{"cmid": 7, "x": "ä&b=c+d %41\\""}'
    answer = lms.open_login(client, {**lms.login_params("student-1"), "lti_message_hint": odd})
    assert parse_qs(urlsplit(answer.location).query)["lti_message_hint"] == [odd]


def test_a_platforms_address_keeps_its_own_query(app: Flask, bare_lms: Platform) -> None:
    told = bare_lms.registration()
    register(app, bare_lms, bare_lms.schools[0], auth_url=f"{told.auth_url}?tenant=7")
    location = begin(bare_lms, app.test_client())
    query = parse_qs(urlsplit(location).query)
    assert query["tenant"] == ["7"]
    assert query["prompt"] == ["none"]


@pytest.mark.parametrize("name", ["iss", "login_hint"])
@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.sqlite_only
def test_an_incomplete_login_says_what_is_missing(
    lms: Platform, client: FlaskClient, name: str, value: str | None, method: str
) -> None:
    fields = lms.login_params("student-1", **{name: value})
    answer = lms.open_login(client, fields, method)
    assert_refusal_page(answer, 400)
    assert name in answer.text


def test_only_two_fields_are_needed(lms: Platform, client: FlaskClient) -> None:
    whole = lms.login_params("student-1")
    fields = {name: whole[name] for name in ("iss", "login_hint")}
    location = lms.open_login(client, fields).location
    assert location.startswith(lms.registration().auth_url)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://elsewhere.example"},
        {"client_id": "nobody"},
        {"iss": "https://elsewhere.example", "client_id": None},
    ],
)
@pytest.mark.sqlite_only
def test_an_unknown_platform_is_told_so(
    app: Flask, lms: Platform, client: FlaskClient, changes: dict[str, str | None]
) -> None:
    answer = lms.open_login(client, lms.login_params("student-1", **changes))
    assert_refusal_page(answer, 400)
    assert count(app, LoginState) == 0


def test_without_a_client_id_the_only_registration_of_the_issuer_is_meant(
    lms: Platform, client: FlaskClient
) -> None:
    assert_entered(lms.launch(client, "student-1", login={"client_id": None}))


def test_without_a_client_id_several_registrations_cannot_be_told_apart(
    both_schools: Platform, client: FlaskClient
) -> None:
    answer = both_schools.launch(client, "student-1", login={"client_id": None})
    assert_refusal_page(answer, 400)


@pytest.mark.parametrize("name", ["lti_deployment_id", "deployment_id"])
def test_the_deployment_of_the_login_must_be_that_of_the_launch(
    lms: Platform, client: FlaskClient, name: str
) -> None:
    fields = {"lti_deployment_id": None, name: "another"}
    answer = lms.launch(client, "student-1", login=fields)
    assert_refusal_page(answer, 401)
    assert_entered(lms.launch(client, "student-1", login={"lti_deployment_id": None}))


def test_several_client_ids_under_one_issuer(app: Flask, both_schools: Platform) -> None:
    """The same subs and course ids, yet nobody and nothing is shared."""
    sessions = []
    for school in both_schools.schools:
        answer = both_schools.launch(app.test_client(), "student-1", school=school.key)
        sessions.append(session_of(app, assert_entered(answer)))
    first, second = sessions
    assert first.institution_id != second.institution_id
    assert first.person_id != second.person_id
    assert first.course_id != second.course_id
    assert first.resource_link_id != second.resource_link_id


@pytest.mark.parametrize("registered", ["{server}", "{server}/site/b3a0"])
def test_a_tool_installed_in_one_site_of_sakai(
    app: Flask, bare_lms: Platform, client: FlaskClient, registered: str
) -> None:
    """Its logins name the server, its messages the site too; see `lti_tool.lti.platforms`."""
    issuer = registered.format(server=bare_lms.issuer)
    register(app, bare_lms, bare_lms.schools[0], family="sakai", issuer=issuer)
    site = f"{bare_lms.issuer}/site/b3a0"

    assert_entered(try_launch(bare_lms, client, claims={"iss": site}).answer)
    assert_refused(try_launch(bare_lms, client, claims={"iss": f"{site}x/y"}), 401)


def test_only_sakai_names_more_than_its_issuer(lms: Platform, client: FlaskClient) -> None:
    site = f"{lms.issuer}/site/b3a0"
    assert_refused(try_launch(lms, client, claims={"iss": site}), 401)


# State, nonce, once -------------------------------------------------------------------------------


def test_a_launch_is_good_once(app: Flask, lms: Platform, client: FlaskClient) -> None:
    tried = try_launch(lms, client)
    assert_entered(tried.answer)
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
    assert "told to the tool" not in tried.answer.text
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


# Registrations and deployments --------------------------------------------------------------------


def switch(app: Flask, name: str, *, enabled: bool, deployment: str | None = None) -> None:
    with app.app_context():
        registrations.switch(name, enabled=enabled, deployment_id=deployment)


def test_a_registration_that_is_switched_off(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    form = lms.answer(begin(lms, client))
    switch(app, "northfield", enabled=False)
    assert_refused(Try(form, "", lms.post(client, form)), 400)
    assert_refusal_page(lms.launch(client, "student-1"), 400)
    switch(app, "northfield", enabled=True)
    assert_entered(lms.launch(client, "student-1"))


def test_a_switched_off_deployment(app: Flask, lms: Platform, client: FlaskClient) -> None:
    switch(app, "northfield", enabled=False, deployment="1")
    refused = try_launch(lms, client)
    assert_refused(refused, 403)
    assert "The tool is switched off for this place" in refused.answer.text
    assert count(app, Person) == 0
    switch(app, "northfield", enabled=True, deployment="1")
    assert_entered(try_launch(lms, client).answer)


NEW = {"lti_deployment_id": "8865:new"}


def test_an_unknown_deployment_waits_for_approval(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    answer = lms.launch(client, "student-1", login=NEW, claims={"deployment_id": "8865:new"})
    assert_refusal_page(answer, 403)
    assert "“8865:new”" in answer.text
    with app.app_context():
        found = select(Deployment).where(Deployment.deployment_id == "8865:new")
        noted = db.session.scalars(found).one()
        assert (noted.enabled, noted.waiting) == (False, True)
        login = db.session.scalar(select(LoginState))
        assert login is not None
        assert login.consumed_at is None


def test_a_waiting_deployment_is_listed_and_let_in(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    def come() -> TestResponse:
        return lms.launch(client, "student-1", login=NEW, claims={"deployment_id": "8865:new"})

    def type_in(*words: str) -> str:
        return app.test_cli_runner().invoke(args=["platform", *words]).output

    for _class in range(3):
        assert_refusal_page(come(), 403)
    shown = type_in("show", "northfield")
    assert shown.count("8865:new  (waiting since 2026-03-02 09:00 UTC)") == 1
    assert "platform add-deployment northfield 8865:new" in shown
    said = type_in("add-deployment", "northfield", "8865:new")
    assert said == "Deployment 8865:new of northfield is let in from now on.\n"
    assert_entered(come())
    assert "waiting" not in type_in("show", "northfield")
    with app.app_context():
        actions = list(db.session.scalars(select(AuditRecord.action).order_by(AuditRecord.at)))
    assert actions.count("deployment.waiting") == 1
    assert actions.count("platform.changed") == 1


def test_an_lms_that_makes_up_deployments_fills_no_disk(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    for number in range(MOST_WAITING + 3):
        made_up = {"lti_deployment_id": f"made-up-{number}"}
        claims = {"deployment_id": f"made-up-{number}"}
        answer = lms.launch(client, "student-1", login=made_up, claims=claims)
        assert f"made-up-{number}" in answer.text
    assert count(app, Deployment) == MOST_WAITING + 1


def test_an_unknown_deployment_gets_in_where_the_registration_says_so(
    app: Flask, bare_lms: Platform, client: FlaskClient
) -> None:
    register(app, bare_lms, bare_lms.schools[0], accept_new_deployments=True)
    for _twice in range(2):
        answer = bare_lms.launch(
            client, "student-1", login=NEW, claims={"deployment_id": "8865:new"}
        )
        assert_entered(answer)
    assert count(app, Deployment) == 2
    with app.app_context():
        found = db.session.scalars(
            select(AuditRecord).where(AuditRecord.action == "deployment.accepted")
        ).all()
        assert [record.details for record in found] == [{"deployment_id": "8865:new"}]


def test_an_accepted_deployment_can_still_be_switched_off(
    app: Flask, bare_lms: Platform, client: FlaskClient
) -> None:
    register(app, bare_lms, bare_lms.schools[0], accept_new_deployments=True)
    switch(app, "northfield", enabled=False, deployment="1")
    assert_refusal_page(bare_lms.launch(client, "student-1"), 403)


def test_a_second_deployment_has_courses_of_its_own(
    app: Flask, bare_lms: Platform, client: FlaskClient
) -> None:
    register(app, bare_lms, bare_lms.schools[0], deployments=("1", "2"))
    first = bare_lms.launch(client, "student-1")
    second = bare_lms.launch(
        client, "student-1", login={"lti_deployment_id": "2"}, claims={"deployment_id": "2"}
    )
    one = session_of(app, assert_entered(first))
    two = session_of(app, assert_entered(second))
    assert one.person_id == two.person_id
    assert one.course_id != two.course_id
    assert one.resource_link_id != two.resource_link_id


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


# Logins that never come back ----------------------------------------------------------------------


def fill(app: Flask, lms: Platform, number: int, clock: TestClock, **changes: object) -> None:
    with app.app_context(), transaction() as session:
        row = registrations.by_name("northfield")
        session.execute(
            insert(LoginState),
            [
                {
                    "state_hash": digest(new_secret(8)),
                    "nonce_hash": digest(new_secret(8)),
                    "registration_id": row.id,
                    "browser_hash": "b",
                    "target_link_uri": "",
                    "expires_at": clock() + timedelta(minutes=5),
                    **changes,
                }
                for _number in range(number)
            ],
        )


def test_logins_long_over_are_removed(
    app: Flask, lms: Platform, client: FlaskClient, clock: TestClock
) -> None:
    fill(app, lms, 5, clock, expires_at=clock() - timedelta(minutes=31))
    fill(app, lms, 3, clock, expires_at=clock() - timedelta(minutes=29))
    begin(lms, client)
    assert count(app, LoginState) == 4


@pytest.mark.sqlite_only
def test_a_flood_of_logins_is_cut_back_and_shuts_nobody_out(
    app: Flask, both_schools: Platform, client: FlaskClient, clock: TestClock
) -> None:
    lms = both_schools
    assert_entered(lms.launch(client, "student-2", school="southgate"))
    fill(app, lms, MOST_LOGINS + 500, clock)
    clock.pass_(seconds=31)
    assert_entered(lms.launch(client, "student-1"))
    assert MOST_LOGINS <= count(app, LoginState) <= MOST_LOGINS + 2
    assert_entered(lms.launch(client, "student-1", school="southgate"))


def test_the_platform_may_send_people_on_to_hosts_of_its_own(
    lms: Platform, client: FlaskClient
) -> None:
    """Browsers hold every hop of a form's answer to form-action."""
    probe = client.get("/lti/login", query_string=lms.login_params("student-1"))
    policy = probe.headers["Content-Security-Policy"]
    (targets,) = [part for part in policy.split("; ") if part.startswith("form-action")]
    assert targets.split() == ["form-action", "'self'", "https:", "http:"]


def test_a_session_secret_is_in_its_cookie_and_nowhere_else(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    answer = lms.launch(client, "student-1")
    (line,) = session_cookies(answer)
    secret = line.partition("=")[2].partition(";")[0]
    assert len(secret) >= 43
    assert session_of(app, assert_entered(answer)).secret_hash == digest(secret)
    assert secret not in answer.location
    assert secret not in answer.text
