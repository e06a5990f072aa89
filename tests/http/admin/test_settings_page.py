"""Saving the settings: as an ordinary form, and by the page's script."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from house import SAME_ORIGIN, School, page_of
from werkzeug.test import TestResponse

from lti_tool.core.institutions import registry, settings_of
from lti_tool.people.opening import NewSession
from lti_tool.people.rules import Standing

BY_SCRIPT = {**SAME_ORIGIN, "Accept": "application/json, application/problem+json"}


@pytest.fixture
def administrator(app: Flask, school: School) -> NewSession:
    with app.app_context():
        return school.launched("root", Standing.ADMINISTRATOR)


@pytest.fixture
def client(app: Flask, administrator: NewSession) -> FlaskClient:
    return page_of(app, administrator)


@pytest.fixture
def address(administrator: NewSession) -> str:
    return f"/settings?as={administrator.handle}"


def form(app: Flask, school: School, **changes: str) -> dict[str, str]:
    """The form as it stands, with some fields typed anew."""
    with app.test_request_context():
        values = settings_of(school.institution_id)
        return {name: one.show(values[name]) for name, one in registry().items()} | changes


def in_force(app: Flask, school: School, name: str) -> object:
    with app.app_context():
        return settings_of(school.institution_id)[name]


def fields(page: TestResponse) -> dict[str, str]:
    """What the page says is stored, by setting."""
    found = re.findall(r'data-field="(\w+)" data-stored="([^"]*)"', page.text)
    return dict(found)


def test_a_script_is_told_what_is_stored_now(
    app: Flask, school: School, client: FlaskClient, address: str
) -> None:
    written = form(app, school, blocked_email_domains="Spam.Example; junk.example")
    answer = client.post(address, data=written, headers=BY_SCRIPT)

    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["changed"] == 1
    assert answer.json["values"]["blocked_email_domains"] == "junk.example, spam.example"
    assert answer.json["values"] == fields(client.get(address))


def test_a_script_is_told_what_is_wrong_and_nothing_is_saved(
    app: Flask, school: School, client: FlaskClient, address: str
) -> None:
    written = form(app, school, link_duration="for a while", guest_session="9")
    answer = client.post(address, data=written, headers=BY_SCRIPT)

    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert [one["field"] for one in answer.json["errors"]] == ["link_duration"]
    assert in_force(app, school, "guest_session") == 12


def test_a_script_learns_that_the_session_is_over(app: Flask, school: School, address: str) -> None:
    answer = app.test_client().post(address, data=form(app, school), headers=BY_SCRIPT)

    assert answer.status_code == 401


def test_a_refused_form_shows_what_was_typed_and_says_what_is_stored(
    app: Flask, school: School, client: FlaskClient, address: str
) -> None:
    written = form(app, school, link_duration="for a while", guest_session="9")
    page = client.post(address, data=written, headers=SAME_ORIGIN)

    assert page.status_code == 422
    assert 'name="guest_session" value="9"' in page.text
    assert fields(page)["guest_session"] == "12"
    assert fields(page)["link_duration"] == "1440"


@pytest.mark.parametrize(
    ("chosen", "listed", "stored"),
    [
        ("administrator", "", ["administrator"]),
        ("administrator", "u-1", ["administrator"]),
        ("", "u-1, U-2", ["u-1", "U-2"]),
    ],
)
def test_who_may_invite_is_a_choice_or_a_list(
    app: Flask,
    school: School,
    client: FlaskClient,
    address: str,
    chosen: str,
    listed: str,
    stored: list[str],
) -> None:
    written = form(app, school, allowed_users=chosen, **{"allowed_users-list": listed})
    answer = client.post(address, data=written, headers=SAME_ORIGIN)

    assert answer.status_code == 303
    assert in_force(app, school, "allowed_users") == stored
    page = client.get(address)
    assert fields(page)["allowed_users"] == ", ".join(stored)
    assert len(re.findall(r'name="allowed_users"[^>]*checked', page.text)) == 1


def test_an_empty_list_of_people_is_refused(
    app: Flask, school: School, client: FlaskClient, address: str
) -> None:
    written = form(app, school, allowed_users="", **{"allowed_users-list": " "})
    page = client.post(address, data=written, headers=SAME_ORIGIN)

    assert page.status_code == 422
    assert in_force(app, school, "allowed_users") == ["manager"]
