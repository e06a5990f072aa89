"""A launch into a browser without cookies: the LMS's page keeps what it is recognised by."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from cookieless import SCRIPT, STORAGE, Tab, data_of
from factories import TestClock
from flask import Flask
from launch_helpers import assert_entered, assert_refusal_page, begin, count, register
from sqlalchemy import select

from lti_tool.core.db.session import db
from lti_tool.core.web.form_tokens import form_token
from lti_tool.lti.models import LoginState
from lti_tool.people.models import ToolSession
from sandbox.forms import first_form
from sandbox.platform import Platform


def test_the_secret_is_the_pages_and_the_database_holds_its_hash(app: Flask, lms: Platform) -> None:
    tab = Tab(app)
    address = tab.begin(lms)
    (key,) = tab.stored
    assert address.startswith(f"{lms.base_url}/auth?")
    assert tab.stored[key] not in address
    with app.app_context():
        row = db.session.scalars(select(LoginState)).one()
        assert row.storage_frame == "_parent"
        assert tab.stored[key] not in {row.state_hash, row.browser_hash, row.nonce_hash}


def test_the_launch_opens_without_any_cookie(app: Flask, lms: Platform) -> None:
    tab = Tab(app)
    page = tab.launch(lms)
    assert page.status_code == 200
    assert tab.bearer
    assert "Set-Cookie" not in page.headers
    assert count(app, ToolSession) == 1


def test_the_storage_is_asked_at_the_origin_that_signs_people_in_and_nowhere_else(
    app: Flask, bare_lms: Platform
) -> None:
    elsewhere = "http://sso.example:8443/auth"
    register(app, bare_lms, bare_lms.schools[0], auth_url=elsewhere)
    fields = {**bare_lms.login_params("student-1"), "lti_storage_target": "post_message_forwarding"}
    page = bare_lms.open_login(app.test_client(use_cookies=False), fields)
    asked = data_of(page.text, "leave-with-platform")
    assert asked["origin"] == "http://sso.example:8443"
    assert asked["frame"] == "post_message_forwarding"


@pytest.mark.parametrize("frame", ["", "a b", '"><script>', "x" * 256, "../top"])
def test_a_frame_that_has_no_name_is_not_asked(app: Flask, lms: Platform, frame: str) -> None:
    fields = {**lms.login_params("student-1"), "lti_storage_target": frame}
    page = lms.open_login(app.test_client(use_cookies=False), fields)
    assert page.status_code == 200
    assert data_of(page.text, "leave-with-platform") == {}
    assert "Open in a new window" in page.text
    assert count(app, LoginState) == 0


def test_a_browser_with_cookies_needs_no_storage(app: Flask, lms: Platform) -> None:
    answer = lms.open_login(app.test_client(), {**lms.login_params("student-1"), **STORAGE})
    assert answer.status_code == 302
    with app.app_context():
        assert db.session.scalars(select(LoginState.storage_frame)).one() is None


@pytest.mark.parametrize("kept", ["", "x", "0" * 43])
def test_another_secret_is_refused_and_burns_nothing(app: Flask, lms: Platform, kept: str) -> None:
    tab = Tab(app)
    form = lms.answer(tab.begin(lms))
    refused = tab.recall(lms, form, kept=kept)
    assert refused.status_code == 403
    assert refused.mimetype == "application/problem+json"
    assert count(app, ToolSession) == 0
    assert tab.recall(lms, form).status_code == 200


def test_the_secret_of_another_login_is_refused(app: Flask, lms: Platform) -> None:
    """Somebody who has a login of their own cannot make another person work in it."""
    mine, theirs = Tab(app), Tab(app)
    form = lms.answer(mine.begin(lms))
    theirs.begin(lms)
    (secret,) = theirs.stored.values()
    assert mine.recall(lms, form, kept=secret).status_code == 403


def test_a_cookie_does_not_stand_in_for_the_storage(app: Flask, lms: Platform) -> None:
    """The login began where no cookie was: its launch is that page's, in no other browser."""
    form = lms.answer(Tab(app).begin(lms))
    known = app.test_client()
    begin(lms, known)
    page = lms.post(known, form)
    assert data_of(page.text, "recall-from-platform"), "it is asked for what only the page has"
    assert count(app, ToolSession) == 0


def test_a_login_with_a_cookie_cannot_be_finished_through_the_storage(
    app: Flask, lms: Platform
) -> None:
    client = app.test_client()
    form = lms.answer(begin(lms, client))
    said = {**form.fields, "kept": "guessed"}
    answer = Tab(app).client.post("/lti/launch/recalled", json=said, headers=SCRIPT)
    assert answer.status_code == 403
    assert count(app, ToolSession) == 0


def test_only_a_script_of_our_own_page_may_send_it(app: Flask, lms: Platform) -> None:
    tab = Tab(app)
    form = lms.answer(tab.begin(lms))
    (kept,) = tab.stored.values()
    said = {"state": form.fields["state"], "id_token": form.fields["id_token"], "kept": kept}
    foreign = tab.client.post(
        "/lti/launch/recalled", json=said, headers={"Sec-Fetch-Site": "cross-site"}
    )
    as_form = tab.client.post("/lti/launch/recalled", data=said, headers=SCRIPT)
    assert foreign.status_code == 403
    assert as_form.status_code in (400, 415)
    assert count(app, ToolSession) == 0


@pytest.mark.parametrize("enctype", ["multipart/form-data", None])
def test_no_form_sends_it_where_the_browser_does_not_say_who_does(
    app: Flask, lms: Platform, enctype: str | None
) -> None:
    tab = Tab(app)
    form = lms.answer(tab.begin(lms))
    (kept,) = tab.stored.values()
    with app.test_request_context():
        token = form_token()
    said = {**form.fields, "kept": kept, "form_token": token}
    answer = tab.client.post(
        f"/lti/launch/recalled?form_token={token}", data=said, content_type=enctype
    )
    assert answer.status_code in (400, 403)
    assert count(app, ToolSession) == 0
    assert tab.recall(lms, form).status_code == 200, "and nothing is used up"


@pytest.mark.parametrize("said", [{}, {"Sec-Fetch-Site": "same-origin"}])
def test_a_browser_that_does_not_say_who_sends_it_is_offered_a_window_at_once(
    app: Flask, lms: Platform, said: dict[str, str]
) -> None:
    """The pages that follow go on by tickets, which could not be believed there: the LMS's page is
    not asked to keep anything.
    """
    fields = {**lms.login_params("student-1"), **STORAGE}
    frame = app.test_client(use_cookies=False)
    probed = first_form(frame.post("/lti/login", data=fields).text)
    assert probed is not None
    offered = frame.post(probed.action, data=probed.fields, headers=said)
    assert offered.status_code == 200
    assert data_of(offered.text, "leave-with-platform") == {}
    assert count(app, LoginState) == 0

    form = first_form(offered.text)
    assert form is not None
    assert "Open in a new window" in offered.text
    window = app.test_client()
    again = first_form(window.post(form.action, data=form.fields).text)
    assert again is not None
    begun = window.post(again.action, data=again.fields, headers=said)
    assert begun.status_code == 302
    answer = window.post("/lti/launch", data=lms.answer(begun.location).fields)
    assert_entered(answer)
    assert window.get(answer.location).status_code == 200


def test_the_secret_grows_old(app: Flask, lms: Platform, clock: TestClock) -> None:
    tab = Tab(app)
    form = lms.answer(tab.begin(lms))
    clock.pass_(minutes=11)
    assert_refusal_page(lms.post(tab.client, form), 400)


def test_the_address_it_leads_to_holds_a_ticket_and_no_more(app: Flask, lms: Platform) -> None:
    tab = Tab(app)
    answer = tab.recall(lms, lms.answer(tab.begin(lms)))
    query = parse_qs(urlsplit(answer.json["address"]).query)
    assert set(query) == {"as", "ticket"}
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
