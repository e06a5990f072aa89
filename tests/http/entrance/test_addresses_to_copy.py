"""An address that a person copies into a tab of their own, where a frame may open none."""

from __future__ import annotations

import string

import pytest
from factories import SAME_ORIGIN, TestClock, all_at_once, browser
from flask import Flask
from flask.testing import FlaskClient
from invitation_scene import TITLE, Scene
from launch_helpers import assert_entered, assert_refusal_page, session_cookies
from werkzeug.test import TestResponse

from lti_tool.core.db.session import transaction
from lti_tool.people.session_store import NewSession, end_sessions

pytestmark = pytest.mark.every_database

POLICY = "Content-Security-Policy"
URL_SAFE = string.ascii_letters + string.digits + "-_"


def address_for(app: Flask, scene: Scene, session: NewSession) -> str:
    answer = browser(app, session).post(
        f"/api/v1/media/{scene.media_id}/addresses-to-copy?as={session.handle}",
        headers=SAME_ORIGIN,
    )
    assert answer.status_code == 201
    address: str = answer.json["address"]
    return address


def ticket_of(address: str) -> str:
    path, _mark, ticket = address.partition("#")
    assert ticket
    assert ticket not in path
    return ticket


def asked(client: FlaskClient, ticket: str, media_id: str = "") -> TestResponse:
    form = {"ticket": ticket, "media_id": media_id}
    return client.post("/handover/ask", data=form, headers=SAME_ORIGIN)


def taken(client: FlaskClient, ticket: str, media_id: str = "") -> TestResponse:
    form = {"ticket": ticket, "media_id": media_id}
    return client.post("/handover", data=form, headers=SAME_ORIGIN)


def test_whose_session_it_is_is_asked_first_and_uses_nothing_up(app: Flask, scene: Scene) -> None:
    ticket = ticket_of(address_for(app, scene, scene.teacher_session))
    tab = app.test_client()
    for _time in range(2):
        page = asked(tab, ticket, scene.media_id)
        assert page.status_code == 200
        assert "You go on as" in page.text
        assert session_cookies(page) == []
        assert "frame-ancestors 'none'" in page.headers[POLICY], "nobody leads this click"
    answer = taken(tab, ticket, scene.media_id)
    assert_entered(answer)
    assert TITLE in tab.get(answer.location).text


def test_a_copied_address_is_good_once(app: Flask, scene: Scene) -> None:
    ticket = ticket_of(address_for(app, scene, scene.teacher_session))
    answers = all_at_once([lambda: taken(app.test_client(), ticket) for _number in range(4)])
    assert sorted(answer.status_code for answer in answers) == [303, 404, 404, 404]
    assert_refusal_page(asked(app.test_client(), ticket), 404)


def test_an_address_that_was_used_is_not_good_in_another_spelling(app: Flask, scene: Scene) -> None:
    """The last sign of a signature in base64 has two bits that nobody reads."""
    ticket = ticket_of(address_for(app, scene, scene.teacher_session))
    assert_entered(taken(app.test_client(), ticket))
    for spelled in (*(ticket[:-1] + last for last in URL_SAFE), f"{ticket}=", f"{ticket}=="):
        assert_refusal_page(asked(app.test_client(), spelled), 404)
        assert_refusal_page(taken(app.test_client(), spelled), 404)


def test_a_copied_address_is_good_for_a_quarter_of_an_hour(
    app: Flask, scene: Scene, clock: TestClock
) -> None:
    ticket = ticket_of(address_for(app, scene, scene.teacher_session))
    clock.pass_(minutes=14)
    assert asked(app.test_client(), ticket).status_code == 200
    clock.pass_(minutes=1)
    assert_refusal_page(asked(app.test_client(), ticket), 404)
    assert_refusal_page(taken(app.test_client(), ticket), 404)


def test_it_ends_with_its_session(app: Flask, scene: Scene) -> None:
    ticket = ticket_of(address_for(app, scene, scene.teacher_session))
    with app.app_context(), transaction():
        end_sessions(session_id=scene.teacher_session.session_id)
    for way in (asked, taken):
        assert_refusal_page(way(app.test_client(), ticket), 404)


@pytest.mark.parametrize("ticket", ["", "x", "WyJhIiwxXQ.x", "é" * 40])
def test_what_we_did_not_sign_is_nobodys(app: Flask, ticket: str) -> None:
    for way in (asked, taken):
        assert_refusal_page(way(app.test_client(), ticket), 404)


def test_another_site_cannot_lead_anybody_into_a_session(app: Flask, scene: Scene) -> None:
    """Neither by a form, nor by a link: that asks, and names who they would be."""
    ticket = ticket_of(address_for(app, scene, scene.teacher_session))
    form = {"ticket": ticket}
    for path in ("/handover", "/handover/ask"):
        for headers in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
        ):
            assert app.test_client().post(path, data=form, headers=headers).status_code == 403
    page = app.test_client().get("/handover/here", headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status_code == 200
    assert session_cookies(page) == []


def test_a_frame_is_tried_only_for_whom_we_allowed(app: Flask) -> None:
    for forged in ("", "x", "WyIqIl0.x", "*; script-src *"):
        answer = app.test_client().get("/frames/check", query_string={"for": forged})
        assert_refusal_page(answer, 404)
        assert "script-src *" not in answer.headers[POLICY]
