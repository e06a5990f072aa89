"""The pages of each product: its frame, its buttons, its people, its switches."""

from __future__ import annotations

from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from lms_program import program_of
from profile_scene import claims_of
from werkzeug.test import TestResponse

from sandbox import claims as c
from sandbox import settings
from sandbox.keys import KeyRing
from sandbox.platform import Platform
from sandbox.profiles import PROFILES, profile


@pytest.fixture(params=["sakai", "canvas", "moodle", "certifier"])
def product(request: pytest.FixtureRequest, keys: KeyRing) -> Platform:
    return Platform(profile=profile(request.param), keys=keys)


class AtHome(FlaskClient):
    """A browser at the platform's first address."""

    at = ""

    def open(self, *args: Any, **more: Any) -> TestResponse:
        return super().open(*args, **{"base_url": self.at, **more})


def visitor_of(platform: Platform) -> AtHome:
    app = program_of(platform)
    browser = AtHome(app, app.response_class)
    browser.at = platform.base_url
    return browser


def named(name: str, keys: KeyRing) -> tuple[Platform, AtHome]:
    platform = Platform(profile=profile(name), keys=keys)
    return platform, visitor_of(platform)


def test_the_first_page_says_what_is_played(product: Platform) -> None:
    page = unescape(visitor_of(product).get("/").text)
    assert f"LMS sandbox: {product.profile.title}" in page
    for fault, meaning in product.profile.faults.items():
        assert fault in page
        assert meaning in page
    for person in product.school().people:
        assert person.given_name in page


@pytest.mark.parametrize(
    ("name", "script", "allowed"),
    [
        ("sakai", "frame-sakai.js", "camera; fullscreen; microphone"),
        ("canvas", "frame-canvas.js", "clipboard-write *; display-capture *"),
        ("moodle", "", "autoplay http://127.0.0.1:8000"),
    ],
)
def test_the_frame(keys: KeyRing, name: str, script: str, allowed: str) -> None:
    _, browser = named(name, keys)
    page = browser.get("/courses/201/links/201-1?user=student-1").text
    assert allowed in page
    assert ("<script" in page) == bool(script)
    assert script in page
    assert ("post_message_forwarding" in page) == (name == "canvas")


def test_canvas_keeps_data_on_the_site_of_the_logins(keys: KeyRing) -> None:
    canvas, browser = named("canvas", keys)
    page = browser.get("/courses/201/links/201-1?user=student-1").text
    assert 'src="http://127.0.0.4:9000/post_message_forwarding?school=northfield"' in page
    inside = browser.get("/post_message_forwarding?school=southgate").text
    assert 'data-school="http://127.0.0.6:9000"' in inside
    canvas.turn("parent storage")
    page = browser.get("/courses/201/links/201-1?user=student-1").text
    assert 'data-storage="_parent"' in page
    assert "post_message_forwarding" not in page


def test_a_school_is_shown_at_its_own_address(keys: KeyRing) -> None:
    _, browser = named("canvas", keys)
    sent = browser.get("/courses/201?user=student-1&school=southgate")
    assert sent.location == "http://127.0.0.6:9000/courses/201?user=student-1&school=southgate"


def test_who_manages_finds_the_buttons(keys: KeyRing) -> None:
    for name in ("sakai", "canvas", "moodle"):
        platform, browser = named(name, keys)
        home = browser.get("/courses/201?user=instructor-1").text
        assert "Add content from Foyer" not in browser.get("/courses/201?user=student-1").text
        for placement in platform.profile.placements:
            assert placement.title in home
            page = browser.get(f"/courses/201/add/{placement.key}?user=instructor-1").text
            assert f'src="/start/201/dialog/{placement.key}?user=instructor-1' in page
        assert browser.get("/courses/201/add/nothing?user=instructor-1").status_code == 404
        refused = browser.get(f"/courses/201/add/{placement.key}?user=student-1")
        assert refused.status_code == 403


def test_a_dialog_is_begun_in_the_frame(keys: KeyRing) -> None:
    canvas, browser = named("canvas", keys)
    page = browser.get("/start/201/dialog/editor_button?user=instructor-1").text
    assert f'action="{canvas.login_url}" method="POST"' in page
    [dialog] = canvas.dialogs.values()
    assert (dialog.placement.key, dialog.course.id) == ("editor_button", "201")


def test_language_and_masquerading_go_along(keys: KeyRing) -> None:
    canvas, browser = named("canvas", keys)
    sent = browser.get("/open?user=student-1&link=201-1&locale=he&acting=admin")
    page = browser.get(sent.location).text
    assert "locale=he" in page
    assert "acting=admin" in page
    start = browser.get("/start/201/201-1?user=student-1&locale=he&acting=admin").text
    hint = start.split('name="lti_message_hint" value="')[1].split('"')[0]
    waiting = canvas.pending_launches.look(canvas.profile.hint_of({"lti_message_hint": hint}))
    assert waiting
    assert waiting.locale == "he"
    assert waiting.acting == canvas.user("admin")


def test_a_visitor_may_come_in(keys: KeyRing) -> None:
    _, browser = named("canvas", keys)
    assert browser.get("/courses/110/links/110-1?user=visitor").status_code == 200


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("sakai", "/imsoidc/lti11/return-url/site/201?user=student-1&lti_msg=Done"),
        (
            "canvas",
            "/courses/201/external_content/success/external_tool_redirect"
            "?user=student-1&lti_msg=Done",
        ),
        ("moodle", "/mod/lti/return.php?course=201&user=student-1&lti_msg=Done"),
    ],
)
def test_the_way_back_ends_on_the_courses_page(keys: KeyRing, name: str, address: str) -> None:
    _, browser = named(name, keys)
    back = browser.get(address)
    assert back.location == "/courses/201?user=student-1&lti_msg=Done"
    assert "Done" in browser.get(back.location).text


def test_the_return_addresses_of_launches_exist(product: Platform) -> None:
    presentation = claims_of(product, "student-1").get(c.LAUNCH_PRESENTATION)
    if product.profile.name == "certifier":
        assert presentation is None
        return
    address = presentation["return_url"].removeprefix(product.base_url)
    assert visitor_of(product).get(address).location.startswith("/courses/201?")


def test_switches_hold_until_they_are_changed(keys: KeyRing) -> None:
    canvas, browser = named("canvas", keys)
    form = {"fault": ["login required", "stray members"], "privacy": "anonymous"}
    assert browser.post("/switches?school=northfield", data=form).status_code == 302
    assert (canvas.faults, canvas.privacy) == ({"login required", "stray members"}, "anonymous")
    page = browser.get("/").text
    assert 'value="login required" checked' in page
    browser.post("/switches", data={"privacy": "nonsense"})
    assert (canvas.faults, canvas.privacy) == (set(), "anonymous")
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert browser.post("/switches", data=form, headers=elsewhere).status_code == 403


def test_keys_and_courses_can_be_changed_on_the_page() -> None:
    platform, browser = named("sakai", KeyRing())
    before = [key["kid"] for key in platform.jwks()["keys"]]
    browser.post("/rotate")
    assert platform.jwks()["keys"][0]["kid"] == before[1]
    browser.post("/rotate", data={"forget": "yes"})
    assert not set(before) & {key["kid"] for key in platform.jwks()["keys"]}
    browser.post("/copy")
    assert "Life in Running Water, again" in browser.get("/").text


def test_hooks_switch_and_copy(keys: KeyRing) -> None:
    canvas, browser = named("canvas", keys)
    on = browser.post("/control/faults", json={"on": ["key off"], "privacy": "name_only"})
    assert on.get_json() == {"faults": ["key off"], "privacy": "name_only"}
    assert browser.post("/control/faults", json={"on": ["nonsense"]}).status_code == 404
    assert browser.post("/control/faults", json={"privacy": "nonsense"}).status_code == 404
    assert browser.post("/control/faults", json={"off": ["key off"]}).get_json()["faults"] == []
    copied = browser.post("/control/copy-course", json={"course": "110", "id": "111"})
    assert copied.get_json()["id"] == "111"
    assert canvas.course("111").history == (canvas.profile.context_id(canvas.course("110")),)
    fields = browser.post(
        "/control/login_params", json={"user": "instructor-1", "placement": "link_selection"}
    )
    assert fields.get_json()["client_id"] == canvas.registration().client_id
    assert len(canvas.dialogs) == 1


def test_the_certifications_launches_are_listed_and_start(keys: KeyRing) -> None:
    suite, browser = named("certifier", keys)
    page = browser.get("/").text
    for name in suite.certification:
        assert name in page
    started = browser.get("/start/201/201-1?user=student-1&case=Wrong LTI Version").text
    assert 'value="https://ltiadvantagevalidator.imsglobal.org"' in started
    assert browser.get("/start/201/201-1?user=student-1&case=Nothing").status_code == 404


def test_several_platforms_know_each_other(tmp_path: Path) -> None:
    arguments = ["--port", "9100", "--state", str(tmp_path)]
    chosen = settings.read([*arguments, "--profile", "sakai", "--profile", "canvas"], {})
    sakai, canvas = chosen.platforms()
    assert chosen.base_url == sakai.base_url == "http://127.0.0.2:9100"
    assert canvas.neighbours == {
        "Sakai": "http://127.0.0.2:9100",
        "Canvas": "http://127.0.0.5:9100",
    }
    assert settings.read(arguments, {}).profiles == ("plain",)
    assert settings.read(arguments, {"SANDBOX_PROFILE": "moodle"}).profiles == ("moodle",)
    with pytest.raises(SystemExit):
        settings.read(arguments, {"SANDBOX_PROFILE": "blackboard"})


def test_every_product_is_somewhere_else() -> None:
    places = [set(profile(name).sites(9000).all) for name in PROFILES]
    assert sum(map(len, places)) == len(set().union(*places))
