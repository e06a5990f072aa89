"""Saving the settings: as an ordinary form, and by the page's script."""

from __future__ import annotations

import re

import pytest
from factories import SAME_ORIGIN, School, browser, page_of
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from html_form import form_of
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import db
from lti_tool.core.institutions import SettingError, registry, settings_of
from lti_tool.people.rules import Standing
from lti_tool.people.session_store import NewSession

IN_MINUTES = {"link_duration-unit": "minutes"}
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


def form(client: FlaskClient, address: str, **changes: str) -> dict[str, str]:
    """What the page's form sends, with some fields typed anew."""
    return form_of(client.get(address).text, "data-guarded") | changes


def in_force(app: Flask, school: School, name: str) -> object:
    with app.app_context():
        return settings_of(school.institution_id)[name]


def fields(page: TestResponse) -> dict[str, str]:
    """What the page says is stored, by setting."""
    found = re.findall(r'name="shown-(\w+)" value="([^"]*)"', page.text)
    return dict(found)


def changes(app: Flask) -> list[tuple[str | None, object, object]]:
    """The audit trail of settings: which, from what, to what."""
    with app.app_context():
        records = db.session.scalars(
            select(AuditRecord)
            .where(AuditRecord.action == "setting.changed")
            .order_by(AuditRecord.subject_id)
        )
        return [(one.subject_id, one.details["before"], one.details["after"]) for one in records]


def test_a_script_is_told_what_is_stored_now(client: FlaskClient, address: str) -> None:
    written = form(client, address, blocked_email_domains="Spam.Example; junk.example")
    answer = client.post(address, data=written, headers=BY_SCRIPT)

    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["changed"] == 1
    assert answer.json["values"]["blocked_email_domains"] == "junk.example, spam.example"
    assert answer.json["values"] == fields(client.get(address))


def test_a_script_is_told_what_is_wrong_and_nothing_is_saved(
    app: Flask, school: School, client: FlaskClient, address: str
) -> None:
    written = form(client, address, link_duration="for a while", guest_session="9")
    answer = client.post(address, data=written, headers=BY_SCRIPT)

    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert [one["field"] for one in answer.json["errors"]] == ["link_duration"]
    assert in_force(app, school, "guest_session") == 12


def test_a_script_learns_that_the_session_is_over(
    app: Flask, client: FlaskClient, address: str
) -> None:
    answer = app.test_client().post(address, data=form(client, address), headers=BY_SCRIPT)

    assert answer.status_code == 401


def test_a_refused_form_shows_what_was_typed_and_says_what_is_stored(
    app: Flask, school: School, client: FlaskClient, address: str
) -> None:
    written = form(client, address, link_duration="for a while", guest_session="9")
    page = client.post(address, data=written, headers=SAME_ORIGIN)

    assert page.status_code == 422
    assert 'name="guest_session" value="9"' in page.text
    assert 'name="link_duration" value="for a while"' in page.text
    assert fields(page)["guest_session"] == "12"
    assert fields(page)["link_duration"] == "1440"


@pytest.mark.parametrize(
    ("chosen", "listed", "stored"),
    [
        ("administrator", "", ["administrator"]),
        ("administrator", "u-1", ["administrator"]),
        ("", "Managers", ["manager"]),
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
    written = form(client, address, allowed_users=chosen, **{"allowed_users-list": listed})
    answer = client.post(address, data=written, headers=SAME_ORIGIN)

    assert answer.status_code == 303
    assert in_force(app, school, "allowed_users") == stored
    page = client.get(address)
    assert fields(page)["allowed_users"] == ", ".join(stored)
    assert len(re.findall(r'name="allowed_users"[^>]*checked', page.text)) == 1


def test_an_empty_list_of_people_is_refused(
    app: Flask, school: School, client: FlaskClient, address: str
) -> None:
    written = form(client, address, allowed_users="", **{"allowed_users-list": " "})
    page = client.post(address, data=written, headers=SAME_ORIGIN)

    assert page.status_code == 422
    assert in_force(app, school, "allowed_users") == ["manager"]


@pytest.fixture
def second(app: Flask, school: School) -> NewSession:
    """Another administrator."""
    with app.app_context():
        return school.launched("second root", Standing.ADMINISTRATOR)


@pytest.fixture
def colleague(app: Flask, second: NewSession) -> FlaskClient:
    return browser(app, second)


@pytest.fixture
def elsewhere(second: NewSession) -> str:
    """The colleague's page."""
    return f"/settings?as={second.handle}"


def without(form: dict[str, str], *names: str) -> dict[str, str]:
    """The form of a page that never showed these settings."""
    unknown = {field for name in names for field in (name, f"{name}-list", f"shown-{name}")}
    return {field: value for field, value in form.items() if field not in unknown}


@pytest.mark.parametrize("headers", [SAME_ORIGIN, BY_SCRIPT])
def test_a_form_that_never_showed_a_setting_leaves_it_alone(
    app: Flask, school: School, client: FlaskClient, address: str, headers: dict[str, str]
) -> None:
    """It was rendered before the setting existed, or lost some fields on its way."""
    client.post(
        address,
        data=form(client, address, blocked_email_domains="spam.example"),
        headers=SAME_ORIGIN,
    )
    written = without(
        form(client, address, guest_session="9"),
        "managers_co_publish",
        "allowed_users",
        "blocked_email_domains",
        "link_duration",
        "email_check",
        "accent_colour",
    )
    answer = client.post(address, data=written, headers=headers)

    assert answer.status_code == (200 if headers is BY_SCRIPT else 303), answer.text
    assert changes(app) == [
        ("blocked_email_domains", [], ["spam.example"]),
        ("guest_session", 12, 9),
    ]
    assert in_force(app, school, "managers_co_publish") is True


@pytest.mark.parametrize(
    "lost", ["guest_session", "blocked_email_domains", "allowed_users", "email_check"]
)
def test_a_field_that_was_lost_on_the_way_is_no_empty_one(
    app: Flask, client: FlaskClient, address: str, lost: str
) -> None:
    client.post(
        address,
        data=form(client, address, blocked_email_domains="spam.example"),
        headers=SAME_ORIGIN,
    )
    before = changes(app)
    written = form(client, address)
    written.pop(lost)
    written.pop(f"{lost}-list", None)
    answer = client.post(address, data=written, headers=SAME_ORIGIN)

    assert answer.status_code == 303, answer.text
    assert changes(app) == before


def test_a_switch_that_is_shown_can_be_switched_off(
    app: Flask, client: FlaskClient, address: str
) -> None:
    written = form(client, address)
    assert written.pop("managers_co_publish") == "on"
    client.post(address, data=written, headers=SAME_ORIGIN)

    assert changes(app) == [("managers_co_publish", True, False)]
    assert "managers_co_publish" not in form(client, address), "an unchecked box sends nothing"
    client.post(address, data=form(client, address, managers_co_publish="on"), headers=SAME_ORIGIN)
    assert len(changes(app)) == 2


def test_a_setting_that_there_is_no_longer_does_not_lose_the_rest(
    app: Flask, client: FlaskClient, address: str
) -> None:
    written = form(
        client, address, guest_session="9", **{"shown-once_upon": "on", "once_upon": "off"}
    )
    answer = client.post(address, data=written, headers=SAME_ORIGIN)

    assert answer.status_code == 303
    assert changes(app) == [("guest_session", 12, 9)]


@pytest.mark.parametrize("headers", [SAME_ORIGIN, BY_SCRIPT])
def test_what_comes_without_what_was_shown_is_meant_and_what_does_not_come_is_not(
    app: Flask, client: FlaskClient, address: str, headers: dict[str, str]
) -> None:
    """A page of an earlier version, or a program: no switch goes off because it is not named."""
    answer = client.post(address, data={"guest_session": "9"}, headers=headers)
    assert answer.status_code in (200, 303)
    assert changes(app) == [("guest_session", 12, 9)]

    switched = {"managers_co_publish": "off", "one_device": "on", "once_upon": "off"}
    client.post(address, data=switched, headers=headers)
    assert changes(app) == [("guest_session", 12, 9), ("managers_co_publish", True, False)]


@pytest.mark.parametrize("headers", [SAME_ORIGIN, BY_SCRIPT])
def test_a_form_that_names_nothing_changes_nothing_and_says_so(
    app: Flask, client: FlaskClient, address: str, headers: dict[str, str]
) -> None:
    answer = client.post(address, data={"form_token": "x"}, headers=headers)
    if answer.status_code == 303:
        assert "Nothing was changed." in client.get(answer.location).text
    else:
        assert answer.get_json()["changed"] == 0
    assert changes(app) == []


@pytest.mark.parametrize("headers", [SAME_ORIGIN, BY_SCRIPT])
def test_an_older_page_does_not_put_back_what_somebody_else_changed(
    app: Flask,
    school: School,
    client: FlaskClient,
    colleague: FlaskClient,
    elsewhere: str,
    address: str,
    headers: dict[str, str],
) -> None:
    older = form(client, address, guest_session="9")
    newer = form(
        colleague,
        elsewhere,
        link_duration="77",
        **IN_MINUTES,
        blocked_email_domains="spam.example",
        allowed_users="administrator",
    )
    newer.pop("one_device")
    colleague.post(elsewhere, data=newer, headers=SAME_ORIGIN)
    client.post(address, data=older, headers=headers)

    assert changes(app) == [
        ("allowed_users", ["manager"], ["administrator"]),
        ("blocked_email_domains", [], ["spam.example"]),
        ("guest_session", 12, 9),
        ("link_duration", 1440, 77),
        ("one_device", True, False),
    ]


def test_who_changes_the_same_setting_last_is_heard_and_both_are_audited(
    app: Flask,
    school: School,
    client: FlaskClient,
    colleague: FlaskClient,
    elsewhere: str,
    address: str,
) -> None:
    older = form(client, address, guest_session="9")
    colleague.post(
        elsewhere, data=form(colleague, elsewhere, guest_session="7"), headers=SAME_ORIGIN
    )
    answer = client.post(address, data=older, headers=BY_SCRIPT)

    assert answer.json is not None
    assert answer.json["changed"] == 1
    assert in_force(app, school, "guest_session") == 9
    assert ("guest_session", 7, 9) in changes(app)


def test_what_somebody_else_typed_already_is_no_change(
    app: Flask, client: FlaskClient, colleague: FlaskClient, elsewhere: str, address: str
) -> None:
    older = form(client, address, guest_session="9")
    colleague.post(
        elsewhere, data=form(colleague, elsewhere, guest_session="9"), headers=SAME_ORIGIN
    )
    answer = client.post(address, data=older, headers=SAME_ORIGIN)

    assert "Nothing was changed." in client.get(answer.location).text
    assert len(changes(app)) == 1


def test_another_spelling_of_what_was_shown_is_no_change(
    app: Flask, client: FlaskClient, colleague: FlaskClient, elsewhere: str, address: str
) -> None:
    client.post(
        address,
        data=form(client, address, blocked_email_domains="a.example, b.example"),
        headers=SAME_ORIGIN,
    )
    older = form(client, address, blocked_email_domains="B.example;\r\na.example ")
    colleague.post(
        elsewhere,
        data=form(colleague, elsewhere, blocked_email_domains="c.example"),
        headers=SAME_ORIGIN,
    )
    answer = client.post(address, data=older, headers=BY_SCRIPT)

    assert answer.json is not None
    assert answer.json["changed"] == 0
    assert answer.json["values"]["blocked_email_domains"] == "c.example"


def test_a_refused_form_shows_what_somebody_else_changed_meanwhile(
    app: Flask, client: FlaskClient, colleague: FlaskClient, elsewhere: str, address: str
) -> None:
    """Else its second try would put that back: it would differ from what the new page showed."""
    older = form(client, address, guest_session="for ever")
    colleague.post(
        elsewhere,
        data=form(colleague, elsewhere, link_duration="77", **IN_MINUTES),
        headers=SAME_ORIGIN,
    )
    page = client.post(address, data=older, headers=SAME_ORIGIN)
    assert page.status_code == 422
    again = form_of(page.text, "data-guarded")
    assert again["guest_session"] == "for ever"
    assert again["link_duration"] == "77"
    client.post(address, data=again | {"guest_session": "9"}, headers=SAME_ORIGIN)

    assert changes(app) == [("guest_session", 12, 9), ("link_duration", 1440, 77)]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ({"link_duration": "2", "link_duration-unit": "days"}, ("link_duration", 2880)),
        ({"link_duration": "36", "link_duration-unit": "hours"}, ("link_duration", 2160)),
        ({"guest_session": "7", "guest_session-unit": "days"}, ("guest_session", 168)),
        ({"link_duration": "2 days", "link_duration-unit": "hours"}, ("link_duration", 2880)),
        ({"link_duration": "90 min", "link_duration-unit": "days"}, ("link_duration", 90)),
        ({"link_reusability-unlimited": "on"}, ("link_reusability", -1)),
        ({"link_reusability": "-1"}, ("link_reusability", -1)),
    ],
)
def test_lengths_have_units_and_no_limit_is_a_box(
    app: Flask,
    school: School,
    client: FlaskClient,
    address: str,
    typed: dict[str, str],
    stored: tuple[str, object],
) -> None:
    answer = client.post(address, data=form(client, address) | typed, headers=SAME_ORIGIN)

    assert answer.status_code == 303
    name, value = stored
    assert in_force(app, school, name) == value
    again = form(client, address)
    assert client.post(address, data=again, headers=SAME_ORIGIN).status_code == 303
    assert in_force(app, school, name) == value
    assert len(changes(app)) == 1


def test_a_limit_comes_back_when_the_box_is_empty(
    app: Flask, school: School, client: FlaskClient, address: str
) -> None:
    endless = form(client, address) | {"link_reusability-unlimited": "on"}
    client.post(address, data=endless, headers=SAME_ORIGIN)
    limited = form(client, address)
    assert limited.pop("link_reusability-unlimited") == "on"

    client.post(address, data=limited | {"link_reusability": "3"}, headers=SAME_ORIGIN)

    assert in_force(app, school, "link_reusability") == 3


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "he"])
def test_the_lengths_that_a_sentence_suggests_are_understood(app: Flask, language: str) -> None:
    with app.test_request_context(), force_locale(language):
        duration = registry()["link_duration"]
        with pytest.raises(SettingError) as caught:
            duration.parse("soon")
        suggested = re.findall(r"\d+ [^\W\d]+", str(caught.value))
        assert [duration.parse(one) for one in suggested] == [2880, 720, 90]
