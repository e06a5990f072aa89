"""Which word of a tool ends the window of its registration, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page, expect
from service_tool import request_of

from sandbox.keys import KeyRing
from sandbox.platform import Platform
from sandbox.profiles import profile
from sandbox.serve import running
from sandbox.services import scopes
from sandbox.services.dialogs import Returned

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TOOL = "http://tool.example"
CLOSE = "{ subject: 'org.imsglobal.lti.close' }"
WORDS = {
    "object": CLOSE,
    "text": f"JSON.stringify({CLOSE})",
    "another subject": "{ subject: 'lti.close' }",
    "no JSON": "'done'",
}
HEARD = {"sakai": {"object", "text"}, "canvas": {"object", "text"}, "moodle": {"object"}}


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    page.route(f"{TOOL}/**", lambda route: route.fulfill(body="the tool", content_type="text/html"))
    page.route(
        "http://stranger.example/**",
        lambda route: route.fulfill(body="somebody", content_type="text/html"),
    )
    yield page
    page.close()


def opened(page: Page, platform: Platform) -> Frame:
    """The frame with the tool's page, once it is there."""
    page.goto(f"{platform.school_url()}/admin/tools")
    page.get_by_label("registration address").fill(f"{TOOL}/lti/register")
    page.get_by_role("button", name="Register a tool").click()
    nested = platform.profile.name == "canvas"
    outer = page.frame_locator("#registration")
    inner = outer.frame_locator("#dr_iframe") if nested else outer
    expect(inner.get_by_text("the tool")).to_be_visible()
    frame = page.frame(name="dr_iframe" if nested else "registration")
    assert frame is not None
    return frame


def say(frame: Frame, word: str) -> None:
    frame.evaluate(f"parent.postMessage({word}, '*')")


def is_over(page: Page) -> bool:
    """Whether the page went on; what was said before this was dealt with before."""
    page.evaluate("new Promise((done) => setTimeout(done))")
    return page.url.endswith("/finish")


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("product", HEARD)
def test_what_is_heard(page: Page, keys: KeyRing, product: str, word: str) -> None:
    platform = Platform(profile=profile(product), keys=keys)
    with running(platform):
        frame = opened(page, platform)
        say(frame, WORDS[word])
        if word in HEARD[product]:
            page.wait_for_url("**/finish")
            expect(page.get_by_role("heading")).to_contain_text("not registered itself")
            return
        assert not is_over(page)
        say(frame, CLOSE)
        page.wait_for_url("**/finish")


@pytest.mark.parametrize("product", HEARD)
def test_whose_word_is_heard(page: Page, keys: KeyRing, product: str) -> None:
    platform = Platform(profile=profile(product), keys=keys)
    with running(platform):
        frame = opened(page, platform)
        frame.goto("http://stranger.example/")
        say(frame, CLOSE)
        if product == "canvas":  # which knows the tool's origin
            assert not is_over(page)
        else:
            page.wait_for_url("**/finish")


def test_the_pages_are_for_everybody(chromium: Browser, keys: KeyRing) -> None:
    """Nothing that axe finds, nothing beside the edge of a small phone, light and dark."""
    platform = Platform(profile=profile("moodle"), keys=keys)
    registrar = platform.services.registrar
    for pressed in (registrar.begin(), registrar.begin()):
        registrar.register(pressed, json.dumps(request_of(scope=" ".join(scopes.ALL))).encode())
    registrar.finish(next(iter(registrar.pressed.values())))
    empty = registrar.begin()
    with running(platform):
        dialog = platform.open_dialog("instructor-1", "ContentArea")
        platform.services.returned.append(Returned(dialog, {}, refusal="It is not signed."))
        paths = (
            "/admin/tools?done=1",
            f"/admin/tools/{pressed.id}/finish",
            f"/admin/tools/{empty.id}/finish",
            f"/admin/tools/{empty.id}",
            "/certification",
        )
        for scheme in ("light", "dark"):
            page = chromium.new_page(viewport={"width": 320, "height": 640}, color_scheme=scheme)
            page.route(f"{platform.tool_url}/**", lambda route: route.fulfill(body="the tool"))
            for path in paths:
                page.goto(platform.school_url() + path)
                page.add_script_tag(path=AXE)
                found = page.evaluate("axe.run(document, {iframes: false})")
                wrong = [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]]
                assert wrong == [], path
                assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
            page.close()
