"""Change what this link shows: for whoever may choose for it, also after a wrong choice."""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

import pytest
from factories import SAME_ORIGIN, all_at_once, as_written
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import add_item, handle_of
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import db
from lti_tool.media.models import LinkChoice
from sandbox.courses import Link
from sandbox.platform import Platform

CHANGE = "Change what this link shows"


def path(answer: TestResponse) -> str:
    return urlsplit(answer.location or "").path


class Teacher:
    """Somebody in a browser, who came by a link."""

    def __init__(self, app: Flask, lms: Platform, who: str, link: Link | None = None) -> None:
        self.client: FlaskClient = app.test_client()
        self.launched = lms.launch(self.client, who, link)
        self.handle = handle_of(self.launched)

    def page(self) -> str:
        return self.client.get(self.launched.location).text

    def get(self, address: str, **query: str) -> TestResponse:
        return self.client.get(address, query_string={"as": self.handle, **query})

    def post(self, address: str, **data: str) -> TestResponse:
        query = {"as": self.handle}
        return self.client.post(address, query_string=query, data=data, headers=SAME_ORIGIN)

    def choose(self, media_id: str) -> TestResponse:
        return self.post("/link", media_id=media_id)


def link_in_menu(page: str) -> str:
    (address,) = re.findall(rf'href="([^"]+)"[^>]*>(?:(?!</a>).)*{CHANGE}', page, re.DOTALL)
    return html.unescape(address)


def told(app: Flask) -> list[tuple[str, str | None, str | None]]:
    with app.app_context():
        rows = db.session.scalars(
            select(AuditRecord)
            .where(AuditRecord.action.startswith("media.link_"))
            .order_by(*as_written())
        ).all()
        return [(row.action, row.subject_id, row.details.get("former")) for row in rows]


def test_a_wrong_choice_is_mended_by_a_colleague(app: Flask, lms: Platform) -> None:
    wrong = add_item(app, "northfield", "11", title="Wrong")
    right = add_item(app, "northfield", "12", title="Right")
    Teacher(app, lms, "instructor-1").choose(wrong)
    colleague = Teacher(app, lms, "instructor-2")
    assert path(colleague.launched) == f"/media/{wrong}"
    shelf = colleague.client.get(link_in_menu(colleague.page())).text
    assert "This link shows “Wrong” now." in shelf
    assert f"/media/{wrong}?as={colleague.handle}" in shelf, "the way back"
    assert "Show here" in shelf
    course = colleague.get("/link", shelf="course").text
    assert "shown now" in course
    assert "Show here" not in course
    assert path(colleague.choose(right)) == f"/media/{right}"
    assert path(lms.launch(app.test_client(), "student-1")) == f"/media/{right}"
    assert told(app) == [("media.link_bound", wrong, None), ("media.link_bound", right, wrong)]
    colleague.choose(right)
    assert len(told(app)) == 2, "the same once more is no change"


def test_a_choice_is_taken_away(app: Flask, lms: Platform) -> None:
    media_id = add_item(app, "northfield", "11")
    teacher = Teacher(app, lms, "instructor-1")
    teacher.choose(media_id)
    assert path(teacher.post("/link/clear")) == "/link"
    assert path(lms.launch(app.test_client(), "student-1")) == "/link"
    assert "Until you choose" in teacher.get("/link").text
    assert told(app)[-1] == ("media.link_unbound", media_id, None)
    assert path(teacher.post("/link/clear")) == "/link"
    assert len(told(app)) == 2


def test_after_the_chosen_item_was_deleted(app: Flask, lms: Platform) -> None:
    media_id = add_item(app, "northfield", "11")
    owner = Teacher(app, lms, "instructor-1")
    owner.choose(media_id)
    owner.post(f"/media/{media_id}/delete")
    colleague = Teacher(app, lms, "instructor-2")
    assert path(colleague.launched) == "/link"
    page = colleague.page()
    assert "What this link showed was deleted." in page
    assert "Owls" not in page
    assert path(colleague.post("/link/clear")) == "/link"
    assert "What this link showed" not in colleague.page()


@pytest.mark.parametrize(
    ("who", "may"),
    [("instructor-2", True), ("assistant", True), ("admin", True), ("student-1", False)],
)
def test_who_finds_it_in_the_menu(app: Flask, lms: Platform, who: str, may: bool) -> None:
    media_id = add_item(app, "northfield", "11")
    Teacher(app, lms, "instructor-1").choose(media_id)
    other = Teacher(app, lms, who)
    assert (CHANGE in other.page()) is may
    assert (other.post("/link/clear").status_code == 303) is may
    assert (path(lms.launch(app.test_client(), "student-2")) == "/link") is may


def test_what_the_lms_names_is_changed_there(app: Flask, lms: Platform) -> None:
    media_id = add_item(app, "northfield", "11")
    link = lms.add_link("A film", media=media_id)
    teacher = Teacher(app, lms, "instructor-1", link)
    page = teacher.client.get(link_in_menu(teacher.page()))
    assert page.status_code == 200
    assert "edit the link in your course" in page.text
    assert f"/media/{media_id}?as={teacher.handle}" in page.text
    assert "Show here" not in page.text
    assert teacher.choose(media_id).status_code == 404
    student = Teacher(app, lms, "student-1", link)
    assert CHANGE not in student.page()
    assert "Nothing here yet" in student.get("/link").text


def test_the_way_back_leads_to_no_stranger(app: Flask, lms: Platform) -> None:
    theirs = add_item(app, "northfield", "12")
    teacher = Teacher(app, lms, "instructor-1")
    for named in (theirs, "a" * 26, "../x", ""):
        assert theirs not in teacher.get("/link", item=named).text


# A duplicate whose LMS tells no history ----------------------------------------------------------


def test_a_duplicate_is_offered_what_its_original_shows(app: Flask, lms: Platform) -> None:
    """As Moodle duplicates an activity (4.5 knows no history of links)."""
    owls, hares = (add_item(app, "northfield", "11", title=title) for title in ("Owls", "Hares"))
    for number, (title, item) in enumerate((("Week 1", owls), ("Week 2", hares))):
        first = Teacher(app, lms, "instructor-1", lms.add_link(title, id=f"{number + 1}"))
        first.choose(item)
    copied = lms.add_link("Week 1 (Kopie)", id="3")
    student = Teacher(app, lms, "student-1", copied)
    assert "Nothing here yet" in student.page()
    assert "Owls" not in student.page()

    colleague = Teacher(app, lms, "instructor-2", copied)
    page = colleague.page()
    assert "Is this link a copy?" in page
    offered = re.findall(r"Show “(\w+)”", page)
    assert offered == ["Owls", "Hares"]
    (form,) = re.findall(r"<form(?:(?!</form>).)*Show “Owls”", page, re.DOTALL)
    (media_id,) = re.findall(r'name="media_id" value="([^"]+)"', form)
    assert path(colleague.choose(media_id)) == f"/media/{owls}"
    assert path(lms.launch(app.test_client(), "student-1", copied)) == f"/media/{owls}"
    assert "Is this link a copy?" not in colleague.get("/link").text


def test_nothing_of_other_courses_or_of_nobody_is_offered(app: Flask, lms: Platform) -> None:
    elsewhere = add_item(app, "northfield", "12", title="Elsewhere")
    Teacher(app, lms, "instructor-2", lms.add_link("Week 1", course="110")).choose(elsewhere)
    deleted = add_item(app, "northfield", "11", title="Deleted")
    teacher = Teacher(app, lms, "instructor-1", lms.add_link("Week 1", id="1"))
    teacher.choose(deleted)
    teacher.post(f"/media/{deleted}/delete")
    page = Teacher(app, lms, "instructor-2", lms.add_link("Week 1", id="2")).page()
    assert "Is this link a copy?" not in page


def test_choices_at_once_leave_one(app: Flask, lms: Platform) -> None:
    items = [add_item(app, "northfield", "11", title=title) for title in "ABC"]
    teachers = [Teacher(app, lms, "instructor-1") for _ in items]
    pairs = zip(teachers, items, strict=True)
    answers = all_at_once([lambda who=who, item=item: who.choose(item) for who, item in pairs])
    assert [answer.status_code for answer in answers] == [303] * 3
    with app.app_context():
        (chosen,) = db.session.scalars(select(LinkChoice.media_id)).all()
    assert chosen in items
    assert path(lms.launch(app.test_client(), "student-1")) == f"/media/{chosen}"
