"""Launches from Sakai, Canvas and Moodle as the sandbox plays them: who comes in as what, and what
a tool meets when something is set up or goes otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from factories import TestClock
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import (
    TOOL,
    assert_entered,
    assert_refusal_page,
    count,
    register,
    session_of,
    standing_of,
)
from lms_program import running_lms
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core.db.session import db
from lti_tool.people.models import Course, Person
from lti_tool.people.rules import Standing
from sandbox.keys import KeyRing
from sandbox.platform import AuthRefused, Platform
from sandbox.profiles import profile

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow]

PRODUCTS = ("sakai", "canvas", "moodle")

MANAGER, ASSISTANT, DESIGNER = Standing.MANAGER, Standing.ASSISTANT, Standing.DESIGNER
LEARNER, OBSERVER, NONE = Standing.LEARNER, Standing.OBSERVER, Standing.NONE
ADMINISTRATOR = Standing.ADMINISTRATOR

STANDINGS = {
    "sakai": {
        "instructor-1": MANAGER,
        "maintainer": MANAGER,
        "assistant": ASSISTANT,
        "student-1": LEARNER,
        "access": LEARNER,
        "admin": ADMINISTRATOR,
    },
    "canvas": {
        "instructor-1": MANAGER,
        "assistant": ASSISTANT,
        "designer": DESIGNER,
        "observer": OBSERVER,
        "student-1": LEARNER,
        "elsewhere": LEARNER,
        "test-student": LEARNER,
        "concluded": NONE,
        "visitor": NONE,
        "admin": ADMINISTRATOR,
    },
    "moodle": {
        "instructor-1": MANAGER,
        "assistant": MANAGER,
        "student-1": LEARNER,
        "admin": ADMINISTRATOR,
    },
}


def product(name: str, clock: TestClock, key_ring: KeyRing) -> Platform:
    return Platform(TOOL, profile=profile(name), keys=key_ring, now=clock)


@pytest.fixture
def platform(
    request: pytest.FixtureRequest, app: Flask, clock: TestClock, key_ring: KeyRing
) -> Iterator[Platform]:
    """The product, all of whose schools the tool knows."""
    lms = product(request.param, clock, key_ring)
    with running_lms(lms):
        for school in lms.schools:
            register(app, lms, school)
        yield lms


def of(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("platform", names, indirect=True)


@of(*PRODUCTS)
def test_everybody_comes_in_as_what_they_are(app: Flask, platform: Platform) -> None:
    for user, expected in STANDINGS[platform.profile.name].items():
        client = app.test_client()
        handle = assert_entered(platform.launch(client, user))
        assert standing_of(app, handle) is expected, user


@of(*PRODUCTS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_by_either_method(app: Flask, platform: Platform, method: str) -> None:
    assert_entered(platform.launch(app.test_client(), "student-1", method=method))


@of("sakai", "canvas", "moodle")
def test_whatever_is_kept_back(app: Flask, platform: Platform) -> None:
    for privacy in platform.profile.privacies:
        platform.privacy = privacy
        answer = platform.launch(app.test_client(), "student-1")
        handle = assert_entered(answer)
        session = session_of(app, handle)
        with app.app_context():
            person = db.session.get(Person, session.person_id)
            assert person
            assert bool(person.email) == (privacy in ("public", "email_only"))


def refused_by_page(answer: TestResponse, *said: str) -> None:
    assert_refusal_page(answer, 400, 401, 403)
    for text in said:
        assert text in answer.text


@of("canvas")
@pytest.mark.parametrize("fault", ["login required", "launch no longer valid", "key off"])
def test_canvas_says_no(client: FlaskClient, platform: Platform, fault: str) -> None:
    platform.turn(fault)
    refused_by_page(platform.launch(client, "student-1"))
    platform.turn(fault, on=False)
    assert_entered(platform.launch(client, "student-1"))


@of("canvas")
@pytest.mark.parametrize(
    "fault", ["stray members", "parent storage", "no storage", "both deployment ids"]
)
def test_older_and_newer_canvases(client: FlaskClient, platform: Platform, fault: str) -> None:
    platform.turn(fault)
    assert_entered(platform.launch(client, "student-1"))


@of("moodle")
def test_moodle_says_no(client: FlaskClient, platform: Platform) -> None:
    platform.turn("access denied")
    refused_by_page(platform.launch(client, "student-1"))


@of("moodle")
@pytest.mark.parametrize(
    ("fault", "enters"),
    [
        ("clock ahead", True),
        ("clock behind", True),
        ("clock far ahead", False),
        ("clock far behind", False),
    ],
)
def test_moodles_clock(client: FlaskClient, platform: Platform, fault: str, enters: bool) -> None:
    platform.turn(fault)
    answer = platform.launch(client, "student-1")
    if enters:
        assert_entered(answer)
    else:
        refused_by_page(answer)


@of("canvas", "moodle")
def test_an_address_that_is_not_registered_stays_with_the_platform(
    client: FlaskClient, platform: Platform
) -> None:
    platform.turn("unregistered redirect")
    with pytest.raises(AuthRefused):
        platform.launch(client, "student-1")


@of("sakai")
@pytest.mark.parametrize("fault", ["unregistered redirect", "cookie page"])
def test_sakai_lets_it_pass(client: FlaskClient, platform: Platform, fault: str) -> None:
    platform.turn(fault)
    assert_entered(platform.launch(client, "student-1"))


@pytest.mark.parametrize("fault", ["site issuer", "server deployment"])
def test_sakais_long_issuers(
    app: Flask, clock: TestClock, key_ring: KeyRing, client: FlaskClient, fault: str
) -> None:
    sakai = product("sakai", clock, key_ring)
    sakai.turn(fault)
    with running_lms(sakai):
        register(app, sakai, sakai.school())
        assert sakai.registration().issuer != sakai.issuer
        assert_entered(sakai.launch(client, "student-1"))


@of("sakai")
def test_a_deployment_for_each_course(app: Flask, client: FlaskClient, platform: Platform) -> None:
    """One that nobody let in is refused, with its id for whoever lets it in."""
    platform.turn("many deployments")
    refused_by_page(platform.launch(client, "student-1"), "course-201")


def test_deployments_may_be_let_in_at_once(
    app: Flask, clock: TestClock, key_ring: KeyRing, client: FlaskClient
) -> None:
    sakai = product("sakai", clock, key_ring)
    with running_lms(sakai):
        register(app, sakai, sakai.school(), accept_new_deployments=True)
        sakai.turn("many deployments")
        for link in ("201-1", "110-1"):
            assert_entered(sakai.launch(client, "student-1", link))


@of("canvas")
def test_two_schools_on_one_issuer_share_nothing(app: Flask, platform: Platform) -> None:
    seen = []
    for school in platform.schools:
        answer = platform.launch(app.test_client(), "student-1", school=school.key)
        seen.append(session_of(app, assert_entered(answer)))
    north, south = seen
    assert north.institution_id != south.institution_id
    assert north.person_id != south.person_id
    assert north.course_id != south.course_id
    with app.app_context():
        subs = db.session.scalars(select(Person.sub)).all()
        contexts = db.session.scalars(select(Course.context_id)).all()
    assert len(subs) == len(contexts) == 2
    assert len(set(subs)) == len(set(contexts)) == 1


@of("sakai", "canvas")
def test_keys_change_in_mid_course(
    app: Flask, clock: TestClock, platform: Platform, client: FlaskClient
) -> None:
    platform.keys = KeyRing()
    clock.pass_(minutes=1)
    assert_entered(platform.launch(client, "student-1"))
    for forget in (False, True):
        platform.keys.rotate(forget_old=forget)
        clock.pass_(minutes=1)
        assert_entered(platform.launch(client, "student-1"))
    assert count(app, Person) == 1


@of("sakai", "canvas", "moodle")
def test_a_menu_that_names_no_link_shows_the_courses_media(
    client: FlaskClient, platform: Platform
) -> None:
    answer = platform.launch(client, "student-1", drop=("resource_link",))
    assert_entered(answer)
    assert str(answer.location).startswith("/gallery?")
    assert client.get(str(answer.location)).status_code == 200
