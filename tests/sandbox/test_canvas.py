"""The canvas profile: how Canvas's side of a launch really behaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from lms_program import program_of
from profile_scene import answered, asked, claims_of, verified

from sandbox import claims as c
from sandbox.keys import KeyRing
from sandbox.platform import AuthRefused, Platform
from sandbox.profiles import CanvasProfile
from sandbox.profiles.canvas import PLACEMENT


@pytest.fixture
def canvas(keys: KeyRing) -> Platform:
    return Platform(profile=CanvasProfile(), keys=keys)


def test_issuer_logins_and_schools_are_three_places(canvas: Platform) -> None:
    north, south = (canvas.registration(school) for school in canvas.schools)
    assert north.issuer == south.issuer == "http://127.0.0.3:9000"
    assert north.auth_url == south.auth_url
    assert north.auth_url == "http://127.0.0.4:9000/api/lti/authorize_redirect"
    assert north.token_url == "http://127.0.0.5:9000/login/oauth2/token"
    assert south.frame_origin == "http://127.0.0.6:9000"
    assert (north.client_id, north.deployment_id) != (south.client_id, south.deployment_id)
    assert canvas.sub_of("student-1", "northfield") == canvas.sub_of("student-1", "southgate")


def test_the_login(canvas: Platform) -> None:
    login = canvas.login_params("student-1")
    assert login["deployment_id"] == canvas.registration().deployment_id
    assert "lti_deployment_id" not in login
    assert login["canvas_environment"] == "prod"
    assert login["lti_storage_target"] == "post_message_forwarding"
    hint = jwt.decode(login["lti_message_hint"], options={"verify_signature": False})
    assert hint["exp"] - hint["iat"] == 300
    for fault, name, value in (
        ("parent storage", "lti_storage_target", "_parent"),
        ("no storage", "lti_storage_target", None),
        ("both deployment ids", "lti_deployment_id", login["deployment_id"]),
    ):
        canvas.turn(fault)
        assert canvas.login_params("student-1").get(name) == value
        canvas.turn(fault, on=False)


def test_the_common_address_sends_on_to_the_school(canvas: Platform) -> None:
    browser = program_of(canvas).test_client()
    request = asked(canvas, canvas.login_params("student-1", school="southgate"))
    sent = browser.post("/api/lti/authorize_redirect", data=request)
    assert sent.location.startswith("http://127.0.0.6:9000/api/lti/authorize?")
    canvas.turn("cookie page")
    page = browser.get(sent.location).text
    assert 'action="/api/lti/authorize" method="GET"' in page
    page = browser.get(sent.location + "&once_more=1").text
    assert 'name="authenticity_token"' in page
    assert 'name="id_token"' in page


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"prompt": ""}, "invalid_request_object"),
        ({"lti_message_hint": ""}, "invalid_request_object"),
        ({"scope": "openid email"}, "invalid_request_object"),
        ({"lti_message_hint": "made.up.hint"}, "launch_no_longer_valid"),
        ({"login_hint": "somebody else"}, "login_required"),
        ({"client_id": "170000000000123"}, "unauthorized_client"),
    ],
)
def test_errors_are_posted_to_the_tool(
    canvas: Platform, changes: dict[str, str], error: str
) -> None:
    form = answered(canvas, "student-1", **changes)
    assert (form.action, form.fields["error"]) == (canvas.launch_url, error)
    assert form.fields["state"] == "the-state"


def test_the_state_may_be_missing(canvas: Platform) -> None:
    assert "state" not in answered(canvas, "student-1", state="").fields


def test_a_launch_is_used_once_and_for_five_minutes(keys: KeyRing) -> None:
    time = [datetime(2026, 11, 23, 12, tzinfo=UTC)]
    canvas = Platform(profile=CanvasProfile(), keys=keys, now=lambda: time[0])
    request = asked(canvas, canvas.login_params("student-1"))
    assert "id_token" in canvas.authorize(request).fields
    assert canvas.authorize(request).fields["error"] == "launch_no_longer_valid"
    late = asked(canvas, canvas.login_params("student-1"))
    time[0] += timedelta(minutes=6)
    assert canvas.authorize(late).fields["error"] == "launch_no_longer_valid"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("login required", "login_required"),
        ("launch no longer valid", "launch_no_longer_valid"),
        ("key off", "unauthorized_client"),
    ],
)
def test_faults(canvas: Platform, fault: str, error: str) -> None:
    canvas.turn(fault)
    assert answered(canvas, "student-1").fields["error"] == error
    canvas.turn(fault, on=False)
    assert "id_token" in answered(canvas, "student-1").fields


def test_redirect_addresses(canvas: Platform) -> None:
    with_query = f"{canvas.launch_url}?session=1"
    assert answered(canvas, "student-1", redirect_uri=with_query).action == with_query
    canvas.redirect_uris = (f"{canvas.launch_url}?a=1",)
    with pytest.raises(AuthRefused):
        answered(canvas, "student-1")
    assert answered(canvas, "student-1", redirect_uri=f"{canvas.launch_url}?b=2&a=1").fields
    with pytest.raises(AuthRefused):
        answered(canvas, "student-1", redirect_uri="https://elsewhere.example/")
    canvas.redirect_uris = None
    canvas.turn("unregistered redirect")
    with pytest.raises(AuthRefused):
        answered(canvas, "student-1")


def test_the_token(canvas: Platform) -> None:
    form = answered(canvas, "student-1")
    claims = verified(canvas, form.fields["id_token"])
    assert form.fields["lti_storage_target"] == "post_message_forwarding"
    assert claims["azp"] == claims["aud"] == "10000000000001"
    assert claims["locale"] == claims[c.LAUNCH_PRESENTATION]["locale"] == "en"
    assert len(claims[c.CONTEXT]["id"]) == 40
    assert claims[c.CUSTOM]["masquerading_user"] == "$Canvas.masqueradingUser.userId"
    assert "jti" not in claims


_U, _I, _S = c.SYSTEM_USER, c.INSTITUTION_INSTRUCTOR, c.INSTITUTION_STUDENT


@pytest.mark.parametrize(
    ("user", "roles"),
    [
        ("instructor-1", [_I, c.INSTRUCTOR, _U]),
        ("student-2", [_S, c.LEARNER, _U]),
        ("designer", [_I, c.CONTENT_DEVELOPER, _U]),
        ("observer", [c.MENTOR, _U]),
        ("test-student", [c.LEARNER, c.TEST_USER, _U]),
        ("admin", [c.INSTITUTION_ADMINISTRATOR, _U]),
        ("elsewhere", [_I, _S, c.LEARNER, _U]),
        ("concluded", [_S, _U]),
        ("visitor", [c.SYSTEM_NONE]),
        # Assistant here, student in the other course.
        ("assistant", [_I, _S, c.INSTRUCTOR, c.TEACHING_ASSISTANT, _U]),
    ],
)
def test_roles(canvas: Platform, user: str, roles: list[str]) -> None:
    assert claims_of(canvas, user)[c.ROLES] == sorted(roles)


def test_a_visitor_has_no_sub(canvas: Platform) -> None:
    claims = claims_of(canvas, "visitor")
    assert not {"sub", "name", "email", c.LIS} & set(claims)


@pytest.mark.parametrize(
    ("privacy", "shown"),
    [
        ("public", {"name", "email", "picture", "lis"}),
        ("name_only", {"name", "lis"}),
        ("email_only", {"email"}),
        ("anonymous", set()),
    ],
)
def test_privacy_levels(canvas: Platform, privacy: str, shown: set[str]) -> None:
    canvas.privacy = privacy
    claims = claims_of(canvas, "observer")
    short = {"lis" if name == c.LIS else name for name in claims}
    assert short & {"name", "email", "picture", "lis"} == shown
    assert claims["sub"]
    mentored = [canvas.sub_of("student-1")] if privacy == "public" else None
    assert claims.get(c.ROLE_SCOPE_MENTOR) == mentored


def test_the_menu_has_one_link_for_the_course(canvas: Platform) -> None:
    claims = claims_of(canvas, "student-1", "201-menu")
    assert claims[c.RESOURCE_LINK]["id"] == claims[c.CONTEXT]["id"]
    assert claims[PLACEMENT] == "course_navigation"
    assert claims[c.CUSTOM]["show"] == "gallery"
    assert PLACEMENT not in claims_of(canvas, "student-1")


def test_an_administrator_acts_as_a_student(canvas: Platform) -> None:
    claims = claims_of(canvas, "student-1", how={"acting": "admin"})
    assert claims["sub"] == canvas.sub_of("student-1")
    assert claims[c.CUSTOM]["masquerading_user"] == canvas.sub_of("admin")


def test_a_dialog_for_each_placement(canvas: Platform) -> None:
    for placement in canvas.profile.placements:
        claims = claims_of(canvas, "instructor-1", how={"placement": placement.key})
        settings = claims[c.DEEP_LINKING_SETTINGS]
        assert claims[PLACEMENT] == placement.key
        assert settings["accept_types"] == list(placement.accept_types)
        assert "data" not in settings
        assert f"placement={placement.key}" in settings["deep_link_return_url"]
    assert len(canvas.dialogs) == 11


def test_stray_members(canvas: Platform) -> None:
    canvas.turn("stray members")
    claims = claims_of(canvas, "student-1")
    assert claims["errors"] == {"errors": {}}
    assert claims[c.CONTEXT]["validation_context"] is None
    assert claims[c.CONTEXT]["title"] == "Life in Running Water"
    assert claims[c.RESOURCE_LINK]["title"] is None


def test_there_are_past_present_and_future_keys() -> None:
    canvas = Platform(profile=CanvasProfile())
    kids = [key["kid"] for key in canvas.jwks()["keys"]]
    assert len(kids) == 3
    canvas.keys.rotate()
    assert canvas.jwks()["keys"][0]["kid"] == kids[1]
    assert kids[0] in [key["kid"] for key in canvas.jwks()["keys"]]
