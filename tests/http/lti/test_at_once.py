"""Launches that arrive in the same moment: each counts once, and none breaks another."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest
from factories import all_at_once, audited, wait_until_it_waits
from flask import Flask
from launch_helpers import add_item, begin, count
from werkzeug.test import TestResponse

from lti_tool.core.db.session import db, transaction
from lti_tool.lti import registrations
from lti_tool.lti.models import Deployment
from lti_tool.media.models import LinkNote, Publication
from lti_tool.people.models import Course, Membership, Person, ResourceLink, ToolSession
from lti_tool.people.persons import lms_person_id
from sandbox.platform import Platform

pytestmark = pytest.mark.every_database


def launches(
    app: Flask, lms: Platform, people: Sequence[str], **more: object
) -> list[TestResponse]:
    """Log in one after the other, launch all at once."""
    calls = []
    for person in people:
        client = app.test_client()
        form = lms.answer(begin(lms, client, person, **more))
        calls.append(lambda client=client, form=form: lms.post(client, form))
    return all_at_once(calls)


def test_the_same_person_in_many_tabs(app: Flask, lms: Platform) -> None:
    answers = launches(app, lms, ["student-1"] * 8)
    assert [answer.status_code for answer in answers] == [303] * 8
    assert count(app, ToolSession) == 8
    for model in (Person, Course, ResourceLink, Membership):
        assert count(app, model) == 1


def test_a_new_person_in_many_tabs_of_a_known_place(app: Flask, lms: Platform) -> None:
    launches(app, lms, ["instructor-1"])
    answers = launches(app, lms, ["student-1"] * 8)
    assert [answer.status_code for answer in answers] == [303] * 8
    assert count(app, ToolSession) == 9
    for model in (Person, Membership):
        assert count(app, model) == 2


def test_a_new_person_is_made_in_the_moment_of_their_launch(app: Flask, lms: Platform) -> None:
    """The short way found the place and no such person; so it takes the long one."""
    launches(app, lms, ["instructor-1"])
    client = app.test_client()
    form = lms.answer(begin(lms, client, "student-1"))
    with ThreadPoolExecutor(1) as thread, app.app_context():
        known = db.session.query(Person).one()
        claims = jwt.decode(form.fields["id_token"], options={"verify_signature": False})
        with transaction():
            made = lms_person_id(known.institution_id, str(known.registration_id), claims["sub"])
            answer = thread.submit(lms.post, client, form)
            wait_until_it_waits(answer)
        assert answer.result().status_code == 303
        newest = db.session.query(ToolSession).filter(ToolSession.person_id == made)
        assert newest.count() == 1


def test_a_whole_class_opens_a_new_link(app: Flask, lms: Platform) -> None:
    media_id = add_item(app, "northfield", open_to_links=True)
    link = lms.add_link(media=media_id)
    people = ["student-1", "student-2", "student-3", "assistant", "instructor-1", "instructor-2"]
    answers = launches(app, lms, people, link=link)
    assert {answer.location.partition("?")[0] for answer in answers} == {f"/media/{media_id}"}
    with app.app_context():
        assert db.session.query(LinkNote).one().media_id == media_id
    assert count(app, Publication) == 1
    assert count(app, Person) == len(people)


def test_a_new_deployment_is_made_once(app: Flask, lms: Platform) -> None:
    with app.app_context(), transaction():
        registrations.by_name("northfield").accept_new_deployments = True
    calls = []
    for person in ("student-1", "student-2", "student-3"):
        client = app.test_client()
        location = begin(lms, client, person, lti_deployment_id="9:new")
        form = lms.answer(location, claims={"deployment_id": "9:new"})
        calls.append(lambda client=client, form=form: lms.post(client, form))
    answers = all_at_once(calls)
    assert [answer.status_code for answer in answers] == [303] * 3
    assert count(app, Deployment) == 2
    assert audited(app).count("deployment.accepted") == 1


def test_a_class_from_a_deployment_that_waits_is_noted_once(app: Flask, lms: Platform) -> None:
    calls = []
    for person in ("student-1", "student-2", "student-3"):
        client = app.test_client()
        location = begin(lms, client, person, lti_deployment_id="9:new")
        form = lms.answer(location, claims={"deployment_id": "9:new"})
        calls.append(lambda client=client, form=form: lms.post(client, form))
    answers = all_at_once(calls)
    assert [answer.status_code for answer in answers] == [403] * 3
    assert count(app, Deployment) == 2
    assert audited(app).count("deployment.waiting") == 1
    assert count(app, ToolSession) == count(app, Person) == 0
