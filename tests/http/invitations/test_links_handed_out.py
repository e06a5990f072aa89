"""Whoever is given a link can be the invitee with it: each time is in the audit trail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from factories import SAME_ORIGIN, TestClock, as_written, page_of
from flask import Flask
from flask.testing import FlaskClient
from invitation_scene import ADA, Scene
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import db
from lti_tool.core.keyfiles import KeyRing
from lti_tool.core.web.csrf import SAFE
from lti_tool.invitations.links import EXTENSION
from lti_tool.invitations.models import Invitation
from lti_tool.people.models import ToolSession
from lti_tool.people.rules import Standing

GOOD = {"email": ADA, "first_name": "Ada", "last_name": "Byron", "type": "viewer"}
LINK = re.compile(r"/i/[A-Za-z0-9_-]{43}")


@pytest.fixture
def teacher(app: Flask, scene: Scene) -> FlaskClient:
    return page_of(app, scene.teacher_session)


def post(client: FlaskClient, path: str, json: object = None) -> TestResponse:
    return client.post(path, json=json, headers=SAME_ORIGIN)


def inviting(scene: Scene) -> str:
    return f"/api/v1/media/{scene.media_id}/invitations"


def of(invitation: Invitation, verb: str) -> str:
    return f"/api/v1/invitations/{invitation.id}/{verb}"


def shown(scene: Scene) -> list[AuditRecord]:
    with scene.app.app_context():
        asked = select(AuditRecord).where(AuditRecord.action == "invitation.link_copied")
        return list(db.session.scalars(asked.order_by(*as_written())))


def trail(scene: Scene) -> list[tuple[str, int]]:
    """Whenever somebody had a link in hand: what was written of it, and which link it was."""
    with scene.app.app_context():
        rows = db.session.scalars(
            select(AuditRecord)
            .where(AuditRecord.action.startswith("invitation."))
            .order_by(*as_written())
        )
        return [(one.action[len("invitation.") :], one.details["generation"]) for one in rows]


def ask(client: FlaskClient, path: str, json: object = None) -> TestResponse:
    """Ask for a link by the method of its route."""
    if path.endswith("/link"):
        return client.get(path, headers=SAME_ORIGIN)
    return post(client, path, json)


def test_copying_says_who_had_which_link_when_and_not_the_link(
    app: Flask, scene: Scene, teacher: FlaskClient, clock: TestClock
) -> None:
    """A manager who copies an unused link and comes in as the invitee was seen by nobody."""
    invitation = scene.invite()
    clock.pass_(hours=1)
    link = ask(teacher, of(invitation, "link")).get_json()["link"]

    (record,) = shown(scene)
    assert record.at == clock.present
    assert record.actor_kind == "person"
    assert record.actor_id == scene.school.persons["prof"]
    assert record.session_id == scene.teacher_session.session_id
    assert record.registration_id == scene.school.registration_id
    assert (record.subject_type, record.subject_id) == ("invitation", invitation.id)
    assert record.details == {
        "media": scene.media_id,
        "generation": 1,
    }
    token = link.rsplit("/", 1)[1]
    with app.app_context():
        for written in db.session.scalars(select(AuditRecord)):
            assert token not in repr(vars(written))


def test_each_time_counts(scene: Scene, teacher: FlaskClient, clock: TestClock) -> None:
    made = post(teacher, inviting(scene), GOOD).get_json()
    invitation = made["invitation"]["id"]
    for path, json in (
        (inviting(scene), GOOD),
        (f"/api/v1/invitations/{invitation}/link", None),
        (f"/api/v1/invitations/{invitation}/link", None),
        (f"/api/v1/invitations/{invitation}/new-link", None),
        (f"/api/v1/invitations/{invitation}/link", None),
    ):
        clock.pass_(minutes=1)
        assert ask(teacher, path, json).status_code == 200

    assert trail(scene) == [
        ("created", 1),
        ("link_copied", 1),
        ("link_copied", 1),
        ("link_copied", 1),
        ("new_link", 2),
        ("link_copied", 2),
    ]


def test_it_is_written_under_the_colleague_who_asked(app: Flask, scene: Scene) -> None:
    invitation = scene.invite()
    colleague = scene.launched("second", Standing.MANAGER)
    ask(page_of(app, colleague), of(invitation, "link"))

    (record,) = shown(scene)
    assert record.session_id == colleague.session_id


def test_no_answer_holds_a_link_without_a_record(
    app: Flask, scene: Scene, teacher: FlaskClient
) -> None:
    """Every route there is, so that a new one cannot forget it."""
    invitation = scene.invite()
    given = set()
    values = {"media_id": scene.media_id, "invitation_id": invitation.id}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: "revoke" in rule.rule):
        if rule.endpoint == "media.delete" or "token" in rule.arguments:
            continue
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            address = re.sub(
                r"<(?:\w+:)?(\w+)>", lambda found: values.get(found[1], "a" * 26), rule.rule
            )
            before = len(trail(scene))
            body = {} if rule.endpoint == "invitations.make_new_link" else GOOD
            answer = teacher.open(
                address,
                method=method,
                json=body if method not in SAFE else None,
                headers=SAME_ORIGIN,
            )
            many = len({*LINK.findall(answer.get_data().decode(errors="replace"))})
            if many:
                assert len(trail(scene)) - before == 1, (method, rule.rule)
                given.add(rule.endpoint)
    assert given == {
        "invitations.create_invitation",
        "invitations.copy_link",
        "invitations.make_new_link",
    }


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_sites_page_asks_in_nobodys_name(
    scene: Scene, teacher: FlaskClient, site: str
) -> None:
    answer = teacher.get(of(scene.invite(), "link"), headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert shown(scene) == []


def test_where_no_link_is_given_none_was_shown(
    app: Flask, scene: Scene, teacher: FlaskClient
) -> None:
    revoked, kept = scene.invite("gone@partner.org"), scene.invite()
    scene.revoke(revoked)
    student = page_of(app, scene.launched("student"))
    refused = [
        (ask(teacher, of(revoked, "link")), 409),
        (post(teacher, of(revoked, "new-link")), 409),
        (ask(student, of(kept, "link")), 404),
        (post(student, of(kept, "new-link")), 404),
        (post(student, inviting(scene), GOOD), 404),
        (ask(app.test_client(), of(kept, "link")), 401),
        (post(teacher, inviting(scene), {**GOOD, "email": "x"}), 422),
    ]
    for answer, status in refused:
        assert answer.status_code == status, answer.text
        assert not LINK.search(answer.text)
    assert shown(scene) == []


def test_a_link_whose_key_is_gone_was_shown_to_nobody(
    app: Flask, scene: Scene, teacher: FlaskClient, tmp_path: Path
) -> None:
    invitation = scene.invite()
    lost = KeyRing(tmp_path / "other", "invitation")
    lost.current()
    app.extensions[EXTENSION] = lost
    for answer in (ask(teacher, of(invitation, "link")), post(teacher, inviting(scene), GOOD)):
        assert answer.status_code == 409
        assert "This link can no longer be shown" in answer.text
    assert shown(scene) == []
    assert post(teacher, of(invitation, "new-link")).status_code == 200
    assert trail(scene)[-1] == ("new_link", 2)


@contextmanager
def without_audit(app: Flask, action: str) -> Iterator[None]:
    """The database takes no record of this action."""
    with app.app_context():
        engine = db.engine

    def fail(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if statement.startswith("INSERT INTO audit_record") and action in repr(values):
            raise OperationalError(statement, None, OSError("the disk is full"))

    event.listen(engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", fail)


def test_link_and_record_stand_together_or_not_at_all(
    app: Flask, scene: Scene, teacher: FlaskClient
) -> None:
    invitation = scene.invite()
    app.testing = False
    with without_audit(app, "invitation."):
        for path, json in (
            (of(invitation, "link"), None),
            (of(invitation, "new-link"), None),
            (inviting(scene), GOOD),
            (inviting(scene), {**GOOD, "email": "new@partner.org"}),
        ):
            answer = ask(teacher, path, json)
            assert answer.status_code == 500, path
            assert not LINK.search(answer.text)
    assert scene.fresh(invitation).generation == 1
    assert scene.audit() == ["created"]
    with app.app_context():
        assert db.session.scalars(select(Invitation.email)).all() == [ADA]


def test_what_a_person_does_who_acts_as_another_is_written_under_both(
    app: Flask, scene: Scene
) -> None:
    invitation = scene.invite()
    session = scene.launched("prof", Standing.MANAGER)
    theirs = update(ToolSession).where(ToolSession.id == session.session_id)
    scene.run(theirs.values(impersonation="acting_as", acting_for="root-7"))
    ask(page_of(app, session), of(invitation, "link"))

    (record,) = shown(scene)
    assert record.details["acting_for"] == "root-7"
