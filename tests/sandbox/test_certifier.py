"""The certifier profile: the thirty launches of the certification, and its dialog."""

from __future__ import annotations

import jwt
import pytest
from profile_scene import answered, asked, claims_of

from sandbox import certification
from sandbox import claims as c
from sandbox.certification import CASES, OTHER_RUNS, Case
from sandbox.keys import KeyRing
from sandbox.platform import Platform
from sandbox.profiles import CertifierProfile, PlainProfile


@pytest.fixture
def suite(keys: KeyRing) -> Platform:
    return Platform(profile=CertifierProfile(), keys=keys)


def sent(suite: Platform, case: Case) -> tuple[dict[str, object], dict[str, object]]:
    """Header and payload of the launch as it reaches the tool."""
    token = answered(suite, case.user, {"options": case.options}).fields["id_token"]
    header, payload, _ = token.split(".")
    read = [jwt.utils.base64url_decode(part) for part in (header, payload)]
    return tuple(map(jwt.api_jws.json.loads, read))  # type: ignore[return-value]


def test_there_are_twelve_bad_and_eighteen_good(suite: Platform) -> None:
    assert suite.certification is certification.CASES
    assert [case.good for case in CASES.values()] == [False] * 12 + [True] * 18
    assert not Platform(profile=PlainProfile(), keys=suite.keys).certification


def test_what_is_like_the_recorded_suites(suite: Platform) -> None:
    login = suite.login_params("instructor-1")
    assert login["iss"] == "https://ltiadvantagevalidator.imsglobal.org"
    header, claims = sent(suite, CASES["Valid Instructor Launch"])
    assert set(header) == {"alg", "kid"}
    assert claims["exp"] == int(str(claims["iat"])) + 300
    assert claims["middle_name"] == "Quincy"
    assert claims["locale"] == "en-US"
    assert claims[c.DEPLOYMENT_ID] == "testdeploy"
    assert claims[c.ROLES] == [c.INSTRUCTOR]
    assert {c.NRPS, c.AGS, c.CONTEXT, c.RESOURCE_LINK} < set(claims)
    assert not {c.TOOL_PLATFORM, c.LAUNCH_PRESENTATION, c.CUSTOM, "jti"} & set(claims)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.good])
def test_every_good_launch_is_well_made(suite: Platform, name: str) -> None:
    header, claims = sent(suite, CASES[name])
    assert header["kid"] == suite.jwks()["keys"][0]["kid"]
    needed = {"iss", "sub", "aud", "nonce", "iat", "exp", c.ROLES, c.VERSION, c.RESOURCE_LINK}
    assert needed <= set(claims)


def test_the_bad_ones_are_bad_in_their_way(suite: Platform) -> None:
    def of(name: str) -> tuple[dict[str, object], dict[str, object]]:
        return sent(suite, CASES[name])

    assert of("No KID Sent in JWT header")[0] == {"badtestonly": "12345", "alg": "RS256"}
    assert of("Incorrect KID in JWT header")[0]["kid"] == "imstester_66067"
    assert of("Wrong LTI Version")[1][c.VERSION] == "11.3"
    assert of("Invalid LTI message") == ({}, {"name": "badltilaunch"})
    assert of("Timestamps Incorrect")[1]["exp"] == 22222
    assert of("user Claim Missing")[1]["sub"] == ""
    for name, claim in (
        ("No LTI Version", c.VERSION),
        ("Missing LTI Claims", c.ROLES),
        ("messsage_type Claim Missing", c.MESSAGE_TYPE),
        ("role Claim Missing", c.ROLES),
        ("deployment_id Claim Missing", c.DEPLOYMENT_ID),
        ("resource_link_id Claim Missing", c.RESOURCE_LINK),
    ):
        assert claim not in of(name)[1]
    assert "aud" not in sent(suite, OTHER_RUNS["Missing LTI Claims"])[1]


def test_the_dialog_has_data_but_no_target(suite: Platform) -> None:
    claims = claims_of(suite, "instructor-1", how={"placement": "certification"})
    settings = claims[c.DEEP_LINKING_SETTINGS]
    assert settings["data"] == "909708"
    assert isinstance(settings["accept_media_types"], str)
    assert not {"locale", c.TARGET_LINK_URI} & set(claims)


def test_a_request_of_a_good_tool_is_answered(suite: Platform) -> None:
    form = suite.authorize(asked(suite, suite.login_params("student-1")))
    assert set(form.fields) == {"id_token", "state"}
