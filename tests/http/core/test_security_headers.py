"""The headers that every answer carries, and who may show our pages in a frame."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import SAME_ORIGIN, School, TestClock, browser
from flask import Flask
from flask.testing import FlaskClient
from invitation_scene import Scene, make_scene
from launch_helpers import TOOL, begin, register
from lms_program import running_lms
from werkzeug.test import TestResponse

from lti_tool import create_app
from lti_tool.config import Config
from lti_tool.core.web import headers
from sandbox.keys import KeyRing
from sandbox.platform import FormPost, Platform

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def scene(app: Flask, school: School) -> Scene:
    return make_scene(app, school)


@pytest.fixture
def lms(app: Flask, clock: TestClock, key_ring: KeyRing) -> Iterator[Platform]:
    platform = Platform(TOOL, keys=key_ring, now=clock)
    with running_lms(platform):
        origins = ("https://learn.school.example", "https://*.school.example")
        register(app, platform, platform.schools[0], frame_origins=origins)
        yield platform


def policy(answer: TestResponse) -> dict[str, list[str]]:
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in parts}


def test_every_page_and_document_is_closed(app: Flask, scene: Scene) -> None:
    client = browser(app, scene.teacher_session)
    for path in (
        f"/media/{scene.media_id}",
        "/media/new",
        "/settings",
        "/link",
        "/nothing",
        scene.link(),
        "/lti/launch",
        f"/api/v1/media/{scene.media_id}/invitations",
        "/healthz",
    ):
        answer = client.get(path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store", path
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Permissions-Policy"] == headers.PERMISSIONS
        assert "X-Frame-Options" not in answer.headers
        rules = policy(answer)
        cut_off = "frame-ancestors" in rules
        opener = "same-origin-allow-popups" if cut_off else "unsafe-none"
        assert answer.headers["Cross-Origin-Opener-Policy"] == opener, path
        assert rules["default-src"] == ["'none'"]
        assert rules["base-uri"] == ["'none'"]
        assert not any("unsafe" in value for values in rules.values() for value in values)


def test_scripts_run_by_a_nonce_that_is_new_each_time(app: Flask, scene: Scene) -> None:
    client = browser(app, scene.teacher_session)
    seen = set()
    for _time in range(3):
        answer = client.get(f"/media/{scene.media_id}")
        (nonce,) = {
            value.removeprefix("'nonce-").rstrip("'")
            for value in policy(answer)["script-src"]
            if value.startswith("'nonce-")
        }
        used = set(re.findall(r'nonce="([^"]+)"', answer.text))
        assert used == {nonce}
        for script in re.findall(r"<script\b[^>]*>", answer.text):
            assert f'nonce="{nonce}"' in script or 'type="application/json"' in script
        assert not re.search(r"\son[a-z]+=|\sstyle=|javascript:", answer.text)
        seen.add(nonce)
    assert len(seen) == 3


def test_a_launched_page_may_be_framed_by_its_own_platform_only(lms: Platform, app: Flask) -> None:
    client = app.test_client()
    school = "https://school.example/courses/3?sesskey=secret"
    answer = lms.launch(client, "student-1", claims={"launch_presentation": {"return_url": school}})
    expected = {
        "https://learn.school.example",
        "https://*.school.example",
        lms.registration().frame_origin,
        "https://school.example",
    }
    for page in (answer, client.get(answer.location)):
        assert set(policy(page)["frame-ancestors"]) == expected


@pytest.mark.parametrize(
    "return_url", ["javascript:alert(1)", "https://a; script-src */", "x", 7, None]
)
def test_a_return_address_that_is_none_adds_nothing(
    lms: Platform, app: Flask, return_url: object
) -> None:
    claims = {"launch_presentation": {"return_url": return_url}}
    answer = lms.launch(app.test_client(), "student-1", claims=claims)
    assert answer.status_code == 303
    assert len(policy(answer)["frame-ancestors"]) == 3
    assert policy(answer)["script-src"] == ["'none'"]


def test_the_login_page_may_lead_to_the_platform(lms: Platform, client: FlaskClient) -> None:
    page = client.post("/lti/login", data=lms.login_params("student-1"))
    assert policy(page)["form-action"] == ["'self'", "https:", "http:"]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_what_comes_before_a_session_is_read_in_any_frame(lms: Platform, app: Flask) -> None:
    """A school may show its courses at a host of its own, known only from a verified launch."""
    fields = lms.login_params("student-1")
    client, without_cookies = app.test_client(), app.test_client(use_cookies=False)
    probe = client.post("/lti/login", data=fields)
    offer = lms.open_login(without_cookies, fields)
    assert 'target="_blank"' in offer.text
    unknown = client.post("/lti/login", data={"iss": "https://nobody.example", "login_hint": "x"})
    stranger = lms.post(without_cookies, lms.answer(begin(lms, client)))
    refused = lms.post(client, lms.answer(begin(lms, client), alg="none"))
    unapproved = lms.post(client, _of_deployment(lms, client, "another"))
    assert [page.status_code for page in (stranger, refused, unapproved)] == [403, 401, 403]
    for page in (probe, offer, unknown, stranger, refused, unapproved):
        assert "frame-ancestors" not in policy(page)


def _of_deployment(lms: Platform, client: FlaskClient, deployment: str) -> FormPost:
    location = begin(lms, client, lti_deployment_id=deployment)
    return lms.answer(location, claims={"deployment_id": deployment})


def test_pages_for_invitees_are_never_framed(app: Flask, scene: Scene) -> None:
    link = scene.link()
    client = app.test_client()
    client.get(link)
    entered = client.post(link, data={"email": "ada@partner.org"}, headers=SAME_ORIGIN)
    assert entered.status_code == 303
    for path in (link, link + "x", "/i/x", f"/i/{'a' * 43}", entered.location):
        assert policy(client.get(path))["frame-ancestors"] == ["'none'"], path


def test_an_error_without_a_session_can_be_read_in_any_frame(app: Flask, scene: Scene) -> None:
    """Nobody knows whose frame it is; the page holds nothing to be pressed."""
    client = app.test_client()
    for path in ("/nothing", "/settings", f"/media/{scene.media_id}", "/media/x?as=x"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "frame-ancestors" not in policy(answer)
        assert "<form" not in answer.text
        assert "<button" not in answer.text


def test_the_public_keys_may_be_kept_a_while(app: Flask) -> None:
    answer = app.test_client().get("/lti/jwks.json")
    assert answer.cache_control.public
    assert answer.cache_control.max_age == 300
    (key,) = answer.json["keys"]
    assert set(key) == {"kty", "n", "e", "kid", "use", "alg"}
    assert (key["use"], key["alg"]) == ("sig", "RS256")


@pytest.mark.parametrize(
    ("base_url", "strict"), [("https://foyer.example.edu", True), ("http://localhost", False)]
)
def test_https_stays_https(tmp_path: Path, base_url: str, strict: bool) -> None:
    config = Config(
        base_url=base_url,
        database_url=f"sqlite:///{tmp_path / 'x.sqlite3'}",
        storage_url=(tmp_path / "files").as_uri(),
        keys_dir=tmp_path,
        config_dir=tmp_path,
        development=not strict,
        log_level="ERROR",
    )
    answer = create_app(config).test_client().get("/healthz")
    assert ("Strict-Transport-Security" in answer.headers) is strict


def test_a_page_may_ask_for_what_ours_use_and_hand_nothing_on() -> None:
    told = dict(part.split("=") for part in headers.PERMISSIONS.split(", "))
    for ours in ("fullscreen", "autoplay", "clipboard-write", "picture-in-picture"):
        assert told[ours] == "(self)"
    for unused in ("geolocation", "payment", "usb"):
        assert told[unused] == "()"
