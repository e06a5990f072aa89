"""What an LMS that registers itself is asked for, in the words that each product reads."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import TOOL
from registering_lms import (
    PLATFORM_CONFIGURATION,
    TOOL_CONFIGURATION,
    code_for,
    held,
    lead_here,
    registering_lms,
)
from sqlalchemy import select

from lti_tool.core.db.session import db
from lti_tool.core.institutions import Institution


@pytest.mark.parametrize("product", ["sakai", "canvas", "moodle", "other"])
@pytest.mark.sqlite_only
def test_the_request_is_what_each_product_understands(
    app: Flask, client: FlaskClient, product: str
) -> None:
    with registering_lms(product) as lms:
        page = lms.press(client, code_for(app))
    assert page.status_code == 200
    (request,) = lms.requests
    assert request["application_type"] == "web"
    assert set(request["grant_types"]) == {"client_credentials", "implicit"}
    assert request["response_types"] == ["id_token"]
    assert request["token_endpoint_auth_method"] == "private_key_jwt"
    assert request["redirect_uris"] == [f"{TOOL}/lti/launch"]
    assert request["initiate_login_uri"] == f"{TOOL}/lti/login"
    assert request["jwks_uri"] == f"{TOOL}/lti/jwks.json"
    assert "contextmembership.readonly" in request["scope"]
    assert "lti-ags/scope/score" in request["scope"]
    tool = request[TOOL_CONFIGURATION]
    assert tool["domain"] == "localhost"
    assert tool["target_link_uri"] == f"{TOOL}/lti/launch"
    assert {"name", "given_name", "family_name", "email"} <= set(tool["claims"])
    kinds = [message["type"] for message in tool["messages"]]
    assert kinds[0] == "LtiResourceLinkRequest"
    assert "LtiDeepLinkingRequest" in kinds
    for message in tool["messages"]:
        for value in message.get("custom_parameters", {}).values():
            assert isinstance(value, str)
    (row,) = held(app)
    assert row.family == product
    assert row.accept_new_deployments, "no deployment was named"


def request_of(app: Flask, client: FlaskClient, product: str) -> dict[str, Any]:
    with registering_lms(product) as lms:
        lms.press(client)
    return lms.requests[0]


@pytest.mark.sqlite_only
def test_canvas_is_asked_for_its_placements(app: Flask, client: FlaskClient) -> None:
    request = request_of(app, client, "canvas")
    tool = request[TOOL_CONFIGURATION]
    assert tool["https://canvas.instructure.com/lti/privacy_level"] == "public"
    assert tool["custom_parameters"] == {
        "context_history": "$Context.id.history",
        "link_history": "$ResourceLink.id.history",
        "masquerading_user": "$Canvas.masqueradingUser.userId",
    }
    placed = {message["placements"][0]: message for message in tool["messages"]}
    assert list(placed) == [
        "course_navigation",
        "editor_button",
        "link_selection",
        "assignment_selection",
    ]
    assert placed["course_navigation"]["custom_parameters"] == {"show": "gallery"}
    assert all(one["icon_uri"] == f"{TOOL}/lti/icon.png" for one in placed.values())
    assert not any("#" in name for name in request)


@pytest.mark.sqlite_only
def test_sakai_reads_custom_parameters_and_description_where_it_looks_for_them(
    app: Flask, client: FlaskClient
) -> None:
    request = request_of(app, client, "sakai")
    assert request["description"]
    for message in request[TOOL_CONFIGURATION]["messages"]:
        assert message["custom_parameters"] == {
            "context_history": "$Context.id.history",
            "link_history": "$ResourceLink.id.history",
        }


@pytest.mark.sqlite_only
def test_canvas_of_a_school_names_its_vendors_issuer(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead_here(monkeypatch)
    with registering_lms("canvas", host="canvas.instructure.com") as lms:
        lms.configuration["issuer"] = "https://canvas.instructure.com"
        about = lms.configuration[PLATFORM_CONFIGURATION]
        about["https://canvas.instructure.com/lti/account_name"] = "Elm College"
        about["https://canvas.instructure.com/lti/account_domain"] = "elm.instructure.com"
        lms.configuration["authorization_server"] = "sso.canvaslms.com"
        assert lms.press(client).status_code == 200
    (row,) = held(app)
    assert (row.name, row.issuer) == ("elm.instructure.com", "https://canvas.instructure.com")
    assert row.auth_audience is None
    assert row.frame_origins == ["https://elm.instructure.com"]
    with app.app_context():
        assert db.session.scalars(select(Institution.name)).all() == ["Elm College"]
