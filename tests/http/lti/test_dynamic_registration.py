"""An LMS registers itself: what is asked of it, what is noted, and who must agree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from factories import TestClock, audited
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import REFERENCE
from registering_lms import (
    PLATFORM_CONFIGURATION,
    TOOL_CONFIGURATION,
    RegisteringLms,
    code_for,
    held,
    registering_lms,
)
from sqlalchemy import select

from lti_tool.core.db.session import db
from lti_tool.core.http import Policy
from lti_tool.core.institutions import Institution
from lti_tool.core.web.problems import Problem
from lti_tool.lti.models import Deployment, RegistrationCode
from lti_tool.lti.registration.dynamic import Asked


@pytest.fixture
def moodle() -> Iterator[RegisteringLms]:
    with registering_lms() as running:
        running.answer[TOOL_CONFIGURATION] = {"deployment_id": 4}
        yield running


FILE = """
issuer = "https://elm.example"
client_id = "client-1"
auth_url = "https://elm.example/auth"
token_url = "https://elm.example/token"
jwks_url = "https://elm.example/jwks"
"""


def run(app: Flask, *words: str) -> str:
    done = app.test_cli_runner().invoke(args=list(words))
    assert done.exit_code == 0, done.output
    return done.output


def launch(client: FlaskClient, lms: RegisteringLms) -> Any:
    query = {"iss": lms.server.address, "client_id": "client-1", "login_hint": "x"}
    return client.get("/lti/login", query_string=query)


def test_opening_the_page_asks_nobody(
    app: Flask, client: FlaskClient, moodle: RegisteringLms
) -> None:
    page = moodle.open(client)
    assert page.status_code == 200
    assert "Register Foyer with 127.0.0.1" in page.text
    assert moodle.server.requests == []
    assert held(app) == []
    assert "frame-ancestors" not in page.headers["Content-Security-Policy"]
    assert page.headers["Cross-Origin-Opener-Policy"] == "unsafe-none"


def test_the_address_alone_leads_to_the_values(client: FlaskClient) -> None:
    answer = client.get("/lti/register")
    assert answer.status_code == 302
    assert answer.location == "/lti/setup"


@pytest.mark.parametrize(
    "query",
    [
        "openid_configuration=",
        "openid_configuration=javascript:alert(1)",
        "openid_configuration=file:///etc/passwd",
        "openid_configuration=https://",
        f"openid_configuration=https://lms.example/{'a' * 5000}",
        "openid_configuration=https://lms.example&registration_token=two%20words",
        "openid_configuration=https://lms.example&registration_token=line%0d%0aX-Header:1",
    ],
)
@pytest.mark.sqlite_only
def test_what_names_no_platform_is_refused(app: Flask, client: FlaskClient, query: str) -> None:
    answer = client.get(f"/lti/register?{query}")
    assert answer.status_code == 400
    assert REFERENCE.search(answer.text)


def test_with_a_code_it_counts_at_once(
    app: Flask, client: FlaskClient, moodle: RegisteringLms
) -> None:
    code = code_for(app)
    page = moodle.press(client, code.lower().replace("-", " "))
    assert page.status_code == 200
    assert "Foyer is registered" in page.text
    assert "Activate" in page.text
    (row,) = held(app)
    assert (row.family, row.issuer, row.client_id) == ("moodle", moodle.server.address, "client-1")
    assert (row.enabled, row.awaiting_approval, row.accept_new_deployments) == (True, False, False)
    assert row.jwks_url == f"{moodle.server.address}/jwks.json"
    with app.app_context():
        assert db.session.scalars(select(Deployment.deployment_id)).all() == ["4"]
        assert db.session.scalars(select(Institution.name)).all() == ["Elm School"]
        spent = db.session.scalars(select(RegistrationCode)).one()
        assert spent.registration_id == row.id
        assert code.replace("-", "") not in str(vars(spent))
    assert audited(app) == ["registration_code.issued", "platform.added"]
    assert launch(client, moodle).status_code == 200


def test_without_a_code_it_waits_to_be_approved(
    app: Flask, client: FlaskClient, moodle: RegisteringLms
) -> None:
    page = moodle.press(client)
    assert "waits for approval" in page.text
    (row,) = held(app)
    assert (row.enabled, row.awaiting_approval) == (False, True)
    file = app.extensions["foyer.config"].config_dir / "platforms" / f"{row.name}.toml"
    file.parent.mkdir(parents=True)
    file.write_text(FILE, encoding="utf-8")
    load = app.test_cli_runner().invoke(args=["platform", "load"])
    assert f"platform refuse {row.name}" in load.output, "a stranger has taken the file's name"
    early = launch(client, moodle)
    assert early.status_code == 403
    assert "not switched on for your platform yet" in early.text
    assert "(awaiting approval)" in run(app, "platform", "list")
    assert f"platform approve {row.name}" in run(app, "platform", "show", row.name)
    off = app.test_cli_runner().invoke(args=["platform", "enable", row.name])
    assert "awaits approval" in off.output
    run(app, "platform", "approve", row.name, "--yes", "--institution", "Elm School")
    assert launch(client, moodle).status_code == 200
    with app.app_context():
        assert db.session.scalars(select(Institution.name)).all() == ["Elm School"]
    assert audited(app) == ["platform.announced", "platform.approved"]
    again = app.test_cli_runner().invoke(args=["platform", "approve", row.name, "--yes"])
    assert "not waiting" in again.output


def test_one_that_is_refused_is_forgotten(
    app: Flask, client: FlaskClient, moodle: RegisteringLms
) -> None:
    moodle.press(client)
    (row,) = held(app)
    code_for(app, "--again", row.name)
    run(app, "platform", "refuse", row.name)
    assert held(app) == []
    with app.app_context():
        assert db.session.scalars(select(Institution)).all() == []
    assert launch(client, moodle).status_code == 400
    assert audited(app)[-1] == "platform.refused"


def test_an_approved_one_cannot_be_refused(
    app: Flask, client: FlaskClient, moodle: RegisteringLms
) -> None:
    moodle.press(client, code_for(app))
    (row,) = held(app)
    late = app.test_cli_runner().invoke(args=["platform", "refuse", row.name])
    assert late.exit_code == 1
    assert len(held(app)) == 1


@pytest.mark.parametrize("typed", ["ABCD-EFGH-IJKL-MNOP", "x", "\x00", "é" * 40])
def test_a_code_that_was_never_given(
    app: Flask, client: FlaskClient, moodle: RegisteringLms, typed: str
) -> None:
    page = moodle.press(client, typed)
    assert page.status_code == 422
    assert "This code is not valid" in page.text
    assert moodle.server.requests == [], "nobody is asked for a guess"
    assert held(app) == []


def test_a_code_works_once(app: Flask, client: FlaskClient, moodle: RegisteringLms) -> None:
    code = code_for(app)
    moodle.press(client, code)
    with registering_lms("sakai", "client-2") as sakai:
        assert sakai.press(client, code).status_code == 422
    assert len(held(app)) == 1


def test_a_code_runs_out(
    app: Flask, client: FlaskClient, moodle: RegisteringLms, clock: TestClock
) -> None:
    code = code_for(app, "--institution", "Elm School", "--days", "2")
    clock.pass_(days=2)
    assert moodle.press(client, code).status_code == 422


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"error": "invalid_redirect_uri", "error_description": "Call us: 555"}, True),
        ({"error": "Call us: 555"}, False),
        ({"error": {"code": 7}}, False),
        ({"errors": ["invalid_redirect_uri"]}, False),
        (["invalid_redirect_uri"], False),
    ],
)
def test_why_an_lms_refuses_is_told_in_its_own_word(
    client: FlaskClient, moodle: RegisteringLms, answer: object, said: bool
) -> None:
    """OpenID Connect Registration §3.3; a sentence could say anything in our name."""
    moodle.before_answer = lambda handler: handler.reply(json.dumps(answer).encode(), 400)
    refused = moodle.press(client)
    assert refused.status_code == 502
    assert ("(status 400): “invalid_redirect_uri”" in refused.text) is said
    assert "555" not in refused.text


def test_a_code_is_not_lost_by_a_failure(
    app: Flask, client: FlaskClient, moodle: RegisteringLms
) -> None:
    code = code_for(app)
    moodle.before_answer = lambda handler: handler.reply(b"token_already_used", 401)
    refused = moodle.press(client, code)
    assert refused.status_code == 502
    assert "status 401" in refused.text
    assert "token_already_used" in refused.text
    assert held(app) == []
    moodle.before_answer = None
    assert moodle.press(client, code).status_code == 200


def test_the_token_goes_to_the_lms_and_nowhere_without_one(
    app: Flask, client: FlaskClient, moodle: RegisteringLms
) -> None:
    moodle.press(client)
    assert [call.headers["Authorization"] for call in moodle.server.calls] == ["Bearer token-1"] * 2
    moodle.server.calls.clear()
    moodle.press(client, token="")
    assert all("Authorization" not in call.headers for call in moodle.server.calls)


# Registering again -------------------------------------------------------------------------------


def test_again_without_a_code_nothing_is_changed(
    app: Flask, client: FlaskClient, moodle: RegisteringLms
) -> None:
    moodle.press(client, code_for(app))
    page = moodle.press(client)
    assert "registered already" in page.text
    moodle.configuration["jwks_uri"] = f"{moodle.server.address}/other.json"
    refused = moodle.press(client)
    assert refused.status_code == 409
    assert "activation code" in refused.text
    (row,) = held(app)
    assert row.jwks_url.endswith("/jwks.json")
    assert audited(app)[-1] == "platform.registered_again"


def test_again_while_it_waits(app: Flask, client: FlaskClient, moodle: RegisteringLms) -> None:
    moodle.press(client)
    assert "waits for approval" in moodle.press(client).text
    assert len(held(app)) == 1
    assert "Foyer is registered" in moodle.press(client, code_for(app)).text
    (row,) = held(app)
    assert (row.enabled, row.awaiting_approval) == (True, False)


def test_what_was_said_before_approval_does_not_count_with_a_code(
    app: Flask, client: FlaskClient
) -> None:
    """A stranger's Canvas can announce itself as a school's; the school has a code."""
    with registering_lms("canvas") as stranger:
        about = stranger.configuration[PLATFORM_CONFIGURATION]
        stranger.configuration["issuer"] = "https://canvas.instructure.com"
        about["https://canvas.instructure.com/lti/account_domain"] = "evil.example"
        assert "waits for approval" in stranger.press(client).text
    with registering_lms("canvas") as school:
        school.configuration["issuer"] = "https://canvas.instructure.com"
        school.answer["deployment_id"] = "7:a"
        assert school.press(client, code_for(app)).status_code == 200
    (row,) = held(app)
    assert (row.enabled, row.token_url) == (True, f"{school.server.address}/token")
    assert row.frame_origins == []
    assert not row.accept_new_deployments


def test_again_with_a_code_of_its_own_everything_is_renewed_in_place(
    app: Flask, client: FlaskClient, moodle: RegisteringLms
) -> None:
    moodle.press(client, code_for(app))
    (before,) = held(app)
    moodle.configuration["jwks_uri"] = f"{moodle.server.address}/other.json"
    moodle.answer = {"client_id": "client-9", TOOL_CONFIGURATION: {"deployment_id": "5"}}
    page = moodle.press(client, code_for(app, "--again", before.name))
    assert "The registration was renewed" in page.text
    (after,) = held(app)
    assert (after.id, after.institution_id) == (before.id, before.institution_id)
    assert (after.client_id, after.name) == ("client-9", before.name)
    assert after.jwks_url.endswith("/other.json")
    with app.app_context():
        assert sorted(db.session.scalars(select(Deployment.deployment_id))) == ["4", "5"]
        assert db.session.scalars(select(Institution.name)).all() == ["Elm School"]
    assert audited(app)[-1] == "platform.changed"


def test_another_institutions_code_takes_nothing_over(
    app: Flask, client: FlaskClient, moodle: RegisteringLms
) -> None:
    moodle.press(client, code_for(app))
    code = code_for(app, "--institution", "Oak College")
    moodle.configuration["jwks_uri"] = f"{moodle.server.address}/evil.json"
    refused = moodle.press(client, code)
    assert refused.status_code == 409
    assert "another institution" in refused.text
    (row,) = held(app)
    assert row.jwks_url.endswith("/jwks.json")
    with app.app_context():
        unspent = db.session.scalars(
            select(RegistrationCode).where(RegistrationCode.used_at.is_(None))
        ).one()
        assert unspent.institution == "Oak College"


def test_a_namesakes_code_takes_nothing_over(
    app: Flask, client: FlaskClient, moodle: RegisteringLms
) -> None:
    """The code of one of two schools of the same name, used in the name of the other."""
    moodle.press(client, code_for(app))
    with registering_lms("sakai", "client-2") as namesake:
        assert namesake.press(client, code_for(app)).status_code == 200
    moodle.configuration["jwks_uri"] = f"{moodle.server.address}/evil.json"
    assert moodle.press(client, code_for(app)).status_code == 409
    assert not any(row.jwks_url.endswith("/evil.json") for row in held(app))


def test_a_code_for_another_lms_renews_only_that_one(
    app: Flask, client: FlaskClient, moodle: RegisteringLms
) -> None:
    moodle.press(client, code_for(app))
    with registering_lms("sakai", "client-2") as sakai:
        sakai.press(client, code_for(app, "--institution", "Oak College"))
        oak = held(app)[1].name
        sakai.configuration = moodle.configuration
        sakai.answer["client_id"] = "client-1"
        refused = moodle.press(client, code_for(app, "--again", oak))
    assert refused.status_code == 409, "that client is somebody else's"
    assert [row.client_id for row in held(app)] == ["client-1", "client-2"]


def test_a_code_says_that_the_institution_is_known(
    app: Flask, client: FlaskClient, moodle: RegisteringLms
) -> None:
    moodle.press(client, code_for(app))
    said = run(app, "platform", "code", "--institution", "Elm School")
    assert "platform code --again 127.0.0.1" in said
    for wrong in ([], ["--institution", "Elm", "--again", "x"], ["--again", "nobody"]):
        assert app.test_cli_runner().invoke(args=["platform", "code", *wrong]).exit_code != 0


def test_one_that_was_switched_off_stays_off(
    app: Flask, client: FlaskClient, moodle: RegisteringLms
) -> None:
    moodle.press(client, code_for(app))
    (row,) = held(app)
    run(app, "platform", "disable", row.name)
    for code in ("", code_for(app), code_for(app, "--again", row.name)):
        assert moodle.press(client, code).status_code == 403
    assert not held(app)[0].enabled


def test_two_lmss_on_one_host_get_names_of_their_own(
    app: Flask, client: FlaskClient, moodle: RegisteringLms
) -> None:
    moodle.press(client)
    with registering_lms("sakai", "client-2") as sakai:
        sakai.press(client)
    assert [row.name for row in held(app)] == ["127.0.0.1", "127.0.0.1-2"]


def test_strangers_cannot_fill_the_disk(
    app: Flask, client: FlaskClient, moodle: RegisteringLms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lti_tool.lti.registration.approval_queue.MOST_WAITING", 1)
    moodle.press(client)
    moodle.answer["client_id"] = "client-2"
    asked = len(moodle.server.requests)
    full = moodle.press(client)
    assert full.status_code == 503
    assert "activation code" in full.text
    assert len(moodle.server.requests) == asked
    assert moodle.press(client, code_for(app)).status_code == 200


def test_a_foreign_page_cannot_send_the_form(client: FlaskClient, moodle: RegisteringLms) -> None:
    form = {"openid_configuration": moodle.url, "registration_token": "t"}
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = client.post("/lti/register", data=form, headers=headers)
    assert answer.status_code == 403
    assert moodle.server.requests == []


def test_a_platform_that_calls_itself_by_http_reads_that_this_is_it(context: Flask) -> None:
    """Its administrator did start it there; often the address was forgotten behind a proxy."""
    del context
    told = {"openid_configuration": "http://moodle.example/mod/lti/openid-configuration.php"}
    with pytest.raises(Problem) as caught:
        Asked.read(told, Policy(False, (), "", ()))
    assert caught.value.slug == "registration-unencrypted"
