"""A platform, and the smallest tool that can be launched from it."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from flask import Flask, redirect, request
from flask.testing import FlaskClient
from service_tool import NamedProfile, ServiceTool
from werkzeug.wrappers import Response

from sandbox.keys import KeyRing, SigningKey
from sandbox.platform import Platform
from sandbox.profiles import profile


@pytest.fixture(scope="session")
def keys() -> KeyRing:
    return KeyRing()


@pytest.fixture
def platform(keys: KeyRing) -> Platform:
    return Platform(keys=keys)


@pytest.fixture
def received() -> list[dict[str, str]]:
    """The launch forms that reached the tool."""
    return []


@pytest.fixture
def tool(platform: Platform, received: list[dict[str, str]]) -> FlaskClient:
    app = Flask("tool")

    @app.route("/lti/login", methods=["GET", "POST"])
    def login() -> Response:
        given = request.values
        query = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": given.get("client_id", ""),
            "redirect_uri": platform.launch_url,
            "login_hint": given.get("login_hint", ""),
            "lti_message_hint": given.get("lti_message_hint", ""),
            "state": "the-state",
            "nonce": "the-nonce",
        }
        return redirect(f"{platform.registration().auth_url}?{urlencode(query)}")

    @app.post("/lti/launch")
    def launch() -> str:
        received.append(request.form.to_dict())
        return "launched"

    return app.test_client()


@pytest.fixture(scope="session")
def service_key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture
def product() -> str:
    return "plain"


@pytest.fixture
def service_tool(keys: KeyRing, service_key: SigningKey, product: str) -> ServiceTool:
    """The first school's tool, at a platform that plays `product`."""
    platform = Platform(keys=keys, profile=NamedProfile(product))
    return ServiceTool(platform, service_key, platform.school())


@pytest.fixture
def whole_tool(keys: KeyRing, service_key: SigningKey, product: str) -> ServiceTool:
    """The same at a platform that plays `product` in its launches as well."""
    platform = Platform(keys=keys, profile=profile(product))
    return ServiceTool(platform, service_key, platform.school())
