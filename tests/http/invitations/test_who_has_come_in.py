"""The list of the invited: who has come in, who is inside, who waits for their inviter."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from factories import SAME_ORIGIN, START, browser, page_of
from flask.testing import FlaskClient
from invitation_scene import ADA, Scene, Visitor

from lti_tool.core.db.session import transaction
from lti_tool.invitations import listing
from lti_tool.invitations.models import Invitation
from lti_tool.lti.models import Deployment
from lti_tool.people.rules import Standing

List = Callable[..., dict[str, object]]


@pytest.fixture
def teacher(app, scene) -> FlaskClient:
    return page_of(app, scene.teacher_session)


@pytest.fixture
def listed(app, scene) -> List:
    """Asks for the list, as a teacher who launches again where the session is over."""

    def ask(**query: str) -> dict[str, object]:
        with app.app_context():
            scene.seen()
        address = f"/api/v1/media/{scene.media_id}/invitations"
        answer = page_of(app, scene.teacher_session).get(address, query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    return ask


@pytest.fixture
def said(listed: List) -> Callable[[], str]:
    """What is said of the one person who is invited."""
    return lambda: listed()["invitations"][0]["progress"]


def post(client: FlaskClient, path: str) -> None:
    assert client.post(path, headers=SAME_ORIGIN).status_code < 400


def ask_for_new_link(app, scene: Scene, invitation: Invitation) -> None:
    post(browser(app), f"{scene.path(invitation)}/new-link")


@pytest.mark.every_database
def test_a_guest_is_inside_until_the_session_ends(app, scene, said, clock) -> None:
    """The link works for a day and once, the session ends twelve hours after its last use."""
    invitation, guest = scene.invite(), Visitor(app)
    assert said() == "not_used"
    guest.open(scene.path(invitation))
    assert said() == "not_used", "opening changes nothing, so nobody can know of it"
    inside = guest.send(scene.path(invitation)).location
    assert said() == "inside"
    clock.pass_(hours=25)
    assert guest.open(inside).status_code == 410
    assert said() == "access_ended"


def test_activity_keeps_a_guest_inside(app, scene, said, clock) -> None:
    invitation, guest = scene.invite(), Visitor(app)
    inside = guest.send(scene.path(invitation)).location
    clock.pass_(hours=20)
    assert guest.open(inside).status_code == 200
    clock.pass_(hours=11)
    assert said() == "inside"
    clock.pass_(hours=2)
    assert said() == "access_ended"


def test_a_link_that_nobody_used_ends(scene, said, clock) -> None:
    scene.invite()
    clock.pass_(hours=25)
    assert said() == "link_ended"


@pytest.mark.parametrize("verb", ["reset-device", "new-link"])
def test_who_was_signed_out_came_in_and_can_again(app, scene, teacher, listed, verb) -> None:
    invitation = scene.invite()
    Visitor(app).send(scene.path(invitation))
    post(teacher, f"/api/v1/invitations/{invitation.id}/{verb}")
    answer = listed()
    (one,) = answer["invitations"]
    assert one["progress"] == "can_return"
    assert one["redeemed_at"] == "2026-03-02T09:00:00Z"
    assert [one["uses_made"], one["devices"]] == [0, 0]
    assert answer["counts"]["came_in"] == 1


def test_revoked_ends_it(app, scene, said) -> None:
    invitation = scene.invite()
    Visitor(app).send(scene.path(invitation))
    scene.revoke(invitation)
    assert said() == "revoked"


@pytest.mark.every_database
def test_with_uses_left_several_sessions_are_one_person_inside(app, scene, listed, clock) -> None:
    scene.set(link_reusability=-1, one_device=False)
    invitation = scene.invite()
    for _ in range(3):
        Visitor(app).send(scene.path(invitation))
        clock.pass_(hours=1)
    answer = listed()
    assert answer["invitations"][0]["progress"] == "inside"
    assert answer["counts"] == {"invited": 1, "came_in": 1, "waiting": 0, "revoked": 0}
    clock.pass_(hours=20)
    assert listed()["invitations"][0]["progress"] == "inside", "the link keeps them that long"
    clock.pass_(hours=12)
    assert listed()["invitations"][0]["progress"] == "access_ended"


def test_nobody_is_inside_whose_way_in_is_switched_off(app, scene, said) -> None:
    """Of two deployments, that of the invitation is switched off."""
    school, first = scene.school, scene.school.deployment_id
    with app.app_context():
        second = Deployment(
            registration_id=school.registration_id, deployment_id="2", created_at=START
        )
        with transaction() as session:
            session.add(second)
        school.deployment_id = second.id
        scene.teacher_session = scene.launched("prof", Standing.MANAGER)
    invitation = scene.invite()
    Visitor(app).send(scene.path(invitation))
    assert said() == "inside"
    school.deployment_id = first
    scene.switch_off("2")
    assert said() == "access_ended"


def test_somebody_of_the_lms_keeps_the_role_when_the_session_is_over(
    app, scene, said, listed, clock
) -> None:
    invitation = scene.invite()
    assert not listed()["invitations"][0]["in_lms"]
    Visitor(app, scene.launched("student")).send(scene.path(invitation))
    assert said() == "inside"
    assert listed()["invitations"][0]["in_lms"], "revoking signs nobody out"
    clock.pass_(hours=25)
    assert said() == "keeps_access"
    scene.revoke(invitation)
    assert said() == "revoked"


@pytest.mark.every_database
def test_the_counts_are_of_all_whatever_part_is_shown(
    app, scene, listed, monkeypatch, clock
) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    people = [scene.invite(f"guest{number}@partner.org") for number in range(7)]
    for invitation in people[:3]:
        Visitor(app).send(scene.path(invitation), invitation.email)
    ask_for_new_link(app, scene, people[4])
    scene.revoke(people[0])
    counts = {"invited": 6, "came_in": 2, "waiting": 1, "revoked": 1}
    first = listed()
    assert first["counts"] == counts
    assert len(first["invitations"]) == 2
    assert listed(after=first["after"])["counts"] == counts

    def of(**query: str) -> list[int]:
        found, after = [], ""
        while after is not None:
            answer = listed(**query, **({"after": after} if after else {}))
            found += [int(one["email"][5]) for one in answer["invitations"]]
            after = answer["after"]
        return found

    shown = of()
    assert shown[0] == 4, "who asks comes first"
    assert shown[-1] == 0, "who was revoked comes last"
    assert sorted(shown) == list(range(7))
    assert sorted(of(show="came_in")) == [1, 2]
    assert sorted(of(show="not_yet")) == [3, 4, 5, 6]
    assert of(show="waiting") == [4]
    assert of(show="revoked") == [0]
    assert of(q="guest5") == [5]
    assert of(q="guest1", show="not_yet") == []


def test_people_are_found_by_the_beginnings_of_their_names(scene, listed) -> None:
    scene.invite("jd@partner.org", first_name="José", last_name="Díaz-Ñuñez")
    scene.invite("b@partner.org", first_name="Bob", last_name="")
    for typed in ("jose", "NUN", "díaz jo", "jd@"):
        assert [one["email"] for one in listed(q=typed)["invitations"]] == ["jd@partner.org"], typed
    assert [one["email"] for one in listed(q="bob")["invitations"]] == ["b@partner.org"]
    for typed in ("partner.org", "@part"):
        assert len(listed(q=typed)["invitations"]) == 2, typed
    assert listed(q="artner")["invitations"] == listed(q="%%")["invitations"] == []
    assert len(listed(q="j")["invitations"]) == 2, "one character looks for nothing"


def test_people_are_found_without_their_apostrophe_whenever_they_were_invited(
    scene, listed
) -> None:
    """What is kept of names gained a form without it; that of earlier invitations has none."""
    invitation = scene.invite("ob@partner.org", first_name="Ada", last_name="O’Brien")
    with scene.app.app_context(), transaction() as session:
        kept = session.get_one(Invitation, invitation.id)
        kept.search = "\nada o'brien\no'brien ada\nob@partner.org"
    for typed in ("obrien", "o'br", "ada obr"):
        assert [one["email"] for one in listed(q=typed)["invitations"]] == ["ob@partner.org"], typed


@pytest.mark.parametrize("show", ["", "x", "ALL", "came_in'"])
def test_a_part_that_there_is_not(scene, teacher, show) -> None:
    address = f"/api/v1/media/{scene.media_id}/invitations"
    assert teacher.get(address, query_string={"show": show}).status_code == 400


def test_one_person_as_it_is_now(app, scene, teacher) -> None:
    invitation = scene.invite()
    address = f"/api/v1/invitations/{invitation.id}"
    assert teacher.get(address).get_json()["progress"] == "not_used"
    Visitor(app).send(scene.path(invitation))
    assert teacher.get(address).get_json()["progress"] == "inside"


# The mark ----------------------------------------------------------------------------------------


def test_a_wish_for_a_link_leaves_a_mark_on_the_page(app, scene, teacher) -> None:
    invitation = scene.invite()
    page = f"/media/{scene.media_id}"
    assert "Waiting for you: 1" not in teacher.get(page).text
    ask_for_new_link(app, scene, invitation)
    assert teacher.get(page).text.count("Waiting for you: 1") == 4, "menu, line, button, tab"
    student = page_of(app, scene.launched("student"))
    assert "Waiting for you" not in student.get(page).text
    post(teacher, f"/api/v1/invitations/{invitation.id}/new-link")
    assert "Waiting for you: 1" not in teacher.get(page).text


@pytest.mark.every_database
def test_somebody_who_tries_addresses_leaves_a_mark_until_there_is_a_new_link(
    app, scene, teacher, listed, clock
) -> None:
    invitation, guesser = scene.invite(), Visitor(app)
    clock.pass_(minutes=1)
    scene.invite("bob@partner.org")
    for number in range(5):
        guesser.send(scene.path(invitation), f"guess{number}@partner.org")
    answer = listed()
    assert [one["wrong_addresses"] for one in answer["invitations"]] == [True, False]
    assert answer["invitations"][0]["email"] == ADA, "before a later one"
    assert answer["counts"]["waiting"] == 1
    assert [one["email"] for one in listed(show="waiting")["invitations"]] == [ADA]
    assert "Waiting for you: 1" in teacher.get(f"/media/{scene.media_id}").text
    clock.pass_(minutes=1)
    post(teacher, f"/api/v1/invitations/{invitation.id}/new-link")
    assert listed()["counts"]["waiting"] == 0
