"""Signing out: what ends, what stays, and what is read then."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from cookieless import Tab
from factories import SAME_ORIGIN, START, School, TestClock, browser, page_of, principal_of
from flask import Flask
from flask.testing import FlaskClient
from invitation_scene import ADA, TITLE, Scene, Visitor, hidden_fields
from launch_helpers import handle_of, session_of
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import db, transaction
from lti_tool.core.ids import digest, new_secret
from lti_tool.people.handover_tickets import issue
from lti_tool.people.models import SessionTicket, ToolSession
from lti_tool.people.rules import Impersonation, LinkShows, Standing
from lti_tool.people.session_store import COOKIE_PREFIX, NewSession

pytestmark = pytest.mark.sqlite_only

WAY_OUT = re.compile(r'<form method="post" action="(/sign-out[^"]*)">(.*?)</form>', re.DOTALL)
OUT = "You are signed out"
FRAMED = {**SAME_ORIGIN, "Sec-Fetch-Dest": "iframe"}


def is_open(app: Flask, session: NewSession) -> bool:
    return session_of(app, session.handle).ended_at is None


def holds(client: FlaskClient, session: NewSession) -> bool:
    return client.get_cookie(COOKIE_PREFIX + session.handle) is not None


def press(client: FlaskClient, page: TestResponse) -> TestResponse:
    """As a browser without script sends the form at the page's end; one that says nothing of where
    the form comes from, too.
    """
    found = WAY_OUT.search(page.text)
    assert found is not None, page.text
    return client.post(found[1], data=hidden_fields(found[2]))


def assert_calm(answer: TestResponse, *sessions: NewSession, says: str = OUT) -> None:
    """A page that holds nothing of the session, and nothing that leads into one."""
    assert answer.status_code == 200
    assert says in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    for hidden in ("as=", "data-bearer", "data-form-token", "/sign-out", TITLE, "Wren"):
        assert hidden not in answer.text
    assert 'name="foyer-session" content=""' in answer.text
    for session in sessions:
        assert session.handle not in answer.text
        assert session.secret not in answer.text
    given = [line for line in answer.headers.getlist("Set-Cookie") if "Max-Age=0" not in line]
    assert given == []


@pytest.fixture
def student(scene: Scene) -> NewSession:
    return scene.launched("wren", name="Wren Student")


@pytest.fixture
def page(scene: Scene) -> str:
    return f"/media/{scene.media_id}"


@pytest.mark.parametrize("path", ["/media/{}", "/gallery", "/settings", "/media/{}/use-link"])
def test_every_page_of_a_session_says_who_is_signed_in(
    app: Flask, scene: Scene, path: str, school: School
) -> None:
    with app.app_context():
        session = school.launched("root", Standing.ADMINISTRATOR, name="Root <b>Woods</b>")
    shown = page_of(app, session).get(path.format(scene.media_id))
    assert shown.status_code == 200
    assert "Signed in as Root &lt;b&gt;Woods&lt;/b&gt;" in shown.text
    assert WAY_OUT.findall(shown.text)[0][0] == f"/sign-out?as={session.handle}"


def test_without_media_administrators_find_the_settings_at_the_pages_end_and_come_back(
    app: Flask, school: School
) -> None:
    with app.app_context():
        menu = LinkShows.GALLERY
        session = school.launched("root", Standing.ADMINISTRATOR, link_shows=menu)
    way = f"/settings?as={session.handle}"
    gallery = page_of(app, session).get("/gallery").text
    assert f'<a href="{way}">Settings</a>' in gallery
    settings = page_of(app, session).get(way).text
    assert f'<a class="back turns" href="/gallery?as={session.handle}">' in settings
    assert f'<a href="{way}">Settings</a>' not in settings


def test_nobody_else_is_led_to_the_settings(app: Flask, student: NewSession) -> None:
    assert "/settings" not in page_of(app, student).get("/gallery").text


def test_so_does_a_refusal(app: Flask, student: NewSession) -> None:
    refused = page_of(app, student).get("/media/new")
    assert refused.status_code == 403
    assert WAY_OUT.search(refused.text)


def test_a_page_without_a_session_has_nothing_of_it(app: Flask, scene: Scene) -> None:
    client = app.test_client()
    for path in (scene.link(), "/settings", "/nothing"):
        shown = client.get(path).text
        assert "/sign-out" not in shown
        assert "Signed in" not in shown


def test_it_ends_the_session_for_good(
    app: Flask, scene: Scene, student: NewSession, page: str
) -> None:
    client = page_of(app, student)
    opened = client.get(page)
    assert TITLE in opened.text
    answer = press(client, opened)
    assert_calm(answer, student)
    assert "open it again from your course" in answer.text
    assert not is_open(app, student)
    assert not holds(client, student)
    client.set_cookie(COOKIE_PREFIX + student.handle, student.secret, domain="localhost")
    for path in (page, "/gallery", "/return"):
        gone = client.get(path)
        assert gone.status_code == 404
        assert "Wren" not in gone.text
    with app.app_context():
        (record,) = db.session.scalars(
            select(AuditRecord).where(AuditRecord.action == "session.ended")
        )
        assert record.subject_id == student.session_id
        assert record.session_id == student.session_id
        assert record.details["why"] == "signed_out"


def test_the_page_is_in_the_sessions_language_and_frame(
    app: Flask, student: NewSession, page: str
) -> None:
    client = page_of(app, student)
    policy = client.get(page).headers["Content-Security-Policy"]
    answer = press(client, client.get(page))
    ancestors = re.compile(r"frame-ancestors [^;]*")
    assert ancestors.findall(answer.headers["Content-Security-Policy"]) == ancestors.findall(policy)
    assert '<html lang="en"' in answer.text


def test_reloading_the_answer_shows_nothing_of_the_session(
    app: Flask, student: NewSession, page: str
) -> None:
    client = page_of(app, student)
    press(client, client.get(page))
    again = client.post(f"/sign-out?as={student.handle}", headers=SAME_ORIGIN)
    assert_calm(again, student, says="You are not signed in here")
    back = client.get(f"/sign-out?as={student.handle}")
    assert_calm(back, student, says="You are not signed in here")


def test_all_that_the_person_has_open_by_this_lms_ends(
    app: Flask, scene: Scene, other_school: School, student: NewSession, page: str, clock: TestClock
) -> None:
    second = scene.launched("wren")
    colleague = scene.launched("heron")
    with app.app_context():
        abroad = other_school.launched("wren")
        guest = scene.school.guest("ada@partner.org", scene.media_id)
    clock.pass_(seconds=1)
    elsewhere = scene.launched("wren")
    client = page_of(app, student, second, colleague, abroad, guest)
    assert_calm(press(client, client.get(page)), student, second)
    for ended in (student, second):
        assert not is_open(app, ended)
        assert not holds(client, ended)
    for stays in (colleague, abroad, guest, elsewhere):
        assert is_open(app, stays)
    for stays in (colleague, abroad, guest):
        assert holds(client, stays)


def test_the_tab_it_was_handed_over_to_ends_too(app: Flask, student: NewSession, page: str) -> None:
    with app.app_context():
        ticket = issue(principal_of(student))
        spare = issue(principal_of(student))
    tab = app.test_client()
    handed = tab.post("/handover", data={"ticket": ticket}, headers=SAME_ORIGIN)
    client = page_of(app, student)
    press(client, client.get(page))
    assert tab.get(f"{page}?as={handle_of(handed)}").status_code == 404
    late = tab.post("/handover", data={"ticket": spare}, headers=SAME_ORIGIN)
    assert late.status_code == 404


def test_a_visitor_signs_out_of_all_frames(app: Flask, scene: Scene, page: str) -> None:
    visitors = []
    for sub in ("nobody-1", "nobody-2"):
        with app.app_context():
            new = scene.school.launched(sub, Standing.NONE, impersonation=Impersonation.VISITOR)
        visitors.append(new)
    client = page_of(app, *visitors)
    assert_calm(press(client, client.get(page)))
    assert not any(is_open(app, one) for one in visitors)


# Who asks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}])
@pytest.mark.parametrize("data", [{}, {"form_token": "x"}])
def test_another_sites_page_signs_nobody_out(
    app: Flask, student: NewSession, headers: dict[str, str], data: dict[str, str]
) -> None:
    client = page_of(app, student)
    assert client.post("/sign-out", headers=headers, data=data).status_code == 403
    assert is_open(app, student)


def test_a_handle_alone_signs_nobody_out(app: Flask, scene: Scene, student: NewSession) -> None:
    stranger = browser(app, scene.launched("heron"))
    stranger.set_cookie(COOKIE_PREFIX + student.handle, "x", domain="localhost")
    stranger.post(f"/sign-out?as={student.handle}", headers=SAME_ORIGIN)
    assert is_open(app, student)


def test_without_a_name_nobody_is_signed_out(app: Flask, student: NewSession) -> None:
    client = browser(app, student)
    assert client.post("/sign-out", headers=SAME_ORIGIN).status_code == 404
    assert is_open(app, student)


def test_looking_at_the_address_signs_nobody_out(app: Flask, student: NewSession) -> None:
    client = page_of(app, student)
    assert client.get("/sign-out").status_code == 404, "who comes from an LMS is not asked"
    assert browser(app, student).get("/sign-out").status_code == 404
    assert is_open(app, student)


# A page that carries its session ------------------------------------------------------------------


def ticket_of(scene: Scene, session: NewSession) -> str:
    value = new_secret()
    with scene.app.app_context(), transaction() as work:
        work.add(
            SessionTicket(
                ticket_hash=digest(value),
                purpose="page",
                session_id=session.session_id,
                expires_at=START + timedelta(minutes=1),
            )
        )
    return value


def test_a_page_without_cookies_signs_out_with_a_ticket(
    app: Flask, scene: Scene, student: NewSession, page: str
) -> None:
    tab = Tab(app)
    shown = tab.open(f"{page}?as={student.handle}&ticket={ticket_of(scene, student)}")
    found = WAY_OUT.search(shown.text)
    assert found is not None
    bearer = tab.bearer
    send = f"{found[1]}&ticket={tab.ticket()}"
    answer = tab.client.post(send, data=hidden_fields(found[2]), headers=FRAMED)
    assert_calm(answer, student)
    assert bearer not in answer.text
    assert not is_open(app, student)
    assert tab.api("POST", "/api/v1/page-tickets").status_code == 401
    reloaded = tab.client.post(send, data=hidden_fields(found[2]), headers=FRAMED)
    assert reloaded.status_code == 401, "the page was reloaded"
    assert "Wren" not in reloaded.text


def test_a_ticket_that_is_over_is_not_called_a_signing_out(
    app: Flask, scene: Scene, student: NewSession
) -> None:
    used = ticket_of(scene, student)
    tab = Tab(app)
    tab.open(f"/gallery?as={student.handle}&ticket={used}")
    late = tab.client.post(f"/sign-out?as={student.handle}&ticket={used}", headers=FRAMED)
    assert late.status_code == 401
    assert OUT not in late.text
    assert is_open(app, student)


def test_a_script_that_signs_out_twice_is_told_that_the_session_is_over(
    app: Flask, student: NewSession
) -> None:
    client = page_of(app, student)
    headers = {**SAME_ORIGIN, "Accept": "application/json"}
    assert client.post("/sign-out", headers=headers).status_code == 200
    assert client.post("/sign-out", headers=headers).status_code == 401


# Guests -------------------------------------------------------------------------------------------


def come_in(scene: Scene, link: str) -> tuple[Visitor, TestResponse]:
    """An invitee, and the page that they see."""
    ada = Visitor(scene.app)
    entered = ada.send(link)
    assert entered.status_code == 303
    return ada, ada.open(entered.location)


def question(ada: Visitor, page: TestResponse) -> TestResponse:
    (address,) = re.findall(r'<a href="(/sign-out[^"]*)"', page.text)
    asked = ada.open(address)
    assert asked.status_code == 200
    return asked


@pytest.mark.parametrize(("uses", "again"), [(1, False), (2, True)])
def test_a_guest_is_asked_first_and_told_what_it_means(
    app: Flask, scene: Scene, uses: int, again: bool
) -> None:
    scene.set(link_reusability=uses)
    invitation = scene.invite()
    link = scene.path(invitation)
    ada, page = come_in(scene, link)
    assert "Signed in as" in page.text
    assert not WAY_OUT.search(page.text), "nothing ends before the question"

    asked = question(ada, page)
    assert ("your invitation link still works" in asked.text) is again
    assert ("Your invitation link cannot be used again" in asked.text) is not again
    (stay,) = re.findall(r'href="([^"]*)">Stay', asked.text)
    assert TITLE in ada.open(stay).text

    out = press_in(ada, asked)
    assert_calm(out)
    assert ("open your invitation link again" in out.text) is again
    assert ("cannot be used again" in out.text) is not again
    assert ada.open(stay).status_code == 404
    came_back = ada.send(link)
    assert came_back.status_code == (303 if again else 410)


def press_in(ada: Visitor, page: TestResponse) -> TestResponse:
    found = re.search(r'method="post" action="(/sign-out[^"]*)"', page.text)
    assert found is not None
    return ada.client.post(found[1], data=hidden_fields(page.text))


@pytest.mark.parametrize("end", ["switch", "expire", "replace"])
def test_a_link_that_no_longer_lets_in_is_not_promised(
    app: Flask, scene: Scene, clock: TestClock, end: str
) -> None:
    scene.set(link_reusability=-1, guest_session=168)
    invitation = scene.invite()
    ada, page = come_in(scene, scene.path(invitation))
    if end == "switch":
        scene.set(enable=False)
    elif end == "expire":
        clock.pass_(hours=25)
    else:
        scene.run(
            ToolSession.__table__.update()
            .where(ToolSession.kind == "guest")
            .values(stands_on=f"invitation:{invitation.id}:0")
        )
    assert "cannot be used again" in question(ada, page).text


def test_a_guest_signs_out_of_this_one_item_alone(
    app: Flask, scene: Scene, student: NewSession
) -> None:
    ada, page = come_in(scene, scene.link())
    with app.app_context():
        other = scene.school.guest("bob@partner.org", scene.media_id)
    for session in (student, other):
        ada.client.set_cookie(COOKIE_PREFIX + session.handle, session.secret, domain="localhost")
    press_in(ada, question(ada, page))
    assert is_open(app, student)
    assert is_open(app, other)


def test_the_inviter_goes_on_seeing_the_invitation(app: Flask, scene: Scene) -> None:
    invitation = scene.invite()
    ada, page = come_in(scene, scene.path(invitation))
    teacher = page_of(app, scene.teacher_session)
    listed = f"/api/v1/media/{scene.media_id}/invitations"
    before = teacher.get(listed).json
    device = {cookie.key for cookie in ada.client._cookies.values()}
    press_in(ada, question(ada, page))
    [after] = teacher.get(listed).json["invitations"]
    [inside] = before["invitations"]
    assert (inside["email"], inside["progress"]) == (ADA, "inside")
    assert after == inside | {"progress": "access_ended"}
    kept = {cookie.key for cookie in ada.client._cookies.values()}
    assert {name for name in device - kept if not name.startswith(COOKIE_PREFIX)} == set()
    renewed = teacher.post(
        f"/api/v1/invitations/{invitation.id}/new-link", headers=SAME_ORIGIN, json={}
    )
    assert renewed.status_code == 200
    assert Visitor(app).send(scene.path(scene.fresh(invitation))).status_code == 303
