"""Who arrives in the moment in which an LMS is switched off is out for good, as everybody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from factories import SAME_ORIGIN, School, all_at_once, browser
from flask import Flask
from flask.testing import FlaskClient
from invitation_scene import ADA, Scene, Visitor, make_scene
from launch_helpers import add_item, begin

from lti_tool.entrance import views
from lti_tool.people.platform_switch import switch_off, switch_on
from sandbox.platform import Platform

pytestmark = [pytest.mark.every_database, pytest.mark.slow]

ROUNDS = 12


def switching(app: Flask, name: str, deployment: str | None, *verbs: Callable[..., None]) -> None:
    with app.app_context():
        for verb in verbs:
            verb(name, deployment)


def after(monkeypatch: pytest.MonkeyPatch, place: Any, name: str, then: Callable[[], None]) -> None:
    """Let something else happen, once, between a step of a launch and the next one."""
    original, left = getattr(place, name), [then]

    def step(*args: Any, **more: Any) -> Any:
        result = original(*args, **more)
        while left:
            left.pop()()
        return result

    monkeypatch.setattr(place, name, step)


@pytest.mark.parametrize("deployment", [None, "1"], ids=["registration", "deployment"])
@pytest.mark.parametrize("known", [True, False], ids=["known place", "new place"])
@pytest.mark.parametrize("steps", [(switch_off,), (switch_off, switch_on)], ids=["off", "off, on"])
def test_a_launch_that_was_let_in_before(
    app: Flask,
    lms: Platform,
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    deployment: str | None,
    known: bool,
    steps: tuple[Callable[..., None], ...],
) -> None:
    """It was read that all is on; before the session is written, it is switched off."""
    media_id = add_item(app, "northfield", open_to_links=True)
    link = lms.add_link(media=media_id)
    if known:
        lms.launch(app.test_client(), "student-1", link)
    form = lms.answer(begin(lms, client, link=link))

    def meanwhile() -> None:
        switching(app, "northfield", deployment, *steps)

    after(monkeypatch, views, "receive", meanwhile)
    answer = lms.post(client, form)
    monkeypatch.undo()
    switching(app, "northfield", deployment, switch_on)
    if deployment is None:
        assert answer.status_code == 303
        assert client.get(answer.location).status_code == 404
    elif switch_on in steps:
        assert client.get(answer.location).status_code == 200, "its deployment was read after that"
    else:
        assert answer.status_code == 403
    assert lms.launch(client, "student-1", link).status_code == 303, "and comes in anew"


@pytest.mark.parametrize("deployment", [None, "1"], ids=["registration", "deployment"])
def test_launches_and_the_switch_in_one_moment(
    app: Flask, lms: Platform, deployment: str | None
) -> None:
    media_id = add_item(app, "northfield", open_to_links=True)
    link = lms.add_link(media=media_id)
    lms.launch(app.test_client(), "student-1", link)
    for _round in range(ROUNDS):
        client = app.test_client()
        form = lms.answer(begin(lms, client, link=link))

        def launch(client: FlaskClient = client, form: Any = form) -> Any:
            return lms.post(client, form)

        def off() -> Any:
            return switching(app, "northfield", deployment, switch_off)

        answer, _nothing = all_at_once([launch, off])
        switching(app, "northfield", deployment, switch_on)
        if answer.status_code == 303:
            assert client.get(answer.location).status_code == 404


@pytest.mark.parametrize("deployment", [None, "1"], ids=["registration", "deployment"])
def test_invitees_and_the_switch_in_one_moment(
    app: Flask, school: School, deployment: str | None
) -> None:
    for number in range(ROUNDS):
        scene = make_scene(app, school)
        path = scene.link(f"ada{number}@partner.org")
        guest = Visitor(app)

        def enter(guest: Visitor = guest, path: str = path, number: int = number) -> Any:
            return guest.send(path, f"ada{number}@partner.org")

        def off(scene: Scene = scene) -> Any:
            return scene.switch_off(deployment)

        answer, _nothing = all_at_once([enter, off])
        scene.switch_on(deployment)
        if answer.status_code == 303:
            assert guest.open(answer.location).status_code == 410


def test_what_was_handed_over_in_that_moment(app: Flask, school: School) -> None:
    """A tab's session is as old as the one it was made from."""
    scene = make_scene(app, school)
    with app.app_context():
        teacher = school.launched("prof")
    framed = browser(app, teacher)
    ticket = framed.post(
        "/api/v1/tickets", query_string={"as": teacher.handle}, headers=SAME_ORIGIN
    ).json["ticket"]
    scene.switch_off()
    scene.switch_on()
    tab = app.test_client().post(
        "/handover",
        data={"ticket": ticket, "media_id": scene.media_id},
        headers=SAME_ORIGIN,
    )
    assert tab.status_code == 404


def test_whoever_comes_after_it_was_switched_on_is_let_in(app: Flask, school: School) -> None:
    scene = make_scene(app, school)
    for deployment in (None, "1", None):
        scene.switch_off(deployment)
        scene.switch_on(deployment)
    guest = Visitor(app)
    assert guest.enter(scene.link(ADA)).status_code == 200
    with app.app_context():
        teacher = school.launched("prof")
    page = browser(app, teacher).get(f"/media/{scene.media_id}?as={teacher.handle}")
    assert page.status_code == 200
