"""What the opening page promises about the invitee's address."""

from __future__ import annotations

from invitation_scene import ADA, Scene, Visitor
from sqlalchemy import func, select

from lti_tool.core.database import db
from lti_tool.invitations.forget import forget
from lti_tool.invitations.models import Invitation, Redemption, WrongAddress
from lti_tool.people.models import Person


def count(app, kind) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(kind)) or 0


def guests(app) -> set[str]:
    with app.app_context():
        return set(db.session.scalars(select(Person.email).where(Person.kind == "guest")))


def forgotten(app) -> int:
    with app.app_context():
        return forget()


def test_everything_goes_thirteen_months_after_the_end(app, scene: Scene, clock) -> None:
    scene.set(link_reusability=2)
    path = scene.link()
    visitor = Visitor(app)
    visitor.send(path, "eve@partner.org")
    visitor.send(path)
    clock.pass_(days=390)
    assert forgotten(app) == 0
    assert guests(app) == {ADA}
    clock.pass_(days=10)
    assert forgotten(app) == 1
    assert [count(app, kind) for kind in (Invitation, Redemption, WrongAddress)] == [0, 0, 0]
    assert not {email for email in guests(app) if "@" in email}
    assert scene.audit()[-1] == "forgotten"
    assert forgotten(app) == 0


def test_a_guest_who_is_still_invited_is_not_forgotten(app, scene, clock) -> None:
    Visitor(app).send(scene.link())
    clock.pass_(days=399)
    with app.app_context():
        scene.teacher_session = scene.school.launched("prof", scene.seen().viewer.standing)
    invitation = scene.new_link(scene.invite())
    Visitor(app).send(invitation)
    clock.pass_(days=2)
    assert forgotten(app) == 0
    assert guests(app) == {ADA}
