"""An entry in a course's menu: all the media of the course."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from factories import SAME_ORIGIN, START
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import add_item, assert_refusal_page, handle_of
from media_samples import picture
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import db, transaction
from lti_tool.media.models import MediaItem, Publication
from lti_tool.people.models import Course
from sandbox.courses import Link
from sandbox.platform import Platform


@pytest.fixture
def entry(lms: Platform) -> Link:
    return lms.add_link("Media", custom={"show": "gallery"})


def address(launched: TestResponse, path: str = "/gallery", **query: str) -> str:
    """A page in the session of this launch."""
    assert urlsplit(launched.location).path == "/gallery", launched.text
    handle = handle_of(launched)
    more = "".join(f"&{name}={value}" for name, value in query.items())
    return f"{path}?as={handle}{more}"


def put(app: Flask, *titles: str, owner: str = "11", course: str = "201") -> list[str]:
    """Items that the course shows, the last one the latest; the course has been opened before."""
    ids = [add_item(app, "northfield", owner, title=title) for title in titles]
    with app.app_context(), transaction() as session:
        place = session.scalars(select(Course).where(Course.context_id == course)).one()
        for minute, media_id in enumerate(ids):
            shown = START + timedelta(minutes=minute)
            session.add(Publication(media_id=media_id, course_id=place.id, published_at=shown))
    return ids


def titles(page: TestResponse) -> list[str]:
    assert page.status_code == 200, page.text
    found = re.findall(r'<h2 class="item-name"[^>]*><a [^>]*><bdi>([^<]*)</bdi>', page.text)
    return [html.unescape(one) for one in found]


def test_everybody_finds_what_the_course_shows(
    app: Flask, lms: Platform, client: FlaskClient, entry: Link
) -> None:
    lms.launch(client, "instructor-1", entry)
    owls, hares = put(app, "Owls", "Hares & <others>")
    add_item(app, "northfield", "11", title="Nobody else's business")
    for who in ("student-1", "assistant", "instructor-2"):
        other = app.test_client()
        launched = lms.launch(other, who, entry)
        page = other.get(address(launched))
        assert titles(page) == ["Hares & <others>", "Owls"]
        assert lms.course().title in page.text
        assert "business" not in page.text
        assert ("Upload" in page.text) is (who != "student-1")
        item = other.get(address(launched, f"/media/{owls}"))
        assert item.status_code == 200
        assert "All media of this course" in item.text
    deleted = lms.launch(client, "instructor-1", entry)
    client.post(address(deleted, f"/media/{hares}/delete"), headers=SAME_ORIGIN)
    assert titles(client.get(address(deleted))) == ["Owls"]


def test_a_visitor_sees_what_the_course_shows(
    app: Flask, lms: Platform, client: FlaskClient, entry: Link
) -> None:
    lms.launch(client, "instructor-1", entry)
    put(app, "Owls")
    visitor = app.test_client()
    launched = lms.launch(visitor, "student-1", entry, drop=["sub"], claims={"roles": []})
    page = visitor.get(address(launched))
    assert titles(page) == ["Owls"]
    assert "/media/new" not in page.text


def test_an_empty_course_is_calm(
    app: Flask, lms: Platform, client: FlaskClient, entry: Link
) -> None:
    student = client.get(address(lms.launch(client, "student-1", entry))).text
    assert "Media appear here once your instructor has published some." in student
    assert "<form" not in student.partition("<footer")[0]
    teacher = app.test_client()
    page = teacher.get(address(lms.launch(teacher, "instructor-1", entry))).text
    assert "everybody in the course finds it here" in page


def test_other_courses_and_schools_stay_out(
    app: Flask, both_schools: Platform, client: FlaskClient, entry: Link
) -> None:
    lms = both_schools
    elsewhere = lms.add_link("Media", course="110", custom={"show": "gallery"})
    lms.launch(client, "instructor-2", elsewhere)
    put(app, "Cities", owner="12", course="110")
    theirs = lms.add_link("Media", school="southgate", custom={"show": "gallery"})
    for link in (entry, theirs):
        page = client.get(address(lms.launch(client, "instructor-2", link)))
        assert titles(page) == []
        assert "Cities" not in page.text


def test_it_is_searched_and_goes_on(
    app: Flask, lms: Platform, client: FlaskClient, entry: Link
) -> None:
    lms.launch(client, "instructor-1", entry)
    put(app, *(f"Lesson {number:02}" for number in range(59)), "Owls 1", "Owls 2", "Hares")
    launched = lms.launch(client, "student-1", entry)
    first = client.get(address(launched))
    assert len(titles(first)) == 60
    (more,) = re.findall(r'href="([^"]+)">More<', first.text)
    assert titles(client.get(html.unescape(more))) == ["Lesson 01", "Lesson 00"]
    assert titles(client.get(address(launched, q="owls"))) == ["Owls 2", "Owls 1"]
    nothing = client.get(address(launched, q="foxes"))
    assert titles(nothing) == []
    assert "Nothing with these words in its title" in nothing.text


@contextmanager
def counting(app: Flask) -> Iterator[list[str]]:
    """The statements that go to the database meanwhile."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_many_items_ask_the_database_no_more_than_few(
    app: Flask, lms: Platform, client: FlaskClient, entry: Link
) -> None:
    lms.launch(client, "instructor-1", entry)
    put(app, "Owls")
    page = address(lms.launch(client, "student-1", entry))
    with counting(app) as few:
        assert len(titles(client.get(page))) == 1
    put(app, *(f"Lesson {number}" for number in range(59)), owner="12")
    with counting(app) as many:
        assert len(titles(client.get(page))) == 60
    assert 0 < len(many) == len(few) <= 8


def test_staff_publish_what_they_have(
    app: Flask, lms: Platform, client: FlaskClient, entry: Link
) -> None:
    mine = add_item(app, "northfield", "11", title="My own")
    private = add_item(app, "northfield", "12", title="A colleague's own")
    launched = lms.launch(client, "instructor-1", entry)
    page = client.get(address(launched, "/gallery/add"))
    assert "Publish in this course" in page.text
    assert mine in page.text
    assert private not in page.text
    send = address(launched, "/gallery/add")
    for wrong in (private, "a" * 26, ""):
        refused = client.post(send, data={"media_id": wrong}, headers=SAME_ORIGIN)
        assert_refusal_page(refused, 404)
    done = client.post(send, data={"media_id": mine}, headers=SAME_ORIGIN)
    assert urlsplit(done.location).path == "/gallery"
    student = app.test_client()
    assert titles(student.get(address(lms.launch(student, "student-1", entry)))) == ["My own"]
    with app.app_context():
        (record,) = db.session.scalars(
            select(AuditRecord).where(AuditRecord.action == "media.published")
        )
    assert record.details["why"] == "published in the course's gallery"


def test_what_was_deleted_there_says_where_it_is_found(
    app: Flask, lms: Platform, client: FlaskClient, entry: Link
) -> None:
    launched = lms.launch(client, "instructor-1", link=entry)
    (media_id,) = put(app, "Owls")

    gone = client.post(
        address(launched, f"/media/{media_id}/delete"), headers=SAME_ORIGIN, follow_redirects=True
    )

    assert f'<a href="{address(launched, "/gallery/add")}">From my media</a>' in gone.text
    assert f'href="{address(launched)}"' in gone.text


def test_students_publish_nothing(
    app: Flask, lms: Platform, client: FlaskClient, entry: Link
) -> None:
    media_id = add_item(app, "northfield", "21")
    launched = lms.launch(client, "student-1", entry)
    send = address(launched, "/gallery/add")
    assert_refusal_page(client.get(send), 404)
    refused = client.post(send, data={"media_id": media_id}, headers=SAME_ORIGIN)
    assert_refusal_page(refused, 404)
    with app.app_context():
        assert db.session.scalars(select(Publication)).all() == []


def test_what_is_uploaded_there_appears_there(
    app: Flask,
    lms: Platform,
    client: FlaskClient,
    entry: Link,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    launched = lms.launch(client, "instructor-1", entry)
    form = client.get(address(launched, "/media/new"))
    assert re.search(r'class="back turns" href="/gallery\?as=', form.text)
    file = picture(tmp_path_factory.mktemp("owl") / "owl.png")
    sent = client.post(
        address(launched, "/media/new"),
        data={"file": (file.open("rb"), "owl.png"), "title": "A new owl"},
        headers=SAME_ORIGIN,
    )
    assert urlsplit(sent.location).path.startswith("/media/")
    assert titles(client.get(address(launched))) == ["A new owl"]


def test_a_link_to_an_item_is_no_gallery(app: Flask, lms: Platform, client: FlaskClient) -> None:
    """Some platforms send the tool's own parameters with every link."""
    media_id = add_item(app, "northfield", "11")
    link = lms.add_link(custom={"show": "gallery", "media": media_id})
    for _ in range(2):
        launched = lms.launch(client, "instructor-1", link)
        assert urlsplit(launched.location).path == f"/media/{media_id}"
    assert "All media of this course" not in client.get(launched.location).text


def test_one_link_may_become_an_entry_and_cease_to_be_one(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    """Canvas has one resource link for all that is opened from a course's menu."""
    for custom, path in (({"show": "gallery"}, "/gallery"), ({}, "/link")) * 2:
        for _ in range(2):
            launched = lms.launch(client, "student-1", claims={"custom": custom})
            assert urlsplit(launched.location).path == path


def test_outside_a_course_there_is_none(lms: Platform, client: FlaskClient, entry: Link) -> None:
    launched = lms.launch(client, "instructor-1", entry, drop=["context"])
    assert_refusal_page(client.get(launched.location), 404)


def test_items_keep_their_titles(
    app: Flask, lms: Platform, client: FlaskClient, entry: Link
) -> None:
    lms.launch(client, "instructor-1", entry)
    (media_id,) = put(app, "<script>alert(1)</script>")
    page = client.get(address(lms.launch(client, "student-1", entry)))
    assert "<script>alert" not in page.text
    with app.app_context():
        item = db.session.get(MediaItem, media_id)
        assert item is not None
        assert titles(page) == [item.title]
