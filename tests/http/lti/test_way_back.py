"""The way back to the LMS: offered where it is of use, and never shown, logged or kept open."""

from __future__ import annotations

import re
from typing import Unpack
from urllib.parse import parse_qsl, urlsplit

import pytest
from factories import SAME_ORIGIN, TestClock
from flask import Flask
from flask.testing import FlaskClient
from invitation_scene import hidden_fields
from launch_helpers import REFERENCE, add_item, assert_refusal_page, handle_of
from sqlalchemy import text
from werkzeug.test import TestResponse

from lti_tool.core.db.session import db
from sandbox.pending_launches import LaunchOptions
from sandbox.platform import Platform

SECRET = "sesskey=Qx7rT"
ADDRESS = f"https://moodle.example/mod/lti/return.php?course=47&{SECRET}"
TOP = {"Sec-Fetch-Dest": "document"}
LEADS_BACK: LaunchOptions = {"claims": {"launch_presentation": {"return_url": ADDRESS}}}


def in_a_window(
    lms: Platform,
    client: FlaskClient,
    login: dict[str, str] | None = None,
    **options: Unpack[LaunchOptions],
) -> TestResponse:
    """A launch of a student whose LMS opens tools in windows of their own."""
    begun = lms.open_login(client, lms.login_params("student-1", **(login or {})))
    form = lms.answer(begun.location, **options)
    return client.post("/lti/launch", data=form.fields, headers=TOP)


@pytest.mark.parametrize("who", ["student-1", "instructor-1"])
def test_a_page_in_a_window_of_its_own_leads_back(
    app: Flask, lms: Platform, client: FlaskClient, who: str
) -> None:
    answer = lms.launch(client, who, **LEADS_BACK)
    handle = handle_of(answer)
    page = client.get(answer.location, headers=TOP)
    assert f'href="/return?as={handle}"' in page.text
    assert "Back to the course" in page.text
    assert "moodle.example" not in page.text
    left = client.get(f"/return?as={handle}", headers=TOP)
    assert (left.status_code, left.location) == (303, ADDRESS)
    assert left.headers["Cache-Control"] == "no-store"
    assert left.headers["Referrer-Policy"] == "no-referrer"


def test_the_media_page_and_the_settings_lead_back_too(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    media_id = add_item(app, "northfield", open_to_links=True)
    link = lms.add_link(media=media_id)
    told: LaunchOptions = {
        "claims": {
            "launch_presentation": {"return_url": ADDRESS},
            "custom": {"media": media_id},
        }
    }
    answer = lms.launch(client, "admin", link, **told)
    name = f"?as={handle_of(answer)}"
    for address in (answer.location, f"/settings{name}", f"/media/new{name}"):
        assert "Back to the course" in client.get(address, headers=TOP).text


@pytest.mark.parametrize("within", ["iframe", "frame", "embed", "object"])
def test_in_a_frame_the_lms_is_the_way_back(
    lms: Platform, client: FlaskClient, within: str
) -> None:
    answer = lms.launch(client, "student-1", **LEADS_BACK)
    page = client.get(answer.location, headers={"Sec-Fetch-Dest": within})
    assert "/return" not in page.text


@pytest.mark.parametrize(
    "presented", [{}, {"return_url": ""}, {"return_url": "javascript:alert(1)"}, {"return_url": 7}]
)
def test_where_the_lms_names_none_there_is_none(
    lms: Platform, client: FlaskClient, presented: dict[str, object]
) -> None:
    answer = lms.launch(client, "student-1", claims={"launch_presentation": presented})
    page = client.get(answer.location, headers=TOP)
    assert "/return" not in page.text
    handle = handle_of(answer)
    assert client.get(f"/return?as={handle}").status_code == 404


def test_without_a_course_it_is_called_by_what_it_is(lms: Platform, client: FlaskClient) -> None:
    launched: LaunchOptions = {**LEADS_BACK, "drop": ("context",)}
    answer = lms.launch(client, "student-1", **launched)
    page = client.get(answer.location, headers=TOP)
    assert "Back to your learning platform" in page.text


def test_nobody_leaves_in_the_session_of_another(app: Flask, lms: Platform) -> None:
    first, second = app.test_client(), app.test_client()
    answer = lms.launch(first, "student-1", **LEADS_BACK)
    lms.launch(second, "student-2", claims={"launch_presentation": {}})
    handle = handle_of(answer)
    for client in (second, app.test_client()):
        assert client.get(f"/return?as={handle}").status_code == 404
    assert app.test_client().get("/return").status_code == 404


def test_a_refused_launch_leads_back_and_tells_the_lms_why(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    """The deployment is unknown: there is no session, but the message was verified."""
    new: LaunchOptions = {"claims": {**LEADS_BACK["claims"], "deployment_id": "77"}}
    refused = in_a_window(lms, client, login={"lti_deployment_id": "77"}, **new)
    assert_refusal_page(refused, 403)
    _leads_back(client, refused.text, "The tool is not yet approved for this place", "77")


def test_in_a_frame_a_refusal_has_no_way_back(lms: Platform, client: FlaskClient) -> None:
    claims = {**LEADS_BACK["claims"], "custom": {"media": "a" * 26}}
    refused = lms.launch(client, "student-1", claims=claims)
    assert refused.status_code == 404
    assert "/return" not in refused.text


def test_a_link_to_what_is_not_there_leads_back(lms: Platform, client: FlaskClient) -> None:
    told: LaunchOptions = {
        "claims": {
            "launch_presentation": {"return_url": ADDRESS},
            "custom": {"media": "a" * 26},
        }
    }
    refused = in_a_window(lms, client, **told)
    assert refused.status_code == 404
    _leads_back(client, refused.text, "There is nothing to see here")


def _leads_back(client: FlaskClient, page: str, *said: str) -> None:
    assert "moodle.example" not in page
    assert SECRET not in page
    action = re.search(r'action="(/return[^"]*)"', page)
    assert action is not None
    left = client.post(action.group(1), data=hidden_fields(page), headers=SAME_ORIGIN)
    assert left.status_code == 303, left.text
    assert left.headers["Cache-Control"] == "no-store"
    assert left.location.startswith(ADDRESS + "&")
    told = dict(parse_qsl(urlsplit(left.location).query))
    assert (told["course"], told["sesskey"]) == ("47", "Qx7rT")
    for word in said:
        assert word in told["lti_errormsg"]
    shown = REFERENCE.search(page)
    assert shown is not None
    assert shown.group(1) in told["lti_errorlog"]


def test_what_was_never_verified_leads_nowhere(lms: Platform, client: FlaskClient) -> None:
    for lie in ({"alg": "none"}, {"claims": {**LEADS_BACK["claims"], "version": "1.1"}}):
        refused = in_a_window(lms, client, **{**LEADS_BACK, **lie})  # type: ignore[arg-type]
        assert refused.status_code in {400, 401}
        assert "/return" not in refused.text


def test_a_way_back_is_ours_and_not_for_ever(
    lms: Platform, client: FlaskClient, clock: TestClock
) -> None:
    told: LaunchOptions = {
        "claims": {
            "launch_presentation": {"return_url": ADDRESS},
            "custom": {"media": "a" * 26},
        }
    }
    page = in_a_window(lms, client, **told).text
    way = hidden_fields(page)["way"]
    for forged in ("", "https://attacker.example/", way[:-4] + "AAAA", "é", way[::-1]):
        refused = client.post("/return", data={"way": forged}, headers=SAME_ORIGIN)
        assert_refusal_page(refused, 404)
    from_elsewhere = client.post(
        "/return", data={"way": way}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert from_elsewhere.status_code == 403
    clock.pass_(hours=12, seconds=2)
    late = client.post("/return", data={"way": way}, headers=SAME_ORIGIN)
    assert late.status_code == 404


def test_the_address_is_in_no_log_and_not_readable_in_the_database(
    app: Flask, lms: Platform, client: FlaskClient, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = lms.launch(client, "student-1", **LEADS_BACK)
    handle = handle_of(answer)
    client.get(f"/return?as={handle}")
    said = capfd.readouterr()
    assert SECRET not in said.out + said.err
    with app.app_context():
        (kept,) = db.session.execute(text("SELECT return_url FROM tool_session")).scalars()
        audited = db.session.execute(text("SELECT details FROM audit_record")).scalars().all()
    assert kept
    assert "moodle" not in kept
    assert all(SECRET not in str(row) for row in audited)
