"""A platform, and the smallest tool that can be launched from it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask import Flask, redirect, request
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright
from service_tool import NamedProfile, ServiceTool
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from sandbox.keys import KeyRing, SigningKey
from sandbox.platform import Platform
from sandbox.profiles import profile
from sandbox.serve import QuietHandler, running


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


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture
def lms(platform: Platform, tool: FlaskClient) -> Iterator[str]:
    """The address of the sandbox, with the small tool at its own address."""
    app: Flask = tool.application
    http = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    platform.tool_url = f"http://127.0.0.1:{http.server_port}"
    with running(platform) as url:
        yield url
    http.shutdown()
    thread.join()
    http.server_close()
