"""Foyer registers itself with each product of the sandbox, and is launched from there."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from factories import SAME_ORIGIN, TestClock
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import TOOL, assert_entered
from lms_program import running_lms
from registering_lms import code_for
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core.db.session import db
from lti_tool.lti.models import Deployment, Registration
from sandbox.keys import KeyRing
from sandbox.platform import Platform
from sandbox.profiles import profile
from sandbox.services import scopes
from sandbox.services.registrations import Pressed

PRODUCTS = ("plain", "sakai", "canvas", "moodle")


@pytest.fixture
def platform(
    request: pytest.FixtureRequest, clock: TestClock, key_ring: KeyRing
) -> Iterator[Platform]:
    lms = Platform(TOOL, profile=profile(request.param), keys=key_ring, now=clock)
    with running_lms(lms):
        yield lms


def register(app: Flask, client: FlaskClient, pressed: Pressed) -> TestResponse:
    """What an administrator does in the frame."""
    asked = dict(parse_qsl(urlsplit(pressed.url).query))
    assert client.get("/lti/register", query_string=asked).status_code == 200
    form = {**asked, "code": code_for(app)}
    return client.post("/lti/register", data=form, headers=SAME_ORIGIN)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("platform", PRODUCTS, indirect=True)
def test_registered_in_one_go_and_launched(
    app: Flask, client: FlaskClient, platform: Platform
) -> None:
    pressed = platform.services.registrar.begin()
    page = register(app, client, pressed)
    assert page.status_code == 200, (page.text, pressed.refusals)
    assert "Foyer is registered" in page.text
    tool = platform.services.registrar.finish(pressed)
    with app.app_context():
        row = db.session.scalars(select(Registration)).one()
        told = platform.registration()
        assert row.client_id == tool.client_id == told.client_id
        assert (row.issuer, row.auth_url) == (told.issuer, told.auth_url)
        assert (row.token_url, row.jwks_url) == (told.token_url, told.jwks_url)
        family = platform.profile.family
        assert row.family == family
        known = db.session.scalars(select(Deployment.deployment_id)).all()
        assert known == ([] if family == "canvas" else [tool.deployment_id])
    assert platform.services.permitted() == scopes.ALL - {scopes.LINEITEM_READ}
    assert platform.privacy == "public"
    assert_entered(platform.launch(app.test_client(), "instructor-1"))


@pytest.mark.sqlite_only
@pytest.mark.parametrize("platform", ["canvas", "moodle"], indirect=True)
def test_registered_again_in_place(app: Flask, client: FlaskClient, platform: Platform) -> None:
    registrar = platform.services.registrar
    for update in (False, True):
        pressed = registrar.begin(update=update)
        assert register(app, client, pressed).status_code == 200
        registrar.finish(pressed)
    assert [one.client_id for one in registrar.tools if one.request] == [pressed.client_id]
    with app.app_context():
        assert len(db.session.scalars(select(Registration)).all()) == 1
    assert_entered(platform.launch(app.test_client(), "instructor-1"))


@pytest.mark.sqlite_only
@pytest.mark.parametrize("platform", ["canvas"], indirect=True)
def test_two_schools_of_one_issuer_register_apart(
    app: Flask, client: FlaskClient, platform: Platform
) -> None:
    for school in platform.schools:
        pressed = platform.services.registrar.begin(school)
        assert register(app, client, pressed).status_code == 200
        platform.services.registrar.finish(pressed)
    with app.app_context():
        rows = db.session.scalars(select(Registration)).all()
        assert len({row.issuer for row in rows}) == 1
        assert {row.client_id for row in rows} == {one.client_id for one in platform.schools}
        assert len({row.token_url for row in rows}) == 2
