"""The launch form is sent twice by one browser: by the LMS's script and an impatient hand.

Both answers lead to the same page with the one session, whichever the browser takes.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cookieless import SCRIPT, Tab
from dialog_scene import asking
from factories import TestClock, all_at_once, audited
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import (
    Try,
    add_item,
    assert_entered,
    assert_refusal_page,
    assert_refused,
    begin,
    count,
    session_cookies,
    try_launch,
)
from werkzeug.test import TestResponse

from lti_tool.lti.models import DeepLinkingRequest
from lti_tool.people.models import Membership, Person, ToolSession
from sandbox.platform import FormPost, Platform


def posting(app: Flask, client: FlaskClient, form: FormPost) -> Callable[[], TestResponse]:
    """Send the form as this browser holds its cookies now; it takes none of the answer."""
    cookie = "; ".join(f"{one.key}={one.value}" for one in client._cookies.values())

    def post() -> TestResponse:
        browser = app.test_client(use_cookies=False)
        return browser.post("/lti/launch", data=form.fields, headers={"Cookie": cookie})

    return post


def test_the_second_answer_is_the_first_one(app: Flask, lms: Platform, client: FlaskClient) -> None:
    tried = try_launch(lms, client)
    handle = assert_entered(tried.answer)
    again = lms.post(client, tried.form)
    assert assert_entered(again) == handle
    assert session_cookies(again) == session_cookies(tried.answer)
    assert again.location == tried.answer.location
    assert client.get(again.location).status_code == 200
    assert count(app, ToolSession) == 1
    assert audited(app).count("launch.accepted") == 1


@pytest.mark.parametrize("kept", [True, False])
def test_the_session_works_whether_the_first_answer_came_or_not(
    app: Flask, lms: Platform, client: FlaskClient, kept: bool
) -> None:
    media_id = add_item(app, "northfield", open_to_links=True)
    form = lms.answer(begin(lms, client, link=lms.add_link(media=media_id)))
    first = lms.post(client, form) if kept else posting(app, client, form)()
    second = lms.post(client, form)
    assert first.location == second.location
    page = client.get(second.location)
    assert page.status_code == 200
    assert media_id in second.location


@pytest.mark.every_database
def test_many_at_once_get_one_session(app: Flask, lms: Platform, client: FlaskClient) -> None:
    form = lms.answer(begin(lms, client))
    answers = all_at_once([posting(app, client, form)] * 8)
    assert len({assert_entered(answer) for answer in answers}) == 1
    assert len({session_cookies(answer)[0] for answer in answers}) == 1
    for model in (ToolSession, Person, Membership):
        assert count(app, model) == 1
    assert audited(app).count("launch.accepted") == 1


@pytest.mark.every_database
def test_many_at_once_from_a_place_that_is_known(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    lms.launch(app.test_client(), "student-1")
    form = lms.answer(begin(lms, client))
    answers = all_at_once([posting(app, client, form)] * 4)
    assert len({assert_entered(answer) for answer in answers}) == 1
    assert count(app, ToolSession) == 2
    assert audited(app).count("launch.accepted") == 2


def test_a_dialog_is_opened_once(app: Flask, lms: Platform, client: FlaskClient) -> None:
    form = lms.answer(begin(lms, client, "instructor-1"), **asking())
    answers = all_at_once([posting(app, client, form)] * 3)
    assert len({answer.location for answer in answers}) == 1
    assert answers[0].location.startswith("/choose?")
    assert count(app, DeepLinkingRequest) == count(app, ToolSession) == 1


def test_a_minute_later_it_is_refused(
    app: Flask, lms: Platform, client: FlaskClient, clock: TestClock
) -> None:
    tried = try_launch(lms, client)
    clock.pass_(seconds=59)
    assert_entered(lms.post(client, tried.form))
    clock.pass_(seconds=1)
    assert_refused(Try(tried.form, tried.nonce, lms.post(client, tried.form)), 400)


def test_another_browser_is_refused(app: Flask, lms: Platform, client: FlaskClient) -> None:
    form = try_launch(lms, client).form
    other = app.test_client()
    begin(lms, other)
    assert_refusal_page(lms.post(other, form), 403)
    assert_refusal_page(lms.post(app.test_client(), form), 403)
    assert count(app, ToolSession) == 1


def test_who_signed_out_is_not_let_in_again(app: Flask, lms: Platform, client: FlaskClient) -> None:
    tried = try_launch(lms, client)
    handle = assert_entered(tried.answer)
    headers = {"Sec-Fetch-Site": "same-origin"}
    signed_out = client.post("/sign-out", query_string={"as": handle}, headers=headers)
    assert signed_out.status_code < 400
    assert_refused(Try(tried.form, tried.nonce, lms.post(client, tried.form)), 400)


def test_a_login_that_ran_out_meanwhile_still_gives_its_answer(
    lms: Platform, client: FlaskClient, clock: TestClock
) -> None:
    location = begin(lms, client)
    clock.pass_(minutes=9.9)
    form = lms.answer(location)
    handle = assert_entered(lms.post(client, form))
    clock.pass_(seconds=30)
    assert assert_entered(lms.post(client, form)) == handle


def test_without_cookies_both_pages_find_the_one_session(app: Flask, lms: Platform) -> None:
    tab = Tab(app)
    form = lms.answer(tab.begin(lms))
    first, second = tab.recall(lms, form), tab.recall(lms, form)
    assert (first.status_code, second.status_code) == (200, 200)
    assert count(app, ToolSession) == 1
    assert audited(app).count("launch.accepted") == 1
    (kept,) = tab.stored.values()
    said = {"state": form.fields["state"], "id_token": form.fields["id_token"]}
    stranger = app.test_client(use_cookies=False)
    for guessed in ("", kept[:-1]):
        answer = stranger.post(
            "/lti/launch/recalled", json={**said, "kept": guessed}, headers=SCRIPT
        )
        assert answer.status_code == 403


@pytest.mark.every_database
def test_without_cookies_many_at_once(app: Flask, lms: Platform) -> None:
    tab = Tab(app)
    form = lms.answer(tab.begin(lms))
    (kept,) = tab.stored.values()
    said = {"state": form.fields["state"], "id_token": form.fields["id_token"], "kept": kept}

    def send() -> TestResponse:
        client = app.test_client(use_cookies=False)
        return client.post("/lti/launch/recalled", json=said, headers=SCRIPT)

    answers = all_at_once([send] * 4)
    assert [answer.status_code for answer in answers] == [200] * 4
    assert count(app, ToolSession) == 1
