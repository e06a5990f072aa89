"""Sessions, tickets, viewings and grants do not stay for ever."""

from __future__ import annotations

import pytest
from factories import School, TestClock, principal_of
from flask import Flask
from invitation_scene import ADA, Scene, Visitor, make_scene
from sqlalchemy import func, select

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import Model, db, transaction
from lti_tool.lti.deep_linking_requests import keep_request
from lti_tool.lti.launch import DeepLinking
from lti_tool.lti.models import DeepLinkingRequest
from lti_tool.media import access, plays
from lti_tool.media.models import Grant, MediaItem, Viewing
from lti_tool.people import handover_tickets
from lti_tool.people.models import SessionTicket, ToolSession
from lti_tool.people.retention import forget
from lti_tool.people.rules import Standing
from lti_tool.people.session_store import end_sessions

pytestmark = pytest.mark.every_database


def count(kind: type[Model]) -> int:
    return db.session.scalar(select(func.count()).select_from(kind)) or 0


@pytest.fixture
def scene(app: Flask, school: School) -> Scene:
    return make_scene(app, school)


def test_a_session_goes_thirty_days_after_it_ended(
    context: Flask, scene: Scene, clock: TestClock
) -> None:
    principal = principal_of(scene.teacher_session)
    handover_tickets.redeem(handover_tickets.issue(principal))
    with transaction():
        end_sessions(session_id=principal.session_id)
    clock.pass_(days=1.1)
    assert forget() == 0
    assert count(SessionTicket) == 0
    clock.pass_(days=29)
    assert forget() == 1, "the one that was ended"
    clock.pass_(days=1)
    assert forget() == 1, "the one that ran out"
    assert count(ToolSession) == 0
    assert count(AuditRecord) > 0


def test_a_ticket_is_kept_while_it_may_be_asked_after(
    context: Flask, scene: Scene, clock: TestClock
) -> None:
    handover_tickets.issue(principal_of(scene.teacher_session))
    clock.pass_(hours=24)
    forget()
    assert count(SessionTicket) == 1


def test_viewings_go_after_thirteen_months_and_keep_no_session(
    context: Flask, scene: Scene, clock: TestClock
) -> None:
    item = db.session.get(MediaItem, scene.media_id)
    assert item is not None
    plays.open_viewing(principal_of(scene.teacher_session), item)
    clock.pass_(days=31)
    assert forget() == 1
    clock.pass_(days=364)
    assert plays.forget() == 0
    assert count(Viewing) == 1
    clock.pass_(days=2)
    assert plays.forget() == 1


def test_a_session_stays_as_long_as_what_was_granted_in_it(
    app: Flask, scene: Scene, clock: TestClock
) -> None:
    assert Visitor(app).send(scene.link(), ADA).status_code == 303
    clock.pass_(days=60)
    with app.app_context():
        assert forget() == 1, "the teacher's"
        assert count(ToolSession) == 1
        assert access.forget() == 0
    clock.pass_(days=380)
    runner = app.test_cli_runner()
    said = [
        runner.invoke(args=line.split()).output
        for line in ("media purge", "invitations forget", "people forget")
    ]
    assert "1 grants" in said[0]
    assert "1 invitations" in said[1]
    assert "1 sessions" in said[2]
    with app.app_context():
        assert count(Grant) == count(ToolSession) == 0


def test_a_dialog_goes_with_the_last_session_that_could_answer_it(
    context: Flask, school: School, clock: TestClock
) -> None:
    wanted = DeepLinking("https://lms.example/back", ("ltiResourceLink",), ("iframe",))
    with transaction():
        kept = [
            keep_request(wanted, school.registration_id, school.deployment_id, None)
            for _ in range(2)
        ]
    school.launched("prof", Standing.MANAGER, deep_linking_id=kept[0])
    clock.pass_(days=30)
    forget()
    assert count(DeepLinkingRequest) == 2
    clock.pass_(hours=1)
    forget()
    assert list(db.session.scalars(select(DeepLinkingRequest.id))) == [kept[0]]
    clock.pass_(days=1)
    forget()
    assert count(DeepLinkingRequest) == 0
