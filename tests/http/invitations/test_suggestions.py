"""What is suggested while an inviter types."""

from __future__ import annotations

from typing import Any

import pytest
from factories import in_the_background, page_of
from flask.testing import FlaskClient
from invitation_scene import ADA, Scene, make_item, make_scene
from rosters import Lms, lists, member
from sqlalchemy import select

from lti_tool.core.db.session import db, transaction
from lti_tool.lti.services.errors import ServiceError
from lti_tool.lti.services.names_and_roles import Member
from lti_tool.people.models import Course, Roster
from lti_tool.people.roster_sync import refresh
from lti_tool.people.rules import Standing

pytestmark = pytest.mark.every_database


@pytest.fixture
def teacher(app, scene) -> FlaskClient:
    return page_of(app, scene.teacher_session)


def asked(client: FlaskClient, scene: Scene, typed: str) -> dict[str, Any]:
    answer = client.get(f"/api/v1/media/{scene.media_id}/invitees", query_string={"q": typed})
    assert answer.status_code == 200
    told: dict[str, Any] = answer.get_json()
    return told


def suggested(client: FlaskClient, scene: Scene, typed: str) -> list[str]:
    return [one["email"] for one in asked(client, scene, typed)["suggestions"]]


def enrol(scene: Scene, *people: Member | Exception) -> None:
    """Let the LMS list these people as the course's."""
    pages = [one if isinstance(one, Exception) else [one] for one in people]
    with scene.app.app_context():
        lists(scene.school.course_id)
        assert refresh(scene.school.course_id, Lms(*pages))


def test_suggestions_begin_with_the_second_character(scene, teacher) -> None:
    scene.invite()
    assert suggested(teacher, scene, "a") == []
    assert suggested(teacher, scene, " a ") == []
    for typed in ("ad", "AD", "by", "ada b", "b ada", "ada@partner"):
        assert suggested(teacher, scene, typed) == [ADA]
    for typed in ("xx", "da", "%%", "__", "//", "partner", "ada x"):
        assert suggested(teacher, scene, typed) == []


def test_people_of_the_course_for_managers_and_assistants(app, scene, teacher) -> None:
    enrol(scene, member("s1", "Grace", "Hopper"), member("s2", "Grant", "Wood", email=None))
    assert suggested(teacher, scene, "gra") == ["s1@elm.example"]
    scene.set(allowed_users="contributor")
    assistant = page_of(app, scene.launched("prof", Standing.ASSISTANT))
    assert suggested(assistant, scene, "gra") == ["s1@elm.example"]
    for standing in (Standing.DESIGNER, Standing.LEARNER, Standing.NONE):
        owner = page_of(app, scene.launched("prof", standing))
        assert asked(owner, scene, "gra") == {"suggestions": [], "roster": "none"}


def test_people_of_the_course_for_sessions_of_that_course_alone(app, scene) -> None:
    enrol(scene, member("s1", "Grace", "Hopper"))
    with app.app_context():
        botany = scene.school.course("Botany")
    elsewhere = page_of(app, scene.launched("prof", Standing.MANAGER, course_id=botany))
    assert suggested(elsewhere, scene, "gra") == []


@pytest.mark.parametrize("standing", [Standing.LEARNER, Standing.ASSISTANT])
def test_who_may_not_invite_is_suggested_nobody(app, scene, standing) -> None:
    enrol(scene, member("s1", "Grace", "Hopper"))
    scene.invite()
    with app.app_context():
        guest = scene.school.guest("eve@partner.org", scene.media_id)
    for session in (scene.launched("wren", standing), guest):
        answer = page_of(app, session).get(f"/api/v1/media/{scene.media_id}/invitees?q=ada")
        assert answer.status_code == 404
        assert "partner" not in answer.text


def test_at_most_eight_suggestions(scene, teacher) -> None:
    for number in range(12):
        scene.invite(f"guest{number}@partner.org")
    assert len(suggested(teacher, scene, "gu")) == 8


def test_earlier_invitees_and_the_course_share_the_eight(scene, teacher, clock) -> None:
    for number in range(6):
        clock.pass_(minutes=1)
        scene.invite(f"kim{number}@partner.org", first_name="Kim")
    enrol(scene, *(member(f"s{number}", "Kim") for number in range(4)))
    earlier = [f"kim{number}@partner.org" for number in (5, 4, 3)]
    course = [f"s{number}@elm.example" for number in range(4)]
    assert set(suggested(teacher, scene, "kim")[3:7]) == set(course)
    assert suggested(teacher, scene, "kim")[:3] == earlier
    assert suggested(teacher, scene, "kim")[7:] == ["kim2@partner.org"]


def test_who_is_invited_already_is_marked(scene, teacher) -> None:
    """And called as the course calls them."""
    scene.invite("s1@ELM.example", first_name="Gracie", last_name="H.")
    enrol(scene, member("s1", "Grace", "Hopper"), member("s2", "Grant", "Wood"))
    revoked = scene.invite("grain@partner.org", first_name="Grain")
    scene.revoke(revoked)
    found = {one["email"]: one for one in asked(teacher, scene, "gra")["suggestions"]}
    grace = {"email": "s1@elm.example", "first_name": "Grace", "last_name": "Hopper"}
    assert found["s1@elm.example"] == {**grace, "invited": True}
    assert found["s2@elm.example"]["invited"] is False
    assert found["grain@partner.org"]["invited"] is False
    assert len(found) == 3


def test_a_name_that_the_lms_gives_in_one_piece(scene, teacher) -> None:
    one_piece = {"given_name": "", "family_name": ""}
    enrol(
        scene,
        member("s1", "", name="Grace Brewster Hopper", **one_piece),
        member("s2", "", name="Wood, Grant", **one_piece),
    )
    names = {
        one["email"]: (one["first_name"], one["last_name"])
        for one in asked(teacher, scene, "gra")["suggestions"]
    }
    assert names == {
        "s1@elm.example": ("Grace Brewster", "Hopper"),
        "s2@elm.example": ("Grant", "Wood"),
    }


def test_suggestions_stay_with_their_item_and_institution(
    app, scene, other_school, teacher
) -> None:
    other = make_scene(app, other_school)
    other.invite("foreign@partner.org")
    enrol(other, member("s1", "Fowler"))
    assert suggested(teacher, scene, "fo") == []
    with app.app_context():
        second = Scene(app, scene.school, make_item(scene.school), scene.teacher_session)
    second.invite("forest@partner.org")
    assert suggested(teacher, scene, "fo") == []


@pytest.mark.parametrize(
    "typed", ["öz", "ÖZ", "oz", "o\u0308z", "mesut ö", "strass", "straß", "STRASSE"]
)
def test_letters_of_every_alphabet_count_on_every_database(scene, teacher, typed) -> None:
    street = typed.casefold().startswith("stra")
    given, family = ("Ilse", "Straße") if street else ("Mesut", "Özil")
    enrol(scene, member("s1", given, family))
    scene.invite("earlier@partner.org", first_name=given, last_name=family)
    assert suggested(teacher, scene, typed) == ["earlier@partner.org", "s1@elm.example"]


def test_people_of_the_course_are_in_the_order_of_their_names(scene, teacher) -> None:
    families = ["zorn", "Ärger", "Abel", "Über"]
    enrol(scene, *(member(f"s{number}", "Kim", one) for number, one in enumerate(families)))
    expected = ["s2@elm.example", "s1@elm.example", "s3@elm.example", "s0@elm.example"]
    assert suggested(teacher, scene, "kim") == expected


def test_what_is_known_of_the_list_is_told(app, scene, teacher, clock) -> None:
    assert asked(teacher, scene, "gr")["roster"] == "reading"
    enrol(scene, ServiceError("forbidden", "The LMS says no, for a secret reason."))
    answer = asked(teacher, scene, "gr")
    assert answer == {"suggestions": [], "roster": "failed"}
    clock.pass_(minutes=5)
    enrol(scene, member("s1", "Grace", email=None))
    assert asked(teacher, scene, "gr")["roster"] == "without_addresses"
    clock.pass_(minutes=30)
    enrol(scene, member("s1", "Grace"))
    assert asked(teacher, scene, "gr")["roster"] == "ready"


def test_opening_the_window_has_the_list_read(app, scene, teacher) -> None:
    assert asked(teacher, scene, "") == {"suggestions": [], "roster": "reading"}
    asked(teacher, scene, "")
    assert len(in_the_background(app).waiting) == 1
    in_the_background(app).do_all()
    assert asked(teacher, scene, "gr")["roster"] == "not_shared"
    with app.app_context():
        assert list(db.session.scalars(select(Roster.course_id))) == [scene.school.course_id]


def test_what_is_said_to_be_read_is_read(app, scene, teacher) -> None:
    """Also where a launch of somebody else's has told of the list since the window was opened."""
    asked(teacher, scene, "")
    in_the_background(app).do_all()
    assert asked(teacher, scene, "gr")["roster"] == "not_shared"
    assert not in_the_background(app).waiting
    with app.app_context(), transaction():
        course = db.session.get_one(Course, scene.school.course_id)
        course.memberships_url = "https://lms.example/members"
    assert asked(teacher, scene, "gr")["roster"] == "reading"
    assert len(in_the_background(app).waiting) == 1


def test_where_invitations_are_off_no_list_is_read(app, scene, teacher) -> None:
    scene.set(enable=False)
    answer = teacher.get(f"/api/v1/media/{scene.media_id}/invitees?q=")
    assert answer.status_code == 404
    assert not in_the_background(app).waiting
