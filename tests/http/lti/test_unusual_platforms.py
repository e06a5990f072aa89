"""Sakai's longer issuers and many deployments; Canvas's unusual people, as it sends them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from factories import TestClock
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import (
    TOOL,
    add_item,
    assert_entered,
    assert_refusal_page,
    reads_keys_of,
    register,
    session_of,
)
from lms_program import running_lms
from sqlalchemy import select

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import db
from lti_tool.lti.models import Deployment
from lti_tool.lti.registrations import as_platform, by_name
from lti_tool.lti.services.names_and_roles import members
from lti_tool.people.models import Course, Person
from lti_tool.people.rules import Impersonation, Standing
from sandbox.keys import KeyRing
from sandbox.platform import Platform
from sandbox.profiles import CanvasProfile, SakaiProfile

pytestmark = pytest.mark.slow

PRIVACIES = list(CanvasProfile.privacies)


@pytest.fixture
def sakai(clock: TestClock, key_ring: KeyRing) -> Iterator[Platform]:
    platform = Platform(TOOL, profile=SakaiProfile(), keys=key_ring, now=clock)
    with running_lms(platform):
        yield platform


@pytest.fixture(scope="module")
def canvas_keys() -> KeyRing:
    return KeyRing(count=CanvasProfile.key_count)


@pytest.fixture
def canvas(app: Flask, clock: TestClock, canvas_keys: KeyRing) -> Iterator[Platform]:
    platform = Platform(TOOL, profile=CanvasProfile(), keys=canvas_keys, now=clock)
    with running_lms(platform):
        register(app, platform, platform.schools[0])
        yield platform


# Sakai ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["site issuer", "server deployment"])
@pytest.mark.parametrize("registered_long", [True, False], ids=["as it signs", "as it logs in"])
def test_a_sakai_signs_as_more_than_it_logs_in_as(
    app: Flask, sakai: Platform, client: FlaskClient, fault: str, registered_long: bool
) -> None:
    """The administrator registers the issuer that Sakai shows, or the one of the server alone."""
    if registered_long:
        sakai.turn(fault)
        register(app, sakai, sakai.schools[0])
    else:
        register(app, sakai, sakai.schools[0], accept_new_deployments=True)
        sakai.turn(fault)
    launched = sakai.launch(client, "student-1")
    assert_entered(launched)
    asked = sakai.auth_requests[-1]
    assert asked["client_id"] == sakai.schools[0].client_id


@pytest.mark.parametrize("fault", ["site issuer", "server deployment", "many deployments"])
def test_a_sakai_gives_tokens_however_it_signs(
    app: Flask, sakai: Platform, client: FlaskClient, fault: str
) -> None:
    """The token's address, the client id and our keys are those of the registration."""
    sakai.turn(fault)
    register(app, sakai, sakai.schools[0], accept_new_deployments=True)
    reads_keys_of(app, sakai)
    assert_entered(sakai.launch(client, "instructor-1"))
    with app.app_context():
        course = db.session.scalars(select(Course)).one()
        assert course.memberships_url is not None
        platform = as_platform(by_name("northfield"))
        found = [one.sub for page in members(platform, course.memberships_url) for one in page]
        subs = set(db.session.scalars(select(Person.sub)))
    assert subs == {sakai.sub_of("instructor-1")}
    assert subs <= set(found), "launch and roster call the person the same"


def test_another_sites_issuer_is_not_the_one_that_was_registered(
    app: Flask, sakai: Platform, client: FlaskClient
) -> None:
    sakai.turn("site issuer")
    register(app, sakai, sakai.schools[0])
    long = sakai.registration().issuer
    for lie in (long + "x", long.rsplit("/", 1)[0] + "/another", sakai.issuer + "/site/"):
        refused = sakai.launch(app.test_client(), "student-1", claims={"iss": lie})
        assert_refusal_page(refused, 401)


def test_each_course_of_a_sakai_may_have_its_deployment(
    app: Flask, sakai: Platform, client: FlaskClient
) -> None:
    """The same person and the same kind of link ids, but the courses stay apart."""
    sakai.turn("many deployments")
    register(app, sakai, sakai.schools[0], deployments=(), accept_new_deployments=True)
    first, second = sakai.courses
    assert_entered(sakai.launch(client, "student-1"))
    other = sakai.add_link("Another", course=second.id)
    assert_entered(sakai.launch(client, "student-1", other))
    with app.app_context():
        known = set(db.session.scalars(select(Deployment.deployment_id)))
        assert known == {f"course-{first.id}", f"course-{second.id}"}
        assert len(db.session.scalars(select(Course.deployment_id).distinct()).all()) == 2
        assert len(db.session.scalars(select(Person)).all()) == 1


def test_a_sakai_whose_new_deployments_are_not_let_in_says_which_one_waits(
    app: Flask, sakai: Platform, client: FlaskClient
) -> None:
    sakai.turn("many deployments")
    register(app, sakai, sakai.schools[0], deployments=(), accept_new_deployments=False)
    refused = sakai.launch(client, "instructor-1")
    assert_refusal_page(refused, 403)
    assert f"“course-{sakai.courses[0].id}”" in refused.text
    shown = app.test_cli_runner().invoke(args=["platform", "show", "northfield"]).output
    assert f"course-{sakai.courses[0].id}  (waiting since" in shown


# Canvas -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("privacy", PRIVACIES)
@pytest.mark.parametrize(
    ("user", "impersonation", "standing", "said"),
    [
        ("visitor", Impersonation.VISITOR, Standing.NONE, "You are here as a visitor"),
        ("test-student", Impersonation.STUDENT_VIEW, Standing.LEARNER, "Student view"),
        ("concluded", None, Standing.NONE, "You have no role in this course"),
        ("elsewhere", None, Standing.LEARNER, ""),
        ("observer", None, Standing.OBSERVER, ""),
    ],
)
def test_the_unusual_people_of_a_canvas_course(
    app: Flask,
    canvas: Platform,
    client: FlaskClient,
    privacy: str,
    user: str,
    impersonation: Impersonation | None,
    standing: Standing,
    said: str,
) -> None:
    canvas.privacy = privacy
    media_id = add_item(app, "northfield", open_to_links=True)
    launched = canvas.launch(client, user, canvas.add_link(media=media_id))
    session = session_of(app, assert_entered(launched))
    assert (session.impersonation, session.standing) == (impersonation, standing)
    page = client.get(launched.location)
    assert page.status_code == 200
    assert "Owls" in page.text
    assert "Invite users" not in page.text
    if said:
        assert said in page.text
    else:
        assert 'class="strip"' not in page.text


@pytest.mark.parametrize("privacy", PRIVACIES)
def test_an_administrator_of_canvas_acts_as_an_instructor(
    app: Flask, canvas: Platform, client: FlaskClient, privacy: str
) -> None:
    canvas.privacy = privacy
    launched = canvas.launch(client, "instructor-1", how={"acting": "admin"})
    session = session_of(app, assert_entered(launched))
    assert session.impersonation == Impersonation.ACTING_AS
    assert session.standing == Standing.MANAGER
    page = client.get(launched.location).text
    name = canvas.user("instructor-1").name
    named = f"You are acting as {name}" if "name" in privacy or privacy == "public" else ""
    assert (named or "You are acting as somebody else") in page
    with app.app_context():
        row = db.session.scalars(
            select(AuditRecord).where(AuditRecord.action == "launch.accepted")
        ).one()
        assert row.details["acting_for"] == session.acting_for
        assert session.acting_for


def test_a_visitor_opens_no_dialog(canvas: Platform, client: FlaskClient) -> None:
    refused = canvas.launch(client, "visitor", how={"placement": "editor_button"})
    assert_refusal_page(refused, 403)
    assert "Please sign in to your platform first" in refused.text


def test_the_test_student_chooses_nothing(canvas: Platform, client: FlaskClient) -> None:
    launched = canvas.launch(client, "test-student", how={"placement": "editor_button"})
    page = client.get(launched.location)
    assert page.status_code == 200
    assert "Student view" in page.text
    assert 'name="media_id"' not in page.text
