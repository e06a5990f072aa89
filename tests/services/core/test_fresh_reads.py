"""A verb decides on what is true when it runs, whatever the same request has read before."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from factories import School, browser
from flask import Flask
from invitation_scene import ADA, Scene, make_scene
from sqlalchemy import event

from lti_tool.core.audit import OPERATOR
from lti_tool.core.db.session import db, transaction
from lti_tool.core.institutions import set_setting, setting
from lti_tool.invitations.redeem import Arrival, open_link, redeem
from lti_tool.invitations.rules import Verdict
from lti_tool.people.session_store import COOKIE_PREFIX, end_sessions
from lti_tool.people.sessions import principals

pytestmark = pytest.mark.every_database


@pytest.fixture
def scene(app: Flask, school: School) -> Scene:
    return make_scene(app, school)


def meanwhile(change: Callable[[], object]) -> None:
    """Somebody else's request, begun and finished in the middle of this one."""
    other = threading.Thread(target=change)
    other.start()
    other.join(30)
    assert not other.is_alive()


def test_switching_off_reaches_a_link_that_is_just_being_used(app: Flask, scene: Scene) -> None:
    token = scene.link().removeprefix("/i/")
    with app.test_request_context():
        assert open_link(token, []).verdict is None
        meanwhile(lambda: scene.set(enable=False))
        outcome = redeem(token, Arrival(principals=[], client="x", typed=ADA))
    assert outcome.verdict is Verdict.SWITCHED_OFF
    assert scene.audit() == ["created", "refused (switched_off)"]


def test_settings_are_read_anew_in_a_transaction_and_after_it(app: Flask, scene: Scene) -> None:
    institution = scene.school.institution_id
    with app.test_request_context():
        assert setting(institution, "enable") is True
        meanwhile(lambda: scene.set(enable=False))
        with transaction():
            assert setting(institution, "enable") is False
        assert setting(institution, "enable") is False


def test_a_change_that_is_taken_back_was_never_true(app: Flask, scene: Scene) -> None:
    institution = scene.school.institution_id

    def change_and_fail() -> None:
        with transaction():
            set_setting(institution, "enable", "off", OPERATOR)
            assert setting(institution, "enable") is False
            raise ZeroDivisionError

    with app.test_request_context():
        with pytest.raises(ZeroDivisionError):
            change_and_fail()
        assert setting(institution, "enable") is True


def test_a_session_does_not_outlive_its_end_within_the_request(app: Flask, scene: Scene) -> None:
    new = scene.teacher_session
    cookie = f"{COOKIE_PREFIX}{new.handle}={new.secret}"
    with app.test_request_context(headers={"Cookie": cookie}):
        assert [one.session_id for one in principals()] == [new.session_id]
        with transaction():
            assert len(principals()) == 1
            end_sessions(session_id=new.session_id)
            assert principals() == []
        assert principals() == []


def test_a_limited_view_looks_its_session_up_once(app: Flask, scene: Scene) -> None:
    asked: list[str] = []
    with app.app_context():
        engine = db.engine
    note = event.listens_for(engine, "before_cursor_execute")
    note(lambda _c, _cursor, statement, *_more: asked.append(statement))
    new = scene.teacher_session
    path = f"/api/v1/media/{scene.media_id}/invitees?q=a&as={new.handle}"
    assert browser(app, new).get(path).status_code == 200
    assert len([one for one in asked if "tool_session.handle IN" in one]) == 1
