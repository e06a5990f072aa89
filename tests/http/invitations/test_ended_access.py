"""A guest who comes back by a bookmark reads that access ended, when, and what can be done."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from factories import SAME_ORIGIN, START, School, make_school
from flask import Flask
from invitation_scene import TITLE, Scene, Visitor, hidden_fields, make_scene, without_noise
from sqlalchemy import update

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import db
from lti_tool.invitations.models import Invitation
from lti_tool.media.models import MediaItem
from lti_tool.people.session_store import COOKIE_PREFIX

ASK = "Ask for a new link</span>"


@pytest.fixture
def guest(app: Flask) -> Visitor:
    return Visitor(app, script=True)


def came_in(scene: Scene, guest: Visitor) -> tuple[Invitation, str]:
    invitation = scene.invite()
    page = guest.enter(scene.path(invitation))
    assert TITLE in page.text
    return invitation, page.request.full_path


def ask(guest: Visitor, media_id: str, page_text: str, **changes: str):
    form = {**hidden_fields(page_text), **changes}
    return guest.client.post(f"/media/{media_id}/new-link", data=form, headers=SAME_ORIGIN)


def end(scene: Scene, invitation: Invitation, how: str, clock) -> None:
    if how == "time":
        clock.pass_(hours=25)
    if how == "a week":
        clock.pass_(days=30)
    if how == "revoked":
        scene.revoke(invitation)
    if how == "new link":
        scene.new_link(invitation)
    if how == "reset":
        scene.reset_device(invitation)
    if how == "deleted":
        scene.run(update(MediaItem).values(deleted_at=START))
    if how == "off":
        scene.switch_off()
    if how == "off and on":
        scene.switch_off()
        scene.switch_on()


@pytest.mark.parametrize(
    ("how", "says", "may_ask"),
    [
        ("time", "Yours ended on", True),
        ("a week", "Yours ended on", True),
        ("revoked", "was withdrawn", False),
        ("new link", "A newer link took the place", True),
        ("reset", "made ready for another device", True),
        ("deleted", "has been removed", False),
        ("off", "not accepting invitations", False),
        ("off and on", "were switched off for a while", True),
    ],
)
def test_how_it_ended(scene, guest, clock, how, says, may_ask) -> None:
    invitation, inside = came_in(scene, guest)
    end(scene, invitation, how, clock)
    for address in (inside, urlsplit(inside).path):
        page = guest.open(address)
        assert page.status_code == 410
        assert says in page.text
        assert (ASK in page.text) is may_ask
        assert TITLE not in page.text
        assert page.headers["Cache-Control"] == "no-store"
    asked = ask(guest, scene.media_id, page.text)
    assert asked.status_code == (200 if may_ask else 404)
    assert (scene.fresh(invitation).new_link_asked_at is not None) is may_ask


def test_an_old_bookmark_leads_to_the_session_that_runs(app, scene, guest) -> None:
    invitation, old = came_in(scene, guest)
    scene.new_link(invitation)
    present = guest.send(scene.path(scene.fresh(invitation))).location
    moved = guest.open(f"{old}&page=2")
    assert moved.status_code == 302
    assert moved.location == f"{present}&page=2"
    assert TITLE in guest.open(present).text
    assert Visitor(app, scene.launched("bob")).open(old).status_code == 404, "a stranger's"


def test_the_time_that_is_told_is_when_it_ended(scene, guest, clock) -> None:
    invitation, inside = came_in(scene, guest)
    clock.pass_(hours=3)
    scene.revoke(invitation)
    then = f'datetime="{clock.present:%Y-%m-%dT%H:%M:%SZ}"'
    clock.pass_(days=2)
    assert then in guest.open(inside).text


def test_the_wish_counts_once_an_hour_and_is_recorded(scene, guest, clock) -> None:
    invitation, inside = came_in(scene, guest)
    clock.pass_(days=2)
    page = guest.open(inside).text
    first = clock.present
    for minutes in (0, 59):
        clock.pass_(minutes=minutes)
        asked = ask(guest, scene.media_id, page)
        assert asked.status_code == 200
        assert f'<link rel="canonical" href="{inside}">' in asked.text
        assert "A new link was asked for on" in guest.open(inside).text
        assert ASK not in guest.open(inside).text
    assert scene.fresh(invitation).new_link_asked_at == first
    assert scene.audit() == ["created", "redeemed", "new_link_asked"]


def test_a_link_that_still_works_is_said_to(scene, guest, clock) -> None:
    scene.set(link_reusability=3, link_duration=7 * 24 * 60, guest_session=1)
    invitation, inside = came_in(scene, guest)
    assert "it still works" not in guest.open(inside).text
    scene.reset_device(invitation)
    assert "it still works" in guest.open(inside).text


def test_strangers_read_what_they_always_read(app, scene, guest, clock) -> None:
    _, inside = came_in(scene, guest)
    clock.pass_(days=2)
    handle = inside.partition("as=")[2]
    unknown = without_noise(Visitor(app).open(f"/media/{'a' * 26}"))
    nobody, liar = Visitor(app), Visitor(app)
    liar.client.set_cookie(COOKIE_PREFIX + handle, "made up", secure=True)
    for stranger in (nobody, liar, Visitor(app, scene.launched("bob"))):
        page = stranger.open(urlsplit(inside).path)
        assert page.status_code in (200, 404)
        if page.status_code == 404:
            assert without_noise(page) == unknown
        answer = ask(stranger, scene.media_id, "", handle=handle)
        assert answer.status_code == 404


def test_a_session_of_another_item_tells_and_asks_nothing(
    app: Flask, scene: Scene, guest, clock
) -> None:
    _, inside = came_in(scene, guest)
    with app.app_context():
        other: School = make_school("oak")
    theirs = make_scene(app, other)
    clock.pass_(days=2)
    handle = inside.partition("as=")[2]
    assert guest.open(f"/media/{theirs.media_id}?as={handle}").status_code == 404
    assert ask(guest, theirs.media_id, "", handle=handle).status_code == 404
    assert ask(guest, scene.media_id, "", handle="").status_code == 404
    with app.app_context():
        assert not db.session.query(AuditRecord).filter_by(action="invitation.new_link_asked").all()


def test_a_script_is_told_that_the_session_is_over(scene, guest, clock) -> None:
    """An open page asks, and then shows what its address answers."""
    _, inside = came_in(scene, guest)
    clock.pass_(days=2)
    answer = guest.client.get(
        f"/api/v1/media/{scene.media_id}/files?{inside.partition('?')[2]}",
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 401
    assert answer.get_json()["type"].endswith("session-ended")


def test_whoever_may_see_it_by_another_session_sees_it(app, scene, guest, clock) -> None:
    came_in(scene, guest)
    clock.pass_(days=2)
    again = guest.enter(scene.link("bob@partner.org"), "bob@partner.org")
    assert TITLE in again.text
    assert TITLE in guest.open(f"/media/{scene.media_id}").text
