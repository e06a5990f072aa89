"""The media page as a student sees it, and back."""

from __future__ import annotations

import pytest
from factories import SAME_ORIGIN, School, browser
from flask import Flask
from invitation_scene import TITLE, Scene, make_scene
from sqlalchemy import delete, func, select

from lti_tool.core.db.session import db, transaction
from lti_tool.media.models import Publication, Viewing
from lti_tool.people.rules import Standing
from lti_tool.people.session_store import NewSession

STRIP = "As a student sees it"
POWERS = ("Invite users", "Delete this?")


@pytest.fixture
def scene(app: Flask, school: School) -> Scene:
    return make_scene(app, school)


def page(scene: Scene, session: NewSession, view: str = "") -> str:
    address = f"/media/{scene.media_id}?as={session.handle}"
    answer = browser(scene.app, session).get(address + (f"&view={view}" if view else ""))
    assert answer.status_code == 200
    assert TITLE in answer.text
    return answer.text


def viewings(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Viewing)) or 0


def test_who_may_more_sees_it_on_request(app: Flask, scene: Scene) -> None:
    own = page(scene, scene.teacher_session)
    assert "Preview as a student" in own
    assert STRIP not in own
    before = viewings(app)

    seen = page(scene, scene.teacher_session, "student")

    assert STRIP in seen
    assert "Back to your own view" in seen
    assert not [power for power in POWERS if power in seen]
    assert viewings(app) == before, "and it is no viewing, so never a play"


def test_a_preview_takes_no_right_away(scene: Scene) -> None:
    client = browser(scene.app, scene.teacher_session)
    address = f"/media/{scene.media_id}?as={scene.teacher_session.handle}&view=student"
    assert STRIP in client.get(address).text
    query = f"?as={scene.teacher_session.handle}"
    asked = client.post(f"/media/{scene.media_id}/delete{query}", headers=SAME_ORIGIN)
    assert asked.status_code == 303


def test_an_owner_who_comes_as_a_student_sees_what_students_see(scene: Scene) -> None:
    """As after "Switch role to" in Moodle, which tells of the role alone."""
    switched = scene.launched("prof", Standing.LEARNER)
    seen = page(scene, switched)
    assert STRIP in seen
    assert "sent you here as a student" in seen
    assert not [power for power in POWERS if power in seen]
    own = page(scene, switched, "own")
    assert STRIP not in own
    assert "Delete" in own


@pytest.mark.parametrize("view", ["", "student", "own", "x"])
def test_to_students_it_is_their_own_page(scene: Scene, view: str) -> None:
    seen = page(scene, scene.launched("wren"), view)
    assert STRIP not in seen
    assert "Preview as a student" not in seen


def test_an_item_that_students_do_not_see_says_so(app: Flask, scene: Scene) -> None:
    with app.app_context(), transaction() as session:
        session.execute(delete(Publication))
    assert "Students of this course do not see this page" in page(
        scene, scene.teacher_session, "student"
    )
    assert STRIP not in page(scene, scene.launched("prof", Standing.LEARNER))
