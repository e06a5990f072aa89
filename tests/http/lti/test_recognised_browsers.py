"""How a browser is recognised: a cookie before anything is spent, and one for each frame."""

from __future__ import annotations

import html
import re

import pytest
from cookieless import STORAGE
from factories import SAME_ORIGIN, TestClock
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import Try, assert_entered, assert_refusal_page, assert_refused, begin, count
from werkzeug.test import TestResponse

from lti_tool.lti.launching.login_cookies import COOKIE_PREFIX
from lti_tool.lti.models import LoginState
from sandbox.forms import first_form
from sandbox.platform import Platform


def test_an_unknown_browser_gets_a_cookie_before_anything_is_spent(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    page = client.post("/lti/login", data=lms.login_params("student-1"))
    assert page.status_code == 200
    assert count(app, LoginState) == 0
    (cookie,) = page.headers.getlist("Set-Cookie")
    name, _equals, rest = cookie.partition("=")
    assert name.startswith(COOKIE_PREFIX)
    parts = set(rest.split("; ")[1:])
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned"} <= parts
    assert not any(part.startswith("Domain") for part in parts)


def test_where_cookies_are_refused_a_window_of_its_own_is_offered(
    app: Flask, lms: Platform
) -> None:
    client = app.test_client(use_cookies=False)
    fields = lms.login_params("student-1")
    page = lms.open_login(client, fields)
    assert page.status_code == 200
    assert 'target="_blank"' in page.text
    assert fields["lti_message_hint"] in page.text
    assert count(app, LoginState) == 0


def test_a_window_without_cookies_too_is_told_what_to_do(app: Flask, lms: Platform) -> None:
    client = app.test_client(use_cookies=False)
    offered = first_form(lms.open_login(client, lms.login_params("student-1")).text)
    assert offered is not None
    answer = lms.open_login(client, offered.fields)
    assert_refusal_page(answer, 403)
    assert "cookies" in answer.text
    assert count(app, LoginState) == 0


def test_a_window_that_the_lms_opened_is_its_own_already(app: Flask, lms: Platform) -> None:
    client = app.test_client(use_cookies=False)
    page = client.post("/lti/login", data={**lms.login_params("student-1"), **STORAGE})
    probe_form = first_form(page.text)
    assert probe_form is not None
    headers = {**SAME_ORIGIN, "Sec-Fetch-Dest": "document"}
    answer = client.post(probe_form.action, data=probe_form.fields, headers=headers)
    assert_refusal_page(answer, 403)
    assert "cookies" in answer.text
    assert count(app, LoginState) == 0


def test_our_own_second_step_takes_no_strangers_request(lms: Platform, client: FlaskClient) -> None:
    answer = client.post(
        "/lti/login/continue",
        data=lms.login_params("student-1"),
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert_refusal_page(answer, 403)


def test_the_state_of_another_browser_is_refused(app: Flask, lms: Platform) -> None:
    mine, theirs = app.test_client(), app.test_client()
    begin(lms, mine)
    form = lms.answer(begin(lms, theirs))
    for browser in (mine, app.test_client()):
        answer = lms.post(browser, form)
        assert_refused(Try(form, "", answer), 403)
    assert_entered(lms.post(theirs, form))


def probe(lms: Platform, client: FlaskClient) -> TestResponse:
    """The first step of a frame, in a browser we do not know: its cookie is on the way."""
    page = client.post("/lti/login", data=lms.login_params("student-1"))
    assert page.status_code == 200
    return page


def go_on(client: FlaskClient, page: TestResponse) -> str:
    """The second step, as our own page takes it; gives the platform's address."""
    form = first_form(page.text)
    assert form is not None
    answer = client.post(form.action, data=form.fields, headers=SAME_ORIGIN)
    assert answer.status_code == 302, answer.text
    return answer.location


@pytest.mark.parametrize("number", [2, 60])
@pytest.mark.sqlite_only
def test_frames_that_open_at_once_in_a_new_browser_all_get_in(
    app: Flask, lms: Platform, number: int
) -> None:
    """Each goes on as soon as its own cookie is there; those of the others come after that."""
    client = app.test_client()
    pages = [probe(lms, app.test_client()) for _frame in range(number)]
    locations = []
    for page in pages:
        (cookie,) = page.headers.getlist("Set-Cookie")
        name, _equals, value = cookie.partition(";")[0].partition("=")
        client.set_cookie(name, value, domain="localhost")
        locations.append(go_on(client, page))
    handles = [assert_entered(lms.post(client, lms.answer(one))) for one in locations]

    sent = client.get("/healthz").request.headers["Cookie"]
    assert len(sent) < 8190, "more a server need not take"
    for handle in handles:
        assert client.get(f"/link?as={handle}").status_code == 200, "all on the screen live on"


def held(client: FlaskClient) -> list[str]:
    sent: list[str] = client.get("/healthz").request.headers.get("Cookie", "").split("; ")
    return [pair for pair in sent if pair.startswith(COOKIE_PREFIX)]


def test_a_browser_we_know_is_sent_on_at_once_and_gets_nothing(
    app: Flask, lms: Platform, client: FlaskClient, clock: TestClock
) -> None:
    begin(lms, client)
    clock.pass_(days=6)
    answer = client.post("/lti/login", data=lms.login_params("student-1"))
    assert answer.status_code == 302
    assert answer.headers.getlist("Set-Cookie") == []


def test_what_many_frames_were_given_is_taken_back_but_one(
    app: Flask, lms: Platform, client: FlaskClient, clock: TestClock
) -> None:
    pages = []
    for _frame in range(3):
        new = app.test_client()
        pages.append(probe(lms, new))
        (pair,) = held(new)
        name, _equals, value = pair.partition("=")
        client.set_cookie(
            name, value, domain="localhost", secure=True, httponly=True, samesite="None"
        )
        clock.pass_(seconds=1)
    *_before, last = held(client)

    begin(lms, client)
    assert len(held(client)) == 3, "a login may be under way with each"
    clock.pass_(hours=1)
    location = begin(lms, client)

    assert held(client) == [last]
    assert_entered(lms.post(client, lms.answer(location)))


SEALED = {"Origin": "null", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("place", ["iframe", "document"])
def test_a_sealed_frame_is_offered_a_window(
    app: Flask, lms: Platform, client: FlaskClient, known: bool, place: str
) -> None:
    """Its page has no origin; no page of ours could work there, whatever cookies it has.

    A window that such a frame opened may be sealed as well: an address can be copied.
    """
    page = probe(lms, app.test_client())
    if known:
        begin(lms, client)
    form = first_form(page.text)
    assert form is not None
    headers = {**SEALED, "Sec-Fetch-Dest": place}
    answer = client.post("/lti/login/continue", data=form.fields, headers=headers)
    assert answer.status_code == 200
    assert "closes it off so tightly" in answer.text
    (address,) = re.findall(r'id="elsewhere" value="([^"]+)"', answer.text)
    again = app.test_client().get(html.unescape(address).removeprefix("http://localhost"))
    assert again.status_code == 200
    assert first_form(again.text), "the login itself, in a tab of one's own"
