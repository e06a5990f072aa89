"""An LMS keeps a link's address and loses its custom parameters: the item opens all the same.

(canvas-lms issue 1025, hypothesis/lms pull request 5555, chamilo pull request 8947)
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from factories import SAME_ORIGIN
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import (
    TOOL,
    add_item,
    assert_refusal_page,
    assert_refused,
    count,
    handle_of,
    try_launch,
)
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import db
from lti_tool.media.models import LinkNote, Publication
from sandbox.courses import Link
from sandbox.platform import Platform

LAUNCH = f"{TOOL}/lti/launch"


def path(answer: TestResponse) -> str:
    return urlsplit(answer.location or "").path


def made(lms: Platform, media_id: str, **more: object) -> Link:
    return lms.add_link("A film", url=f"{LAUNCH}?media={media_id}", **more)


def show_here(client: FlaskClient, launched: TestResponse, media_id: str) -> TestResponse:
    """Answer the question above the item."""
    named = {"as": handle_of(launched)}
    data = {"media_id": media_id}
    return client.post("/link/item", query_string=named, data=data, headers=SAME_ORIGIN)


def whys(app: Flask) -> list[str]:
    with app.app_context():
        found = db.session.scalars(
            select(AuditRecord).where(AuditRecord.action == "media.published")
        )
        return [str(one.details["why"]) for one in found]


def test_whoever_may_publish_it_is_asked(app: Flask, lms: Platform, client: FlaskClient) -> None:
    """Canvas signs whatever address a student puts into one of its own, for others to click."""
    media_id = add_item(app, "northfield", "11")
    link = made(lms, media_id)
    assert_refusal_page(lms.launch(app.test_client(), "student-1", link), 404)
    assert_refusal_page(lms.launch(app.test_client(), "instructor-2", link), 404)
    assert count(app, LinkNote) == 0

    opened = lms.launch(client, "instructor-1", link)
    assert path(opened) == f"/media/{media_id}"
    page = client.get(opened.location).text
    assert "Show “Owls” in this course?" in page
    assert count(app, Publication) == 0
    assert_refusal_page(lms.launch(app.test_client(), "student-1", link), 404)

    for _twice in range(2):
        assert path(show_here(client, opened, media_id)) == f"/media/{media_id}"
    assert "in this course?" not in client.get(opened.location).text
    assert whys(app) == ["confirmed where a link's address named it"]
    for _again in range(2):
        assert path(lms.launch(app.test_client(), "student-1", link)) == f"/media/{media_id}"


def test_who_may_not_publish_it_is_not_asked_and_cannot_answer(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    theirs, others = (
        add_item(app, "northfield", lms.sub_of(who)) for who in ("student-1", "instructor-1")
    )
    opened = lms.launch(client, "student-1", made(lms, theirs))
    assert path(opened) == f"/media/{theirs}"
    assert "in this course?" not in client.get(opened.location).text
    teacher = app.test_client()
    came = lms.launch(teacher, "instructor-2")
    for who, launched in ((client, opened), (teacher, came)):
        for media_id in (theirs, others, "a" * 26):
            show_here(who, launched, media_id)
    assert count(app, Publication) == 0


def test_what_is_published_already_is_not_asked_about(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    media_id = add_item(app, "northfield", "11")
    lms.launch(app.test_client(), "instructor-1", lms.add_link(media=media_id))
    assert whys(app) == ["resource link opened"], "the LMS keeps what the dialog gave it"
    for who in ("student-1", "instructor-1"):
        opened = lms.launch(client, who, made(lms, media_id))
        assert "in this course?" not in client.get(opened.location).text


def test_an_operators_item_opens_for_everybody(app: Flask, lms: Platform) -> None:
    media_id = add_item(app, "northfield", open_to_links=True)
    link = made(lms, media_id)
    assert path(lms.launch(app.test_client(), "student-1", link)) == f"/media/{media_id}"


def test_another_schools_item_stays_there(app: Flask, both_schools: Platform) -> None:
    theirs = add_item(app, "southgate", "11", open_to_links=True)
    for who in ("instructor-1", "admin"):
        answer = both_schools.launch(app.test_client(), who, made(both_schools, theirs))
        assert_refusal_page(answer, 404)


def test_in_a_copied_course_its_opener_is_asked_too(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    """Canvas tells the history of its course with whatever address somebody wrote into it."""
    media_id = add_item(app, "northfield", "11")
    lms.launch(app.test_client(), "instructor-1", lms.add_link(media=media_id))
    before = whys(app)
    copied = {"context": {"id": "copy"}, "custom": {"context_history": "201"}}
    answer = lms.launch(client, "instructor-1", made(lms, media_id), claims=copied)
    assert "/link/item" in client.get(answer.location).text
    assert whys(app) == before
    assert show_here(client, answer, media_id).status_code == 303
    assert len(whys(app)) == len(before) + 1


def test_the_custom_parameter_wins(app: Flask, lms: Platform) -> None:
    named, kept = (add_item(app, "northfield", "11", title=title) for title in "AB")
    link = made(lms, kept, custom={"media": named})
    assert path(lms.launch(app.test_client(), "instructor-1", link)) == f"/media/{named}"
    for no_id in ("", " ", "null", "$ResourceLink.custom.media", "undefined", kept + "x"):
        lost = made(lms, kept, custom={"media": no_id})
        assert path(lms.launch(app.test_client(), "instructor-1", lost)) == f"/media/{kept}"
    claims = {"custom": {"media": 7}}
    number = lms.launch(app.test_client(), "instructor-1", made(lms, kept), claims=claims)
    assert path(number) == f"/media/{kept}"


def test_an_address_is_only_that_beside_a_parameter_that_is_no_id(
    app: Flask, lms: Platform
) -> None:
    """It does not publish: nobody signed who wrote it."""
    media_id = add_item(app, "northfield", "11")
    link = made(lms, media_id, custom={"media": "null"})
    assert path(lms.launch(app.test_client(), "instructor-1", link)) == f"/media/{media_id}"
    assert lms.launch(app.test_client(), "student-1", link).status_code == 404


def test_an_item_is_no_gallery_though_the_whole_tool_says_so(app: Flask, lms: Platform) -> None:
    media_id = add_item(app, "northfield", "11")
    link = made(lms, media_id, custom={"show": "gallery"})
    assert path(lms.launch(app.test_client(), "instructor-1", link)) == f"/media/{media_id}"


def test_only_the_address_that_was_signed_counts(app: Flask, lms: Platform) -> None:
    media_id = add_item(app, "northfield", "11")
    link = made(lms, media_id)
    claims = {"target_link_uri": LAUNCH}
    tried = try_launch(lms, app.test_client(), "instructor-1", link, claims=claims)
    assert_refused(tried, 401)


@pytest.mark.parametrize("query", ["media=", "media=%00", "other=1", "media=..%2Fx", "&&=;%zz"])
def test_an_address_that_names_nothing(app: Flask, lms: Platform, query: str) -> None:
    link = lms.add_link("A film", url=f"{LAUNCH}?{query}")
    answer = lms.launch(app.test_client(), "student-1", link)
    assert answer.status_code == 404 or path(answer) == "/link"
