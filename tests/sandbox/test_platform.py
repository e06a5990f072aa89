"""The platform's side of a launch: what it sends, what it refuses to answer."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from flask import Flask, redirect, request
from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from sandbox import claims as c
from sandbox import payloads
from sandbox.keys import KeyRing, SigningKey
from sandbox.platform import AuthRefused, Platform


def read(token: str, platform: Platform, audience: str = "sandbox-northfield") -> dict[str, Any]:
    """The token's claims, checked as a tool would."""
    keys = jwt.PyJWKSet.from_dict(platform.keys.jwks())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"], audience=audience)
    return claims


def unchecked(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def request_for(platform: Platform, user: str = "student-1", **changes: str) -> dict[str, str]:
    """An authentication request as a good tool makes it, for a launch that has just begun."""
    login = platform.login_params(user)
    request = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": login["client_id"],
        "redirect_uri": platform.launch_url,
        "login_hint": login["login_hint"],
        "lti_message_hint": login["lti_message_hint"],
        "state": "s",
        "nonce": "n",
    }
    return {name: value for name, value in {**request, **changes}.items() if value}


def test_an_honest_launch_reaches_the_tool(
    platform: Platform, tool: FlaskClient, received: list[dict[str, str]]
) -> None:
    link = platform.add_link("A film", media="film1")
    for method in ("GET", "POST"):
        assert platform.launch(tool, "assistant", link, method=method).text == "launched"
        form = received.pop()
        assert form["state"] == "the-state"
        claims = read(form["id_token"], platform)
        assert claims["iss"] == "http://localhost:9000"
        assert claims["nonce"] == "the-nonce"
        assert claims["name"] == "Lena Fischer"
        assert claims[c.CUSTOM] == {"media": "film1"}
        assert claims[c.ROLES] == [c.INSTRUCTOR, c.TEACHING_ASSISTANT]
        assert claims[c.TARGET_LINK_URI] == platform.launch_url


def test_both_schools_use_the_same_ids_under_one_issuer(platform: Platform) -> None:
    first = read(platform.id_token("n", "student-1"), platform)
    second = read(
        platform.id_token("n", "student-1", school="southgate"), platform, "sandbox-southgate"
    )
    same = ("iss", "sub", c.DEPLOYMENT_ID)
    assert [first[name] for name in same] == [second[name] for name in same]
    assert first[c.CONTEXT]["id"] == second[c.CONTEXT]["id"]
    assert (first["aud"], first["email"]) != (second["aud"], second["email"])


def test_an_administrator_has_no_course_role(platform: Platform) -> None:
    claims = read(platform.id_token("n", "admin"), platform)
    assert claims[c.ROLES] == [c.INSTITUTION_ADMINISTRATOR]


def test_login_fields_can_be_replaced_and_left_out(platform: Platform) -> None:
    fields = platform.login_params("student-1", iss="https://x.example", lti_message_hint=None)
    assert fields["iss"] == "https://x.example"
    assert "lti_message_hint" not in fields


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "openid email"}, "invalid_scope"),
        ({"response_type": "code"}, "unsupported_response_type"),
        ({"response_mode": ""}, "invalid_request"),
        ({"prompt": "login"}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
        ({"login_hint": "32"}, "login_required"),
        ({"lti_message_hint": "made up"}, "invalid_request"),
        ({"client_id": "sandbox-southgate"}, "unauthorized_client"),
    ],
)
def test_errors_are_posted_to_the_tool(
    platform: Platform, changes: dict[str, str], error: str
) -> None:
    form = platform.authorize(request_for(platform, **changes))
    assert form.action == platform.launch_url
    assert form.fields["error"] == error
    assert form.fields["error_description"]
    assert form.fields.get("state") == (None if changes.get("state") == "" else "s")
    assert "id_token" not in form.fields


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "unknown"},
        {"client_id": ""},
        {"redirect_uri": ""},
        {"redirect_uri": "https://attacker.example/lti/launch"},
        {"redirect_uri": "http://127.0.0.1:8000/lti/launch?x=1"},
        {"redirect_uri": "http://127.0.0.1:8000/lti/launch/"},
    ],
)
def test_nothing_is_posted_to_an_address_that_is_not_registered(
    platform: Platform, changes: dict[str, str]
) -> None:
    with pytest.raises(AuthRefused):
        platform.authorize(request_for(platform, **changes))


def test_a_launch_is_answered_once_and_only_while_it_is_fresh(keys: KeyRing) -> None:
    time = [datetime(2026, 11, 23, 12, tzinfo=UTC)]
    platform = Platform(keys=keys, now=lambda: time[0])
    request = request_for(platform)
    assert "id_token" in platform.authorize(request).fields
    assert platform.authorize(request).fields["error"] == "invalid_request"
    late = request_for(platform)
    time[0] += timedelta(minutes=11)
    assert platform.authorize(late).fields["error"] == "invalid_request"


def test_a_prepared_launch_differs_once(platform: Platform) -> None:
    platform.prepare_next(drop=["email"], claims={"roles": [""]})
    changed = unchecked(platform.authorize(request_for(platform)).fields["id_token"])
    assert "email" not in changed
    assert changed[c.ROLES] == [""]
    honest = unchecked(platform.authorize(request_for(platform)).fields["id_token"])
    assert "email" in honest


def test_form_fields_can_be_changed(
    platform: Platform, tool: FlaskClient, received: list[dict[str, str]]
) -> None:
    platform.launch(tool, "student-1", fields={"id_token": None, "error": "login_required"})
    assert received == [{"state": "the-state", "error": "login_required"}]


def test_what_the_tool_sent_is_kept(platform: Platform, tool: FlaskClient) -> None:
    platform.launch(tool, "student-1")
    assert platform.auth_requests[-1]["response_mode"] == "form_post"


def test_a_tool_may_first_look_whether_its_cookie_comes_back(platform: Platform) -> None:
    app = Flask("careful tool")

    @app.post("/lti/login")
    def login() -> Response:
        page = Response(
            '<form method="post" action="/lti/login/continue">'
            f'<input type="hidden" name="login_hint" value="{request.form["login_hint"]}">'
            '<button>Go on</button></form><input type="hidden" name="outside" value="1">',
            mimetype="text/html",
        )
        page.set_cookie("__Host-browser", "1", secure=True, samesite="None", partitioned=True)
        return page

    @app.post("/lti/login/continue")
    def resume() -> Response:
        assert request.cookies["__Host-browser"] == "1"
        assert request.headers["Sec-Fetch-Site"] == "same-origin"
        assert request.form.to_dict() == {"login_hint": "31"}
        return redirect("https://elsewhere.example/")

    with pytest.raises(AssertionError, match="elsewhere"):
        platform.launch(app.test_client(), "student-1")


def test_an_answer_is_only_given_at_the_own_address(platform: Platform) -> None:
    with pytest.raises(AssertionError, match="attacker"):
        platform.answer("https://attacker.example/auth?scope=openid")


@pytest.mark.parametrize("alg", ["RS256", "RS384", "RS512"])
def test_other_keys_and_algorithms_really_sign(platform: Platform, alg: str) -> None:
    key = SigningKey.generate()
    token = platform.id_token("n", "student-1", key=key, alg=alg)
    jwt.decode(token, key.public_pem, algorithms=[alg], audience="sandbox-northfield")
    with pytest.raises(jwt.InvalidSignatureError):
        read(platform.id_token("n", "student-1", key=key), platform)


def test_the_confusion_attack_is_a_true_one(platform: Platform) -> None:
    token = platform.id_token("n", "student-1", alg="HS256")
    message, signature = token.rsplit(".", 1)
    digest = hmac.new(platform.keys.current.public_pem, message.encode(), hashlib.sha256).digest()
    assert jwt.utils.base64url_decode(signature) == digest
    assert jwt.get_unverified_header(token)["alg"] == "HS256"


def test_an_unsigned_token_says_so(platform: Platform) -> None:
    token = platform.id_token("n", "student-1", alg="none", drop_headers=["kid"])
    assert token.endswith(".")
    assert jwt.get_unverified_header(token) == {"typ": "JWT", "alg": "none"}


def test_issued_at_moves_both_times(platform: Platform) -> None:
    claims = unchecked(
        platform.id_token("n", "student-1", issued_at=datetime(2020, 1, 1, tzinfo=UTC))
    )
    assert claims["iat"] == 1577836800
    assert claims["exp"] - claims["iat"] == 300


@pytest.mark.parametrize("name", payloads.KNOWN_BAD)
def test_every_bad_launch_can_be_sent(
    platform: Platform, tool: FlaskClient, received: list[dict[str, str]], name: str
) -> None:
    platform.launch(tool, "student-1", **payloads.known_bad(name, platform))
    [sent] = received
    honest = request_for(platform)
    if "id_token" in sent and sent.get("state") == "the-state":
        with pytest.raises((jwt.PyJWTError, KeyError, AssertionError)):
            self_check(sent["id_token"], platform, honest)


def self_check(token: str, platform: Platform, honest: dict[str, str]) -> None:
    """The checks a tool must make, so that no bad launch is good by mistake."""
    keys = jwt.PyJWKSet.from_dict(platform.keys.jwks())
    header = jwt.get_unverified_header(token)
    assert header["alg"] == "RS256"
    claims = jwt.decode(
        token,
        keys[header["kid"]],
        algorithms=["RS256"],
        audience=honest["client_id"],
        issuer=platform.issuer,
        options={"require": ["exp", "iat", "sub", "aud", "iss"], "strict_aud": False},
    )
    assert claims["sub"]
    assert claims["nonce"] == "the-nonce"
    assert claims["exp"] - claims["iat"] < 4000
    assert claims["aud"] in (honest["client_id"], [honest["client_id"]])
    assert claims.get("azp", honest["client_id"]) == honest["client_id"]
    assert claims[c.VERSION] == "1.3.0"
    assert claims[c.MESSAGE_TYPE] == "LtiResourceLinkRequest"
    assert claims[c.DEPLOYMENT_ID] == "1"
    assert claims[c.TARGET_LINK_URI] == platform.launch_url
    assert isinstance(claims[c.ROLES], list)
    link = claims[c.RESOURCE_LINK]
    assert isinstance(link, dict)
    assert link["id"]


@pytest.mark.parametrize("name", payloads.KNOWN_GOOD)
def test_every_good_launch_is_valid(platform: Platform, name: str) -> None:
    options = payloads.known_good(name, platform)
    token = platform.authorize(
        request_for(platform, "instructor-1", nonce="the-nonce"), **options
    ).fields["id_token"]
    self_check(token, platform, request_for(platform))


@pytest.mark.parametrize("name", payloads.MALFORMED)
def test_every_malformed_launch_is_well_signed(platform: Platform, name: str) -> None:
    options = payloads.malformed(name, platform)
    token = platform.authorize(request_for(platform), **options).fields["id_token"]
    key = jwt.PyJWKSet.from_dict(platform.keys.jwks())[jwt.get_unverified_header(token)["kid"]]
    assert jwt.PyJWS().decode(token, key, algorithms=["RS256"])
