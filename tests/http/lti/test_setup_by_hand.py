"""What somebody who registers the tool by hand gets from it: values, a configuration, an icon."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient
from launch_helpers import TOOL
from PIL import Image

pytestmark = pytest.mark.sqlite_only

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "schemas" / "canvas_configuration.json").read_text("utf-8")
)


@pytest.fixture
def configuration(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/lti/canvas.json")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    told: dict[str, Any] = answer.json
    return told


def check(told: object) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(told)


def test_canvas_takes_the_configuration(configuration: dict[str, Any]) -> None:
    check(configuration)
    (extension,) = configuration["extensions"]
    assert extension["privacy_level"] == "public"
    assert extension["domain"] == "localhost"
    settings = extension["settings"]
    placements = {one["placement"]: one for one in settings["placements"]}
    assert placements.keys() == {
        "course_navigation",
        "editor_button",
        "link_selection",
        "assignment_selection",
    }
    assert placements["course_navigation"]["custom_fields"] == {"show": "gallery"}
    for one in placements.values():
        assert one["icon_url"] == f"{TOOL}/lti/icon.png"
    assert configuration["public_jwk_url"] == f"{TOOL}/lti/jwks.json"
    assert configuration["custom_fields"] == {
        "context_history": "$Context.id.history",
        "link_history": "$ResourceLink.id.history",
        "masquerading_user": "$Canvas.masqueradingUser.userId",
    }
    assert len(configuration["scopes"]) == 4


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("public_jwk_url", None),
        ("scopes", ["https://purl.imsglobal.org/spec/lti-nrps/scope/everything"]),
        ("custom_fields", {"history": 7}),
        ("target_link_uri", "/lti/launch"),
        ("extensions", []),
    ],
)
def test_the_schema_would_see_what_canvas_refuses(
    configuration: dict[str, Any], change: str, value: object
) -> None:
    if value is None:
        del configuration[change]
    else:
        configuration[change] = value
    with pytest.raises(jsonschema.ValidationError):
        check(configuration)


def test_the_addresses_in_it_are_answered(
    client: FlaskClient, configuration: dict[str, Any]
) -> None:
    for name in ("oidc_initiation_url", "target_link_uri", "public_jwk_url"):
        address = configuration[name].removeprefix(TOOL)
        assert client.get(address).status_code != 404


def test_the_icon_may_be_shown_by_an_lms(client: FlaskClient) -> None:
    answer = client.get("/lti/icon.png")
    assert Image.open(io.BytesIO(answer.data)).size == (128, 128)
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.cache_control.max_age == 86_400


def test_the_values_to_copy_need_no_login(client: FlaskClient) -> None:
    answer = client.get("/lti/setup")
    assert answer.status_code == 200
    for path in ("register", "launch", "login", "jwks.json", "icon.png", "canvas.json"):
        assert f'value="{TOOL}/lti/{path}"' in answer.text
    assert "context_history=$Context.id.history" in answer.text
    assert "Set-Cookie" not in answer.headers
    assert "frame-ancestors" not in answer.headers["Content-Security-Policy"]
