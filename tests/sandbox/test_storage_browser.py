"""What the products' pages answer to a tool in their frame, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Frame, Page, expect

from sandbox.keys import KeyRing
from sandbox.platform import Platform
from sandbox.profiles import profile

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"

ASK = """([frame, origin, message, patience]) => new Promise((resolve) => {
  const target = frame === "_parent" ? parent : parent.frames[frame];
  const heard = (event) => {
    if (event.data?.subject !== `${message.subject}.response`) return;
    removeEventListener("message", heard);
    resolve([event.origin, event.data]);
  };
  addEventListener("message", heard);
  setTimeout(() => resolve(null), patience);
  target.postMessage(message.text ?? message, origin);
})"""


class Tool:
    """The tool in the LMS's frame, which asks and listens."""

    def __init__(self, page: Page, frame: Frame) -> None:
        self.page = page
        self._frame = frame

    def ask(
        self, message: dict[str, Any], frame: str = "_parent", origin: str = "*", ms: int = 5000
    ) -> Any:
        """Origin and content of the answer; None when there is none in time."""
        return self._frame.evaluate(ASK, [frame, origin, message, ms])

    def say(self, message: Any) -> None:
        self._frame.evaluate("message => parent.postMessage(message, '*')", message)


@pytest.fixture(params=["sakai"])
def platform(request: pytest.FixtureRequest, keys: KeyRing) -> Platform:
    return Platform(profile=profile(request.param), keys=keys)


@pytest.fixture
def opened(chromium: Browser, lms: str, tool: FlaskClient) -> Iterator[Tool]:
    page = chromium.new_page()
    page.goto(f"{lms}/courses/201/links/201-1?user=student-1")
    inside = page.frame_locator("#tool_content").get_by_text("launched")
    expect(inside).to_be_visible()
    frame = page.frame(name="tool_content")
    assert frame
    yield Tool(page, frame)
    page.close()


sakai = pytest.mark.parametrize("platform", ["sakai"], indirect=True)
canvas = pytest.mark.parametrize("platform", ["canvas"], indirect=True)


@sakai
def test_sakai_keeps_data_in_its_page(opened: Tool, lms: str) -> None:
    able = opened.ask({"subject": "lti.capabilities", "message_id": "1"})
    assert {"subject": "lti.put_data", "frame": "_parent"} in able[1]["supported_messages"]
    for prefix in ("lti.", "org.imsglobal.lti."):
        put = {"subject": f"{prefix}put_data", "message_id": "2", "key": "k", "value": "v"}
        assert opened.ask(put) == [
            lms,
            {"subject": f"{prefix}put_data.response", "message_id": "2", "key": "k", "value": "v"},
        ]
        got = opened.ask({"subject": f"{prefix}get_data", "message_id": "3", "key": "k"})
        assert got[1]["value"] == "v"


@sakai
def test_sakai_says_errors_as_texts(opened: Tool) -> None:
    unknown = opened.ask({"subject": "lti.get_data", "message_id": "1", "key": "nothing"})
    assert unknown[1]["error"] == "Could not find key"
    empty = opened.ask({"subject": "lti.put_data", "message_id": "1", "key": "k", "value": ""})
    assert empty[1]["error"] == "key and value are required"
    much = {"subject": "lti.put_data", "message_id": "1", "key": "k", "value": "x" * 400_000}
    assert opened.ask(much)[1]["error"] == "storage_exhaustion"


@sakai
def test_sakai_forgets_when_its_page_is_loaded_anew(opened: Tool, lms: str) -> None:
    opened.ask({"subject": "lti.put_data", "message_id": "1", "key": "k", "value": "v"})
    opened.page.reload()
    expect(opened.page.frame_locator("#tool_content").get_by_text("launched")).to_be_visible()
    frame = opened.page.frame(name="tool_content")
    assert frame
    again = Tool(opened.page, frame).ask({"subject": "lti.get_data", "message_id": "2", "key": "k"})
    assert again[1]["error"] == "Could not find key"


@sakai
def test_sakai_takes_the_height_as_text_only(opened: Tool) -> None:
    opened.say({"subject": "lti.frameResize", "height": 911})
    opened.say('{"subject": "lti.frameResize", "height": 877}')
    opened.page.wait_for_function("document.getElementById('tool_content').offsetHeight === 877")


@canvas
def test_canvas_keeps_data_behind_the_frame_of_the_logins(opened: Tool, platform: Platform) -> None:
    logins = platform.sites.auth
    able = opened.ask({"subject": "lti.capabilities", "message_id": "1"})
    frame = "post_message_forwarding"
    assert {"subject": "lti.get_data", "frame": frame} in able[1]["supported_messages"]
    assert {"subject": "lti.frameResize"} in able[1]["supported_messages"]
    put = {"subject": "lti.put_data", "message_id": "2", "key": "k", "value": "v"}
    said = opened.ask(put, frame, logins)
    assert said == [logins, {**put, "subject": "lti.put_data.response"}]
    got = opened.ask({"subject": "lti.get_data", "message_id": "3", "key": "k"}, frame, logins)
    assert got[1]["value"] == "v"
    school = f"{urlsplit(opened.page.url).scheme}://{urlsplit(opened.page.url).netloc}"
    assert school != logins
    assert opened.ask(put, frame, school, ms=700) is None


@canvas
def test_canvas_says_errors_as_objects(opened: Tool, platform: Platform) -> None:
    def code(message: dict[str, Any]) -> str:
        answer = opened.ask(message, "post_message_forwarding", platform.sites.auth)
        return str(answer[1]["error"]["code"])

    assert code({"subject": "lti.get_data", "message_id": "1"}) == "bad_request"
    assert code({"subject": "lti.get_data", "key": "k"}) == "bad_request"
    much = {"subject": "lti.put_data", "message_id": "1", "key": "k", "value": "x" * 5000}
    assert code(much) == "storage_exhaustion"
    unknown = opened.ask({"subject": "lti.put_data", "message_id": "1", "key": "k"})
    assert unknown[1]["error"]["code"] == "unsupported_subject"


@canvas
def test_an_empty_value_takes_it_out(opened: Tool, platform: Platform) -> None:
    place = ("post_message_forwarding", platform.sites.auth)
    put = {"subject": "lti.put_data", "message_id": "1", "key": "k", "value": "v"}
    opened.ask(put, *place)
    opened.ask({**put, "value": ""}, *place)
    got = opened.ask({"subject": "lti.get_data", "message_id": "2", "key": "k"}, *place)
    assert got[1]["value"] is None


@canvas
def test_canvas_takes_the_height_both_ways(opened: Tool) -> None:
    for height, message in (
        (911, {"subject": "lti.frameResize", "height": 911}),
        (877, '{"subject": "lti.frameResize", "height": 877}'),
    ):
        opened.say(message)
        opened.page.wait_for_function(
            f"document.getElementById('tool_content').offsetHeight === {height}"
        )


@pytest.mark.parametrize("platform", ["moodle"], indirect=True)
def test_moodle_hears_nothing(opened: Tool) -> None:
    before = opened.page.locator("#tool_content").bounding_box()
    opened.say('{"subject": "lti.frameResize", "height": 911}')
    assert opened.ask({"subject": "lti.capabilities", "message_id": "1"}, ms=700) is None
    assert opened.page.locator("#tool_content").bounding_box() == before


@pytest.mark.parametrize("platform", ["sakai", "canvas", "moodle", "certifier"], indirect=True)
def test_the_products_pages_are_accessible_and_fit_a_phone(
    chromium: Browser, lms: str, platform: Platform
) -> None:
    button = platform.profile.placements[0].key
    pages = ("/", "/courses/201?user=instructor-1", f"/courses/201/add/{button}?user=instructor-1")
    page = chromium.new_page(viewport={"width": 320, "height": 640})
    for address in pages:
        page.goto(lms + address)
        for summary in page.locator("summary").all():
            summary.click()
        page.add_script_tag(path=AXE)
        found = page.evaluate("axe.run(document, {iframes: false})")
        assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.close()


@canvas
def test_switches_on_the_page(chromium: Browser, lms: str, platform: Platform) -> None:
    page = chromium.new_page()
    page.goto(lms)
    page.get_by_label("Nobody is logged in").check()
    page.get_by_label("Email only").check()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_label("Nobody is logged in")).to_be_checked()
    assert page.url.endswith("#switches")
    assert (platform.faults, platform.privacy) == ({"login required"}, "email_only")
    page.close()
