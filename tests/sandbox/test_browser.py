"""The sandbox's pages in a real browser: the frame, its height, and accessibility."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


@pytest.mark.parametrize("login", ["get", "post"])
def test_from_the_first_page_into_the_tool(
    chromium: Browser, lms: str, received: list[dict[str, str]], login: str
) -> None:
    page = chromium.new_page()
    page.goto(lms)
    page.get_by_text("Amir Haddad").click()
    if login == "get":
        page.get_by_text("How it is opened").click()
        page.get_by_text("Log in by GET").click()
    page.get_by_role("button", name="Open here").click()
    expect(page.frame_locator("#tool_content").get_by_text("launched")).to_be_visible()
    assert received[0]["state"] == "the-state"
    assert "user=student-1" in page.url
    page.close()


def test_several_people_in_several_tabs(chromium: Browser, lms: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(lms)
    with context.expect_page() as opened:
        page.get_by_role("button", name="Open in a new tab").click()
    page.get_by_text("Lena Fischer").click()
    page.get_by_role("button", name="Open here").click()
    expect(opened.value.get_by_role("banner")).to_contain_text("Maria Santos")
    expect(page.get_by_role("banner")).to_contain_text("Lena Fischer")
    context.close()


@pytest.mark.parametrize("as_text", [True, False])
def test_only_the_tool_in_the_frame_sets_its_height(
    chromium: Browser, lms: str, as_text: bool
) -> None:
    page = chromium.new_page()
    page.goto(f"{lms}/courses/201/links/201-1?user=student-1")
    frame = page.frame_locator("#tool_content")
    expect(frame.get_by_text("launched")).to_be_visible()

    def message(height: Any) -> Any:
        content = {"subject": "lti.frameResize", "height": height}
        return json.dumps(content) if as_text else content

    page.evaluate("message => window.postMessage(message, '*')", message(300))
    body = frame.locator("body")
    for odd in ("high", -5, None):
        body.evaluate("(_, message) => parent.postMessage(message, '*')", message(odd))
    body.evaluate("() => parent.postMessage('{', '*')")
    body.evaluate("(_, message) => parent.postMessage(message, '*')", message(911))
    page.wait_for_function("document.getElementById('tool_content').offsetHeight === 911")
    assert body.evaluate("() => window.innerHeight") == 911
    body.evaluate("(_, message) => parent.postMessage(message, '*')", message(10**9))
    page.wait_for_function("document.getElementById('tool_content').offsetHeight === 20000")
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/courses/201?user=student-1&lti_msg=Done",
        "/courses/201/links/201-1?user=instructor-1",
        "/courses/201/links/201-1?user=instructor-1&target=window",
        "/courses/110?user=student-2",
    ],
)
def test_pages_are_accessible_and_fit_a_phone(
    chromium: Browser, lms: str, address: str, scheme: Any
) -> None:
    page = chromium.new_page(color_scheme=scheme, viewport={"width": 320, "height": 640})
    page.goto(lms + address)
    for summary in page.locator("summary").all():
        summary.click()
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run(document, {iframes: false})")
    assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.close()
