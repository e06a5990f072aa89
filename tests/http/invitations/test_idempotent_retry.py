"""An answer that is lost on the line burns nothing: the device that asked gets it again."""

from __future__ import annotations

import pytest
from factories import SAME_ORIGIN, School, all_at_once
from flask import Flask
from invitation_scene import ADA, Scene, Visitor, hidden_fields
from sqlalchemy import func, select

from lti_tool.core.db.session import db
from lti_tool.invitations.models import Invitation
from lti_tool.media.models import Grant
from lti_tool.people.models import ToolSession
from lti_tool.people.rules import Standing
from lti_tool.people.session_store import COOKIE_PREFIX

pytestmark = pytest.mark.every_database


def lose(visitor: Visitor, path: str, email: str = ADA, **fields: str) -> str:
    """Use the link; the answer does not arrive. Returns where it would have led."""
    before = set(visitor.client._cookies)
    answer = visitor.send(path, email, **fields)
    assert answer.status_code == 303
    for domain, place, name in set(visitor.client._cookies) - before:
        if name.startswith(COOKIE_PREFIX):
            visitor.client.delete_cookie(name, domain=domain, path=place)
    return answer.location


def forget_session(visitor: Visitor) -> None:
    for domain, place, name in list(visitor.client._cookies):
        if name.startswith(COOKIE_PREFIX):
            visitor.client.delete_cookie(name, domain=domain, path=place)


def running(scene: Scene) -> tuple[int, int]:
    """How many guest sessions go on, and how many grants."""
    with scene.app.app_context():
        counted = select(func.count()).select_from
        return (
            db.session.scalar(
                counted(ToolSession).where(
                    ToolSession.kind == "guest", ToolSession.ended_at.is_(None)
                )
            )
            or 0,
            db.session.scalar(counted(Grant).where(Grant.ended_at.is_(None))) or 0,
        )


def uses(scene: Scene, invitation: Invitation) -> int:
    return scene.fresh(invitation).uses_made


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def visitor(app: Flask, request: pytest.FixtureRequest) -> Visitor:
    return Visitor(app, script=request.param)


def test_the_second_try_gets_in_and_spends_nothing(
    app: Flask, scene: Scene, visitor: Visitor
) -> None:
    invitation = scene.invite()
    path = scene.path(invitation)
    lost = lose(visitor, path)
    assert running(scene) == (1, 1)
    stranger = Visitor(app, script=True)
    assert stranger.send(path).status_code == 403, "another device is still refused"
    assert visitor.send(path, "eve@partner.org").status_code == 403, "and another address"

    answer = visitor.send(path)
    assert answer.status_code == 303
    assert answer.location != lost
    assert visitor.open(answer.location).status_code == 200
    assert running(scene) == (1, 1), "one use never has two sessions"
    assert uses(scene, invitation) == 1
    assert scene.audit() == [
        "created",
        "redeemed",
        "refused (other_device)",
        "refused (wrong_email)",
        "redeemed_again",
    ]


def test_it_may_be_lost_again_but_not_for_longer(scene: Scene, visitor: Visitor, clock) -> None:
    invitation = scene.invite()
    path = scene.path(invitation)
    for minutes in (0, 4, 5):
        clock.pass_(minutes=minutes)
        lose(visitor, path)
    clock.pass_(seconds=59)
    lose(visitor, path)
    assert running(scene) == (1, 1)
    assert uses(scene, invitation) == 1
    clock.pass_(seconds=1)
    late = visitor.send(path)
    assert late.status_code == 410, "ten minutes from the use, not from the last try"
    assert "has been used" in late.text


def test_whoever_has_been_inside_has_had_the_answer(scene: Scene, visitor: Visitor, clock) -> None:
    path = scene.link()
    assert visitor.enter(path).status_code == 200
    forget_session(visitor)
    clock.pass_(minutes=1)
    assert visitor.send(path).status_code == 410
    assert running(scene) == (1, 1)


@pytest.mark.parametrize("address", ["/media/{}", "/api/v1/media/{}/files"])
def test_any_request_with_the_session_counts(scene: Scene, visitor: Visitor, address: str) -> None:
    path = scene.link()
    handle = visitor.send(path).location.partition("as=")[2]
    assert _first_used(scene, handle) is None
    asked = visitor.client.get(address.format(scene.media_id), query_string={"as": handle})
    assert asked.status_code == 200
    assert _first_used(scene, handle) is not None
    forget_session(visitor)
    assert visitor.send(path).status_code == 410


def _first_used(scene: Scene, handle: str) -> object:
    with scene.app.app_context():
        return db.session.scalar(
            select(ToolSession.first_used_at).where(ToolSession.handle == handle)
        )


def test_a_link_of_several_uses_loses_one_only(scene: Scene, visitor: Visitor) -> None:
    scene.set(link_reusability=3)
    invitation = scene.invite()
    path = scene.path(invitation)
    lose(visitor, path)
    assert visitor.enter(path).status_code == 200
    assert uses(scene, invitation) == 1
    forget_session(visitor)
    assert visitor.enter(path).status_code == 200
    assert uses(scene, invitation) == 2


def test_where_a_second_page_is_asked(scene: Scene, visitor: Visitor) -> None:
    scene.set(email_check="off")
    invitation = scene.invite()
    path = scene.path(invitation)

    def press() -> dict[str, str]:
        visitor.open(path)
        second = visitor.client.post(path, headers=SAME_ORIGIN)
        return {"second_page": hidden_fields(second.text)["second_page"]}

    lose(visitor, path, **press())
    answer = visitor.send(path, **press())
    assert answer.status_code == 303
    assert visitor.open(answer.location).status_code == 200
    assert uses(scene, invitation) == 1


@pytest.mark.parametrize("verb", ["reset_device", "new_link", "revoke"])
def test_what_the_inviter_ended_stays_ended(scene: Scene, visitor: Visitor, verb: str) -> None:
    invitation = scene.invite()
    path = scene.path(invitation)
    lose(visitor, path)
    getattr(scene, verb)(invitation)
    assert running(scene) == (0, 0)
    expected = 303 if verb == "reset_device" else 410
    assert visitor.send(path).status_code == expected


def test_the_end_of_the_link_is_the_end(scene: Scene, visitor: Visitor, clock) -> None:
    scene.set(link_duration=10)
    path = scene.link()
    clock.pass_(minutes=9)
    lose(visitor, path)
    clock.pass_(minutes=1)
    assert visitor.send(path).status_code == 410


def test_a_device_that_is_no_longer_the_bound_one(
    app: Flask, scene: Scene, visitor: Visitor
) -> None:
    """Two devices come in while that is allowed; then the first one alone is."""
    scene.set(one_device=False, link_reusability=2)
    invitation = scene.invite()
    path = scene.path(invitation)
    assert Visitor(app, script=True).enter(path).status_code == 200
    lose(visitor, path)
    scene.set(one_device=True)
    assert visitor.send(path).status_code == 403
    scene.set(one_device=False)
    assert visitor.send(path).status_code == 303
    assert uses(scene, invitation) == 2


def test_a_role_that_went_to_the_page_in_the_course(
    app: Flask, school: School, scene: Scene
) -> None:
    """Nothing was opened in the invitee's browser, so nothing takes its place; it is said again."""
    with app.app_context():
        school.person("ada", "Ada", email=ADA)
    course = Visitor(app, scene.launched("ada", Standing.LEARNER))
    assert course.open(f"/media/{scene.media_id}").status_code == 200
    invitation = scene.invite()
    path = scene.path(invitation)
    phone = Visitor(app)
    assert "use it there" in phone.send(path).text
    for _ in range(2):
        answer = phone.send(path, use="elsewhere")
        assert answer.status_code == 200
        assert "course" in answer.text
    assert uses(scene, invitation) == 1
    assert running(scene) == (0, 1)
    assert phone.send(path, use="guest").status_code == 410, "a second session is a second use"
    assert scene.audit() == [
        "created",
        "redeemed",
        "role_moved",
        "continued",
        "refused (used_up)",
    ]


def test_the_page_in_the_course_may_have_gone_to_a_tab_of_its_own(
    app: Flask, school: School, scene: Scene, clock
) -> None:
    """The role is there twice, in frame and tab: either is the answer."""
    with app.app_context():
        school.person("ada", "Ada", email=ADA)
    framed = scene.launched("ada", Standing.LEARNER)
    course = Visitor(app, framed)
    address = f"/media/{scene.media_id}?as={framed.handle}"
    assert course.open(address).status_code == 200
    invitation = scene.invite()
    path = scene.path(invitation)
    phone = Visitor(app)
    assert phone.send(path, use="elsewhere").status_code == 200
    query = {"as": framed.handle}
    made = course.client.post("/api/v1/tickets", query_string=query, headers=SAME_ORIGIN)
    tab = app.test_client().post(
        "/handover",
        data={"ticket": made.json["ticket"], "media_id": scene.media_id},
        headers=SAME_ORIGIN,
    )
    assert tab.status_code == 303
    for _ in range(2):
        clock.pass_(seconds=1)
        assert course.open(address).status_code == 200
        assert phone.send(path, use="elsewhere").status_code == 200
    assert uses(scene, invitation) == 1


def test_many_tries_at_once_leave_one_session(app: Flask, scene: Scene) -> None:
    invitation = scene.invite()
    path = scene.path(invitation)
    visitor = Visitor(app, script=True)
    lose(visitor, path)
    assert visitor.key is not None
    form = {
        "email": ADA,
        **visitor.key.proof(hidden_fields(visitor.open(path).text)["challenge"]),
    }

    def again() -> int:
        client = app.test_client()
        client.set_cookie("any", "cookie", domain="localhost")
        return client.post(path, data=form, headers=SAME_ORIGIN).status_code

    assert all_at_once([again] * 6) == [303] * 6
    assert running(scene) == (1, 1)
    assert uses(scene, invitation) == 1


def test_the_page_and_a_second_try_at_once(app: Flask, scene: Scene) -> None:
    """Whichever comes first: either the session is used and stays, or another takes its place."""
    for number in range(8):
        invitation = scene.invite(f"ada{number}@partner.org")
        path = scene.path(invitation)
        slow = Visitor(app)
        answer = slow.send(path, invitation.email)
        retry = app.test_client()
        for (domain, place, name), cookie in slow.client._cookies.items():
            if not name.startswith(COOKIE_PREFIX):
                retry.set_cookie(name, cookie.value, domain=domain, path=place)

        def page(slow: Visitor = slow, address: str = answer.location) -> int:
            return slow.open(address).status_code

        def again(path: str = path, email: str = invitation.email) -> int:
            data = {"email": email}
            return retry.post(path, data=data, headers=SAME_ORIGIN).status_code  # noqa: B023

        outcome = tuple(all_at_once([page, again]))
        assert outcome in {(200, 410), (404, 303)}
        assert running(scene) == (number + 1, number + 1)
        assert uses(scene, invitation) == 1
