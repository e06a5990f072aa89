"""Sessions that a page carries itself: a bearer for its scripts, a ticket to the next page."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from cookieless import IN_FRAME, SCRIPT, Tab
from factories import START, TestClock, all_at_once, browser
from flask import Flask
from invitation_scene import ADA, TITLE, Scene, hidden_fields
from launch_helpers import REFERENCE, assert_refusal_page

from lti_tool.core.db.session import transaction
from lti_tool.core.ids import digest, new_secret
from lti_tool.people.models import SessionTicket
from lti_tool.people.session_store import end_sessions

pytestmark = pytest.mark.every_database


def ticket_of(scene: Scene, purpose: str = "page") -> str:
    """A ticket to the teacher's session, as a page before would have taken it along."""
    value = new_secret()
    with scene.app.app_context(), transaction() as work:
        work.add(
            SessionTicket(
                ticket_hash=digest(value),
                purpose=purpose,
                session_id=scene.teacher_session.session_id,
                expires_at=START + timedelta(minutes=1),
            )
        )
    return value


@pytest.fixture
def page(app: Flask, scene: Scene) -> Tab:
    """The teacher's media page."""
    tab = Tab(app)
    shown = tab.open(address(scene, ticket_of(scene)))
    assert TITLE in shown.text
    return tab


def address(scene: Scene, ticket: str) -> str:
    return f"/media/{scene.media_id}?as={scene.teacher_session.handle}&ticket={ticket}"


def test_a_ticket_opens_a_page_once(app: Flask, scene: Scene) -> None:
    ticket = ticket_of(scene)
    tab = Tab(app)
    assert tab.open(address(scene, ticket)).status_code == 200
    again = tab.open(address(scene, ticket))
    assert again.status_code == 401
    assert "Open it again from your course" in again.text
    assert REFERENCE.search(again.text)
    assert TITLE not in again.text
    assert tab.bearer == ""


def test_of_many_at_once_one_is_shown(app: Flask, scene: Scene) -> None:
    wanted = address(scene, ticket_of(scene))

    def open_it() -> int:
        return app.test_client(use_cookies=False).get(wanted, headers=IN_FRAME).status_code

    assert sorted(all_at_once([open_it] * 4)) == [200, 401, 401, 401]


def test_a_ticket_lives_a_minute(app: Flask, scene: Scene, clock: TestClock) -> None:
    ticket = ticket_of(scene)
    clock.pass_(seconds=60)
    assert Tab(app).open(address(scene, ticket)).status_code == 401


@pytest.mark.parametrize(
    ("site", "place"),
    [
        ("cross-site", "iframe"),
        ("same-site", "iframe"),
        ("none", "document"),
        ("same-origin", "document"),
        ("same-origin", None),
        (None, "iframe"),
        (None, None),
    ],
)
def test_nobody_is_led_into_a_session_by_a_link(
    app: Flask, scene: Scene, site: str | None, place: str | None
) -> None:
    """Whoever has a session can have tickets to it, and put them into links for other people, also
    into the description of an item, whose links open a tab. Older browsers do not say whose page
    sent them, or where they go.
    """
    ticket = ticket_of(scene)
    said = {"Sec-Fetch-Site": site, "Sec-Fetch-Dest": place}
    headers = {name: value for name, value in said.items() if value}
    lured = app.test_client().get(address(scene, ticket), headers=headers)
    assert lured.status_code == 401
    assert TITLE not in lured.text
    assert Tab(app).open(address(scene, ticket)).status_code == 200, "and nothing is used up"


def test_a_ticket_to_a_tab_of_its_own_opens_no_page_in_the_frame(app: Flask, scene: Scene) -> None:
    assert Tab(app).open(address(scene, ticket_of(scene, "tab"))).status_code == 401


def test_scripts_go_on_by_the_bearer(app: Flask, scene: Scene, page: Tab) -> None:
    handle = scene.teacher_session.handle
    asked = page.api("GET", f"/api/v1/media/{scene.media_id}/invitations?as={handle}")
    assert asked.status_code == 200
    assert "Set-Cookie" not in asked.headers
    without = page.client.get(
        f"/api/v1/media/{scene.media_id}/invitations?as={handle}", headers=SCRIPT
    )
    assert without.status_code == 401


def test_a_page_says_nothing_of_it_where_cookies_do_it(app: Flask, scene: Scene) -> None:
    client = browser(app, scene.teacher_session)
    shown = client.get(f"/media/{scene.media_id}?as={scene.teacher_session.handle}")
    assert 'data-bearer=""' in shown.text or "data-bearer" not in shown.text
    asked = client.post(f"/api/v1/page-tickets?as={scene.teacher_session.handle}", headers=SCRIPT)
    assert asked.status_code == 404, "a cookie's session takes no tickets along"


def test_the_bearer_is_the_sessions_and_ends_with_it(app: Flask, scene: Scene, page: Tab) -> None:
    with app.app_context(), transaction():
        end_sessions(session_id=scene.teacher_session.session_id)
    handle = scene.teacher_session.handle
    assert (
        page.api("GET", f"/api/v1/media/{scene.media_id}/invitations?as={handle}").status_code
        == 401
    )


@pytest.mark.parametrize("change", ["x", "", "."])
def test_a_bearer_that_is_not_ours_is_nobody_whatever_cookies_come(
    app: Flask, scene: Scene, page: Tab, change: str
) -> None:
    client = browser(app, scene.teacher_session)
    forged = page.bearer + change if change else ""
    answer = client.get(
        f"/api/v1/media/{scene.media_id}/invitations?as={scene.teacher_session.handle}",
        headers={"Authorization": f"Bearer {forged}", **SCRIPT},
    )
    assert answer.status_code == 401


def test_a_bearer_has_its_own_session_only(app: Flask, scene: Scene, page: Tab) -> None:
    """A request with a bearer does without the guard against other sites' pages; so it must have
    no other session than the bearer's.
    """
    with app.app_context():
        other = scene.school.launched("another")
    client = browser(app, other)
    answer = client.get(
        f"/media/{scene.media_id}?as={other.handle}",
        headers={"Authorization": f"Bearer {page.bearer}", "Accept": "application/json"},
    )
    assert answer.status_code == 401


def test_the_session_id_alone_is_no_bearer(app: Flask, scene: Scene) -> None:
    tab = Tab(app, bearer=scene.teacher_session.session_id)
    handle = scene.teacher_session.handle
    assert (
        tab.api("GET", f"/api/v1/media/{scene.media_id}/invitations?as={handle}").status_code == 401
    )


def test_a_form_goes_on_to_its_page_with_a_ticket_of_the_next(scene: Scene, page: Tab) -> None:
    handle = scene.teacher_session.handle
    ticket = page.ticket()
    sent = page.client.post(
        f"/media/{scene.media_id}/delete?as={handle}&ticket={ticket}", headers=IN_FRAME
    )
    assert sent.status_code in (302, 303), sent.text
    query = parse_qs(urlsplit(sent.location).query)
    assert query["as"] == [handle]
    assert query["ticket"] != [ticket]
    assert page.open(sent.location).status_code < 400
    assert page.bearer


def test_another_sites_form_is_refused_even_with_a_ticket(scene: Scene, page: Tab) -> None:
    sent = page.client.post(
        f"/media/{scene.media_id}/delete?as={scene.teacher_session.handle}&ticket={page.ticket()}",
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert sent.status_code == 403


def test_a_ticket_is_no_proof_where_the_browser_does_not_say_who_sends_a_form(
    app: Flask, scene: Scene
) -> None:
    """Somebody else's page would send it with a ticket and a form token of a session of its own."""
    handle = scene.teacher_session.handle
    own = browser(app, scene.teacher_session).get(f"/media/{scene.media_id}/delete?as={handle}")
    token = hidden_fields(own.text)["form_token"]
    ticket = ticket_of(scene)
    lured = app.test_client().post(
        f"/media/{scene.media_id}/delete?as={handle}&ticket={ticket}", data={"form_token": token}
    )
    assert_refusal_page(lured, 403)
    assert "Your browser did not bring your session along" in lured.text
    assert Tab(app).open(address(scene, ticket)).status_code == 200, "and nothing is used up"


def test_no_page_holds_what_lasts_in_an_address(app: Flask, scene: Scene, page: Tab) -> None:
    shown = page.open(address(scene, page.ticket()))
    assert page.bearer
    for line in shown.text.split('"'):
        if line.startswith(("/", "http")):
            assert page.bearer not in line
            assert "ticket=" not in line


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_is_used_in_a_tab_of_its_own_where_no_device_can_be_kept(
    scene: Scene, page: Tab, method: str
) -> None:
    invitation = scene.invite()
    where = f"/media/{scene.media_id}/use-link?as={scene.teacher_session.handle}"
    shown = page.client.open(
        f"{where}&ticket={page.ticket()}",
        method=method,
        data={"link": scene.path(invitation), "email": ADA} if method == "POST" else None,
        headers=IN_FRAME,
    )
    assert shown.status_code == 200
    assert "data-own-tab" in shown.text
    assert 'name="link"' not in shown.text
    assert scene.fresh(invitation).uses_made == 0


def test_a_page_that_carries_its_session_needs_not_name_it(scene: Scene, page: Tab) -> None:
    """There is no other that it could be."""
    path = f"/api/v1/media/{scene.media_id}/invitations"
    assert page.api("GET", path).status_code == 200
    assert page.api("POST", "/api/v1/page-tickets").status_code == 201
