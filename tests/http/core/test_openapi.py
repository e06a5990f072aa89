"""The API's description: of every route, and true to the schemas."""

from __future__ import annotations

import pytest
from flask import Flask

from lti_tool.core.web import openapi

pytestmark = pytest.mark.sqlite_only


def test_every_route_of_the_api_is_described(app: Flask) -> None:
    with app.app_context():
        silent = [
            rule.rule for rule in openapi.api_rules() if not openapi.description_of(rule.endpoint)
        ]
    assert silent == []


def test_every_schema_that_is_named_is_there(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/openapi.json")
    document = answer.get_json()
    schemas = document["components"]["schemas"]
    named = {part.split('"')[0] for part in answer.text.split("#/components/schemas/")[1:]}
    assert named
    assert named <= set(schemas)
    assert document["openapi"].startswith("3.1")


def test_an_invitation_is_described_as_it_is_sent(app: Flask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").get_json()
    post = document["paths"]["/api/v1/media/{media_id}/invitations"]["post"]
    body = post["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert body == "#/components/schemas/NewInvitation"
    assert set(document["components"]["schemas"]["NewInvitation"]["properties"]) == {
        "email",
        "first_name",
        "last_name",
        "one_name",
        "type",
        "minutes",
        "uses",
    }
    assert set(post["responses"]) == {"200", "201", "default"}
    assert post["responses"]["200"] == post["responses"]["201"]


def test_head_is_described_where_it_is_a_question_of_its_own(app: Flask) -> None:
    paths = app.test_client().get("/api/v1/openapi.json").get_json()["paths"]
    assert set(paths["/api/v1/uploads/{upload_id}"]) == {"head", "patch", "delete"}
    assert set(paths["/api/v1/openapi.json"]) == {"get"}
