"""Somebody in front of a dialog of the LMS, and the message that goes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import jwt
from factories import SAME_ORIGIN
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import handed_over, handle_of
from werkzeug.test import TestResponse

from lti_tool.lti.keys import jwks
from sandbox.platform import Platform

SETTINGS = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
ITEMS = "https://purl.imsglobal.org/spec/lti-dl/claim/content_items"
DATA = "https://purl.imsglobal.org/spec/lti-dl/claim/data"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
RETURN = "https://lms.school.example/deep_links?data=a&b=<c>"


def asking(**settings: object) -> dict[str, Any]:
    """What makes an honest launch one that opens a dialog."""
    return {
        "claims": {
            "message_type": "LtiDeepLinkingRequest",
            SETTINGS: {
                "deep_link_return_url": RETURN,
                "accept_types": ["ltiResourceLink"],
                "accept_presentation_document_targets": ["iframe", "window"],
                **settings,
            },
        },
        "drop": ["resource_link"],
    }


class Dialog:
    """Somebody in front of the dialog."""

    def __init__(self, lms: Platform, client: FlaskClient, user: str, **settings: object) -> None:
        self.client = client
        launched = lms.launch(client, user, **asking(**settings))
        assert urlsplit(launched.location).path == "/choose", launched.text
        self.handle = handle_of(launched)

    def page(self, **query: object) -> TestResponse:
        return self.client.get("/choose", query_string={"as": self.handle, **query})

    def choose(self, *media_ids: str, **fields: str) -> TestResponse:
        return self.post("/choose", {"media_id": list(media_ids), **fields})

    def post(self, path: str, fields: Mapping[str, object]) -> TestResponse:
        query = {"as": self.handle}
        return self.client.post(path, query_string=query, data=fields, headers=SAME_ORIGIN)


def message(app: Flask, page: TestResponse) -> dict[str, Any]:
    """What the page hands over: signed by a key that we publish."""
    assert page.status_code == 200, page.text
    action, token = handed_over(page)
    assert action == RETURN
    kid = jwt.get_unverified_header(token)["kid"]
    with app.app_context():
        (key,) = [jwt.PyJWK(one) for one in jwks()["keys"] if one["kid"] == kid]
    claims: dict[str, Any] = jwt.decode(
        token,
        key.key,
        ["RS256"],
        options={"verify_aud": False, "verify_exp": False, "verify_iat": False},
    )
    return claims
