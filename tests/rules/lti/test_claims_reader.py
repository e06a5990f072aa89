"""What is read of a message that was believed."""

from __future__ import annotations

from typing import Any

import pytest

from lti_tool.lti.launch import Launch, Platform
from lti_tool.lti.launching.claims_reader import read_launch
from lti_tool.lti.rules import CLAIM, DEEP_LINKING, DEEP_LINKING_SETTINGS, RESOURCE_LINK

ROSTERS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
GRADES = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
SCORE, ITEMS = (f"https://purl.imsglobal.org/spec/lti-ags/scope/{one}" for one in ("score", "item"))
PLATFORM = Platform(
    id="r",
    institution_id="i",
    name="elm",
    family="other",
    issuer="https://lms.example",
    client_id="c",
    auth_url="https://lms.example/auth",
    token_url="https://api.lms.example/token",
    jwks_url="https://lms.example/jwks",
    accept_new_deployments=False,
)


def read(**claims: Any) -> Launch:
    honest = {
        CLAIM + "message_type": RESOURCE_LINK,
        CLAIM + "deployment_id": "1",
        CLAIM + "roles": [],
    }
    return read_launch({**honest, **claims}, PLATFORM, "key")


def test_services_of_an_lms_behind_a_proxy_are_asked_by_tls() -> None:
    said = {
        ROSTERS: {"context_memberships_url": "http://api.lms.example/roster?x=1"},
        GRADES: {"lineitems": "http://lms.example/items", "lineitem": "http://other.example/item"},
    }
    services = read(**said).services
    assert services.memberships_url == "https://api.lms.example/roster?x=1"
    assert services.lineitems_url == "https://lms.example/items"
    assert services.lineitem_url == "http://other.example/item"


def test_people_go_back_to_it_by_tls() -> None:
    settings = {
        "deep_link_return_url": "http://lms.example/return?x=1",
        "accept_types": [],
        "accept_presentation_document_targets": [],
    }
    said = {
        CLAIM + "message_type": DEEP_LINKING,
        DEEP_LINKING_SETTINGS: settings,
        CLAIM + "launch_presentation": {"return_url": "http://lms.example/course"},
    }
    launch = read(**said)
    assert launch.deep_linking is not None
    assert launch.deep_linking.return_url == "https://lms.example/return?x=1"
    assert launch.return_url == "https://lms.example/course"


@pytest.mark.parametrize(
    "scope", [[SCORE, ITEMS], f"{SCORE} {ITEMS}", f"{SCORE}, {ITEMS}", [f"{SCORE} {ITEMS}"]]
)
def test_scopes_are_a_list_or_a_text(scope: Any) -> None:
    assert read(**{GRADES: {"scope": scope}}).services.grade_scopes == (SCORE, ITEMS)


def test_a_text_of_many_scopes_is_read_to_its_end() -> None:
    scopes = tuple(f"https://purl.imsglobal.org/spec/lti-ags/scope/{one}" for one in "abcdef")
    assert read(**{GRADES: {"scope": " ".join(scopes)}}).services.grade_scopes == scopes


@pytest.mark.parametrize("said", [None, [], {}, "x", {"context_memberships_url": None}])
def test_services_that_are_not_named(said: Any) -> None:
    assert read(**{ROSTERS: said, GRADES: said}).services.memberships_url is None
