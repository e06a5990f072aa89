"""The login: what it asks of the platform, whom it believes, and logins that never come back."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from factories import TestClock
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import (
    TOOL,
    assert_entered,
    assert_refusal_page,
    assert_refused,
    begin,
    count,
    register,
    session_of,
    standing_of,
    try_launch,
)
from sqlalchemy import insert

from lti_tool.core.db.session import transaction
from lti_tool.core.ids import digest, new_secret
from lti_tool.lti import registrations
from lti_tool.lti.launching.login import MOST_LOGINS
from lti_tool.lti.models import LoginState
from lti_tool.people.rules import Standing
from sandbox.platform import Platform

pytestmark = pytest.mark.every_database

LAUNCH = "/lti/launch"


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


def test_the_platform_may_send_people_on_to_hosts_of_its_own(
    lms: Platform, client: FlaskClient
) -> None:
    """Browsers hold every hop of a form's answer to form-action."""
    probe = client.get("/lti/login", query_string=lms.login_params("student-1"))
    policy = probe.headers["Content-Security-Policy"]
    (targets,) = [part for part in policy.split("; ") if part.startswith("form-action")]
    assert targets.split() == ["form-action", "'self'", "https:", "http:"]


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
