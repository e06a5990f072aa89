"""The same way in from every LMS, in every state a browser can be in.

P  the browser keeps cookies apart for each site: the usual one
S  it refuses the tool every cookie and all storage in the LMS's frame; the LMS keeps data for tools
N  likewise, and the LMS keeps nothing: the way out is a window
X  it refuses the tool's cookies everywhere: a page says what to allow
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import FrameLocator, Page, Playwright, expect

from . import chromium
from .people import FRAME, LAPTOP, SCRIPTED, Profile
from .world import INSTRUCTOR, STUDENT, World, open_world

REFUSED = 2
TITLE = "A morning on the river"


@pytest.fixture(scope="module", params=["sakai", "canvas", "moodle"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with open_world(request.param) as world:
        yield world


@contextmanager
def somebody(playwright: Playwright, world: World, refused: str = "") -> Iterator[Profile]:
    """A person's browser; `refused` is where the tool may keep nothing: "frame", "everywhere"."""
    pattern = {"frame": f"{world.tool},{world.lms}", "everywhere": f"{world.tool},*"}
    settings = {"cookies": {pattern[refused]: {"setting": REFUSED}}} if refused else None
    width, height = LAPTOP
    with chromium.running(playwright, settings) as browser:
        profile = Profile(world, browser.new_context(viewport={"width": width, "height": height}))
        yield profile
        assert not profile.close()


def shows_the_film(tool: FrameLocator | Page) -> None:
    expect(tool.get_by_role("heading", level=1)).to_have_text(TITLE)


def test_where_cookies_are_kept_apart(playwright: Playwright, world: World) -> None:
    with somebody(playwright, world) as maria:
        page, tool = maria.launch(INSTRUCTOR)
        shows_the_film(tool)
        expect(tool.get_by_role("button", name="More actions")).to_be_visible()
        page.reload()
        tool.locator(SCRIPTED).wait_for()
        shows_the_film(tool)
        _, as_student = maria.launch(STUDENT)
        shows_the_film(as_student)


@pytest.mark.parametrize("refused", ["frame", "everywhere"])
def test_where_cookies_are_refused(playwright: Playwright, world: World, refused: str) -> None:
    with somebody(playwright, world, refused) as maria:
        page = maria.tab(world.activity(INSTRUCTOR, "video"))
        tool = page.frame_locator(FRAME)
        if world.platform.profile.storage_target:
            tool.locator(SCRIPTED).wait_for()
            shows_the_film(tool)
            expect(tool.get_by_role("button", name="More actions")).to_be_visible()
            assert len(maria.context.pages) == 1
            return
        maria.expects(403)
        offer = tool.get_by_role("button", name="Open in a new window")
        expect(offer).to_be_visible()
        with maria.context.expect_page() as opened:
            offer.click()
        if refused == "frame":
            shows_the_film(opened.value)
        else:
            address = world.tool.removeprefix("http://")
            expect(opened.value.get_by_text(address)).to_be_visible()


BUTTONS = {"sakai": "lessons", "canvas": "editor_button", "moodle": "ContentArea"}


def test_what_is_chosen_in_the_dialog_stands_in_the_course(
    playwright: Playwright, world: World
) -> None:
    """By the tool's dialog, back into the LMS, and from there into what was chosen."""
    with somebody(playwright, world) as maria:
        button = BUTTONS[world.platform.profile.name]
        page = maria.tab(world.dialog(INSTRUCTOR, button))
        tool = page.frame_locator(FRAME)
        tool.locator(SCRIPTED).wait_for()
        if tool.get_by_role("button", name="Add to the course").count():
            tool.get_by_role("listitem").get_by_role("checkbox").check()
            tool.get_by_role("button", name="Add to the course").click()
        else:
            tool.get_by_role("listitem").get_by_role("button").click()
        expect(page.get_by_role("status")).to_contain_text(TITLE)
        page.get_by_role("main").get_by_role("link", name=TITLE).last.click()
        inside = page.frame_locator(FRAME)
        inside.locator(SCRIPTED).wait_for()
        shows_the_film(inside)
