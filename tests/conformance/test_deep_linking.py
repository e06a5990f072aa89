"""LTI Advantage tool certification, §6.2: a dialog is opened, answered, and what came works."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from factories import SAME_ORIGIN
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import add_item, assert_entered, carried_back

from sandbox.platform import Platform
from sandbox.services.dialogs import Returned

OPEN = {"placement": "certification"}


@pytest.fixture
def film(app: Flask, suite: Platform) -> str:
    return add_item(app, suite.schools[0].key, suite.sub_of("instructor-1"), title="Owls")


def chosen(suite: Platform, client: FlaskClient, *media_ids: str) -> Returned:
    """Choose these in the dialog and let the browser carry them back; what the suite says of it."""
    launched = suite.launch(client, "instructor-1", how=OPEN)  # type: ignore[arg-type]
    handle = assert_entered(launched)
    assert urlsplit(launched.location).path == "/choose"
    path = "/choose" if media_ids else "/choose/cancel"
    page = client.post(
        path,
        query_string={"as": handle},
        data={"media_id": list(media_ids)},
        headers=SAME_ORIGIN,
    )
    return carried_back(suite, page)


def test_6_2_1_the_request_opens_the_dialog(
    suite: Platform, client: FlaskClient, film: str
) -> None:
    """The recorded request has `data`, but neither a target nor a language."""
    launched = suite.launch(client, "instructor-1", how=OPEN)  # type: ignore[arg-type]
    assert_entered(launched)
    page = client.get(launched.location)
    assert page.status_code == 200
    assert film in page.text


def test_6_2_2_to_7_the_answer_is_received_and_all_of_it_is_right(
    suite: Platform, client: FlaskClient, film: str
) -> None:
    """Format, times, signature and the claims that must be there; `data` comes back."""
    returned = chosen(suite, client, film)
    assert returned.refusal == ""
    assert returned.notices == ()
    assert returned.claims["https://purl.imsglobal.org/spec/lti-dl/claim/data"] == "909708"
    (item,) = returned.items
    assert item["type"] == "ltiResourceLink"
    assert item["title"] == "Owls"


def test_several_are_taken_and_none_is_an_answer_too(
    app: Flask, suite: Platform, client: FlaskClient, film: str
) -> None:
    other = add_item(app, suite.schools[0].key, suite.sub_of("instructor-1"), title="Herons")
    assert [item["title"] for item in chosen(suite, client, film, other).items] == [
        "Owls",
        "Herons",
    ]
    assert chosen(suite, client).cancelled


def test_6_2_8_the_link_that_was_made_opens_what_was_chosen(
    app: Flask, suite: Platform, client: FlaskClient, film: str
) -> None:
    (link,) = chosen(suite, client, film).links
    student = app.test_client()
    launched = suite.launch(student, "student-1", link)
    assert_entered(launched)
    assert parse_qs(urlsplit(launched.location).query)
    assert urlsplit(launched.location).path == f"/media/{film}"
    assert "Owls" in student.get(launched.location).text
