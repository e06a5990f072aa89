"""Rate limits count people, not the address that a whole campus shares."""

from __future__ import annotations

import pytest
from factories import School, browser
from flask import Flask
from invitation_scene import Scene, make_scene

from lti_tool.people.rules import Standing
from lti_tool.people.session_store import NewSession

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow]
PER_MINUTE = 300


@pytest.fixture
def scene(app: Flask, school: School) -> Scene:
    return make_scene(app, school)


def suggest(app: Flask, scene: Scene, session: NewSession, cookie: bool = True) -> int:
    client = browser(app, *([session] if cookie else []))
    path = f"/api/v1/media/{scene.media_id}/invitees?q=a&as={session.handle}"
    return client.get(path).status_code


def test_one_busy_person_does_not_lock_the_others_out(app: Flask, scene: Scene) -> None:
    busy = scene.teacher_session
    client = browser(app, busy)
    path = f"/api/v1/media/{scene.media_id}/invitees?q=a&as={busy.handle}"
    answers = [client.get(path) for _time in range(PER_MINUTE + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert answers[-1].status_code == 429
    assert answers[-1].mimetype == "application/problem+json"
    assert int(answers[-1].headers["Retry-After"]) > 0
    with app.app_context():
        again = scene.school.launched("prof", Standing.MANAGER)
        colleague = scene.school.launched("heron", Standing.MANAGER)
    assert suggest(app, scene, again) == 429, "another session of the same person"
    assert suggest(app, scene, colleague) == 200


def test_a_made_up_handle_is_counted_by_address(app: Flask, scene: Scene) -> None:
    client = app.test_client()
    path = f"/api/v1/media/{scene.media_id}/invitees?q=a&as="
    codes = [
        client.get(f"{path}aaaaaaaa{a}{b}").status_code
        for a in "abcdefghijklmnopq"
        for b in "abcdefghijklmnopqrs"
    ]
    assert codes[:PER_MINUTE] == [401] * PER_MINUTE
    assert codes[-1] == 429


def test_addresses_of_one_ipv6_network_are_one_client(app: Flask, scene: Scene) -> None:
    """One household or phone holds a whole /64."""
    path = f"/api/v1/media/{scene.media_id}/invitees?q=a&as=aaaaaaaaaa"

    def ask(address: str) -> int:
        return app.test_client().get(path, environ_base={"REMOTE_ADDR": address}).status_code

    codes = [ask(f"2001:db8:1:2::{number:x}") for number in range(PER_MINUTE + 1)]
    assert codes == [401] * PER_MINUTE + [429]
    assert ask("2001:db8:1:3::1") == 401
    assert ask("198.51.100.1") == ask("198.51.100.2") == 401
