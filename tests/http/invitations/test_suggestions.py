"""What is suggested while an inviter types."""

from __future__ import annotations

import unicodedata

import pytest
from flask.testing import FlaskClient
from house import browser
from invitation_scene import ADA, Scene, make_item, make_scene
from sqlalchemy import insert, update

from lti_tool.core.database import transaction
from lti_tool.people.models import Membership, Person
from lti_tool.people.rules import Standing


@pytest.fixture
def teacher(app, scene) -> FlaskClient:
    return browser(app, scene.teacher_session)


def suggested(client: FlaskClient, scene: Scene, typed: str) -> list[str]:
    answer = client.get(f"/api/v1/media/{scene.media_id}/invitees", query_string={"q": typed})
    assert answer.status_code == 200
    return [one["email"] for one in answer.get_json()["suggestions"]]


def enrol(
    scene: Scene, sub: str, given: str, family: str, email: str | None, course: str = ""
) -> None:
    with scene.app.app_context():
        person_id = scene.school.person(sub, f"{given} {family}", email)
        with transaction() as session:
            session.execute(
                update(Person)
                .where(Person.id == person_id)
                .values(given_name=given, family_name=family, email=email)
            )
            session.execute(
                insert(Membership).values(
                    person_id=person_id,
                    course_id=course or scene.school.course_id,
                    standing="learner",
                    seen_at=scene.app.extensions["foyer.clock"](),
                )
            )


def test_suggestions_begin_with_the_second_character(scene, teacher) -> None:
    scene.invite()
    assert suggested(teacher, scene, "a") == []
    assert suggested(teacher, scene, " a ") == []
    for typed in ("ad", "AD", "by", "ada b", "ada@partner"):
        assert suggested(teacher, scene, typed) == [ADA]
    for typed in ("xx", "da", "%%", "__", "partner"):
        assert suggested(teacher, scene, typed) == []


def test_people_of_the_course_for_managers_and_assistants(app, scene, teacher) -> None:
    enrol(scene, "s1", "Grace", "Hopper", "grace@elm.example")
    enrol(scene, "s2", "Grant", "Wood", None)
    with app.app_context():
        elsewhere = scene.school.course("Botany")
    enrol(scene, "s3", "Grady", "Booch", "grady@elm.example", elsewhere)
    assert suggested(teacher, scene, "gra") == ["grace@elm.example"]
    scene.set(allowed_users="contributor")
    assistant = browser(app, scene.launched("prof", Standing.ASSISTANT))
    assert suggested(assistant, scene, "gra") == ["grace@elm.example"]
    owner = browser(app, scene.launched("prof", Standing.LEARNER))
    assert suggested(owner, scene, "gra") == []


def test_at_most_eight_suggestions(scene, teacher) -> None:
    for number in range(12):
        scene.invite(f"guest{number}@partner.org")
    assert len(suggested(teacher, scene, "gu")) == 8


def test_suggestions_stay_with_their_item_and_institution(
    app, scene, other_school, teacher
) -> None:
    other = make_scene(app, other_school)
    other.invite("foreign@partner.org")
    assert suggested(teacher, scene, "fo") == []
    with app.app_context():
        second = Scene(app, scene.school, make_item(scene.school), scene.teacher_session)
    second.invite("forest@partner.org")
    assert suggested(teacher, scene, "fo") == []


@pytest.mark.parametrize(
    "typed", ["öz", "ÖZ", "Özil", "o\u0308z", "mesut ö", "MESUT Ö", "strass", "straß", "STRASSE"]
)
def test_letters_of_every_alphabet_count_on_every_database(scene, teacher, typed) -> None:
    street = typed.casefold().startswith("stra")
    given, family = ("Ilse", "Straße") if street else ("Mesut", "Özil")
    enrol(scene, "s1", given, family, "roster@elm.example")
    scene.invite("earlier@partner.org", first_name=given, last_name=family)
    expected = ["earlier@partner.org", "roster@elm.example"]
    assert suggested(teacher, scene, typed) == expected


def test_a_name_that_the_lms_writes_in_pieces(scene, teacher) -> None:
    enrol(scene, "s1", "Mesut", unicodedata.normalize("NFD", "Özil"), "roster@elm.example")
    assert suggested(teacher, scene, "öz") == ["roster@elm.example"]
    assert suggested(teacher, scene, "oz") == []


def test_people_of_the_course_are_in_the_order_of_their_names(scene, teacher) -> None:
    for number, family in enumerate(["zorn", "Ärger", "Abel", "Über"]):
        enrol(scene, f"s{number}", "Kim", family, f"kim{number}@elm.example")
    expected = ["kim2@elm.example", "kim1@elm.example", "kim3@elm.example", "kim0@elm.example"]
    assert suggested(teacher, scene, "kim") == expected
