"""A role that somebody of the LMS was invited to is theirs at every launch, until it ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from factories import TestClock, all_at_once, browser, principal_of
from flask import Flask
from invitation_scene import ADA, Scene, Visitor, make_item
from sqlalchemy import func, select, update

from lti_tool.core.db.session import db, transaction
from lti_tool.invitations import retention
from lti_tool.invitations.models import Invitation
from lti_tool.invitations.redeem import Arrival, redeem
from lti_tool.invitations.rules import Verdict
from lti_tool.media import access, deleting
from lti_tool.media.access import Capability, capabilities
from lti_tool.media.models import Grant, MediaItem, Publication
from lti_tool.people.models import Person
from lti_tool.people.rules import Impersonation, Standing
from lti_tool.people.session_store import NewSession, end_sessions
from lti_tool.people.sessions import live_sessions_of

pytestmark = pytest.mark.every_database

STRIP = 'class="strip"'


class Elsewhere:
    """People whose course does not show the item."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        with scene.app.app_context():
            self.course_id = scene.school.course("Botany")

    def launched(self, sub: str = "student", **terms: object) -> NewSession:
        with self.scene.app.app_context():
            return self.scene.school.launched(sub, course_id=self.course_id, **terms)

    def opens(self, session: NewSession, media_id: str | None = None) -> bool:
        address = f"/media/{media_id or self.scene.media_id}?as={session.handle}"
        return browser(self.scene.app, session).get(address).status_code == 200

    def use(self, invitation: Invitation, session: NewSession, email: str = ADA) -> Verdict | None:
        """Use a link in this session, as the page does in which it is pasted."""
        token = self.scene.path(self.scene.fresh(invitation)).removeprefix("/i/")
        with self.scene.app.app_context():
            principals = live_sessions_of([session.session_id])
            wish = principals[0].handle if principals else None
            arrival = Arrival(principals, "here", email, "device", "device", wish)
            return redeem(token, arrival).verdict


@pytest.fixture
def elsewhere(scene: Scene) -> Elsewhere:
    return Elsewhere(scene)


def end(app: Flask, session: NewSession) -> None:
    with app.app_context(), transaction():
        end_sessions(session_id=session.session_id)


def grants(app: Flask, *, running: bool = True) -> int:
    with app.app_context():
        counted = select(func.count()).select_from(Grant)
        return db.session.scalar(counted.where(Grant.ended_at.is_(None)) if running else counted)


def test_it_holds_in_every_session_of_the_person(
    app: Flask, scene: Scene, elsewhere: Elsewhere, clock: TestClock
) -> None:
    before, session = elsewhere.launched(), elsewhere.launched()
    assert not elsewhere.opens(session)
    assert elsewhere.use(scene.invite(), session) is Verdict.ADMITTED
    assert elsewhere.opens(before)
    assert elsewhere.opens(session)
    outside = scene.launched("student", course_id=None)
    assert elsewhere.opens(outside)
    end(app, session)
    clock.pass_(days=40)
    later = elsewhere.launched()
    page = browser(app, later).get(f"/media/{scene.media_id}?as={later.handle}")
    assert STRIP in page.text
    assert "until" not in page.text.partition(STRIP)[2].partition("</p>")[0]
    assert not elsewhere.opens(elsewhere.launched("another"))
    other_item = _another(scene)
    assert not elsewhere.opens(later, other_item)


def _another(scene: Scene) -> str:
    with scene.app.app_context():
        return make_item(scene.school)


@pytest.mark.parametrize("how", [one.value for one in Impersonation])
def test_whoever_is_not_themselves_neither_gets_nor_uses_it(
    app: Flask, scene: Scene, elsewhere: Elsewhere, how: str
) -> None:
    invitation = scene.invite()
    pretended = elsewhere.launched(impersonation=Impersonation(how))
    themself = elsewhere.launched()
    assert elsewhere.use(invitation, pretended) is Verdict.ADMITTED
    assert elsewhere.opens(pretended), "it is the session's"
    assert not elsewhere.opens(themself)
    assert not elsewhere.opens(elsewhere.launched(impersonation=Impersonation(how)))
    path = scene.path(invitation)
    assert "/media/" not in (Visitor(app, themself).open(path).location or "")

    own = scene.invite("bob@partner.org")
    assert elsewhere.use(own, themself, "bob@partner.org") is Verdict.ADMITTED
    assert not elsewhere.opens(elsewhere.launched(impersonation=Impersonation(how)))
    assert elsewhere.opens(themself)


ENDS: dict[str, Callable[[Scene, Invitation], object]] = {
    "revoked": lambda scene, invitation: scene.revoke(invitation),
    "a new link": lambda scene, invitation: scene.new_link(invitation),
    "the device reset": lambda scene, invitation: scene.reset_device(invitation),
}


@pytest.mark.parametrize("how", ENDS)
def test_it_ends_everywhere_at_once(
    app: Flask, scene: Scene, elsewhere: Elsewhere, how: str
) -> None:
    invitation, session = scene.invite(), elsewhere.launched()
    elsewhere.use(invitation, session)
    tab = elsewhere.launched()
    assert elsewhere.opens(tab)
    ENDS[how](scene, invitation)
    for one in (session, tab, elsewhere.launched()):
        assert not elsewhere.opens(one)
    assert grants(app) == 0
    if how != "revoked":
        assert elsewhere.use(invitation, tab) is Verdict.ADMITTED
        assert elsewhere.opens(elsewhere.launched())
        assert grants(app) == 1


def test_deleting_ends_it_and_the_undo_brings_it_back(
    app: Flask, scene: Scene, elsewhere: Elsewhere
) -> None:
    session = elsewhere.launched()
    elsewhere.use(scene.invite(), session)
    with app.app_context():
        seen = scene.seen()
        deleting.delete_item(seen.principal, seen.item)
    assert not elsewhere.opens(elsewhere.launched())
    with app.app_context():
        deleting.restore_item(seen.principal, scene.seen().item)
    assert elsewhere.opens(elsewhere.launched())


def test_one_link_never_borrows_anothers_role(
    app: Flask, scene: Scene, elsewhere: Elsewhere
) -> None:
    """A forwarded link that is revoked leaves what the person's own one gave, and no more."""
    session = elsewhere.launched()
    own, forwarded = scene.invite(), scene.invite("bob@partner.org")
    elsewhere.use(own, session)
    elsewhere.use(forwarded, session, "bob@partner.org")
    scene.revoke(forwarded)
    assert elsewhere.opens(elsewhere.launched())
    scene.revoke(own)
    assert not elsewhere.opens(elsewhere.launched())


def test_a_click_lowers_nothing(app: Flask, scene: Scene) -> None:
    with app.app_context():
        teacher = principal_of(scene.teacher_session)
        item = db.session.get_one(MediaItem, scene.media_id)
        before = capabilities(teacher, item)
    token = scene.path(scene.invite()).removeprefix("/i/")
    with app.app_context():
        redeem(token, Arrival([teacher], "here", ADA, "device", "device", teacher.handle))
        again = principal_of(scene.school.launched("prof", Standing.LEARNER))
        item = db.session.get_one(MediaItem, scene.media_id)
        assert capabilities(teacher, item) == before
        assert before >= capabilities(again, item) >= {Capability.VIEW}


def test_the_link_leads_each_session_of_theirs_straight_in(
    app: Flask, scene: Scene, elsewhere: Elsewhere, clock: TestClock
) -> None:
    invitation, session = scene.invite(), elsewhere.launched()
    elsewhere.use(invitation, session)
    end(app, session)
    clock.pass_(days=3)
    later = elsewhere.launched()
    visitor, path = Visitor(app, later), scene.path(invitation)
    assert visitor.open(path).location == f"/media/{scene.media_id}?as={later.handle}"
    assert elsewhere.use(invitation, later) is Verdict.OWN_SESSION
    assert scene.fresh(invitation).uses_made == 1
    stranger = Visitor(app, elsewhere.launched("another"))
    assert stranger.open(path).status_code == 410


def test_a_lost_answer_burns_nothing_after_another_launch(
    app: Flask, scene: Scene, elsewhere: Elsewhere, clock: TestClock
) -> None:
    invitation, session = scene.invite(), elsewhere.launched()
    elsewhere.use(invitation, session)
    end(app, session)
    clock.pass_(minutes=5)
    again = elsewhere.launched()
    assert elsewhere.use(invitation, again) is Verdict.OWN_SESSION
    assert scene.fresh(invitation).uses_made == 1
    assert grants(app) == 1


def test_a_use_that_went_to_a_person_gives_nobody_else_a_session(
    app: Flask, scene: Scene, elsewhere: Elsewhere, clock: TestClock
) -> None:
    """The same device within ten minutes, but signed out of the LMS: the one use is spent."""
    invitation, session = scene.invite(), elsewhere.launched()
    elsewhere.use(invitation, session)
    end(app, session)
    assert elsewhere.use(invitation, session) is Verdict.USED_UP
    assert grants(app) == 1


def test_a_guest_keeps_it_in_one_session(app: Flask, scene: Scene) -> None:
    guest = Visitor(app)
    assert guest.send(scene.link()).status_code == 303
    with app.app_context():
        (given,) = db.session.scalars(select(Grant)).all()
        assert (given.person_id, given.session_id is None) == (None, False)
        person = db.session.scalars(select(Person).where(Person.kind == "guest")).one()
        other = scene.school.guest("x@y.example", scene.media_id)
        db.session.execute(update(Person).where(Person.id == person.id).values(name="Same"))
        principal = principal_of(other)
        assert principal.lasting_holder is None
        assert not capabilities(principal, db.session.get_one(MediaItem, scene.media_id))


def test_a_tab_of_its_own_needs_no_copy(app: Flask, scene: Scene, elsewhere: Elsewhere) -> None:
    session = elsewhere.launched()
    elsewhere.use(scene.invite(), session)
    with app.app_context():
        access.carry_over(session.session_id, elsewhere.launched().session_id)
    assert grants(app) == 1


def test_many_uses_at_once_are_one_role(app: Flask, scene: Scene, elsewhere: Elsewhere) -> None:
    scene.set(link_reusability=-1, one_device=False)
    invitation = scene.invite()
    sessions = [elsewhere.launched() for _ in range(4)]
    verdicts = all_at_once([lambda one=one: elsewhere.use(invitation, one) for one in sessions])
    assert set(verdicts) <= {Verdict.ADMITTED, Verdict.OWN_SESSION}
    assert grants(app, running=False) == 1


def test_a_use_and_a_revocation_at_once_leave_nothing(
    app: Flask, scene: Scene, elsewhere: Elsewhere
) -> None:
    for _attempt in range(3):
        invitation, session = scene.invite(), elsewhere.launched()
        all_at_once(
            [
                lambda one=invitation, by=session: elsewhere.use(one, by),
                lambda one=invitation: scene.revoke(one),
            ]
        )
        assert grants(app) == 0
        assert not elsewhere.opens(elsewhere.launched())


def test_the_course_page_lists_what_one_was_invited_to(
    app: Flask, scene: Scene, elsewhere: Elsewhere
) -> None:
    session = elsewhere.launched()
    invitation = scene.invite()
    elsewhere.use(invitation, session)

    def listed(who: NewSession) -> bool:
        page = browser(app, who).get(f"/gallery?as={who.handle}")
        assert page.status_code == 200
        return "You were invited to" in page.text and "Owls at night" in page.text

    assert listed(elsewhere.launched())
    assert not listed(elsewhere.launched("another"))
    assert not listed(elsewhere.launched(impersonation=Impersonation.ACTING_AS))
    assert not listed(scene.launched("student")), "there it stands among the course's own"
    scene.revoke(invitation)
    assert not listed(elsewhere.launched())


def test_an_invitation_is_kept_while_its_role_can_be_taken_back(
    app: Flask, scene: Scene, elsewhere: Elsewhere, clock: TestClock
) -> None:
    invitation, session = scene.invite(), elsewhere.launched()
    elsewhere.use(invitation, session)
    clock.pass_(days=300)
    scene.run(update(Person).where(Person.sub == "student").values(seen_at=clock.present))
    clock.pass_(days=200)
    with app.app_context():
        assert (access.forget(), retention.forget()) == (0, 0)
    assert elsewhere.opens(elsewhere.launched())
    clock.pass_(days=200)
    with app.app_context():
        assert (access.forget(), retention.forget()) == (1, 1), "who has not come for 13 months"


def test_what_ended_is_forgotten(
    app: Flask, scene: Scene, elsewhere: Elsewhere, clock: TestClock
) -> None:
    invitation = scene.invite()
    elsewhere.use(invitation, elsewhere.launched())
    scene.revoke(invitation)
    clock.pass_(days=390)
    with app.app_context():
        assert access.forget() == 0
    clock.pass_(days=10)
    with app.app_context():
        assert access.forget() == 1
        assert retention.forget() == 1


def test_publications_give_what_they_gave(app: Flask, scene: Scene) -> None:
    """Who sees the item in the course sees it by the course, with the role or without."""
    invitation, student = scene.invite(), scene.launched("student")
    Visitor(app, student).send(scene.path(invitation))
    with app.app_context():
        shown = db.session.get(Publication, (scene.media_id, scene.school.course_id))
        assert shown is not None
    scene.revoke(invitation)
    page = browser(app, student).get(f"/media/{scene.media_id}?as={student.handle}")
    assert page.status_code == 200
    assert STRIP not in page.text
