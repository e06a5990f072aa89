"""What real senders send: numbers as ids, a course without a link, the target spelled another way.

Read where that gives nobody anything, and named where it does not.
"""

from __future__ import annotations

import logging
from typing import Any

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import (
    TOOL,
    add_item,
    assert_entered,
    assert_refused,
    session_of,
    try_launch,
)
from sqlalchemy import select

from lti_tool.core.db.session import db
from lti_tool.people.models import Course, Person, ResourceLink
from sandbox.platform import Platform

NUMBERS: dict[str, Any] = {
    "sub": 31,
    "deployment_id": 1,
    "context": {"id": 201, "title": 2026},
    "resource_link": {"id": 7, "title": 1.5},
    "custom": {"week": 3, "open": True, "nothing": None, "more": {"a": 1}},
}


def test_ids_may_be_numbers(app: Flask, lms: Platform, client: FlaskClient) -> None:
    for _way in ("long", "short"):
        assert_entered(lms.launch(client, "student-1", claims=NUMBERS))
    texts = {**NUMBERS, "sub": "31", "deployment_id": "1"}
    texts |= {
        "context": {"id": "201", "title": "2026"},
        "resource_link": {"id": "7", "title": "1.5"},
    }
    assert_entered(lms.launch(client, "student-1", claims=texts))
    with app.app_context():
        assert db.session.scalars(select(Person.sub)).all() == ["31"]
        assert db.session.execute(select(Course.context_id, Course.title)).all() == [
            ("201", "2026")
        ]
        assert db.session.execute(select(ResourceLink.link_id, ResourceLink.title)).all() == [
            ("7", "1.5")
        ]


@pytest.mark.parametrize("unfit", ["c" * 256, True, ["201"], {"id": "201"}, 2.5, "a\x00b"])
def test_a_course_that_cannot_be_told_is_named_and_not_dropped(
    app: Flask, lms: Platform, client: FlaskClient, unfit: Any
) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    with structlog.testing.capture_logs() as lines:
        tried = try_launch(lms, client, claims={"context": {"id": unfit, "title": "Owls"}})
    assert_refused(tried, 400)
    assert "“context”" in tried.answer.text
    (line,) = [line for line in lines if line["event"] == "launch refused"]
    assert line["part"] == "context"
    assert line["why"] == ("id too long" if unfit == "c" * 256 else "id unfit")


@pytest.mark.parametrize("context", [None, {}, {"title": "Owls"}, {"id": None}, {"id": ""}])
def test_a_course_that_is_not_named_is_none(
    app: Flask, lms: Platform, client: FlaskClient, context: Any
) -> None:
    handle = assert_entered(lms.launch(client, "student-1", claims={"context": context}))
    assert session_of(app, handle).course_id is None


@pytest.mark.parametrize("link", [{}, {"title": "Media"}, {"id": ""}, {"id": None}])
@pytest.mark.parametrize("user", ["student-1", "instructor-1"])
def test_a_course_without_a_link_shows_its_media(
    app: Flask, lms: Platform, client: FlaskClient, link: dict[str, Any], user: str
) -> None:
    for _way in range(2):
        answer = lms.launch(client, user, claims={"resource_link": link})
        handle = assert_entered(answer)
        assert answer.location == f"/gallery?as={handle}"
        page = client.get(answer.location)
        assert page.status_code == 200
        assert session_of(app, handle).resource_link_id is None


def test_the_entry_in_the_menu_needs_no_link(lms: Platform, client: FlaskClient) -> None:
    options: dict[str, Any] = {"claims": {"custom": {"show": "gallery"}}}
    answer = lms.launch(client, "student-1", drop=("resource_link",), **options)
    assert answer.location.startswith("/gallery?")


def test_an_item_opens_without_a_link(app: Flask, lms: Platform, client: FlaskClient) -> None:
    media_id = add_item(app, "northfield", open_to_links=True)
    claims = {"custom": {"media": media_id}, "resource_link": {}}
    answer = lms.launch(client, "student-1", claims=claims)
    assert answer.location.startswith(f"/media/{media_id}?")
    assert client.get(answer.location).status_code == 200


def test_an_item_named_by_address_opens_without_link_and_course(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    media_id = add_item(app, "northfield", open_to_links=True)
    target = f"{TOOL}/lti/launch?media={media_id}"
    answer = lms.launch(
        client,
        "student-1",
        login={"target_link_uri": target},
        claims={"target_link_uri": target, "resource_link": {}},
        drop=("context",),
    )
    assert answer.location.startswith(f"/media/{media_id}?")


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize(("role", "standing"), [("Instructor", "manager"), ("Learner", "learner")])
def test_roles_may_be_one_text_and_hold_what_is_none(
    app: Flask, lms: Platform, client: FlaskClient, role: str, standing: str, listed: bool
) -> None:
    uri = f"http://purl.imsglobal.org/vocab/lis/v2/membership#{role}"
    claims = {"roles": [None, 7, uri, {"a": 1}] if listed else uri}
    handle = assert_entered(lms.launch(client, "student-1", claims=claims))
    assert session_of(app, handle).standing == standing


def test_without_course_and_link_nothing_can_be_opened(lms: Platform, client: FlaskClient) -> None:
    tried = try_launch(lms, client, claims={"resource_link": {}}, drop=("context",))
    assert_refused(tried, 400)
    assert "did not say what to open" in tried.answer.text


@pytest.mark.parametrize(
    ("named", "signed"),
    [
        ("/lti/launch?q=a%20b", "/lti/launch?q=a+b"),
        ("/lti/launch", "/lti/launch/"),
        ("/lti/launch", "/lti/x/../launch"),
        ("/lti/launch?x=" + "y" * 2500, "/lti/launch?x=" + "y" * 2500),
    ],
)
def test_the_target_may_be_spelled_another_way(
    lms: Platform, client: FlaskClient, named: str, signed: str
) -> None:
    login = {"target_link_uri": TOOL.replace("http://", "HTTP://") + named}
    claims = {"target_link_uri": TOOL + signed}
    answer = lms.launch(client, "student-1", login=login, claims=claims)
    assert_entered(answer)


def test_targets_that_differ_at_their_end_are_two(lms: Platform, client: FlaskClient) -> None:
    target = f"{TOOL}/lti/launch?x=" + "y" * 2500
    answer = lms.launch(
        client,
        "student-1",
        login={"target_link_uri": target},
        claims={"target_link_uri": target + "z"},
    )
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "address",
    [
        "https://school.example/\r\nSet-Cookie: x=1",
        "https://x.test\\@evil.example/",
        "https://user@evil.example/",
        "https://school.example/\tx",
        "https://school.example/\ud800",
        "https://school.example/ü?x=\x85",
        "https://[::1/",
    ],
)
def test_an_odd_way_back_is_no_way_back(
    app: Flask, lms: Platform, client: FlaskClient, address: str
) -> None:
    claims = {"launch_presentation": {"return_url": address}}
    answer = lms.launch(client, "student-1", claims=claims)
    session = session_of(app, assert_entered(answer))
    assert not any("evil" in origin for origin in session.frame_origins)
    page = client.get(answer.location)
    assert page.status_code == 200
    assert "evil" not in page.headers["Content-Security-Policy"]
    assert client.get(f"/return?as={session.handle}").status_code in (303, 404)
