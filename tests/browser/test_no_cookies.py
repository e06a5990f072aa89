"""A browser that refuses the tool every cookie inside the LMS: the way out is a window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, expect

from . import chromium
from .people import FRAME, LAPTOP, Profile
from .world import INSTRUCTOR, World

REFUSED = 2


@pytest.fixture
def strict(playwright: Playwright, world: World) -> Iterator[Browser]:
    refused = {"cookies": {f"{world.tool},{world.lms}": {"setting": REFUSED}}}
    with chromium.running(playwright, refused) as browser:
        yield browser


def test_a_window_of_its_own_is_offered_and_works(strict: Browser, world: World) -> None:
    width, height = LAPTOP
    maria = Profile(world, strict.new_context(viewport={"width": width, "height": height}))
    tool = maria.tab(world.activity(INSTRUCTOR, "video")).frame_locator(FRAME)

    offer = tool.get_by_role("button", name="Open in a new window")
    expect(offer).to_be_visible()
    with maria.context.expect_page() as opened:
        offer.click()
    page = opened.value

    expect(page.get_by_role("heading", level=1)).to_have_text("A morning on the river")
    assert page.url.startswith(f"{world.tool}/media/")
    page.reload()
    expect(page.get_by_role("button", name="More actions")).to_be_visible()
    expect(tool.get_by_text("It has been opened in a new window")).to_be_visible()
    assert not maria.close()
