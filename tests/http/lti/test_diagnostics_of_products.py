"""``flask platform check`` with each product of the sandbox, which asks Foyer for its keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from key_server import KeyServer, serving
from launch_helpers import TOOL, assert_entered, register
from lms_program import running_lms
from service_tool import NamedProfile

from lti_tool.core.clock import system_clock
from sandbox.keys import KeyRing
from sandbox.platform import Platform
from sandbox.services import scopes

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow]

PRODUCTS = ["plain", "sakai", "canvas", "moodle"]


@pytest.fixture
def foyer(app: Flask) -> Iterator[KeyServer]:
    """Foyer at an address of its own, in the time that all web servers tell."""
    client = app.test_client()
    app.extensions["foyer.clock"] = system_clock

    def answer(handler: Any) -> None:
        given = client.get(handler.path)
        handler.reply(given.data, given.status_code)

    with serving(answer) as running_foyer:
        config = app.extensions["foyer.config"]
        app.extensions["foyer.config"] = replace(config, base_url=running_foyer.address)
        yield running_foyer
        app.extensions["foyer.config"] = config


@pytest.fixture(params=PRODUCTS)
def lms(
    request: pytest.FixtureRequest, app: Flask, foyer: KeyServer, key_ring: KeyRing
) -> Iterator[Platform]:
    name = str(request.param)
    platform = Platform(foyer.address, keys=key_ring, profile=NamedProfile(name))
    with running_lms(platform):
        family = "other" if name == "plain" else name
        register(app, platform, platform.schools[0], family=family)
        yield platform


def check(app: Flask) -> Result:
    return app.test_cli_runner().invoke(args=["platform", "check", "northfield"])


def opened(app: Flask, lms: Platform, foyer: KeyServer, client: FlaskClient) -> None:
    """An instructor has opened a link, through Foyer's usual address."""
    lms.tool_url = TOOL
    config = app.extensions["foyer.config"]
    app.extensions["foyer.config"] = replace(config, base_url=TOOL)
    assert_entered(lms.launch(client, "instructor-1"))
    app.extensions["foyer.config"] = config
    lms.tool_url = foyer.address


def test_nothing_is_wrong(app: Flask, lms: Platform, foyer: KeyServer, client: FlaskClient) -> None:
    before = check(app)
    assert before.exit_code == 0, before.output
    assert "--    The list of people" in before.output
    opened(app, lms, foyer, client)
    done = check(app)
    assert done.exit_code == 0, done.output
    assert "6 on the first page of" in done.output
    for token in lms.access_tokens:
        assert token not in done.output
    assert {call.method for call in foyer.calls} == {"GET"}
    assert "/lti/jwks.json" in foyer.requests, "the LMS has read our keys over the network"


def no_roster(lms: Platform) -> None:
    lms.services.permit(None, [scopes.SCORE])


def other_keys(lms: Platform) -> None:
    lms.fetch_tool_keys = lambda: {"keys": []}  # type: ignore[method-assign]


def fault(service: str, kind: int | str) -> Callable[[Platform], None]:
    return lambda lms: lms.services.faults.add(service, kind, times=None)


WRONG: dict[str, tuple[Callable[[Platform], None], str]] = {
    "no permission": (no_roster, "does not allow Foyer this"),
    "the LMS cannot read our keys": (other_keys, "Foyer's public keys with what the LMS has"),
    "no token endpoint": (fault("token", 404), "has nothing at the address"),
    "the list breaks off": (fault("memberships", "cut"), "The list of people of a course: "),
    "a page for people": (fault("memberships", "not json"), "something else than JSON"),
    "never a good token": (fault("memberships", 401), "even with a new access token"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said(
    app: Flask, lms: Platform, foyer: KeyServer, client: FlaskClient, name: str
) -> None:
    opened(app, lms, foyer, client)
    change, said = WRONG[name]
    change(lms)
    done = check(app)
    assert done.exit_code == 1, done.output
    (failed,) = [line for line in done.output.splitlines() if line.startswith("FAIL")]
    assert said in failed
    for token in lms.access_tokens:
        assert token not in done.output
