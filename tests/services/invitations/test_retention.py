"""What the opening page promises about the invitee's address."""

from __future__ import annotations

import pytest
from invitation_scene import ADA, TITLE, Scene, Visitor
from sqlalchemy import func, select

from lti_tool.core.db.session import db
from lti_tool.invitations.models import Invitation, Redemption, WrongAddress
from lti_tool.invitations.retention import forget
from lti_tool.media import deleting
from lti_tool.media.models import Grant, MediaFile, MediaItem, Publication
from lti_tool.people.models import Person

pytestmark = pytest.mark.every_database


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
        scene.teacher_session = scene.school.launched("prof", scene.seen().principal.standing)
    invitation = scene.new_link(scene.invite())
    Visitor(app).send(invitation)
    clock.pass_(days=2)
    assert forgotten(app) == 0
    assert guests(app) == {ADA}


@pytest.fixture
def purged(app, scene, clock) -> str:
    """The path of a link that was used, whose media was deleted a month ago."""
    path = scene.link()
    Visitor(app).send(path)
    with app.app_context():
        deleting.delete_item(scene.seen().principal, scene.seen().item)
    clock.pass_(days=31)
    with app.app_context():
        assert deleting.purge() == 1
        assert deleting.purge() == 0
    return path


def test_of_purged_media_only_an_empty_row_is_left(app, scene, purged) -> None:
    assert [count(app, kind) for kind in (MediaFile, Publication, Grant)] == [0, 0, 0]
    with app.app_context():
        item = db.session.get(MediaItem, scene.media_id)
        assert (item.title, item.owner_name, item.owner_person_id) == ("", "", None)


def test_the_link_of_purged_media_answers_that_it_was_removed(app, purged) -> None:
    for page in (Visitor(app).open(purged), Visitor(app).send(purged)):
        assert page.status_code == 410
        assert "no longer available" in page.text
        assert TITLE not in page.text


def test_the_guests_of_purged_media_are_forgotten_in_time(app, scene, clock, purged) -> None:
    clock.pass_(days=360)
    assert forgotten(app) == 0
    assert guests(app) == {ADA}
    clock.pass_(days=10)
    assert forgotten(app) == 1
    assert not {email for email in guests(app) if "@" in email}
    with app.app_context():
        assert deleting.purge() == 0
    assert count(app, MediaItem) == 0
    assert Visitor(app).open(purged).status_code == 404


def test_an_invitation_ends_with_its_media(app, scene, clock) -> None:
    scene.set(link_duration=365 * 1440)
    scene.link()
    with app.app_context():
        deleting.delete_item(scene.seen().principal, scene.seen().item)
    clock.pass_(days=390)
    assert forgotten(app) == 0
    clock.pass_(days=10)
    assert forgotten(app) == 1
