"""A launch in a frame is answered by a page that may stand anywhere and holds no session."""

from __future__ import annotations

import html
import re

from factories import SAME_ORIGIN
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import assert_entered, begin, session_cookies
from werkzeug.test import TestResponse

from lti_tool.people.session_store import COOKIE_PREFIX
from sandbox.platform import Platform

POLICY = "Content-Security-Policy"
FRAMED = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site", "Accept": "text/html,*/*"}


def test_a_launch_in_a_frame_goes_on_from_a_page_that_may_stand_anywhere(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    form = lms.answer(begin(lms, client))
    page = client.post("/lti/launch", data=form.fields, headers=FRAMED)

    assert page.status_code == 200
    assert "frame-ancestors" not in page.headers[POLICY], "an app has no origin to be named"
    assert "frame-src 'self'" in page.headers[POLICY]
    (cookie,) = session_cookies(page)
    handle = cookie.removeprefix(COOKIE_PREFIX).partition("=")[0]
    (address,) = re.findall(r'data-gate="([^"]+)"', page.text)
    assert html.unescape(address).endswith(f"?as={handle}")
    assert "foyer-session" not in page.text, "it holds no session"
    shown = client.get(html.unescape(address))
    around = shown.headers[POLICY].partition("frame-ancestors ")[2]
    assert lms.base_url in around
    assert "*" not in around
    tried = client.get(check_address(page))
    assert tried.headers[POLICY].endswith(f"frame-ancestors 'self' {around}"), "as the page itself"
    (ticket,) = set(re.findall(r'name="ticket" value="([^"]+)"', page.text))
    form = {"ticket": html.unescape(ticket)}
    tab = app.test_client().post("/handover", data=form, headers=SAME_ORIGIN)
    assert_entered(tab)


def check_address(page: TestResponse) -> str:
    (found,) = re.findall(r'data-check="([^"]+)"', page.text)
    return html.unescape(found)
