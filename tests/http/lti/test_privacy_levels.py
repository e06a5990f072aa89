"""An LMS that keeps names or addresses to itself: every sentence still says something."""

from __future__ import annotations

import html
import re
from typing import Unpack
from urllib.parse import urlsplit

import pytest
from factories import SAME_ORIGIN
from flask import Flask
from flask.testing import FlaskClient
from invitation_scene import Visitor
from launch_helpers import add_item, handle_of
from sqlalchemy import update
from werkzeug.test import TestResponse

from lti_tool.core.audit import OPERATOR
from lti_tool.core.db.session import db, transaction
from lti_tool.core.institutions import set_setting
from lti_tool.lti.registrations import by_name
from lti_tool.media.models import MediaItem
from sandbox.pending_launches import LaunchOptions
from sandbox.platform import Platform

pytestmark = pytest.mark.slow

NAMES = ("name", "given_name", "family_name")
LEVELS: dict[str, tuple[str, ...]] = {
    "public": (),
    "name only": ("email",),
    "email only": NAMES,
    "anonymous": (*NAMES, "email"),
}
FAMILY_NAME_ONLY = ("name", "given_name", "email")

UNFIT = re.compile(
    r"\bNone\b|\bnull\b|\bundefined\b|“\s*”|\(\s*\)"
    r"|\bBy\s*(•|$)|\bas\s*(,|:|in\b|until\b)|\bInvited by\s*(as|$)|\{\w+\}|%\(\w+\)"
)
"""What is left of a sentence that was made around a name which is not there."""


def visible(page: TestResponse) -> list[str]:
    """The sentences of a page, one for each element that holds text."""
    body = re.sub(r"<(script|style)\b.*?</\1>|<!--.*?-->", "", page.text, flags=re.DOTALL)
    blocks = re.split(r"</?(?:p|h\d|li|ul|div|dt|dd|button|a|label|header|main|form|nav)\b", body)
    lines = (re.sub(r"^[^<>]*>|<[^>]+>", " ", block) for block in blocks)
    said = (" ".join(html.unescape(line).split()) for line in lines)
    return [line for line in said if line]


def assert_sensible(page: TestResponse) -> None:
    assert page.status_code == 200, page.text
    for sentence in visible(page):
        assert not UNFIT.search(sentence), sentence
    for tag in re.findall(r"<(?:a|button|h\d|strong|option)\b[^>]*>\s*</", page.text):
        assert "hidden" in tag or "data-" in tag or "tabindex" in tag, tag
    for label in re.findall(r'(?:aria-label|alt|title)="\s*"', page.text):
        assert label == 'alt=""', label


@pytest.fixture
def media_id(app: Flask, lms: Platform) -> str:
    return add_item(app, "northfield", "11")


def set_in(app: Flask, **settings: str) -> None:
    with app.app_context(), transaction():
        for name, value in settings.items():
            set_setting(by_name("northfield").institution_id, name, value, OPERATOR)


def come(
    lms: Platform,
    client: FlaskClient,
    user: str,
    media_id: str,
    **options: Unpack[LaunchOptions],
) -> tuple[str, TestResponse]:
    """A launch to the item: the session's handle, and its page."""
    answer = lms.launch(client, user, lms.add_link(media=media_id), **options)
    assert answer.status_code == 303, answer.text
    return handle_of(answer), client.get(answer.location)


def invite(client: FlaskClient, media_id: str, handle: str, email: str = "eve@partner.org") -> str:
    """The path of a new invitation's link."""
    made = client.post(
        f"/api/v1/media/{media_id}/invitations",
        query_string={"as": handle},
        json={"email": email, "first_name": "Eve", "last_name": "Moss", "type": "viewer"},
        headers=SAME_ORIGIN,
    )
    assert made.status_code == 201, made.text
    return urlsplit(made.get_json()["link"]).path


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("user", ["instructor-1", "student-1", "admin"])
def test_every_page_of_the_course(
    app: Flask, lms: Platform, client: FlaskClient, media_id: str, user: str, level: str
) -> None:
    come(lms, app.test_client(), "instructor-1", media_id, drop=LEVELS[level])
    handle, page = come(lms, client, user, media_id, drop=LEVELS[level])
    assert_sensible(page)
    by_line = [line for line in visible(page) if line.startswith("By ")]
    name = lms.user("instructor-1").name
    assert by_line == ([f"By {name}"] if "name" not in LEVELS[level] else [])
    paths = [f"/media/{media_id}/use-link", "/link", "/link?shelf=course"]
    if user != "student-1":
        paths.append("/media/new")
    if user == "instructor-1":
        paths.append(f"/media/{media_id}/delete")
    if user == "admin":
        paths.append("/settings")
    for path in paths:
        joined = "&" if "?" in path else "?"
        assert_sensible(client.get(f"{path}{joined}as={handle}"))


@pytest.mark.parametrize("level", LEVELS)
def test_what_an_invitee_reads_of_who_invited_them(
    app: Flask, lms: Platform, client: FlaskClient, media_id: str, level: str
) -> None:
    handle, _page = come(lms, client, "instructor-1", media_id, drop=LEVELS[level])
    link = invite(client, media_id, handle)
    listed = client.get(f"/api/v1/media/{media_id}/invitations", query_string={"as": handle})
    named = lms.user("instructor-1").name if "name" not in LEVELS[level] else ""
    assert listed.get_json()["invitations"][0]["invited_by"] == named
    guest = Visitor(app)
    assert_sensible(guest.open(link))
    page = guest.open(guest.send(link, "eve@partner.org").location)
    assert_sensible(page)
    strip = next(line for line in visible(page) if "Viewer" in line)
    assert strip.startswith(f"Invited by {named} as" if named else "You are here by invitation as")


@pytest.mark.parametrize("level", LEVELS)
def test_the_question_beside_ones_own_session(
    app: Flask, lms: Platform, client: FlaskClient, media_id: str, level: str
) -> None:
    handle, _page = come(lms, client, "instructor-1", media_id, drop=LEVELS[level])
    link = invite(client, media_id, handle)
    inviter = Visitor(app)
    inviter.client = client
    assert_sensible(inviter.open(link))
    asked = inviter.send(link, "eve@partner.org")
    assert "use this invitation yourself?" in asked.text
    assert_sensible(asked)


@pytest.mark.parametrize("trusted", ["off", "on"])
@pytest.mark.parametrize("drop", [(), NAMES], ids=["named", "address only"])
def test_the_question_to_somebody_who_has_it_open_in_the_course(
    app: Flask,
    lms: Platform,
    client: FlaskClient,
    media_id: str,
    drop: tuple[str, ...],
    trusted: str,
) -> None:
    set_in(app, lms_email_trusted=trusted)
    handle, _page = come(lms, client, "instructor-1", media_id)
    link = invite(client, media_id, handle, lms.user("student-1").email)
    student = app.test_client()
    come(lms, student, "student-1", media_id, drop=drop)
    same_browser = Visitor(app)
    same_browser.client = student
    assert_sensible(same_browser.open(link))
    elsewhere = Visitor(app)
    asked = elsewhere.send(link, lms.user("student-1").email)
    if trusted == "on":
        asked = elsewhere.open(asked.location) if asked.status_code == 303 else asked
    else:
        assert "use it there?" in asked.text
    assert_sensible(asked)


def test_a_family_name_alone_is_a_name(
    app: Flask, lms: Platform, client: FlaskClient, media_id: str
) -> None:
    _handle, page = come(lms, client, "instructor-1", media_id, drop=FAMILY_NAME_ONLY)
    assert f"By {lms.user('instructor-1').family_name}" in visible(page)


def test_a_name_that_is_no_longer_sent_is_forgotten_but_for_what_was_noted(
    app: Flask, lms: Platform, client: FlaskClient, media_id: str
) -> None:
    """An item keeps the name under which it was put in."""
    with app.app_context(), transaction() as session:
        noted = update(MediaItem).where(MediaItem.id == media_id)
        session.execute(noted.values(owner_name="Prof. Santos"))
        db.session.expire_all()
    _handle, page = come(lms, client, "instructor-1", media_id)
    assert f"By {lms.user('instructor-1').name}" in visible(page)
    _handle, page = come(lms, client, "instructor-1", media_id, drop=NAMES)
    assert "By Prof. Santos" in visible(page)
