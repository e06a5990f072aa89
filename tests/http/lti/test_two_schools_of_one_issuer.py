"""Two schools behind Canvas's one issuer, with the same ids for everything: nothing crosses.

Whatever somebody at the second school does with what belongs to the first is answered as for an
id that nobody has. (`tests/http/core/test_nothing_crosses.py` tries every route with foreign ids;
here the ids of the platform are the same too.)
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from factories import SAME_ORIGIN, TestClock
from flask import Flask
from flask.testing import FlaskClient
from html_form import form_of
from invitation_scene import Visitor
from launch_helpers import (
    TOOL,
    add_item,
    assert_entered,
    assert_refusal_page,
    count,
    handle_of,
    register,
)
from lms_program import running_lms
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lti_tool.core.db.session import Model, db
from lti_tool.lti.models import DeepLinkingRequest, Deployment
from lti_tool.lti.services.names_and_roles import Member
from lti_tool.media.models import Grant, MediaItem, Publication
from lti_tool.people.models import Course, Membership, Person, ResourceLink, ToolSession
from lti_tool.people.roster_sync import refresh
from sandbox.keys import KeyRing
from sandbox.platform import Platform
from sandbox.profiles import CanvasProfile

pytestmark = pytest.mark.slow

TUS = {"Tus-Resumable": "1.0.0", **SAME_ORIGIN}
SAME_ADDRESS = "maria@both.example"


@pytest.fixture(scope="module")
def canvas_keys() -> KeyRing:
    return KeyRing(count=CanvasProfile.key_count)


@pytest.fixture
def lms(app: Flask, clock: TestClock, canvas_keys: KeyRing) -> Iterator[Platform]:
    """One Canvas with both schools, whose deployments are called the same, too."""
    profile = CanvasProfile()
    schools = [replace(one, deployment_id="1:same") for one in profile.schools()]
    platform = Platform(TOOL, profile=profile, schools=schools, keys=canvas_keys, now=clock)
    with running_lms(platform):
        for school in platform.schools:
            register(app, platform, school)
        yield platform


@dataclass
class Desk:
    """Somebody at one of the schools, in a browser of their own unless they share one."""

    app: Flask
    lms: Platform
    school: str
    user: str = "instructor-1"
    client: FlaskClient = field(init=False)
    handle: str = ""
    opened: str = ""

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def come(self, **options: Any) -> Desk:
        email = {"email": SAME_ADDRESS} if self.user == "instructor-1" else {}
        options["claims"] = {**email, **options.get("claims", {})}
        launched = self.lms.launch(self.client, self.user, school=self.school, **options)
        self.handle, self.opened = assert_entered(launched), launched.location
        return self

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        more.setdefault("headers", SAME_ORIGIN)
        joined = "&" if "?" in path else "?"
        return self.client.open(f"{path}{joined}as={self.handle}", method=method, **more)

    def get(self, path: str) -> TestResponse:
        return self.ask("GET", path)

    def invite(self, media_id: str, email: str) -> TestResponse:
        body = {"email": email, "first_name": "Eve", "last_name": "Moss", "type": "viewer"}
        return self.ask("POST", f"/api/v1/media/{media_id}/invitations", json=body)

    def choose(self, media_id: str) -> TestResponse:
        return self.ask("POST", "/link", data={"media_id": media_id})


@dataclass
class Schools:
    north: Desk
    south: Desk
    media_id: str
    """Shown by the first school's link; the second school's link, of the same id, is empty."""


@pytest.fixture
def schools(app: Flask, lms: Platform) -> Schools:
    owner = lms.sub_of("instructor-1")
    media_id = add_item(app, "northfield", owner)
    north, south = (Desk(app, lms, one).come() for one in ("northfield", "southgate"))
    assert north.choose(media_id).status_code == 303
    assert north.get(f"/media/{media_id}").status_code == 200
    return Schools(north, south, media_id)


def number(app: Flask, column: Any) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(column.distinct()))) or 0


def test_the_same_ids_are_other_people_courses_links_and_deployments(
    app: Flask, schools: Schools
) -> None:
    assert schools.north.lms.sub_of("instructor-1") is not None
    twice: list[tuple[type[Model], Any]] = [
        (Deployment, Deployment.deployment_id),
        (Person, Person.sub),
        (Course, Course.context_id),
        (ResourceLink, ResourceLink.link_id),
    ]
    for model, theirs in twice:
        assert count(app, model) == 2, model
        assert number(app, theirs) == 1, f"{model} was to have one id for both"
    assert number(app, Membership.person_id) == number(app, Membership.course_id) == 2
    with app.app_context():
        names = set(db.session.scalars(select(Person.name)))
    assert names == {"Maria Santos", "Paulo Ferreira"}, "neither name was taken for the other's"


def test_the_same_link_shows_nothing_at_the_other_school(app: Flask, schools: Schools) -> None:
    student = Desk(app, schools.north.lms, "southgate", "student-1").come()
    assert urlsplit(student.opened).path == "/link"
    page = student.get("/link").text
    assert "Nothing here yet" in page
    assert "Owls" not in page
    theirs = Desk(app, schools.north.lms, "northfield", "student-1").come()
    assert urlsplit(theirs.opened).path == f"/media/{schools.media_id}"


@pytest.mark.parametrize("user", ["instructor-1", "student-1", "admin", "visitor"])
def test_no_route_of_an_item_leads_to_the_other_school(
    app: Flask, schools: Schools, user: str
) -> None:
    lms, media_id = schools.north.lms, schools.media_id
    theirs = Desk(app, lms, "southgate", user).come()
    named = lms.launch(
        theirs.client, user, school="southgate", claims={"custom": {"media": media_id}}
    )
    assert_refusal_page(named, 404)
    for method, path in (
        ("GET", f"/media/{media_id}?from=gallery"),
        ("GET", f"/media/{media_id}"),
        ("GET", f"/media/{media_id}/delete"),
        ("POST", f"/media/{media_id}/delete"),
        ("POST", f"/media/{media_id}/restore"),
        ("GET", f"/media/{media_id}/use-link"),
        ("GET", f"/api/v1/media/{media_id}/invitations"),
        ("GET", f"/api/v1/media/{media_id}/invitees?q=ma"),
    ):
        assert theirs.ask(method, path).status_code == 404, path
    assert theirs.choose(media_id).status_code == 404
    assert theirs.invite(media_id, "eve@partner.org").status_code == 404
    played = theirs.ask("POST", f"/api/v1/media/{media_id}/plays", json={"viewing_id": "a" * 26})
    assert played.status_code == 404
    for address in ("/link?shelf=mine", "/link?shelf=course", "/gallery", "/gallery/add"):
        assert "Owls" not in theirs.get(address).text
    assert "Owls" in schools.north.get("/gallery").text
    theirs.ask("POST", "/gallery/add", data={"media_id": media_id})
    with app.app_context():
        assert len(db.session.scalars(select(Publication)).all()) == 1


def test_a_copied_course_brings_nothing_over(app: Flask, schools: Schools) -> None:
    """Whoever edits a link may write the ids of any course into its history: they are the same."""
    lms = schools.north.lms
    context = lms.profile.context_id(lms.courses[0])
    custom = {"media": schools.media_id, "context_history": context, "link_history": "201-1"}
    for named in (custom, {**custom, "media": ""}):
        claims = {"custom": named, "context": {"id": "copied", "title": "A copy"}}
        answer = lms.launch(app.test_client(), "instructor-1", school="southgate", claims=claims)
        assert f"/media/{schools.media_id}" not in (answer.location or "")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Publication)) == 1


def test_an_invitation_lifts_no_session_of_the_other_school(app: Flask, schools: Schools) -> None:
    """The invited address is that of the second school's instructor, who has it all open."""
    made = schools.north.invite(schools.media_id, SAME_ADDRESS)
    assert made.status_code == 201
    link = urlsplit(made.get_json()["link"]).path
    theirs = Visitor(app)
    theirs.client = schools.south.client
    opened = theirs.open(link)
    assert "Northfield University" in opened.text
    assert "Paulo Ferreira" not in opened.text
    assert "Southgate" not in opened.text
    used = theirs.send(link, SAME_ADDRESS)
    assert used.status_code == 200, "it is asked whether to use it in the first school's course"
    assert "use it there?" in used.text
    assert "Paulo Ferreira" not in used.text
    guest = theirs.send(link, SAME_ADDRESS, use=schools.south.handle)
    assert guest.status_code in {200, 303}
    with app.app_context():
        theirs = ToolSession.handle == schools.south.handle
        south = db.session.scalars(select(ToolSession).where(theirs)).one()
        held = db.session.execute(select(Grant.session_id, Grant.person_id)).all()
        assert not {south.id, south.person_id} & {one for row in held for one in row}
    assert schools.south.get(f"/media/{schools.media_id}").status_code == 404


def test_a_link_is_pasted_in_vain_at_the_other_school(app: Flask, schools: Schools) -> None:
    link = schools.north.invite(schools.media_id, SAME_ADDRESS).get_json()["link"]
    own = add_item(app, "southgate", schools.south.lms.sub_of("instructor-1"), title="Herons")
    schools.south.choose(own)
    pasted = schools.south.ask(
        "POST", f"/media/{own}/use-link", data={"link": link, "email": SAME_ADDRESS}
    )
    assert pasted.status_code in {404, 422}
    assert "Northfield" not in pasted.text
    assert "Owls" not in pasted.text


def test_suggestions_are_of_ones_own_people(app: Flask, schools: Schools) -> None:
    """Earlier invitees and the roster of the course that is called the same."""
    own = add_item(app, "southgate", schools.south.lms.sub_of("instructor-1"), title="Herons")
    schools.south.choose(own)
    schools.north.invite(schools.media_id, "marta@north.example")
    schools.south.invite(own, "marta@south.example")
    with app.app_context():
        courses = db.session.execute(
            select(Course.id, Course.registration_id).order_by(Course.id)
        ).all()
        for course_id, _registration in courses:
            assert refresh(course_id, _members)
    for desk, media_id, ours, others in (
        (schools.north, schools.media_id, "north", "south"),
        (schools.south, own, "south", "north"),
    ):
        told = desk.get(f"/api/v1/media/{media_id}/invitees?q=mar").get_json()
        found = {one["email"] for one in told["suggestions"]}
        assert f"marta@{ours}.example" in found
        assert f"marc@{ours}field.example" in found or f"marc@{ours}gate.example" in found
        assert not [one for one in found if others in one]


def _members(platform: Any, _address: str) -> list[list[Member]]:
    """Both lists name the same id; the address is of the school that was asked."""
    roles = ("http://purl.imsglobal.org/vocab/lis/v2/membership#Learner",)
    email = f"marc@{platform.name}.example"
    return [[Member("same", "Marc Roy", "Marc", "Roy", email, roles, active=True)]]


def test_settings_and_switches_are_of_one_school(app: Flask, schools: Schools) -> None:
    lms = schools.north.lms
    theirs = Desk(app, lms, "southgate", "admin").come()
    written = {**form_of(theirs.get("/settings").text, "data-guarded"), "link_duration": "77"}
    saved = theirs.ask("POST", "/settings", data=written)
    assert saved.status_code == 303, saved.text
    assert 'value="77"' in theirs.get("/settings").text
    ours = Desk(app, lms, "northfield", "admin").come()
    assert 'value="77"' not in ours.get("/settings").text

    done = app.test_cli_runner().invoke(args=["platform", "disable", "southgate"])
    assert done.exit_code == 0
    assert schools.south.get("/link").status_code == 404
    assert schools.north.get(f"/media/{schools.media_id}").status_code == 200
    assert_entered(lms.launch(app.test_client(), "student-1", school="northfield"))
    refused = lms.launch(app.test_client(), "student-1", school="southgate")
    assert_refusal_page(refused, 400)


def test_sessions_are_told_apart_in_one_browser(app: Flask, schools: Schools) -> None:
    """Somebody who works at both: the address says which one is meant."""
    shared = schools.north
    theirs = Desk(app, shared.lms, "southgate")
    theirs.client = shared.client
    theirs.come()
    assert theirs.handle != shared.handle
    assert shared.get(f"/media/{schools.media_id}").status_code == 200
    assert theirs.get(f"/media/{schools.media_id}").status_code == 404
    plain = shared.client.get(f"/media/{schools.media_id}")
    assert plain.status_code == 200, "without a name the session that may see it is meant"


def test_a_ticket_takes_over_its_own_schools_session(app: Flask, schools: Schools) -> None:
    ticket = schools.south.ask("POST", "/api/v1/tickets").get_json()["ticket"]
    tab = app.test_client()
    handed = tab.post(
        "/handover",
        data={"ticket": ticket, "media_id": schools.media_id},
        headers=SAME_ORIGIN,
    )
    assert handed.status_code == 303
    assert urlsplit(handed.location).path == "/link"
    assert tab.get(f"/media/{schools.media_id}").status_code == 404
    with app.app_context():
        handle = handle_of(handed)
        made = select(Person.name).join(ToolSession, ToolSession.person_id == Person.id)
        found = db.session.scalars(made.where(ToolSession.handle == handle)).one()
    assert found == "Paulo Ferreira"


def test_an_upload_is_of_the_person_who_began_it(app: Flask, schools: Schools) -> None:
    name = base64.b64encode(b"owls.mp4").decode()
    begun = schools.north.ask(
        "POST",
        "/api/v1/uploads",
        headers={**TUS, "Upload-Length": "9", "Upload-Metadata": f"filename {name}"},
    )
    assert begun.status_code == 201, begun.text
    path = urlsplit(begun.headers["Location"]).path
    assert schools.north.ask("HEAD", path, headers=TUS).status_code == 200
    body = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert schools.south.ask("HEAD", path, headers=TUS).status_code == 404
    assert schools.south.ask("PATCH", path, headers=body, data=b"123456789").status_code == 404
    finish = schools.south.ask("POST", f"{path}/finish", json={"title": "x", "description": ""})
    assert finish.status_code == 404
    assert schools.south.ask("DELETE", path, headers=TUS).status_code == 404
    assert schools.north.ask("HEAD", path, headers=TUS).headers["Upload-Offset"] == "0"


def test_a_dialog_offers_and_takes_ones_own_only(app: Flask, schools: Schools) -> None:
    lms = schools.north.lms
    theirs = Desk(app, lms, "southgate")
    theirs.come(how={"placement": "editor_button"})
    assert urlsplit(theirs.opened).path == "/choose"
    for shelf in ("mine", "course"):
        page = theirs.get(f"/choose?shelf={shelf}")
        assert page.status_code == 200
        assert "Owls" not in page.text
    taken = theirs.ask("POST", "/choose", data={"media_id": schools.media_id})
    assert taken.status_code in {404, 422}
    assert 'name="JWT"' not in taken.text
    with app.app_context():
        asked = db.session.scalars(select(DeepLinkingRequest)).one()
        assert asked.answered_at is None
        assert db.session.scalars(select(MediaItem.deleted_at)).all() == [None]


def test_one_schools_message_is_no_answer_to_the_others_login(app: Flask, lms: Platform) -> None:
    """The client id is all that tells them apart, so it must be the login's."""
    north, south = lms.schools
    lie: dict[str, Any] = {"claims": {"aud": south.client_id, "azp": south.client_id}}
    refused = lms.launch(app.test_client(), "student-1", school=north, **lie)
    assert_refusal_page(refused, 401)
    nameless = lms.launch(app.test_client(), "student-1", login={"client_id": None})
    assert_refusal_page(nameless, 400)
    assert count(app, ToolSession) == 0
