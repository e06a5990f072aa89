"""Several sessions in one browser: each tab uses its own, and each ends when it must."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import SAME_ORIGIN, School, TestClock, browser
from flask import Flask
from flask.testing import FlaskClient
from invitation_scene import TITLE, Scene, make_item, make_scene
from launch_helpers import session_cookies
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from lti_tool.core.db.session import db, transaction
from lti_tool.media.access import grant
from lti_tool.people import rules
from lti_tool.people.models import ToolSession
from lti_tool.people.platform_switch import switch_off, switch_on
from lti_tool.people.rules import Standing
from lti_tool.people.session_store import COOKIE_PREFIX, NewSession, end_sessions
from lti_tool.people.sessions import principal

pytestmark = pytest.mark.every_database

REFERENCE_LENGTH = len("K7QM-4XTE")


def invitee(scene: Scene, email: str, stands_on: str = "invitation:x:1") -> NewSession:
    """A guest who may see the item."""
    with scene.app.app_context():
        guest = scene.school.guest(email, scene.media_id, stands_on)
        grant(guest.session_id, scene.media_id, "viewer", stands_on)
    return guest


def opened(answer: TestResponse) -> bool:
    return answer.status_code == 200 and TITLE in answer.text


@pytest.fixture
def page(scene: Scene) -> str:
    return f"/media/{scene.media_id}"


@pytest.fixture
def everybody(app: Flask, scene: Scene) -> dict[str, NewSession]:
    """A teacher, a student and an invitee, in the order in which they came."""
    student = scene.launched("wren", name="Wren Student")
    guest = invitee(scene, "ada@partner.org")
    return {"teacher": scene.teacher_session, "student": student, "guest": guest}


def whose(answer: TestResponse) -> str:
    """The handle that a page's own addresses carry."""
    return answer.text.partition('name="foyer-session" content="')[2].partition('"')[0]


def test_the_address_says_which_session_a_tab_uses(
    app: Flask, page: str, everybody: dict[str, NewSession]
) -> None:
    together = browser(app, *everybody.values())
    for session in everybody.values():
        answer = together.get(f"{page}?as={session.handle}")
        assert opened(answer)
        assert whose(answer) == session.handle
        for other in everybody.values():
            assert other is session or other.handle not in answer.text


def test_without_a_handle_the_newest_launch_that_may_see_it_is_used(
    app: Flask, scene: Scene, page: str, everybody: dict[str, NewSession], clock: TestClock
) -> None:
    clock.pass_(minutes=1)
    newest = scene.launched("heron")
    clock.pass_(minutes=1)
    with app.app_context():
        elsewhere = scene.school.launched("crane", course_id=scene.school.course("Geology"))
    together = browser(app, *everybody.values(), newest, elsewhere)
    assert whose(together.get(page)) == newest.handle
    alone = browser(app, everybody["guest"])
    assert whose(alone.get(page)) == everybody["guest"].handle


@pytest.mark.parametrize("handle", ["nobodysown2", "", "%00", "../x", "a" * 3000])
def test_a_handle_without_its_cookie_opens_nothing(
    app: Flask, page: str, everybody: dict[str, NewSession], handle: str
) -> None:
    client = browser(app, everybody["teacher"])
    assert client.get(f"{page}?as={handle}").status_code == 404


def test_the_handle_of_another_browsers_session_opens_nothing(
    app: Flask, page: str, everybody: dict[str, NewSession]
) -> None:
    client = browser(app, everybody["student"])
    assert client.get(f"{page}?as={everybody['teacher'].handle}").status_code == 404


def test_a_wrong_secret_opens_nothing(
    app: Flask, page: str, everybody: dict[str, NewSession]
) -> None:
    client = app.test_client()
    for secret in ("", "x", everybody["student"].secret):
        name = COOKIE_PREFIX + everybody["teacher"].handle
        client.set_cookie(name, secret, domain="localhost")
        assert client.get(page).status_code == 404


def test_a_script_whose_session_ended_is_told_so(
    app: Flask, scene: Scene, everybody: dict[str, NewSession], clock: TestClock
) -> None:
    teacher = everybody["teacher"]
    client = browser(app, teacher)
    address = f"/api/v1/media/{scene.media_id}/invitations?as={teacher.handle}"
    assert client.get(address).status_code == 200
    clock.pass_(hours=12)
    answer = client.get(address)
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.json["type"].endswith("session-ended")
    assert len(answer.json["reference"]) == REFERENCE_LENGTH


@pytest.mark.parametrize(("hours", "still"), [(11.9, True), (12, False)])
def test_a_launch_lasts_twelve_hours(
    app: Flask,
    page: str,
    everybody: dict[str, NewSession],
    clock: TestClock,
    hours: float,
    still: bool,
) -> None:
    client = browser(app, everybody["student"])
    clock.pass_(hours=hours)
    assert opened(client.get(page)) is still


def test_a_guest_stays_while_something_is_done(
    app: Flask, page: str, everybody: dict[str, NewSession], clock: TestClock
) -> None:
    client = browser(app, everybody["guest"])
    clock.pass_(hours=23.9)
    assert opened(client.get(page)), "until the link's own end nothing need be done"
    for _time in range(3):
        clock.pass_(hours=11.9)
        assert opened(client.get(page))
    clock.pass_(hours=12)
    assert not opened(client.get(page))


def test_a_guest_leaves_after_seven_days_at_the_latest(
    app: Flask, page: str, everybody: dict[str, NewSession], clock: TestClock
) -> None:
    client = browser(app, everybody["guest"])
    for _time in range(15):
        clock.pass_(hours=11)
        assert opened(client.get(page))
    clock.pass_(hours=4)
    assert not opened(client.get(page))


def test_asking_for_fresh_file_addresses_is_no_activity(
    app: Flask, scene: Scene, page: str, everybody: dict[str, NewSession], clock: TestClock
) -> None:
    client = browser(app, everybody["guest"])
    clock.pass_(hours=23)
    assert client.get(f"/api/v1/media/{scene.media_id}/files").status_code == 200
    clock.pass_(hours=1)
    assert not opened(client.get(page))


def test_an_ended_session_ends_at_the_next_request(
    app: Flask, page: str, everybody: dict[str, NewSession]
) -> None:
    together = browser(app, *everybody.values())
    with app.app_context(), transaction():
        assert end_sessions(session_id=everybody["student"].session_id) == 1
        assert end_sessions(stands_on="invitation:x") == 1
    assert opened(together.get(f"{page}?as={everybody['teacher'].handle}"))
    for gone in ("student", "guest"):
        assert together.get(f"{page}?as={everybody[gone].handle}").status_code == 404


def test_what_sessions_stand_on_is_matched_whole(app: Flask, page: str, scene: Scene) -> None:
    kept = [
        invitee(scene, f"g{number}@partner.org", stands_on)
        for number, stands_on in enumerate(("invitation:ab:1", "invitation:a_:1", "x:a:1"))
    ]
    gone = invitee(scene, "gone@partner.org", "invitation:a:2")
    with app.app_context(), transaction():
        assert end_sessions(stands_on="invitation:a") == 1
    for session in kept:
        assert opened(browser(app, session).get(page))
    assert not opened(browser(app, gone).get(page))


def test_switching_a_registration_off_ends_its_sessions(
    app: Flask, page: str, scene: Scene, everybody: dict[str, NewSession]
) -> None:
    together = browser(app, *everybody.values())
    with app.app_context():
        switch_off(scene.school.name)
    for session in everybody.values():
        assert together.get(f"{page}?as={session.handle}").status_code == 404
    with app.app_context():
        switch_on(scene.school.name)
    for session in everybody.values():
        assert together.get(f"{page}?as={session.handle}").status_code == 404, "for good"
    assert opened(browser(app, scene.launched("prof", Standing.MANAGER)).get(page))


def test_switching_one_lms_off_leaves_the_others_alone(
    app: Flask, scene: Scene, other_school: School
) -> None:
    other = make_scene(app, other_school)
    with app.app_context():
        switch_off(scene.school.name)
        switch_off(scene.school.name, "1")
    assert opened(browser(app, other.teacher_session).get(f"/media/{other.media_id}"))


def test_switching_a_deployment_off_ends_its_launches_but_no_guest(
    app: Flask, page: str, scene: Scene, everybody: dict[str, NewSession]
) -> None:
    together = browser(app, *everybody.values())
    with app.app_context():
        switch_off(scene.school.name, "1")
    teacher = f"{page}?as={everybody['teacher'].handle}"
    assert together.get(teacher).status_code == 404
    assert opened(together.get(f"{page}?as={everybody['guest'].handle}"))
    with app.app_context():
        switch_on(scene.school.name, "1")
    assert together.get(teacher).status_code == 404, "for good"


def test_a_session_has_the_standing_of_its_own_course_only(app: Flask, scene: Scene) -> None:
    """A teacher of one course, launched as a student of another, is a student there."""
    with app.app_context():
        course = scene.school.course("Geology")
        other = scene.school.launched("prof", Standing.LEARNER, course_id=course)
        foreign = make_item(scene.school, "heron")
    together = browser(app, scene.teacher_session, other)
    assert opened(together.get(f"/media/{foreign}?as={scene.teacher_session.handle}"))
    assert together.get(f"/media/{foreign}?as={other.handle}").status_code == 404


# Cookies ------------------------------------------------------------------------------------------


def hand_over(app: Flask, session: NewSession, **cookies: str) -> TestResponse:
    """An answer that sets a launch session's cookie."""
    client = browser(app, session)
    for name, value in cookies.items():
        client.set_cookie(COOKIE_PREFIX + name, value, domain="localhost")
    query = {"as": session.handle}
    ticket = client.post("/api/v1/tickets", query_string=query, headers=SAME_ORIGIN).json["ticket"]
    return client.post("/handover", data={"ticket": ticket}, headers=SAME_ORIGIN)


def attributes(line: str) -> set[str]:
    return set(line.split("; ")[1:])


def test_a_launchs_cookie_is_for_frames_of_one_platform(app: Flask, scene: Scene) -> None:
    (line,) = session_cookies(hand_over(app, scene.teacher_session))
    assert line.startswith("__Host-")
    assert attributes(line) == {
        "Secure",
        "HttpOnly",
        "Path=/",
        "SameSite=None",
        "Partitioned",
        "Max-Age=43200",
        *(part for part in attributes(line) if part.startswith("Expires=")),
    }


def test_a_guests_cookie_is_for_pages_of_their_own(app: Flask, scene: Scene) -> None:
    link = scene.link()
    client = app.test_client()
    assert client.get(link).status_code == 200, "the page that leaves what tells of cookies"
    answer = client.post(link, data={"email": "ada@partner.org"}, headers=SAME_ORIGIN)
    (line,) = session_cookies(answer)
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= attributes(line)
    assert "Partitioned" not in line
    assert "Domain" not in line


def held_by(client: FlaskClient) -> list[str]:
    """The handles whose cookies a browser holds."""
    names = [cookie.key for cookie in client._cookies.values()]
    return [name.removeprefix(COOKIE_PREFIX) for name in names if name.startswith(COOKIE_PREFIX)]


def goes_on_in_tab(client: FlaskClient, session: NewSession) -> TestResponse:
    query = {"as": session.handle}
    ticket = client.post("/api/v1/tickets", query_string=query, headers=SAME_ORIGIN).json["ticket"]
    return client.post("/handover", data={"ticket": ticket}, headers=SAME_ORIGIN)


def test_sixty_embedded_items_of_one_page_all_live_on(app: Flask, scene: Scene, page: str) -> None:
    sessions = [scene.launched("wren") for _number in range(60)]
    client = browser(app, *sessions)
    goes_on_in_tab(client, sessions[0])

    assert len(held_by(client)) == 61
    sent = "; ".join(f"{one.key}={one.value}" for one in client._cookies.values())
    assert len(sent) < 8190 / 2, "a server takes a header of 8 kB, and this is not the only cookie"
    for session in (sessions[0], sessions[30], sessions[59]):
        assert opened(client.get(f"{page}?as={session.handle}"))


def test_the_sessions_that_were_used_least_recently_make_room(
    app: Flask, scene: Scene, clock: TestClock, page: str
) -> None:
    sessions = []
    for number in range(rules.MOST_SESSIONS):
        clock.pass_(seconds=1)
        sessions.append(scene.launched(f"person-{number}"))
    client = browser(app, *sessions)
    clock.pass_(minutes=6)
    assert opened(client.get(f"{page}?as={sessions[0].handle}")), "the oldest is still looked at"
    clock.pass_(seconds=1)

    goes_on_in_tab(client, sessions[-1])

    held = held_by(client)
    assert len(held) <= rules.MOST_SESSIONS * 3 / 4 + 1
    assert sessions[0].handle in held
    assert sessions[1].handle not in held
    assert sessions[-2].handle in held
    assert opened(client.get(f"{page}?as={sessions[-1].handle}"))


def test_cookies_of_no_session_are_taken_back_first(app: Flask, scene: Scene) -> None:
    letters = "abcdefghijkl"
    junk = {f"aaaaaaaa{one}{other}": "x" for one in letters for other in letters}
    answer = hand_over(app, scene.teacher_session, **junk)
    lines = answer.headers.getlist("Set-Cookie")
    taken = {line.partition("=")[0] for line in lines if "Max-Age=0" in line}
    assert taken == {COOKIE_PREFIX + name for name in junk}


def test_secrets_are_not_in_the_database(app: Flask, everybody: dict[str, NewSession]) -> None:
    with app.app_context():
        rows = db.session.execute(select(ToolSession.__table__)).all()
    for session in everybody.values():
        assert session.secret not in str(rows)


def test_a_guest_session_cannot_hold_a_course(app: Flask, everybody: dict[str, NewSession]) -> None:
    """The database itself keeps the two kinds apart."""
    guest = everybody["guest"].session_id
    with app.app_context():
        for values in ({"standing": "manager"}, {"scope": None}, {"kind": "launch"}):
            with pytest.raises(Exception, match="one_kind"), transaction() as session:
                session.execute(update(ToolSession).where(ToolSession.id == guest).values(**values))


def test_sessions_have_an_end_in_time(app: Flask, everybody: dict[str, NewSession]) -> None:
    with app.app_context():
        for row in db.session.scalars(select(ToolSession)):
            life = row.expires_at - row.created_at
            assert life == (timedelta(hours=12) if row.kind == "launch" else timedelta(days=7))


def test_the_end_that_is_shown_is_the_end_after_this_very_request(
    app: Flask, scene: Scene, clock: TestClock
) -> None:
    guest = invitee(scene, "ada@partner.org")
    cookie = {"Cookie": f"{COOKIE_PREFIX}{guest.handle}={guest.secret}"}
    with app.test_request_context(f"/?as={guest.handle}", headers=cookie):
        assert principal().ends_at == clock() + timedelta(days=1), "the link's own end"
    clock.pass_(hours=23, minutes=59)
    with app.test_request_context(f"/?as={guest.handle}", headers=cookie):
        assert principal().ends_at == clock() + timedelta(hours=12), "so long without activity"
