"""Who is not simply a person with a role in a course: what they may do, and what they read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from factories import SAME_ORIGIN, TestClock, as_written
from flask import Flask
from flask.testing import FlaskClient
from invitation_scene import hidden_fields
from launch_helpers import (
    TOOL,
    add_item,
    assert_refusal_page,
    count,
    handle_of,
    register,
    session_of,
)
from lms_program import running_lms
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import db
from lti_tool.invitations.models import Invitation
from lti_tool.media.models import Grant, MediaItem
from lti_tool.people.models import Membership, Person, ToolSession
from lti_tool.people.retention import forget
from lti_tool.people.rules import Impersonation, Standing
from sandbox.keys import KeyRing
from sandbox.pending_launches import LaunchOptions
from sandbox.platform import Platform

pytestmark = pytest.mark.slow

NOBODY = "http://purl.imsglobal.org/vocab/lis/v2/system/person#None"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
ABOUT_PERSON = ("sub", "name", "given_name", "family_name", "email")

VISITOR: LaunchOptions = {"claims": {"roles": [NOBODY]}, "drop": ABOUT_PERSON}
STUDENT_VIEW: LaunchOptions = {
    "claims": {"sub": "made-up", "name": "Test Student", "roles": [LEARNER, TEST_USER]},
    "drop": ("email",),
}
WITHOUT_ROLE: LaunchOptions = {"claims": {"roles": [""]}}


@pytest.fixture
def canvas(app: Flask, clock: TestClock, key_ring: KeyRing) -> Iterator[Platform]:
    """A platform that the tool knows as a Canvas, with an item that its first course shows."""
    platform = Platform(TOOL, keys=key_ring, now=clock)
    with running_lms(platform):
        register(app, platform, platform.schools[0], family="canvas")
        yield platform


@pytest.fixture
def media_id(app: Flask, canvas: Platform) -> str:
    """An item of the first instructor that the course shows."""
    made = add_item(app, "northfield", "11")
    canvas.launch(app.test_client(), "instructor-1", canvas.add_link(media=made))
    return made


def masquerade(sub: str = "admin-7") -> LaunchOptions:
    return {"claims": {"custom": {"masquerading_user": sub}}}


def audited(app: Flask, action: str) -> list[AuditRecord]:
    with app.app_context():
        rows = select(AuditRecord).where(AuditRecord.action == action).order_by(*as_written())
        return list(db.session.scalars(rows))


@contextmanager
def item_of(app: Flask, media_id: str) -> Iterator[MediaItem]:
    with app.app_context():
        yield db.session.get_one(MediaItem, media_id)


def play(client: FlaskClient, media_id: str, page: TestResponse, handle: str) -> bool:
    viewing = page.text.partition('data-viewing="')[2].partition('"')[0]
    answer = client.post(
        f"/api/v1/media/{media_id}/plays",
        query_string={"as": handle},
        json={"viewing_id": viewing},
        headers=SAME_ORIGIN,
    )
    assert answer.status_code == 200, answer.text
    return bool(answer.get_json()["counted"])


# A visitor --------------------------------------------------------------------------------------


def test_a_visitor_sees_what_the_course_shows_and_reads_why(
    app: Flask, canvas: Platform, media_id: str, client: FlaskClient
) -> None:
    answer = canvas.launch(client, "student-1", canvas.add_link(media=media_id), **VISITOR)
    page = client.get(answer.location)
    assert page.status_code == 200, page.text
    assert "You are here as a visitor" in page.text
    assert "Invite users" not in page.text
    assert "None" not in page.text
    assert play(client, media_id, page, handle_of(answer)), "somebody did watch it"


@pytest.mark.parametrize("roles", [[NOBODY], [INSTRUCTOR], [LEARNER, ADMINISTRATOR], []])
def test_a_visitor_is_nobody_whatever_roles_come_along(
    app: Flask, canvas: Platform, media_id: str, client: FlaskClient, roles: list[str]
) -> None:
    launched: LaunchOptions = {"claims": {"roles": roles}, "drop": ABOUT_PERSON}
    answer = canvas.launch(client, "admin", canvas.add_link(media=media_id), **launched)
    handle = handle_of(answer)
    session = session_of(app, handle)
    assert (session.impersonation, session.standing) == (Impersonation.VISITOR, Standing.NONE)
    for path in ("/settings", "/media/new", f"/media/{media_id}/delete"):
        assert_refusal_page(client.get(path, query_string={"as": handle}), 403, 404)
    invite = client.post(
        f"/api/v1/media/{media_id}/invitations",
        query_string={"as": handle},
        json={"email": "eve@partner.org", "first_name": "E", "last_name": "M", "type": "viewer"},
        headers=SAME_ORIGIN,
    )
    assert invite.status_code == 404
    chosen = client.post(
        "/link", query_string={"as": handle}, data={"media_id": media_id}, headers=SAME_ORIGIN
    )
    assert chosen.status_code == 404
    assert count(app, Invitation) == 0


def test_a_visitor_does_not_see_what_is_not_published_here(
    app: Flask, canvas: Platform, client: FlaskClient
) -> None:
    private = add_item(app, "northfield", "11")
    answer = canvas.launch(client, "student-1", canvas.add_link(media=private), **VISITOR)
    assert_refusal_page(answer, 404)
    assert "You are here as a visitor" in answer.text


def test_an_empty_link_is_calm_with_a_visitor(canvas: Platform, client: FlaskClient) -> None:
    answer = canvas.launch(client, "student-1", **VISITOR)
    page = client.get(answer.location)
    assert "Nothing here yet" in page.text
    assert "You are here as a visitor" in page.text


def test_each_visit_is_its_own_and_in_no_list_of_the_course(
    app: Flask, canvas: Platform, media_id: str
) -> None:
    before = count(app, Membership)
    for _ in range(2):
        canvas.launch(app.test_client(), "student-1", canvas.add_link(media=media_id), **VISITOR)
    with app.app_context():
        visitors = db.session.scalars(select(Person).where(Person.kind == "visitor")).all()
        assert len(visitors) == 2
        assert {(one.sub, one.name, one.email) for one in visitors} == {(None, "", None)}
    assert count(app, Membership) == before
    assert {row.actor_kind for row in audited(app, "launch.accepted")} == {"person", "visitor"}


def test_visitors_are_forgotten_with_their_sessions(
    app: Flask, canvas: Platform, clock: TestClock
) -> None:
    canvas.launch(app.test_client(), "student-1", **VISITOR)
    canvas.launch(app.test_client(), "student-1")
    clock.pass_(days=29)
    canvas.launch(app.test_client(), "student-2", **VISITOR)
    clock.pass_(days=2)
    with app.app_context():
        assert forget() == 2
        kinds = db.session.scalars(select(Person.kind).order_by(Person.kind)).all()
    assert kinds == ["lms", "visitor"], "the person stays, of the visitors the one of yesterday"


def test_an_invitation_lifts_the_visitor_who_uses_it(
    app: Flask, canvas: Platform, media_id: str, client: FlaskClient
) -> None:
    teacher = app.test_client()
    came = canvas.launch(teacher, "instructor-1", canvas.add_link(media=media_id))
    made = teacher.post(
        f"/api/v1/media/{media_id}/invitations",
        query_string={"as": handle_of(came)},
        json={"email": "eve@partner.org", "first_name": "Eve", "last_name": "M", "type": "viewer"},
        headers=SAME_ORIGIN,
    )
    assert made.status_code == 201, made.text
    answer = canvas.launch(client, "student-1", canvas.add_link(media=media_id), **VISITOR)
    handle = handle_of(answer)
    paste = f"/media/{media_id}/use-link?as={handle}"
    form = client.get(paste)
    assert "you get access here, in this window" in form.text
    assert "signed in" not in form.text
    used = client.post(
        paste,
        data={
            **hidden_fields(form.text),
            "link": made.get_json()["link"],
            "email": "eve@partner.org",
        },
        headers=SAME_ORIGIN,
    )
    assert used.status_code == 303, used.text
    with app.app_context():
        (held,) = db.session.scalars(select(Grant).where(Grant.source.like("invitation:%"))).all()
        owner = db.session.get_one(ToolSession, held.session_id)
        assert (owner.handle, owner.impersonation) == (handle, Impersonation.VISITOR)
    page = client.get(f"/media/{media_id}?as={handle}").text
    assert "Invited by" in page
    assert "You are here as a visitor" in page


# Student View -----------------------------------------------------------------------------------


def test_student_view_shows_what_a_student_sees_and_counts_nothing(
    app: Flask, canvas: Platform, media_id: str, client: FlaskClient
) -> None:
    before = count(app, Membership)
    link = canvas.add_link(media=media_id)
    answer = canvas.launch(client, "instructor-1", link, **STUDENT_VIEW)
    page = client.get(answer.location)
    assert "Student view" in page.text
    assert "Invite users" not in page.text
    session = session_of(app, handle_of(answer))
    assert (session.impersonation, session.standing) == (
        Impersonation.STUDENT_VIEW,
        Standing.LEARNER,
    )
    assert count(app, Membership) == before
    assert not play(client, media_id, page, session.handle)
    with item_of(app, media_id) as item:
        assert item.plays == 0


def test_student_view_gives_no_more_than_a_student_has(
    app: Flask, canvas: Platform, client: FlaskClient
) -> None:
    roles = [INSTRUCTOR, ADMINISTRATOR, TEST_USER]
    answer = canvas.launch(client, "instructor-1", claims={"roles": roles})
    assert session_of(app, handle_of(answer)).standing == Standing.LEARNER


# Acting as somebody else ------------------------------------------------------------------------


def test_who_acts_as_somebody_reads_it_and_everything_names_them(
    app: Flask, canvas: Platform, media_id: str, client: FlaskClient
) -> None:
    link = canvas.add_link(media=media_id)
    told = {"media": media_id, "masquerading_user": "admin-7"}
    answer = canvas.launch(client, "instructor-1", link, claims={"custom": told})
    handle = handle_of(answer)
    name = canvas.user("instructor-1").name
    page = client.get(answer.location).text
    assert f"You are acting as {name}" in page
    assert "Invite users" in page, "it works as it does for the person"
    made = client.post(
        f"/api/v1/media/{media_id}/invitations",
        query_string={"as": handle},
        json={"email": "eve@partner.org", "first_name": "Eve", "last_name": "M", "type": "viewer"},
        headers=SAME_ORIGIN,
    )
    assert made.status_code == 201
    listed = client.get(f"/api/v1/media/{media_id}/invitations", query_string={"as": handle})
    (shown,) = listed.get_json()["invitations"]
    assert (shown["invited_by"], shown["invited_by_other"]) == (name, True)
    arrived = audited(app, "launch.accepted")[-1]
    (invited,) = audited(app, "invitation.created")
    for row in (arrived, invited):
        assert row.details["acting_for"] == "admin-7"
        with app.app_context():
            assert db.session.get_one(Person, row.actor_id).sub == "11"


def test_a_tab_of_its_own_still_says_who_really_sits_there(
    app: Flask, canvas: Platform, media_id: str, client: FlaskClient
) -> None:
    told = {"media": media_id, "masquerading_user": "admin-7"}
    answer = canvas.launch(client, "instructor-1", claims={"custom": told})
    handle = handle_of(answer)
    ticket = client.post("/api/v1/tickets", query_string={"as": handle}, headers=SAME_ORIGIN)
    tab = app.test_client()
    handed = tab.post(
        "/handover",
        data={"ticket": ticket.get_json()["ticket"], "media_id": media_id},
        headers=SAME_ORIGIN,
    )
    assert "You are acting as" in tab.get(handed.location).text
    (row,) = audited(app, "session.handed_over")
    assert row.details["acting_for"] == "admin-7"
    assert session_of(app, handle_of(handed)).acting_for == "admin-7"


@pytest.mark.parametrize("said", ["", "$Canvas.masqueradingUser.userId"])
def test_nobody_acts_where_canvas_says_nothing(
    app: Flask, canvas: Platform, client: FlaskClient, said: str
) -> None:
    answer = canvas.launch(client, "student-1", **masquerade(said))
    assert session_of(app, handle_of(answer)).impersonation is None
    assert "acting as" not in client.get(answer.location).text


def test_an_acted_person_without_a_name(canvas: Platform, client: FlaskClient) -> None:
    nameless: LaunchOptions = {**masquerade(), "drop": ABOUT_PERSON[1:]}
    answer = canvas.launch(client, "student-1", **nameless)
    assert "You are acting as somebody else" in client.get(answer.location).text


# No role ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("roles", [[], [""], ["None"], [NOBODY]])
def test_without_a_role_one_sees_what_is_published_and_no_more(
    app: Flask, canvas: Platform, media_id: str, client: FlaskClient, roles: list[str]
) -> None:
    link = canvas.add_link(media=media_id)
    answer = canvas.launch(client, "student-1", link, claims={"roles": roles})
    page = client.get(answer.location)
    assert page.status_code == 200
    assert "You have no role in this course" in page.text
    assert "Invite users" not in page.text
    assert session_of(app, handle_of(answer)).standing == Standing.NONE
    private = add_item(app, "northfield", "11")
    refused = canvas.launch(
        client, "student-1", canvas.add_link(media=private), claims={"roles": roles}
    )
    assert_refusal_page(refused, 404)


def test_an_instructor_whose_course_has_ended_keeps_what_is_theirs(
    app: Flask, canvas: Platform, media_id: str, client: FlaskClient
) -> None:
    """The owner may still change and delete it, but the course gives no right to invite."""
    link = canvas.add_link(media=media_id)
    answer = canvas.launch(client, "instructor-1", link, **WITHOUT_ROLE)
    page = client.get(answer.location).text
    assert "You have no role in this course" in page
    assert "Invite users" not in page
    assert f"/media/{media_id}/delete" in page


def test_without_a_role_nobody_is_told_to_wait(canvas: Platform, client: FlaskClient) -> None:
    answer = canvas.launch(client, "student-1", **WITHOUT_ROLE)
    page = client.get(answer.location).text
    assert "This link does not show any media." in page
    assert "Come back later" not in page


def test_without_a_course_nothing_is_said_of_a_role(canvas: Platform, client: FlaskClient) -> None:
    launched: LaunchOptions = {**WITHOUT_ROLE, "drop": ("context",)}
    answer = canvas.launch(client, "student-1", **launched)
    assert "no role" not in client.get(answer.location).text


def test_who_has_a_role_reads_nothing_unusual(
    canvas: Platform, media_id: str, client: FlaskClient
) -> None:
    for who in ("student-1", "instructor-1", "admin"):
        answer = canvas.launch(client, who, canvas.add_link(media=media_id))
        assert 'class="strip"' not in client.get(answer.location).text
