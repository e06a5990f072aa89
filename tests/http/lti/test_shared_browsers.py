"""A computer that people share: whoever comes from the LMS ends what somebody else left open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
from cookieless import SCRIPT, Tab
from factories import SAME_ORIGIN, School, TestClock, all_at_once, as_written, make_school
from flask import Flask
from flask.testing import FlaskClient
from invitation_scene import make_item
from launch_helpers import (
    add_item,
    assert_entered,
    assert_refused,
    register,
    session_of,
    try_launch,
)
from sqlalchemy import event, select

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import db
from lti_tool.media.access import grant
from lti_tool.people.session_store import COOKIE_PREFIX
from sandbox.courses import Link
from sandbox.pending_launches import LaunchOptions
from sandbox.platform import Platform

pytestmark = pytest.mark.slow

VOCABULARY = "http://purl.imsglobal.org/vocab/l"
VISITOR: LaunchOptions = {
    "claims": {"roles": [VOCABULARY + "is/v2/system/person#None"]},
    "drop": ("sub", "name", "given_name", "family_name", "email"),
}
STUDENT_VIEW: LaunchOptions = {
    "claims": {
        "sub": "made-up",
        "name": "Test Student",
        "roles": [
            VOCABULARY + "is/v2/membership#Learner",
            VOCABULARY + "ti/system/person#TestUser",
        ],
    },
}
ACTING_AS: LaunchOptions = {"claims": {"custom": {"masquerading_user": "1"}}}


def let_several_be(app: Flask, *, several: bool) -> None:
    config = app.extensions["foyer.config"]
    app.extensions["foyer.config"] = replace(config, several_people=several)


@pytest.fixture
def shared(app: Flask) -> Flask:
    """The tool as on a server: its browsers may be those of a library."""
    let_several_be(app, several=False)
    return app


@pytest.fixture
def media_id(shared: Flask, lms: Platform) -> str:
    return add_item(shared, "northfield", open_to_links=True)


@pytest.fixture
def link(lms: Platform, media_id: str) -> Link:
    return lms.add_link(media=media_id)


def launch(client: FlaskClient, lms: Platform, user: str, link: Link, **more: object) -> str:
    """Into the tool from this browser; gives the handle."""
    return assert_entered(lms.launch(client, user, link, **more))  # type: ignore[arg-type]


@pytest.fixture
def admin(client: FlaskClient, lms: Platform, link: Link) -> str:
    """The handle of an administrator who went away from the browser."""
    handle = launch(client, lms, "admin", link)
    assert client.get(f"/settings?as={handle}").status_code == 200
    return handle


def is_open(app: Flask, handle: str) -> bool:
    return session_of(app, handle).ended_at is None


def holds(client: FlaskClient, handle: str) -> bool:
    return client.get_cookie(COOKIE_PREFIX + handle) is not None


@dataclass(frozen=True)
class Ended:
    session_id: str | None
    by_session: str | None
    why: str


def ends_in_audit(app: Flask) -> list[Ended]:
    with app.app_context():
        ended = select(AuditRecord).where(AuditRecord.action == "session.ended")
        rows = db.session.scalars(ended.order_by(*as_written()))
        return [Ended(row.subject_id, row.session_id, row.details["why"]) for row in rows]


def test_a_students_launch_closes_what_an_administrator_left_open(
    shared: Flask, lms: Platform, client: FlaskClient, link: Link, admin: str, media_id: str
) -> None:
    ticket = client.post(f"/api/v1/tickets?as={admin}", headers=SAME_ORIGIN).json["ticket"]
    secret = client.get_cookie(COOKIE_PREFIX + admin)
    assert secret is not None
    student = launch(client, lms, "student-1", link)

    assert not holds(client, admin), "the cookie is taken back"
    client.set_cookie(COOKIE_PREFIX + admin, secret.value, domain="localhost")
    for address in ("/settings", f"/settings?as={admin}", f"/settings?as={student}"):
        assert client.get(address).status_code == 404
        sent = client.post(address, data={"enable": "off"}, headers=SAME_ORIGIN)
        assert sent.status_code == 404
    assert client.get(f"/media/{media_id}?as={admin}").status_code == 404
    asked = client.post(f"/api/v1/tickets?as={admin}", headers=SCRIPT)
    assert asked.status_code == 401
    assert asked.json["type"].endswith("session-ended")
    tab = shared.test_client()
    assert tab.post("/handover", data={"ticket": ticket}, headers=SAME_ORIGIN).status_code == 404

    former, now = session_of(shared, admin), session_of(shared, student)
    assert former.ended_at is not None
    assert now.ended_at is None
    assert ends_in_audit(shared) == [Ended(former.id, now.id, "another_person")]


def test_one_browser_is_several_people_where_the_operator_says_so(
    shared: Flask, lms: Platform, client: FlaskClient, link: Link, admin: str
) -> None:
    let_several_be(shared, several=True)
    launch(client, lms, "student-1", link)
    assert is_open(shared, admin)
    assert client.get(f"/settings?as={admin}").status_code == 200
    assert ends_in_audit(shared) == []


def test_an_open_tab_of_the_former_person_is_closed_too(
    shared: Flask, lms: Platform, client: FlaskClient, link: Link, admin: str, media_id: str
) -> None:
    """A tab of its own has a cookie of its own, which does not come with a launch in a frame."""
    ticket = client.post(f"/api/v1/tickets?as={admin}", headers=SAME_ORIGIN).json["ticket"]
    tab = shared.test_client()
    form = {"ticket": ticket, "media_id": media_id}
    in_tab = assert_entered(tab.post("/handover", data=form, headers=SAME_ORIGIN))
    launch(client, lms, "student-1", link)
    assert not is_open(shared, in_tab)
    assert tab.get(f"/settings?as={in_tab}").status_code == 404
    assert len(ends_in_audit(shared)) == 2


def test_the_same_persons_other_computer_is_left_alone(
    shared: Flask, lms: Platform, client: FlaskClient, link: Link, admin: str, clock: TestClock
) -> None:
    clock.pass_(seconds=1)
    elsewhere = launch(shared.test_client(), lms, "admin", link)
    launch(client, lms, "student-1", link)
    assert not is_open(shared, admin)
    assert is_open(shared, elsewhere)


def test_handing_over_to_a_tab_ends_what_somebody_else_left_open_there(
    shared: Flask, lms: Platform, client: FlaskClient, link: Link, admin: str
) -> None:
    """Tabs of their own share cookies with each other, and not with frames."""
    student = launch(client_of_frame := shared.test_client(), lms, "student-1", link)
    ticket = client_of_frame.post(f"/api/v1/tickets?as={student}", headers=SAME_ORIGIN)
    answer = client.post("/handover", data=ticket.json, headers=SAME_ORIGIN)
    handle = assert_entered(answer)
    assert not is_open(shared, admin)
    assert not holds(client, admin)
    assert is_open(shared, handle)


def test_a_launch_by_platform_storage_ends_them_too(
    shared: Flask, lms: Platform, client: FlaskClient, link: Link, admin: str
) -> None:
    """Its browser may keep cookies after all, only not the one of the login."""
    tab = Tab(shared)
    form = lms.answer(tab.begin(lms, "student-1", link=link))
    tab.client = client
    answer = tab.recall(lms, form)
    assert answer.status_code == 200, answer.text
    assert not is_open(shared, admin)
    assert not holds(client, admin)


def test_the_same_person_keeps_what_is_open(
    shared: Flask, lms: Platform, client: FlaskClient, link: Link, media_id: str
) -> None:
    first = launch(client, lms, "student-1", link)
    second = launch(client, lms, "student-1", link)
    for handle in (first, second):
        assert is_open(shared, handle)
        assert client.get(f"/media/{media_id}?as={handle}").status_code == 200
    assert ends_in_audit(shared) == []


def test_sessions_of_guests_and_of_other_platforms_stay(
    shared: Flask, lms: Platform, client: FlaskClient, link: Link, admin: str
) -> None:
    with shared.app_context():
        elm = make_school("elm")
        item = make_item(elm)
        teacher, guest = elm.launched("prof"), elm.guest("ada@partner.org", item)
        grant(guest.session_id, item, "viewer", "invitation:x:1")
    for session in (teacher, guest):
        client.set_cookie(COOKIE_PREFIX + session.handle, session.secret, domain="localhost")
    launch(client, lms, "student-1", link)
    assert not is_open(shared, admin)
    for session in (teacher, guest):
        assert is_open(shared, session.handle)
        assert client.get(f"/media/{item}?as={session.handle}").status_code == 200


def test_a_guest_of_the_same_platform_stays(
    shared: Flask, lms: Platform, client: FlaskClient, link: Link, media_id: str
) -> None:
    student = launch(client, lms, "student-1", link)
    northfield = School("northfield", institution_id=session_of(shared, student).institution_id)
    with shared.app_context():
        guest = northfield.guest("ada@partner.org", media_id)
    client.set_cookie(COOKIE_PREFIX + guest.handle, guest.secret, domain="localhost")
    launch(client, lms, "student-2", link)
    assert not is_open(shared, student)
    assert is_open(shared, guest.handle)


def test_the_made_up_student_ends_nothing(
    shared: Flask, lms: Platform, client: FlaskClient, link: Link
) -> None:
    instructor = launch(client, lms, "instructor-1", link)
    student_view = launch(client, lms, "instructor-1", link, **STUDENT_VIEW)
    assert is_open(shared, instructor)
    assert is_open(shared, student_view)


def test_thirty_visitors_of_one_page_leave_each_other_alone(
    shared: Flask, lms: Platform, client: FlaskClient, link: Link
) -> None:
    handles = [launch(client, lms, "student-1", link, **VISITOR) for _frame in range(3)]
    assert len({session_of(shared, handle).person_id for handle in handles}) == 3
    assert all(is_open(shared, handle) for handle in handles)


def test_a_visitor_ends_what_somebody_left_open(
    shared: Flask, lms: Platform, client: FlaskClient, link: Link, admin: str
) -> None:
    visitor = launch(client, lms, "student-1", link, **VISITOR)
    assert not is_open(shared, admin)
    assert is_open(shared, visitor)


def test_who_acts_as_somebody_is_another_person_than_they(
    shared: Flask, bare_lms: Platform, client: FlaskClient
) -> None:
    register(shared, bare_lms, bare_lms.schools[0], family="canvas")
    link = bare_lms.add_link(media=add_item(shared, "northfield", open_to_links=True))
    themselves = launch(client, bare_lms, "student-1", link)
    acting = launch(client, bare_lms, "student-1", link, **ACTING_AS)
    assert session_of(shared, acting).person_id == session_of(shared, themselves).person_id
    assert not is_open(shared, themselves)
    again = launch(client, bare_lms, "student-1", link, **ACTING_AS)
    assert is_open(shared, acting)
    assert is_open(shared, again)


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_it_asks_nothing_more_where_no_session_came(
    shared: Flask, lms: Platform, link: Link
) -> None:
    launch(shared.test_client(), lms, "student-1", link)
    asked = []
    for several in (True, False):
        let_several_be(shared, several=several)
        with statements(shared) as seen:
            launch(shared.test_client(), lms, "student-1", link)
        asked.append(len(seen))
    assert asked[0] == asked[1]


def test_what_is_refused_ends_nothing(
    shared: Flask, lms: Platform, client: FlaskClient, link: Link, admin: str
) -> None:
    replayed = try_launch(lms, shared.test_client(), "student-1", link.id)
    assert_entered(replayed.answer)
    for form in (replayed.form.fields, {**replayed.form.fields, "id_token": "x"}, {}):
        assert client.post("/lti/launch", data=form).status_code >= 400
    assert_refused(try_launch(lms, client, "student-1", link.id, claims={"aud": "another-tool"}))
    assert is_open(shared, admin)
    assert ends_in_audit(shared) == []


def test_whoever_arrives_is_there_though_the_link_leads_nowhere(
    shared: Flask, lms: Platform, client: FlaskClient, admin: str
) -> None:
    lost = try_launch(lms, client, "student-1", lms.add_link(media="a" * 26).id)
    assert lost.answer.status_code >= 400
    assert not is_open(shared, admin)


def test_naming_a_handle_ends_nobodys_session(
    shared: Flask, lms: Platform, client: FlaskClient, link: Link, admin: str
) -> None:
    """A handle stands in addresses and is no secret; its cookie is."""
    other = launch(shared.test_client(), lms, "student-2", link)
    stranger = shared.test_client()
    for handle, secret in ((admin, "x"), (other, "")):
        stranger.set_cookie(COOKIE_PREFIX + handle, secret, domain="localhost")
    launch(stranger, lms, "student-1", link)
    assert is_open(shared, admin)
    assert is_open(shared, other)
    assert ends_in_audit(shared) == []


def test_thirty_frames_at_once_end_what_is_there_and_not_each_other(
    shared: Flask, lms: Platform, link: Link
) -> None:
    left = shared.test_client()
    handles = [launch(left, lms, "admin", link) for _frame in range(3)]
    cookies = {name: left.get_cookie(COOKIE_PREFIX + name) for name in handles}
    frames: list[FlaskClient] = []
    forms = []
    for _frame in range(8):
        frame = shared.test_client()
        forms.append(
            lms.answer(lms.open_login(frame, lms.login_params("student-1", link)).location)
        )
        for handle, cookie in cookies.items():
            assert cookie is not None
            frame.set_cookie(COOKIE_PREFIX + handle, cookie.value, domain="localhost")
        frames.append(frame)
    answers = all_at_once(
        [
            lambda frame=frame, form=form: lms.post(frame, form)
            for frame, form in zip(frames, forms, strict=True)
        ]
    )
    opened = [assert_entered(answer) for answer in answers]
    assert not any(is_open(shared, handle) for handle in handles)
    assert all(is_open(shared, handle) for handle in opened)
    assert len(ends_in_audit(shared)) == len(handles), "each was ended once"
