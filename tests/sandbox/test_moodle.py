"""The moodle profile: how Moodle's side of a launch really behaves."""

from __future__ import annotations

import json
import time

import pytest
from lms_program import program_of
from profile_scene import answered, asked, claims_of, verified

from sandbox import claims as c
from sandbox.keys import KeyRing
from sandbox.platform import AuthRefused, Platform
from sandbox.profiles import MoodleProfile


@pytest.fixture
def moodle(keys: KeyRing) -> Platform:
    return Platform(profile=MoodleProfile(), keys=keys)


def test_the_login(moodle: Platform) -> None:
    login = moodle.login_params("student-1")
    assert login["login_hint"] == "31"
    hint = json.loads(login["lti_message_hint"])
    assert hint["launchid"].startswith(f"ltilaunch{hint['cmid']}_")
    assert "lti_storage_target" not in login


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "openid email"}, "invalid_scope"),
        ({"response_type": "code"}, "unsupported_response_type"),
        ({"response_mode": "query"}, "invalid_request"),
        ({"prompt": "login"}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"lti_message_hint": "377"}, "invalid_request"),
        ({"lti_message_hint": '{"cmid":1}'}, "invalid_request"),
        ({"login_hint": "32"}, "access_denied"),
    ],
)
def test_errors_are_posted_to_the_tool(
    moodle: Platform, changes: dict[str, str], error: str
) -> None:
    form = answered(moodle, "student-1", **changes)
    assert (form.action, form.fields["error"]) == (moodle.launch_url, error)


def test_prompt_and_state_may_be_missing(moodle: Platform) -> None:
    assert set(answered(moodle, "student-1", prompt="", state="").fields) == {"id_token"}


def test_a_launch_is_used_once(moodle: Platform) -> None:
    request = asked(moodle, moodle.login_params("student-1"))
    assert set(moodle.authorize(request).fields) == {"id_token", "state"}
    assert moodle.authorize(request).fields["error"] == "invalid_request"


def test_redirect_addresses_are_exact(moodle: Platform) -> None:
    with pytest.raises(AuthRefused):
        answered(moodle, "student-1", redirect_uri=f"{moodle.launch_url}?x=1")


def test_a_request_from_another_site_is_sent_again_by_its_own_page(moodle: Platform) -> None:
    browser = program_of(moodle).test_client()
    request = asked(moodle, moodle.login_params("student-1"))
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    page = browser.get("/mod/lti/auth.php", query_string=request, headers=elsewhere).text
    assert 'action="/mod/lti/auth.php" method="POST"' in page
    assert 'name="repost" value="true"' in page
    assert 'name="id_token"' not in page
    reposted = {**request, "repost": "true"}
    wrong = browser.post("/mod/lti/auth.php", data=reposted, headers=elsewhere)
    assert wrong.status_code == 400
    same = {"Sec-Fetch-Site": "same-origin"}
    page = browser.post("/mod/lti/auth.php", data=reposted, headers=same).text
    assert 'name="id_token"' in page
    assert list(moodle.auth_requests) == [request]


def test_the_token_lives_a_minute_and_spells_shortly(moodle: Platform) -> None:
    token = answered(moodle, "student-1").fields["id_token"]
    claims = verified(moodle, token)
    assert claims["exp"] - claims["iat"] == 60
    assert (claims["sub"], claims[c.DEPLOYMENT_ID]) == ("31", "2")
    assert claims[c.CONTEXT]["type"] == ["CourseSection"]
    assert claims[c.RESOURCE_LINK]["id"].isdigit()
    assert claims[c.LIS] == {"person_sourcedid": "", "course_section_sourcedid": ""}
    assert "locale" not in claims
    assert claims[c.LAUNCH_PRESENTATION]["locale"] == "en"
    assert "sesskey=" in claims[c.LAUNCH_PRESENTATION]["return_url"]
    spanish = claims_of(moodle, "student-1", how={"locale": "es-MX"})
    assert spanish[c.LAUNCH_PRESENTATION]["locale"] == "es_mx"


def test_custom_parameters_come_twice(moodle: Platform) -> None:
    link = moodle.add_link(custom={"Media.Id": "film1", "plain": "$Context.id"})
    custom = claims_of(moodle, "student-1", link)[c.CUSTOM]
    assert custom == {
        "context_history": "",
        "link_history": "$ResourceLink.id.history",
        "media_id": "film1",
        "Media.Id": "film1",
        "plain": "201",
    }


@pytest.mark.parametrize(
    ("user", "roles"),
    [
        ("instructor-1", [c.INSTRUCTOR]),
        ("assistant", [c.INSTRUCTOR]),
        ("student-1", [c.LEARNER]),
        ("admin", [c.INSTITUTION_ADMINISTRATOR, c.INSTRUCTOR, c.SYSTEM_ADMINISTRATOR]),
    ],
)
def test_roles(moodle: Platform, user: str, roles: list[str]) -> None:
    assert claims_of(moodle, user)[c.ROLES] == roles


def test_privacy(moodle: Platform) -> None:
    assert "email" in claims_of(moodle, "student-1")
    moodle.privacy = "anonymous"
    claims = claims_of(moodle, "student-1")
    assert not {"name", "given_name", "family_name", "email"} & set(claims)
    assert claims[c.CLAIM + "ext"] == {"lms": "moodle-2"}


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [("clock ahead", 45), ("clock far ahead", 900), ("clock behind", -45)],
)
def test_the_clock_may_be_wrong(moodle: Platform, fault: str, seconds: int) -> None:
    moodle.turn(fault)
    token = moodle.id_token("n", "student-1")
    issued = verified(moodle, token)["iat"]
    assert abs(issued - time.time() - seconds) < 30


def test_access_may_be_denied(moodle: Platform) -> None:
    moodle.turn("access denied")
    assert answered(moodle, "student-1").fields["error"] == "access_denied"


def test_a_dialog(moodle: Platform) -> None:
    claims = claims_of(moodle, "instructor-1", how={"placement": "ContentArea"})
    settings = claims[c.DEEP_LINKING_SETTINGS]
    assert list(settings) == sorted(settings)
    assert settings["accept_multiple"] is True
    assert settings["accept_presentation_document_targets"] == ["frame", "iframe", "window"]
    assert "data" not in settings


def test_there_is_one_key() -> None:
    assert len(Platform(profile=MoodleProfile()).jwks()["keys"]) == 1
