"""The pages people see: who they can be, what they can open, and what goes to the tool."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from lms_program import program_of

from sandbox.keys import KeyRing
from sandbox.platform import Platform

FILM = {"title": "A film & more", "media_id": "film1", "kind": "video", "school": "northfield"}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    (tmp_path / "links.json").write_text(json.dumps([FILM]))
    return tmp_path


@pytest.fixture
def browser(keys: KeyRing, state: Path) -> FlaskClient:
    return program_of(Platform(state=state, keys=keys)).test_client()


def test_the_first_page_shows_people_and_activities(browser: FlaskClient) -> None:
    page = browser.get("/").text
    assert "Maria Santos" in page
    assert "Student in BIO 201 and HIS 110" in page
    assert "A film &amp; more" in page
    other = browser.get("/?school=southgate").text
    assert "Paulo Ferreira" in other
    assert "A film" not in other
    assert "Maria Santos" not in other


def test_the_form_leads_to_the_activity(browser: FlaskClient) -> None:
    answer = browser.get("/open?school=northfield&user=student-1&link=201-film1&login=get")
    assert (
        answer.location == "/courses/201/links/201-film1?user=student-1&login=get&school=northfield"
    )


def test_an_activity_holds_the_tool_in_a_frame(browser: FlaskClient) -> None:
    page = browser.get("/courses/201/links/201-film1?user=student-1").text
    assert 'id="tool_content"' in page
    assert 'src="/start/201/201-film1?user=student-1&amp;school=northfield"' in page
    assert "clipboard-write" not in page
    window = browser.get("/courses/201/links/201-film1?user=student-1&target=window").text
    assert "<iframe" not in window
    assert "target=window" in window


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_starting_sends_the_login_to_the_tool(browser: FlaskClient, method: str) -> None:
    page = browser.get(f"/start/201/201-film1?user=assistant&login={method.lower()}").text
    assert f'action="http://127.0.0.1:8000/lti/login" method="{method}"' in page
    assert 'name="login_hint" value="21"' in page
    assert 'name="target_link_uri" value="http://127.0.0.1:8000/lti/launch"' in page


def test_the_list_of_activities_is_read_at_every_request(browser: FlaskClient, state: Path) -> None:
    second = {**FILM, "title": "Another", "media_id": "film2", "course": "110"}
    (state / "links.json").write_text(json.dumps([FILM, second]))
    assert browser.get("/courses/110/links/110-film2?user=student-1").status_code == 200
    for broken in ("{", "{}", "[1]", '[{"title": "x"}]'):
        (state / "links.json").write_text(broken)
        answer = browser.get("/")
        assert answer.status_code == 500
        assert "list of activities is broken" in answer.text
    (state / "links.json").unlink()
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/nowhere",
        "/?school=nowhere",
        "/courses/999?user=student-1",
        "/courses/201?user=nobody",
        "/courses/201/links/nothing?user=student-1",
        "/courses/110/links/201-film1?user=student-1",
        "/courses/201/links/201-film1?user=student-1&school=southgate",
        "/start/110/201-film1?user=student-1",
        "/start/201/201-film1?user=nobody",
        "/open?link=nothing",
    ],
)
def test_what_is_not_there_is_said_in_words(browser: FlaskClient, address: str) -> None:
    answer = browser.get(address)
    assert answer.status_code == 404
    assert "The sandbox says no" in answer.text


def test_a_course_stays_closed_to_others(browser: FlaskClient) -> None:
    for address in ("/courses/110?user=instructor-1", "/courses/110/links/110-1?user=student-2"):
        answer = browser.get(address)
        assert answer.status_code == 403
        assert "is not in Cities and Trade" in answer.text


def test_a_message_from_the_tool_is_shown_as_text(browser: FlaskClient) -> None:
    page = browser.get("/courses/201?user=student-1&lti_errormsg=<b>gone</b>").text
    assert "&lt;b&gt;gone&lt;/b&gt;" in page


def test_an_administrator_may_enter_every_course(browser: FlaskClient) -> None:
    assert "Administrator" in browser.get("/courses/110/links/110-1?user=admin").text
