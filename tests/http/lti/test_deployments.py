"""Registrations and deployments that are switched off, not known yet, or several."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import (
    Try,
    assert_entered,
    assert_refusal_page,
    assert_refused,
    begin,
    count,
    register,
    session_of,
    try_launch,
)
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import db
from lti_tool.lti import registration_switch
from lti_tool.lti.deployments import MOST_WAITING
from lti_tool.lti.models import Deployment, LoginState
from lti_tool.people.models import Person
from sandbox.platform import Platform


def switch(app: Flask, name: str, *, enabled: bool, deployment: str | None = None) -> None:
    with app.app_context():
        registration_switch.switch(name, enabled=enabled, deployment_id=deployment)


def test_a_registration_that_is_switched_off(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    form = lms.answer(begin(lms, client))
    switch(app, "northfield", enabled=False)
    assert_refused(Try(form, "", lms.post(client, form)), 400)
    assert_refusal_page(lms.launch(client, "student-1"), 400)
    switch(app, "northfield", enabled=True)
    assert_entered(lms.launch(client, "student-1"))


def test_a_switched_off_deployment(app: Flask, lms: Platform, client: FlaskClient) -> None:
    switch(app, "northfield", enabled=False, deployment="1")
    refused = try_launch(lms, client)
    assert_refused(refused, 403)
    assert "The tool is switched off for this place" in refused.answer.text
    assert count(app, Person) == 0
    switch(app, "northfield", enabled=True, deployment="1")
    assert_entered(try_launch(lms, client).answer)


NEW = {"lti_deployment_id": "8865:new"}


def test_an_unknown_deployment_waits_for_approval(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    answer = lms.launch(client, "student-1", login=NEW, claims={"deployment_id": "8865:new"})
    assert_refusal_page(answer, 403)
    assert "“8865:new”" in answer.text
    with app.app_context():
        found = select(Deployment).where(Deployment.deployment_id == "8865:new")
        noted = db.session.scalars(found).one()
        assert (noted.enabled, noted.waiting) == (False, True)
        login = db.session.scalar(select(LoginState))
        assert login is not None
        assert login.consumed_at is None


def test_a_waiting_deployment_is_listed_and_let_in(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    def come() -> TestResponse:
        return lms.launch(client, "student-1", login=NEW, claims={"deployment_id": "8865:new"})

    def type_in(*words: str) -> str:
        return app.test_cli_runner().invoke(args=["platform", *words]).output

    for _class in range(3):
        assert_refusal_page(come(), 403)
    shown = type_in("show", "northfield")
    assert shown.count("8865:new  (waiting since 2026-03-02 09:00 UTC)") == 1
    assert "platform add-deployment northfield 8865:new" in shown
    said = type_in("add-deployment", "northfield", "8865:new")
    assert said == "Deployment 8865:new of northfield is let in from now on.\n"
    assert_entered(come())
    assert "waiting" not in type_in("show", "northfield")
    with app.app_context():
        actions = list(db.session.scalars(select(AuditRecord.action)))
    assert actions.count("deployment.waiting") == 1
    assert actions.count("platform.changed") == 1


def test_an_lms_that_makes_up_deployments_fills_no_disk(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    for number in range(MOST_WAITING + 3):
        made_up = {"lti_deployment_id": f"made-up-{number}"}
        claims = {"deployment_id": f"made-up-{number}"}
        answer = lms.launch(client, "student-1", login=made_up, claims=claims)
        assert f"made-up-{number}" in answer.text
    assert count(app, Deployment) == MOST_WAITING + 1


def test_an_unknown_deployment_gets_in_where_the_registration_says_so(
    app: Flask, bare_lms: Platform, client: FlaskClient
) -> None:
    register(app, bare_lms, bare_lms.schools[0], accept_new_deployments=True)
    for _twice in range(2):
        answer = bare_lms.launch(
            client, "student-1", login=NEW, claims={"deployment_id": "8865:new"}
        )
        assert_entered(answer)
    assert count(app, Deployment) == 2
    with app.app_context():
        found = db.session.scalars(
            select(AuditRecord).where(AuditRecord.action == "deployment.accepted")
        ).all()
        assert [record.details for record in found] == [{"deployment_id": "8865:new"}]


def test_an_accepted_deployment_can_still_be_switched_off(
    app: Flask, bare_lms: Platform, client: FlaskClient
) -> None:
    register(app, bare_lms, bare_lms.schools[0], accept_new_deployments=True)
    switch(app, "northfield", enabled=False, deployment="1")
    assert_refusal_page(bare_lms.launch(client, "student-1"), 403)


def test_a_second_deployment_has_courses_of_its_own(
    app: Flask, bare_lms: Platform, client: FlaskClient
) -> None:
    register(app, bare_lms, bare_lms.schools[0], deployments=("1", "2"))
    first = bare_lms.launch(client, "student-1")
    second = bare_lms.launch(
        client, "student-1", login={"lti_deployment_id": "2"}, claims={"deployment_id": "2"}
    )
    one = session_of(app, assert_entered(first))
    two = session_of(app, assert_entered(second))
    assert one.person_id == two.person_id
    assert one.course_id != two.course_id
    assert one.resource_link_id != two.resource_link_id
