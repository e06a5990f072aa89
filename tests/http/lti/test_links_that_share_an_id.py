"""Links whose LMS gives them all one id, the course's: what one opens is not another's business.

(canvas-lms issues 1944 and 1952)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from factories import SAME_ORIGIN, browser
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import add_item, begin, count, handle_of, session_of
from sqlalchemy import event
from werkzeug.test import TestResponse

from lti_tool.core.db.session import db
from lti_tool.media import deleting
from lti_tool.media.models import LinkChoice, LinkNote, MediaItem
from lti_tool.people.models import Course, ResourceLink
from sandbox.platform import Platform

ONE_ID = {"id": "201", "title": "A title of its own"}


def path(answer: TestResponse) -> str:
    return urlsplit(answer.location or "").path


class Class:
    """A course all of whose links come under one id."""

    def __init__(self, app: Flask, lms: Platform) -> None:
        self.app, self.lms = app, lms

    def open(
        self,
        who: str,
        custom: Mapping[str, str] | None = None,
        *,
        client: FlaskClient | None = None,
        **more: object,
    ) -> TestResponse:
        claims = {"resource_link": ONE_ID, "custom": dict(custom or {}), **more}
        return self.lms.launch(client or self.app.test_client(), who, claims=claims)

    def choose(self, media_id: str, who: str = "instructor-1", **more: object) -> TestResponse:
        client = self.app.test_client()
        query = {"as": handle_of(self.open(who, client=client, **more))}
        sent = {"query_string": query, "data": {"media_id": media_id}, "headers": SAME_ORIGIN}
        return client.post("/link", **sent)


@pytest.fixture
def course(app: Flask, lms: Platform) -> Class:
    return Class(app, lms)


@pytest.fixture
def chosen(app: Flask, course: Class) -> str:
    """The item that the course's plain link shows."""
    media_id = add_item(app, "northfield", "11", title="Chosen")
    assert course.choose(media_id).status_code == 303
    return media_id


@pytest.mark.parametrize("who", ["instructor-1", "instructor-2", "assistant", "admin", "student-1"])
def test_no_embed_changes_what_the_plain_link_opens(
    app: Flask, course: Class, chosen: str, who: str
) -> None:
    embedded = add_item(app, "northfield", "11", title="Embedded")
    course.open("instructor-1", {"media": embedded})
    for _again in range(2):
        assert path(course.open(who, {"media": embedded})) == f"/media/{embedded}"
        assert path(course.open(who)) == f"/media/{chosen}"
    course.open(who, {"media": "a" * 26})
    course.open(who, {"show": "gallery"})
    assert path(course.open("student-2")) == f"/media/{chosen}"
    with app.app_context():
        told = [deleting.count_links(db.session.get(MediaItem, one)) for one in (chosen, embedded)]
    assert told == [1, 1]


def test_a_choice_is_none_for_the_embeds(app: Flask, course: Class) -> None:
    embedded, other = (add_item(app, "northfield", "11", title=title) for title in "AB")
    course.open("instructor-1", {"media": embedded})
    assert path(course.open("student-1")) == "/link"
    course.choose(other)
    assert path(course.open("student-1", {"media": embedded})) == f"/media/{embedded}"
    assert path(course.open("student-1")) == f"/media/{other}"


def test_a_gallery_keeps_its_way_back_whatever_others_open(
    app: Flask, course: Class, chosen: str
) -> None:
    embedded = add_item(app, "northfield", "11", title="Embedded")
    client = app.test_client()
    entered = course.open("instructor-1", {"show": "gallery"}, client=client)
    assert path(entered) == "/gallery"
    course.open("instructor-2", {"media": embedded})
    course.open("student-1")
    page = client.get(f"/media/{chosen}", query_string={"as": handle_of(entered)}).text
    assert "All media of this course" in page
    assert "Change what this link shows" not in page
    # And what came by another link is no gallery, whoever came by the menu since.
    plain, framed = app.test_client(), app.test_client()
    sessions = [
        (plain, course.open("instructor-1", client=plain)),
        (framed, course.open("instructor-1", {"media": embedded}, client=framed)),
    ]
    course.open("student-2", {"show": "gallery"})
    for browsing, launched in sessions:
        assert "All media of this course" not in browsing.get(launched.location).text


def test_only_whoever_came_by_the_plain_link_chooses_for_it(
    app: Flask, course: Class, chosen: str
) -> None:
    other = add_item(app, "northfield", "11", title="Other")
    for custom in ({"show": "gallery"}, {"media": chosen}):
        assert course.choose(other, custom=custom).status_code == 404
    assert path(course.open("student-1")) == f"/media/{chosen}"


def test_the_same_id_in_another_course_is_another_link(
    app: Flask, course: Class, chosen: str
) -> None:
    other = add_item(app, "northfield", "11", title="Of the other course")
    elsewhere = {"context": {"id": "another", "title": "Another"}}
    assert path(course.open("student-1", **elsewhere)) == "/link"
    assert course.choose(other, **elsewhere).status_code == 303
    for _again in range(2):
        assert path(course.open("student-1", **elsewhere)) == f"/media/{other}"
        assert path(course.open("student-1")) == f"/media/{chosen}"
    assert count(app, ResourceLink) == count(app, LinkChoice) == 2


def test_an_embed_renames_no_link(app: Flask, course: Class) -> None:
    def title() -> str:
        with app.app_context():
            return db.session.query(ResourceLink).one().title

    embedded = add_item(app, "northfield", "11", title="Embedded")
    course.open("student-1", resource_link={"id": "201", "title": "The plain link"})
    for custom in ({"media": embedded}, {"show": "gallery"}):
        course.open("instructor-1", custom)
        assert title() == "The plain link"
    course.open("student-1")
    assert title() == "A title of its own"
    course.open("student-1", resource_link={"id": "201"})
    assert title() == "A title of its own", "a message that tells none"


def test_a_launch_that_names_no_course_takes_its_name_from_nobody(
    app: Flask, course: Class
) -> None:
    for context in ({"id": "201", "title": "Owls"}, {"id": "201"}, {"id": "201", "title": ""}):
        course.open("student-1", context=context)
    with app.app_context():
        assert db.session.query(Course).one().title == "Owls"


@contextmanager
def long_way(app: Flask) -> Iterator[list[str]]:
    """What is written meanwhile about links and items; the short way is not seen here."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith(("INSERT INTO resource_link", "INSERT INTO media_")):
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_each_of_them_is_a_known_place(app: Flask, lms: Platform, course: Class) -> None:
    """Links that take turns under one id are opened as fast as one that is alone."""
    chosen = add_item(app, "northfield", "11", title="Chosen")
    course.choose(chosen)
    embeds = [add_item(app, "northfield", "11", title=title) for title in "AB"]
    launches = [{}, {"show": "gallery"}, *({"media": one} for one in embeds)]
    for custom in launches:
        course.open("instructor-1", custom)
    for number, custom in enumerate(launches * 2):
        client = app.test_client()
        link = {**ONE_ID, "title": f"Embed {number}"} if custom else ONE_ID
        form = lms.answer(
            begin(lms, client, "instructor-1"), claims={"resource_link": link, "custom": custom}
        )
        with long_way(app) as statements:
            assert lms.post(client, form).status_code == 303
        assert statements == []
    assert count(app, LinkNote) == 2


def test_a_tab_of_its_own_is_what_its_frame_was(app: Flask, course: Class, chosen: str) -> None:
    client = app.test_client()
    entered = course.open("instructor-1", {"show": "gallery"}, client=client)
    query = {"as": handle_of(entered)}
    ticket = client.post("/api/v1/tickets", query_string=query, headers=SAME_ORIGIN).json["ticket"]
    form = {"ticket": ticket, "media_id": chosen}
    tab = browser(app).post("/handover", data=form, headers=SAME_ORIGIN)
    assert session_of(app, handle_of(tab)).link_shows == "gallery"
