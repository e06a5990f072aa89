"""What a launch leads to: an item, the picker, a calm word."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from factories import SAME_ORIGIN
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import add_item, assert_entered, assert_refusal_page, handle_of, session_of
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core.db.session import db
from lti_tool.media.models import Publication
from sandbox.platform import Platform


def path(answer: TestResponse) -> str:
    return urlsplit(answer.location).path


def test_students_find_a_calm_word_in_an_empty_link(lms: Platform, client: FlaskClient) -> None:
    answer = lms.launch(client, "student-1")
    assert path(answer) == "/link"
    page = client.get(answer.location)
    assert page.status_code == 200
    assert "Nothing here yet" in page.text
    assert "<form" not in page.text.partition("<footer")[0]


@pytest.mark.parametrize("who", ["instructor-1", "assistant", "admin"])
def test_those_who_teach_find_the_picker(lms: Platform, client: FlaskClient, who: str) -> None:
    answer = lms.launch(client, who)
    page = client.get(answer.location)
    assert page.status_code == 200
    assert "Nothing here yet" not in page.text


def choose(client: FlaskClient, launched: TestResponse, media_id: str) -> TestResponse:
    query = {"as": parse_qs(urlsplit(launched.location).query)["as"]}
    data = {"media_id": media_id}
    return client.post("/link", query_string=query, data=data, headers=SAME_ORIGIN)


def test_what_a_teacher_chose_opens_for_everybody(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    media_id = add_item(app, "northfield", "11")
    chosen = choose(client, lms.launch(client, "instructor-1"), media_id)
    assert chosen.status_code == 303
    assert path(chosen) == f"/media/{media_id}"
    student = app.test_client()
    launched = lms.launch(student, "student-1")
    assert path(launched) == f"/media/{media_id}"
    assert "Owls" in student.get(launched.location).text


def test_what_was_chosen_and_deleted_is_found_again(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    media_id = add_item(app, "northfield", "11")
    first = lms.launch(client, "instructor-1")
    choose(client, first, media_id)
    named = {"query_string": {"as": handle_of(first)}}
    client.post(f"/media/{media_id}/delete", headers=SAME_ORIGIN, **named)
    student = app.test_client()
    assert path(lms.launch(student, "student-1")) == "/link"

    again = lms.launch(client, "instructor-1")
    assert path(again) == f"/media/{media_id}"
    undo = client.get(again.location)
    assert "Bring it back" in undo.text
    assert "Choose something else for this link" in undo.text
    assert f'<a href="/link?as={handle_of(again)}">My media</a>' in undo.text
    shelf = client.get("/link", **named).text
    assert f"/media/{media_id}/restore" in shelf
    assert "Show here" not in shelf
    assert "Owls" not in client.get(f"/link?shelf=course&as={handle_of(first)}").text

    client.post(f"/media/{media_id}/restore", headers=SAME_ORIGIN, **named)
    assert path(lms.launch(student, "student-1")) == f"/media/{media_id}"
    shown = client.get("/link", **named).text
    assert "This link shows “Owls” now." in shown
    assert "shown now" in shown
    assert "Show here" not in shown


def test_a_student_chooses_nothing(app: Flask, lms: Platform, client: FlaskClient) -> None:
    media_id = add_item(app, "northfield", "11")
    assert choose(client, lms.launch(client, "student-1"), media_id).status_code == 404
    with app.app_context():
        assert db.session.scalars(select(Publication)).all() == []


def test_a_colleagues_private_item_cannot_be_chosen(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    media_id = add_item(app, "northfield", "12")
    assert choose(client, lms.launch(client, "instructor-1"), media_id).status_code == 404


def test_a_link_with_an_item_opens_it_when_its_opener_may_publish_it(
    app: Flask, lms: Platform
) -> None:
    media_id = add_item(app, "northfield", "11")
    link = lms.add_link(media=media_id)
    early = app.test_client()
    assert_refusal_page(lms.launch(early, "student-1", link), 404)
    owner = app.test_client()
    assert path(lms.launch(owner, "instructor-1", link)) == f"/media/{media_id}"
    student = app.test_client()
    answer = lms.launch(student, "student-1", link)
    assert path(answer) == f"/media/{media_id}"
    assert student.get(answer.location).status_code == 200


def test_a_link_never_reaches_into_another_school(app: Flask, both_schools: Platform) -> None:
    """The same course id, the same sub: whatever the custom parameter says."""
    lms = both_schools
    theirs = add_item(app, "southgate", "11")
    for who in ("instructor-1", "student-1", "admin"):
        answer = lms.launch(app.test_client(), who, lms.add_link(media=theirs))
        assert_refusal_page(answer, 404)
        nothing = lms.launch(app.test_client(), who, lms.add_link(media="a" * 26))
        assert_refusal_page(nothing, 404)


@pytest.mark.parametrize("media", ["", " ", "$Media.id", "../settings", "A" * 26])
def test_a_parameter_that_names_nothing(lms: Platform, client: FlaskClient, media: str) -> None:
    answer = lms.launch(client, "student-1", claims={"custom": {"media": media}})
    if media.strip():
        assert_refusal_page(answer, 404)
    else:
        assert path(answer) == "/link"


def test_the_courses_title_and_the_persons_name_are_kept(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    answer = lms.launch(client, "student-1")
    session = session_of(app, assert_entered(answer))
    assert session.locale == "en-US"
    assert lms.course().title in client.get(answer.location).text
