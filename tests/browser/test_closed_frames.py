"""Frames that are closed to us: the browser's own word is never the last, and there is a way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from . import window
from .conftest import MakeProfile
from .people import FRAME, SCRIPTED, Profile
from .test_frames_of_an_lms import TITLE
from .world import COURSE, INSTRUCTOR, STUDENT, World

BLOCKED = ("frame-ancestors", "Blocked opening", "ERR_BLOCKED_BY_RESPONSE", "Framing")
OWN_WINDOW = "Open in its own window"


def start(world: World, user: str = STUDENT) -> str:
    link = f"{COURSE}-{world.media['video']}"
    return f"{world.lms}/start/{COURSE}/{link}?{urlencode({'user': user})}"


class Portal(BaseHTTPRequestHandler):
    """A site that shows what its address names in a frame, with the sandbox that it names."""

    def do_GET(self) -> None:
        asked = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        values = "".join(f' {name}="{escape(value)}"' for name, value in asked.items())
        page = f'<!doctype html><iframe width="900" height="700"{values}></iframe>'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_said: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def portal() -> Iterator[str]:
    """The address of a portal, on a site of its own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Portal) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://portal.localhost:{server.server_port}"
        server.shutdown()


def framed_by(person: Profile, portal: str, inside: str, **attributes: str) -> Page:
    return person.tab(f"{portal}/?{urlencode({'src': inside, **attributes})}")


def framed_by_lms(person: Profile, world: World, inside: str, sandbox: str) -> Page:
    page = person.tab()
    body = f'<iframe width="900" height="700" src="{inside}" sandbox="{sandbox}"></iframe>'
    page.route(
        f"{world.lms}/handout",
        lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8"),
    )
    page.goto(f"{world.lms}/handout")
    return page


def shows_film(place: FrameLocator | Page) -> None:
    expect(place.get_by_role("heading", name=TITLE, level=1)).to_be_visible()


def own_window(person: Profile, tool: FrameLocator) -> Page:
    with person.context.expect_page() as opened:
        tool.locator("button, a").filter(has_text=OWN_WINDOW).locator("visible=true").click()
    return opened.value


def goes_on_at_copied_address(person: Profile, place: FrameLocator | Page) -> None:
    """Where no window can be opened, the address that is shown leads on in a tab of one's own."""
    address = place.get_by_label("Address for a new tab")
    expect(address).to_be_visible()
    tab = person.tab(address.input_value())
    tab.get_by_role("button", name="Go on").click()
    shows_film(tab)


def test_framed_by_a_host_that_nobody_named(
    profile: MakeProfile, world: World, portal: str
) -> None:
    """The school's own host, or a portal; the launch does not tell of it."""
    person = profile()
    person.expects(*BLOCKED)
    page = framed_by(person, portal, start(world))
    tool = page.frame_locator("iframe")

    expect(tool.get_by_role("heading", level=1)).to_have_text("Open this in its own window")
    expect(tool.get_by_text(portal)).to_be_visible()
    shows_film(own_window(person, tool))


def test_the_lms_itself_stands_in_a_portal(profile: MakeProfile, world: World, portal: str) -> None:
    person = profile()
    person.expects(*BLOCKED)
    page = framed_by(person, portal, world.activity(INSTRUCTOR, "video"))
    tool = page.frame_locator("iframe").frame_locator("#tool_content")

    expect(tool.get_by_role("heading", level=1)).to_have_text("Open this in its own window")
    tab = own_window(person, tool)
    shows_film(tab)
    expect(tab.get_by_role("button", name="More actions")).to_be_visible()
    expect(tool.get_by_text("It has been opened in a new window")).to_be_visible()


def test_where_the_ancestors_prove_nothing_the_browser_tries(
    profile: MakeProfile, world: World, portal: str
) -> None:
    """As in a browser that does not say who stands around. Here an origin is allowed by a rule that
    only the browser understands.
    """
    row = "WHERE name = :name"
    before = world.rows(f"SELECT frame_origins FROM registration {row}", name=world.registered[""])
    change = f"UPDATE registration SET frame_origins = CAST(:origins AS JSON) {row}"
    world.sql(change, origins='["http:"]', name=world.registered[""])
    try:
        page = framed_by(profile(), portal, start(world))
        shows_film(page.frame_locator("iframe"))
    finally:
        world.sql(change, origins=json.dumps(before[0][0]), name=world.registered[""])


TIGHT = "allow-scripts allow-forms allow-same-origin"


def test_a_frame_that_lets_no_window_open(profile: MakeProfile, world: World) -> None:
    person = profile()
    person.expects(*BLOCKED)
    page = framed_by_lms(person, world, start(world, INSTRUCTOR), TIGHT)
    tool = page.frame_locator("iframe")
    shows_film(tool)
    tool.locator(SCRIPTED).wait_for()

    window.choose(tool, "Open in a new tab")
    address = tool.get_by_role("dialog").get_by_label("Address for a new tab")
    expect(address).to_be_visible()
    tab = person.tab(address.input_value())
    expect(tab.get_by_text("You go on as Maria Santos")).to_be_visible()
    assert "#" not in tab.url
    tab.get_by_role("button", name="Go on").click()
    shows_film(tab)


def test_an_unknown_place_that_lets_no_window_open(
    profile: MakeProfile, world: World, portal: str
) -> None:
    person = profile()
    person.expects(*BLOCKED)
    page = framed_by(person, portal, start(world, INSTRUCTOR), sandbox=TIGHT)
    tool = page.frame_locator("iframe")

    tool.get_by_role("button", name=OWN_WINDOW).click()
    goes_on_at_copied_address(person, tool)


SEALED = "allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox"


@pytest.mark.parametrize("known", [False, True])
def test_a_sealed_frame(profile: MakeProfile, world: World, known: bool) -> None:
    """A sandbox without ``allow-same-origin``, in a browser that is new and in one that is not."""
    person = profile()
    person.expects(*BLOCKED, 401, "sandboxed")
    if known:
        person.launch(STUDENT)
    page = framed_by_lms(person, world, start(world), SEALED)
    tool = page.frame_locator("iframe")

    expect(tool.get_by_role("heading", level=1)).to_have_text("Open this in its own window")
    expect(tool.get_by_text("closes it off so tightly")).to_be_visible()
    tab = own_window(person, tool) if known else offered(person, tool)
    if known:
        tab.get_by_role("button", name="Go on").click()
    shows_film(tab)


def test_a_window_that_is_sealed_like_its_frame(profile: MakeProfile, world: World) -> None:
    """Without ``allow-popups-to-escape-sandbox`` the window has the frame's sandbox."""
    person = profile()
    person.expects(*BLOCKED, 401, "sandboxed")
    person.launch(STUDENT)
    page = framed_by_lms(person, world, start(world), "allow-scripts allow-forms allow-popups")
    sealed_tab = own_window(person, page.frame_locator("iframe"))
    goes_on_at_copied_address(person, sealed_tab)


def test_the_lms_itself_stands_in_a_sealed_frame(
    profile: MakeProfile, world: World, portal: str
) -> None:
    """The pages around have no origin then, so no policy could name them."""
    person = profile()
    person.expects(*BLOCKED, "sandboxed")
    page = framed_by(person, portal, world.activity(STUDENT, "video"), sandbox=SEALED)
    tool = page.frame_locator("iframe").frame_locator(FRAME)

    expect(tool.get_by_role("heading", level=1)).to_have_text("Open this in its own window")
    shows_film(offered(person, tool))


def offered(person: Profile, tool: FrameLocator) -> Page:
    with person.context.expect_page() as opened:
        tool.get_by_role("button", name="Open in a new window").click()
    return opened.value
