"""A session goes over into a tab of its own: by a ticket, once, within a minute."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from factories import (
    SAME_ORIGIN,
    School,
    TestClock,
    all_at_once,
    browser,
    granted_roles,
    wait_until_it_waits,
)
from flask import Flask, g
from flask.testing import FlaskClient
from invitation_scene import ADA, TITLE, Scene, make_item
from launch_helpers import (
    assert_entered,
    assert_refusal_page,
    handle_of,
    session_cookies,
    session_of,
)
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import db, transaction
from lti_tool.core.ids import digest, new_id
from lti_tool.core.web.form_tokens import form_token
from lti_tool.invitations import manage
from lti_tool.invitations.models import Invitation, Redemption
from lti_tool.people import cookieless
from lti_tool.people.models import SessionTicket
from lti_tool.people.platform_switch import switch_off
from lti_tool.people.session_store import NewSession, end_sessions

pytestmark = pytest.mark.every_database


def test_a_tab_that_is_handed_over_while_its_person_signs_out(
    app: Flask, scene: Scene, clock: TestClock
) -> None:
    """Whichever comes first: the tab is out as well."""
    for number in range(8):
        clock.pass_(seconds=1)  # each launch has an end of its own
        session = scene.launched(f"wren{number}")
        framed = browser(app, session)
        value = ticket(framed, session)

        def over(value: str = value) -> tuple[FlaskClient, TestResponse]:
            return take_over(app, value, scene.media_id)

        def out(framed: FlaskClient = framed, handle: str = session.handle) -> Any:
            return framed.post(f"/sign-out?as={handle}", headers=SAME_ORIGIN)

        (tab, answer), left = all_at_once([over, out])
        assert left.status_code == 200
        if answer.status_code == 303:
            assert tab.get(answer.location).status_code == 404
        else:
            assert answer.status_code == 404


def ticket(client: FlaskClient, session: NewSession) -> str:
    answer = client.post(f"/api/v1/tickets?as={session.handle}", headers=SAME_ORIGIN)
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    value: str = answer.json["ticket"]
    return value


def take_over(app: Flask, value: str, media_id: str = "") -> tuple[FlaskClient, TestResponse]:
    """In a tab that shares no cookie with the frame."""
    tab = app.test_client()
    form = {"ticket": value, "media_id": media_id}
    return tab, tab.post("/handover", data=form, headers=SAME_ORIGIN)


@pytest.fixture
def frame(app: Flask, scene: Scene) -> FlaskClient:
    return browser(app, scene.teacher_session)


def test_the_tab_shows_the_same_item_as_the_same_person(
    app: Flask, scene: Scene, frame: FlaskClient
) -> None:
    tab, answer = take_over(app, ticket(frame, scene.teacher_session), scene.media_id)
    handle = assert_entered(answer)
    assert urlsplit(answer.location).path == f"/media/{scene.media_id}"
    assert TITLE in tab.get(answer.location).text
    old, new = session_of(app, scene.teacher_session.handle), session_of(app, handle)
    for name in ("person_id", "course_id", "standing", "deployment_id", "expires_at", "kind"):
        assert getattr(old, name) == getattr(new, name)
    assert old.ended_at is None, "the frame's session goes on"


def test_the_tab_is_not_for_frames(app: Flask, scene: Scene, frame: FlaskClient) -> None:
    tab, answer = take_over(app, ticket(frame, scene.teacher_session), scene.media_id)
    page = tab.get(answer.location)
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_it_ends_when_the_first_one_would_have(
    app: Flask, scene: Scene, frame: FlaskClient, clock: TestClock
) -> None:
    clock.pass_(hours=11.99)
    tab, answer = take_over(app, ticket(frame, scene.teacher_session), scene.media_id)
    assert tab.get(answer.location).status_code == 200
    clock.pass_(hours=0.02)
    assert tab.get(answer.location).status_code == 404


def test_a_ticket_is_good_once(app: Flask, scene: Scene, frame: FlaskClient) -> None:
    value = ticket(frame, scene.teacher_session)
    assert_entered(take_over(app, value)[1])
    _tab, again = take_over(app, value)
    assert_refusal_page(again, 404)
    assert value not in again.text


def test_a_ticket_is_good_once_though_sent_twice_at_once(
    app: Flask, scene: Scene, frame: FlaskClient
) -> None:
    value = ticket(frame, scene.teacher_session)
    codes = all_at_once([lambda: take_over(app, value)[1].status_code] * 4)
    assert sorted(codes) == [303, 404, 404, 404]


@pytest.mark.parametrize(("seconds", "good"), [(59, True), (60, False)])
def test_a_ticket_is_good_for_a_minute(
    app: Flask, scene: Scene, frame: FlaskClient, clock: TestClock, seconds: int, good: bool
) -> None:
    value = ticket(frame, scene.teacher_session)
    clock.pass_(seconds=seconds)
    _tab, answer = take_over(app, value)
    assert answer.status_code == (303 if good else 404)


@pytest.mark.parametrize("value", ["", "x", "a" * 5000])
def test_what_is_no_ticket(app: Flask, scene: Scene, value: str) -> None:
    _tab, answer = take_over(app, value)
    assert_refusal_page(answer, 404)
    assert_refusal_page(app.test_client().post("/handover", headers=SAME_ORIGIN), 404)


def test_a_ticket_of_a_session_that_ended(app: Flask, scene: Scene, frame: FlaskClient) -> None:
    value = ticket(frame, scene.teacher_session)
    with app.app_context(), transaction():
        end_sessions(session_id=scene.teacher_session.session_id)
    assert_refusal_page(take_over(app, value)[1], 404)


def test_a_ticket_of_a_registration_that_was_switched_off(
    app: Flask, scene: Scene, frame: FlaskClient
) -> None:
    value = ticket(frame, scene.teacher_session)
    with app.app_context():
        switch_off(scene.school.name)
    assert_refusal_page(take_over(app, value)[1], 404)


def test_an_unknown_item_leads_to_the_links_own_page(
    app: Flask, scene: Scene, frame: FlaskClient
) -> None:
    _tab, answer = take_over(app, ticket(frame, scene.teacher_session), "nothing")
    assert urlsplit(answer.location).path == "/link"
    assert parse_qs(urlsplit(answer.location).query)["as"] == [assert_entered(answer)]


def test_an_item_the_session_may_not_see_is_as_good_as_an_unknown_one(
    app: Flask, scene: Scene, other_school: School
) -> None:
    with app.app_context():
        abroad = other_school.launched("eve")
        elsewhere = scene.school.launched("wren", course_id=scene.school.course("Music"))
    for session in (abroad, elsewhere):
        eve = browser(app, session)
        for media_id in (scene.media_id, new_id()):
            _tab, answer = take_over(app, ticket(eve, session), media_id)
            assert urlsplit(answer.location).path == "/link"


@pytest.mark.parametrize("enctype", ["multipart", "urlencoded"])
@pytest.mark.parametrize("by_ticket", [False, True])
def test_no_other_site_hands_a_session_to_a_browser_that_does_not_say_who_sends_it(
    app: Flask, scene: Scene, enctype: str, by_ticket: bool
) -> None:
    """Session fixation: all that the form needs is its maker's own, and the victim would put their
    film into a stranger's session.
    """
    with app.app_context():
        session = scene.school.launched("eve")
    eve = browser(app, session)
    token = own_form_token(app, session)
    value = ticket(eve, session)
    query = {"as": session.handle, "form_token": token}
    if by_ticket:
        query["ticket"] = page_ticket(app, session)
    fields: dict[str, Any] = {"ticket": value, "form_token": token, "media_id": scene.media_id}
    victim = app.test_client()
    answer = victim.post(
        "/handover",
        query_string=query,
        data=fields,
        content_type="multipart/form-data" if enctype == "multipart" else None,
    )
    assert_refusal_page(answer, 403)
    assert session_cookies(answer) == []
    assert_entered(take_over(app, value)[1])  # her ticket is not used up either


def own_form_token(app: Flask, session: NewSession) -> str:
    """A form token as the session's own pages have it."""
    with app.test_request_context():
        g.foyer_handle = session.handle
        return form_token()


def page_ticket(app: Flask, session: NewSession) -> str:
    """A ticket to the next page, as a session without cookies can have any number of."""
    with app.test_request_context():
        cookieless.carry(session.session_id)
        return cookieless.page_ticket()


def test_a_tab_without_the_frames_cookie_says_what_to_do_where_the_browser_says_nothing(
    app: Flask, scene: Scene, frame: FlaskClient
) -> None:
    value = ticket(frame, scene.teacher_session)
    form = {"ticket": value, "form_token": own_form_token(app, scene.teacher_session)}
    query = {"as": scene.teacher_session.handle}
    answer = app.test_client().post("/handover", query_string=query, data=form)
    assert_refusal_page(answer, 403)
    assert "Open the page again from your course" in answer.text
    assert "Go back" not in answer.text, "a tab that was just opened has no page before it"


def test_a_tab_with_the_frames_cookie_goes_on_where_the_browser_says_nothing(
    app: Flask, scene: Scene, frame: FlaskClient
) -> None:
    """A browser that is too old to keep the cookies of frames apart."""
    form = {
        "ticket": ticket(frame, scene.teacher_session),
        "media_id": scene.media_id,
        "form_token": own_form_token(app, scene.teacher_session),
    }
    query = {"as": scene.teacher_session.handle}
    answer = frame.post("/handover", query_string=query, data=form)
    assert_entered(answer)
    assert TITLE in frame.get(answer.location).text


def test_out_of_a_frame_without_cookies_the_tab_is_asked_whether_it_keeps_any(
    app: Flask, scene: Scene, frame: FlaskClient
) -> None:
    form = {"media_id": scene.media_id, "carried": "1"}
    for keeps in (True, False):
        tab = app.test_client(use_cookies=keeps)
        value = ticket(frame, scene.teacher_session)
        answer = tab.post("/handover", data={"ticket": value, **form}, headers=SAME_ORIGIN)
        opened = tab.get(answer.location)
        if keeps:
            assert urlsplit(opened.location).path == f"/media/{scene.media_id}"
            assert TITLE in tab.get(opened.location).text
        else:
            assert_refusal_page(opened, 403)
            assert "Your browser does not keep cookies for this tool" in opened.text


@dataclass
class Pasted:
    """A student has pasted an invitation to an item of another course."""

    invitation: Invitation
    frame: FlaskClient
    session: NewSession


@pytest.fixture
def pasted(app: Flask, scene: Scene) -> Pasted:
    with app.app_context():
        session = scene.school.launched("wren", course_id=scene.school.course("Music"))
        own = make_item(scene.school, "wren")
    frame = browser(app, session)
    invitation = scene.invite()
    form = {"link": f"http://localhost{scene.path(invitation)}", "email": ADA}
    used = frame.post(f"/media/{own}/use-link?as={session.handle}", data=form, headers=SAME_ORIGIN)
    assert used.status_code == 303
    return Pasted(invitation, frame, session)


def test_the_tab_keeps_a_pasted_invitation(app: Flask, scene: Scene, pasted: Pasted) -> None:
    tab, answer = take_over(app, ticket(pasted.frame, pasted.session), scene.media_id)
    page = tab.get(answer.location)
    assert page.status_code == 200
    assert "Invited by" in page.text
    opened = tab.get(scene.path(pasted.invitation))
    assert opened.status_code == 303, "the link knows its own session in the tab"
    assert scene.fresh(pasted.invitation).uses_made == 1


@pytest.mark.parametrize("end", ["revoke", "reset_device", "new_link"])
def test_ending_the_invitation_reaches_the_tab(
    app: Flask, scene: Scene, pasted: Pasted, end: str
) -> None:
    first, answer = take_over(app, ticket(pasted.frame, pasted.session), scene.media_id)
    handle = handle_of(answer)
    again = first.post(f"/api/v1/tickets?as={handle}", headers=SAME_ORIGIN).json["ticket"]
    second, further = take_over(app, again, scene.media_id)
    assert second.get(further.location).status_code == 200
    getattr(scene, end)(pasted.invitation)
    assert first.get(answer.location).status_code == 404
    assert second.get(further.location).status_code == 404


def test_what_was_withdrawn_before_is_not_carried_over(
    app: Flask, scene: Scene, pasted: Pasted
) -> None:
    value = ticket(pasted.frame, pasted.session)
    scene.revoke(pasted.invitation)
    _tab, answer = take_over(app, value, scene.media_id)
    assert urlsplit(answer.location).path == "/link"
    new = session_of(app, assert_entered(answer))
    with app.app_context():
        assert not granted_roles(new.id, scene.media_id)


def test_a_tab_that_is_opened_while_its_invitation_is_revoked_gets_no_role(
    app: Flask, scene: Scene, pasted: Pasted
) -> None:
    value = ticket(pasted.frame, pasted.session)
    with ThreadPoolExecutor(1) as thread, app.app_context():
        seen = scene.seen()
        with transaction():
            manage.revoke(seen, pasted.invitation)
            opened = thread.submit(take_over, app, value, scene.media_id)
            wait_until_it_waits(opened)
        _tab, answer = opened.result()
    new = session_of(app, assert_entered(answer))
    with app.app_context():
        assert not granted_roles(new.id, scene.media_id)
        used = select(Redemption).where(Redemption.session_id == new.id)
        assert db.session.scalars(used.where(Redemption.ended_at.is_(None))).all() == []


def test_guests_need_no_ticket(app: Flask, scene: Scene) -> None:
    with app.app_context():
        guest = scene.school.guest("ada@partner.org", scene.media_id)
    client = browser(app, guest)
    answer = client.post(f"/api/v1/tickets?as={guest.handle}", headers=SAME_ORIGIN)
    assert answer.status_code == 404


def test_nobody_gets_no_ticket(app: Flask, scene: Scene) -> None:
    answer = app.test_client().post(
        f"/api/v1/tickets?as={scene.teacher_session.handle}", headers=SAME_ORIGIN
    )
    assert answer.status_code == 401
    assert session_cookies(answer) == []


def test_the_database_keeps_a_tickets_hash_and_the_audit_its_use(
    app: Flask, scene: Scene, frame: FlaskClient
) -> None:
    value = ticket(frame, scene.teacher_session)
    handle = assert_entered(take_over(app, value)[1])
    new = session_of(app, handle)
    with app.app_context():
        assert db.session.scalars(select(SessionTicket.ticket_hash)).all() == [digest(value)]
        record = db.session.scalars(
            select(AuditRecord).where(AuditRecord.action == "session.handed_over")
        ).one()
    assert record.session_id == scene.teacher_session.session_id
    assert record.subject_id == new.id
