"""Where the role goes: the guest, the session that sends the form, or the one in the course."""

from __future__ import annotations

import pytest
from factories import SAME_ORIGIN, as_written, browser
from flask import Flask
from invitation_scene import ADA, TITLE, Scene, Visitor, hidden_fields, make_item, make_scene
from sqlalchemy import func, select, update

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import db
from lti_tool.invitations.models import Redemption
from lti_tool.media.models import Grant
from lti_tool.people.models import Person, ToolSession
from lti_tool.people.rules import Standing
from lti_tool.people.session_store import NewSession

pytestmark = pytest.mark.every_database

STRIP = 'class="strip"'


def holders(app: Flask) -> list[str]:
    """The people of the LMS and the guests' sessions that hold a role, in order."""
    with app.app_context():
        holder = func.coalesce(Grant.person_id, Grant.session_id)
        query = select(holder).where(Grant.ended_at.is_(None)).order_by(Grant.created_at)
        return list(db.session.scalars(query))


def person_of(app: Flask, session: NewSession) -> str:
    with app.app_context():
        return db.session.get_one(ToolSession, session.session_id).person_id


def redeemers(app: Flask) -> list[str | None]:
    with app.app_context():
        return list(db.session.scalars(select(Redemption.session_id)))


def with_email(scene: Scene, sub: str, email: str = ADA, **more) -> NewSession:
    session = scene.launched(sub, **more)
    scene.run(update(Person).where(Person.sub == sub).values(email=email))
    return session


def in_course(app: Flask, scene: Scene, session: NewSession) -> None:
    """Have this person open the item in the LMS, in another window."""
    page = browser(app, session).get(f"/media/{scene.media_id}?as={session.handle}")
    assert page.status_code == 200


# An instructor beside her own session -----------------------------------------------------------


def test_an_instructor_is_asked_first(app, scene: Scene) -> None:
    invitation = scene.invite()
    visitor = Visitor(app, scene.teacher_session)
    path = scene.path(invitation)
    opened = visitor.open(path)
    assert "leave the link unused" in opened.text
    assert f"/media/{scene.media_id}?as={scene.teacher_session.handle}" in opened.text
    asked = visitor.send(path)
    assert asked.status_code == 200
    assert "use this invitation yourself?" in asked.text
    assert scene.fresh(invitation).uses_made == 0
    assert scene.audit() == ["created"]


def test_she_may_be_the_guest_beside_her_own_session(app, scene) -> None:
    invitation = scene.invite()
    visitor = Visitor(app, scene.teacher_session)
    answer = visitor.send(scene.path(invitation), use="guest")
    assert answer.status_code == 303
    assert scene.teacher_session.handle not in answer.location
    as_guest = visitor.open(answer.location)
    assert "Invite users" not in as_guest.text
    as_herself = visitor.open(f"/media/{scene.media_id}?as={scene.teacher_session.handle}")
    assert "Invite users" in as_herself.text
    assert STRIP not in as_herself.text


def test_she_may_use_it_as_herself_and_loses_nothing(app, scene) -> None:
    visitor = Visitor(app, scene.teacher_session)
    answer = visitor.send(scene.link(), use=scene.teacher_session.handle)
    assert answer.location.endswith(f"as={scene.teacher_session.handle}")
    page = visitor.open(answer.location).text
    assert "Invite users" in page
    assert STRIP in page
    assert holders(app) == [person_of(app, scene.teacher_session)]


def test_an_instructor_elsewhere_in_the_browser_is_asked_even_beside_a_student(app, scene) -> None:
    student = scene.launched("student")
    asked = Visitor(app, student, scene.teacher_session).send(scene.link())
    assert asked.status_code == 200


# Somebody who is inside already -----------------------------------------------------------------


def test_a_student_gets_the_role_in_the_session_that_sends_the_form(app, scene) -> None:
    student = scene.launched("student")
    visitor = Visitor(app, student)
    path = scene.link()
    answer = visitor.send(path)
    assert answer.status_code == 303
    assert answer.location == f"/media/{scene.media_id}?as={student.handle}"
    assert holders(app) == [person_of(app, student)]
    assert visitor.open(path).location == answer.location, "own session: straight in"


def test_revoking_takes_the_role_and_leaves_the_students_session(app, scene) -> None:
    invitation, student = scene.invite(), scene.launched("student")
    visitor = Visitor(app, student)
    inside = visitor.send(scene.path(invitation)).location
    assert STRIP in visitor.open(inside).text
    scene.revoke(invitation)
    assert holders(app) == []
    page = visitor.open(inside)
    assert page.status_code == 200
    assert STRIP not in page.text
    assert visitor.open(scene.path(invitation)).status_code == 410


def test_a_session_of_another_course_is_left_alone(app, scene) -> None:
    with app.app_context():
        course = scene.school.course("Botany")
    other = scene.launched("student", course_id=course)
    answer = Visitor(app, other).send(scene.link())
    assert answer.status_code == 303
    assert other.handle not in answer.location


def test_a_session_of_another_institution_is_nobody_here(app, scene, other_school) -> None:
    other = make_scene(app, other_school)
    visitor = Visitor(app, other.teacher_session)
    path = scene.link()
    assert "leave the link unused" not in visitor.open(path).text
    answer = visitor.send(path, use=other.teacher_session.handle)
    assert answer.status_code == 303
    assert person_of(app, other.teacher_session) not in holders(app)


def test_a_refusal_is_written_to_nobody_of_another_institution(
    app, scene, other_school, clock
) -> None:
    other, path = make_scene(app, other_school), scene.link()
    Visitor(app, other.teacher_session).send(path, "eve@partner.org")
    student = scene.launched("student")
    clock.pass_(minutes=1)
    newest = other.launched("stranger")
    Visitor(app, student, newest).send(path, "eve@partner.org")
    with app.app_context():
        query = select(AuditRecord.session_id).where(AuditRecord.action == "invitation.refused")
        assert db.session.scalars(query.order_by(*as_written())).all() == [
            None,
            student.session_id,
        ]


# The same person in the course, in another window -----------------------------------------------


def test_the_redeemer_is_asked_whether_to_use_it_in_the_course(app, scene) -> None:
    student = with_email(scene, "student", name="Ada B.")
    in_course(app, scene, student)
    invitation = scene.invite()
    visitor = Visitor(app, script=True)
    asked = visitor.send(scene.path(invitation))
    assert asked.status_code == 200
    assert "You also have this open in" in asked.text
    assert "Ornithology" not in asked.text, "a typed address is no proof of whose it is"
    assert "Ada B." not in asked.text
    assert student.handle not in asked.text
    assert scene.fresh(invitation).uses_made == 0


def test_yes_moves_the_role_there(app, scene) -> None:
    student = with_email(scene, "student")
    in_course(app, scene, student)
    visitor = Visitor(app)
    answer = visitor.send(scene.link(), use="elsewhere")
    assert answer.status_code == 200
    assert "now have access in your course" in answer.text
    assert holders(app) == [person_of(app, student)]
    assert redeemers(app) == [student.session_id]
    assert scene.audit()[-2:] == ["redeemed", "role_moved"]
    page = browser(app, student).get(f"/media/{scene.media_id}?as={student.handle}")
    assert STRIP in page.text


def test_no_keeps_it_here(app, scene) -> None:
    student = with_email(scene, "student")
    in_course(app, scene, student)
    answer = Visitor(app).send(scene.link(), use="guest")
    assert answer.status_code == 303
    assert holders(app) != [person_of(app, student)]


def test_nobody_is_asked_about_a_wrong_address(app, scene) -> None:
    in_course(app, scene, with_email(scene, "student"))
    answer = Visitor(app).send(scene.link(), "eve@partner.org", use="elsewhere")
    assert answer.status_code == 403
    assert "Ornithology" not in answer.text
    assert holders(app) == []


@pytest.mark.parametrize(
    "case", ["other address", "not open", "long ago", "session over", "other item"]
)
def test_only_whoever_has_the_address_and_the_page_open_now(app, scene, clock, case) -> None:
    student = with_email(scene, "student", "bob@elm.example" if case == "other address" else ADA)
    if case == "other item":
        with app.app_context():
            other = Scene(app, scene.school, make_item(scene.school), scene.teacher_session)
        in_course(app, other, student)
    elif case != "not open":
        in_course(app, scene, student)
    if case == "long ago":
        clock.pass_(minutes=31)
    if case == "session over":
        clock.pass_(hours=13)
    answer = Visitor(app).send(scene.link(), use="elsewhere")
    assert answer.status_code == 303
    assert person_of(app, student) not in holders(app)


def test_with_trusted_lms_addresses_it_moves_by_itself(app, scene) -> None:
    scene.set(lms_email_trusted=True)
    student = with_email(scene, "student")
    in_course(app, scene, student)
    answer = Visitor(app).send(scene.link())
    assert "now have access in your course" in answer.text
    assert holders(app) == [person_of(app, student)]


def test_a_trusted_lms_stands_in_for_the_typed_address(app, scene) -> None:
    student = with_email(scene, "student", f" {ADA.title()}", name="Ada B.")
    path = scene.link()
    visitor = Visitor(app, student)
    assert visitor.send(path, "").status_code == 422
    scene.set(lms_email_trusted=True)
    opened = visitor.open(path)
    assert 'type="email"' not in opened.text
    assert "Ada B." in opened.text
    answer = visitor.send(path, "")
    assert answer.location == f"/media/{scene.media_id}?as={student.handle}"
    stranger = Visitor(app, with_email(scene, "bob", "bob@elm.example"))
    assert 'type="email"' in stranger.open(path).text


# Pasting a link in the course -------------------------------------------------------------------


def paste(visitor: Visitor, scene: Scene, session: NewSession, link: str, email: str = ADA):
    path = f"/media/{scene.media_id}/use-link?as={session.handle}"
    form = {"link": link, "email": email}
    page = visitor.client.get(path)
    assert "frame-ancestors http://localhost:9000" in page.headers["Content-Security-Policy"]
    if visitor.key:
        form |= visitor.key.proof(hidden_fields(page.text)["challenge"])
    return visitor.client.post(path, data=form, headers=SAME_ORIGIN)


@pytest.mark.parametrize("script", [True, False])
def test_a_pasted_link_counts_for_the_session_that_sends_it(app, scene, script) -> None:
    student = scene.launched("student")
    visitor = Visitor(app, student, script=script)
    path = scene.link()
    answer = paste(visitor, scene, student, f"Look: http://localhost{path} !")
    assert answer.status_code == 303
    assert answer.location == f"/media/{scene.media_id}?as={student.handle}"
    assert holders(app) == [person_of(app, student)]
    cookies = [one for one in answer.headers.getlist("Set-Cookie") if "device" in one]
    assert len(cookies) == (0 if script else 1)
    assert all("Partitioned" in one and "SameSite=None" in one for one in cookies)


def test_a_pasted_link_is_judged_like_any_other(app, scene) -> None:
    student = scene.launched("student")
    visitor = Visitor(app, student)
    path = scene.link()
    assert paste(visitor, scene, student, path, "").status_code == 422
    wrong = paste(visitor, scene, student, path, "eve@partner.org")
    assert wrong.status_code == 403
    assert "frame-ancestors http://localhost:9000" in wrong.headers["Content-Security-Policy"]
    assert "core-" in wrong.text, "the page tells its frame how tall it is"
    Visitor(app).send(path)
    assert paste(visitor, scene, student, path).status_code == 403
    assert holders(app) != [person_of(app, student)]


def test_a_wrong_address_is_said_at_its_field_and_the_link_stays(app, scene) -> None:
    student, path = scene.launched("student"), scene.link()
    page = paste(Visitor(app, student), scene, student, path, "eve@partner.org")
    assert page.status_code == 403
    assert f">{path}</textarea>" in page.text
    assert 'value="eve@partner.org"' in page.text
    field = page.text.partition('data-field="email"')[2]
    assert 'aria-invalid="true"' in field
    assert "not the address that was invited" in field


@pytest.mark.parametrize("case", ["expired", "other_device", "used_up"])
def test_who_is_refused_in_the_course_can_ask_there(app, scene, clock, case) -> None:
    scene.set(one_device=case == "other_device")
    invitation = scene.invite()
    path = scene.path(invitation)
    if case == "expired":
        clock.pass_(days=2)
    else:
        Visitor(app).send(path)
    student = scene.launched("student")
    visitor = Visitor(app, student)
    refused = paste(visitor, scene, student, path)
    assert scene.audit()[-1] == f"refused ({case})"
    ask = f"/media/{scene.media_id}/use-link/new-link?as={student.handle}"
    assert f'action="{ask}"' in refused.text
    back = f'href="/media/{scene.media_id}?as={student.handle}"'
    assert back in refused.text

    answer = visitor.client.post(ask, data=hidden_fields(refused.text))
    assert answer.status_code == 200
    assert "request for a new link was sent" in answer.text
    assert back in answer.text
    assert "frame-ancestors http://localhost:9000" in answer.headers["Content-Security-Policy"]
    assert scene.fresh(invitation).new_link_asked_at == clock.present
    assert scene.audit()[-1] == "new_link_asked"


def test_no_new_link_can_be_asked_in_the_course_for_what_is_gone(app, scene, other_school) -> None:
    revoked = scene.invite()
    scene.revoke(revoked)
    foreign = make_scene(app, other_school)
    student = scene.launched("student")
    visitor = Visitor(app, student)
    ask = f"/media/{scene.media_id}/use-link/new-link?as={student.handle}"
    statuses = [
        visitor.client.post(ask, data={"link": link}, headers=SAME_ORIGIN).status_code
        for link in (scene.path(revoked), foreign.link(), "A" * 43, "")
    ]
    assert statuses == [410, 422, 422, 422]
    assert "new_link_asked" not in scene.audit()


@pytest.mark.parametrize("text", ["", "hello", "http://localhost/i/", "A" * 43])
def test_what_is_no_link_stays_in_the_field(app, scene, text) -> None:
    student = scene.launched("student")
    answer = paste(Visitor(app, student), scene, student, text)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text


def test_a_link_of_another_institution_is_no_link_here(app, scene, other_school) -> None:
    foreign = make_scene(app, other_school)
    student = scene.launched("student")
    visitor = Visitor(app, student)
    theirs = paste(visitor, scene, student, foreign.link())
    unknown = paste(visitor, scene, student, "A" * 43)
    assert theirs.status_code == unknown.status_code == 422
    assert "incomplete or wrong" in theirs.text
    assert holders(app) == []


@pytest.mark.parametrize("named", [True, False])
def test_a_guest_pastes_nothing(app, scene, named) -> None:
    """A guest has a browser of their own to open the link in."""
    second = scene.invite("bob@partner.org")
    visitor = Visitor(app)
    inside = visitor.send(scene.link()).location
    query = inside.partition("?")[2] if named else ""
    path = f"/media/{scene.media_id}/use-link"
    assert visitor.open(f"{path}?{query}").status_code == 404
    assert visitor.open(f"{path}/challenge?{query}").status_code == 404
    form = {"link": scene.path(second), "email": "bob@partner.org"}
    answer = visitor.client.post(f"{path}?{query}", data=form, headers=SAME_ORIGIN)
    assert answer.status_code == 404
    assert scene.fresh(second).uses_made == 0


def test_a_pasted_link_may_lead_to_another_item(app, scene) -> None:
    with app.app_context():
        media_id = make_item(scene.school)
    other = Scene(app, scene.school, media_id, scene.teacher_session)
    student = scene.launched("student")
    visitor = Visitor(app, student)
    answer = paste(visitor, scene, student, other.link())
    assert answer.location == f"/media/{media_id}?as={student.handle}"
    assert TITLE in visitor.open(answer.location).text


# Staying apart ----------------------------------------------------------------------------------


def test_a_forwarded_link_never_borrows_another_links_role(app, scene) -> None:
    """Two guests in two browsers, one revoked: the other stays."""
    one, two = scene.invite(), scene.invite("bob@partner.org", first_name="Bob")
    ada, bob = Visitor(app), Visitor(app)
    at_ada, at_bob = (
        ada.send(scene.path(one)).location,
        bob.send(scene.path(two), "bob@partner.org").location,
    )
    scene.revoke(one)
    assert ada.open(at_ada).status_code == 410
    assert bob.open(at_bob).status_code == 200


def test_three_sessions_side_by_side(app, scene) -> None:
    scene.set(allowed_users="manager")
    student = scene.launched("student", Standing.LEARNER)
    visitor = Visitor(app, scene.teacher_session, student)
    guest = visitor.send(scene.link(), use="guest").location
    pages = {
        "teacher": visitor.open(f"/media/{scene.media_id}?as={scene.teacher_session.handle}").text,
        "student": visitor.open(f"/media/{scene.media_id}?as={student.handle}").text,
        "guest": visitor.open(guest).text,
    }
    assert ["Invite users" in page for page in pages.values()] == [True, False, False]
    assert [STRIP in page for page in pages.values()] == [False, False, True]


def test_a_guest_sees_the_one_item_only(app, scene) -> None:
    with app.app_context():
        second = make_item(scene.school)
    visitor = Visitor(app)
    handle = visitor.send(scene.link()).location.partition("as=")[2]
    assert visitor.open(f"/media/{second}?as={handle}").status_code == 404
    assert visitor.open(f"/media/{scene.media_id}/delete?as={handle}").status_code == 404


# Somebody who acts as the invitee ---------------------------------------------------------------


def acted_as(scene: Scene, session: NewSession) -> None:
    told = {"impersonation": "acting_as", "acting_for": "admin-7"}
    scene.run(update(ToolSession).where(ToolSession.id == session.session_id).values(told))


def test_a_role_never_goes_to_somebody_who_acts_as_the_invitee(app, scene) -> None:
    """The invitee uses the link at home, while an administrator looks at the page as them."""
    other = with_email(scene, "ada")
    in_course(app, scene, other)
    acted_as(scene, other)
    answer = Visitor(app).send(scene.link())
    assert answer.status_code == 303
    assert person_of(app, other) not in holders(app)


def test_an_address_that_one_only_acts_under_is_no_proof(app, scene) -> None:
    scene.set(lms_email_trusted=True)
    session = with_email(scene, "ada")
    acted_as(scene, session)
    path = scene.link()
    visitor = Visitor(app, session)
    assert "this invitation is for you" not in visitor.open(path).text
    assert visitor.send(path, "someone@else.example").status_code == 403
    assert redeemers(app) == []
