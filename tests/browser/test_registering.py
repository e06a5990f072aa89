"""An administrator registers Foyer in the LMS, and it is launched from there."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from sandbox import profiles
from sandbox.platform import Platform
from sandbox.serve import running

from .conftest import MakeProfile
from .world import INSTRUCTOR, World

BUTTONS = {"sakai": "Save", "canvas": "Install", "moodle": "Activate"}


def _code(world: World) -> str:
    """What the people who run Foyer give out."""
    said = world.flask("platform", "code", "--institution", "Elm School")
    found = re.search(r"code: (\S+)", said)
    assert found is not None
    return found[1]


def _page_of_the_tool(page: Page, product: str) -> FrameLocator:
    outer = page.frame_locator("#registration")
    return outer.frame_locator("#dr_iframe") if product == "canvas" else outer


@pytest.mark.parametrize("product", BUTTONS)
def test_foyer_is_registered_in_the_frame_of_an_lms(
    profile: MakeProfile, world: World, product: str
) -> None:
    platform = Platform(world.tool, profile=profiles.profile(product))
    with running(platform):
        page = profile().tab(f"{platform.school_url()}/admin/tools")
        page.get_by_role("button", name="Register a tool").click()

        tool = _page_of_the_tool(page, product)
        tool.get_by_label("Activation code").fill(_code(world))
        tool.get_by_role("button", name="Register").click()
        if product != "canvas":  # which does not wait for it
            expect(tool.get_by_role("heading", name="Foyer is registered")).to_be_visible()
            tool.get_by_role("button", name=re.compile("^Go on in")).click()

        page.get_by_role("button", name=BUTTONS[product]).click()
        expect(page.get_by_role("status")).to_contain_text("The tool is in use")
        by_hand, registered = page.locator(".tool").all()[:2]
        expect(by_hand).to_contain_text("registered by hand")
        expect(registered).to_contain_text("In use")

        page.goto(f"{platform.school_url()}/start/201/201-1?user={INSTRUCTOR}&target=window")
        page.wait_for_url(f"{world.tool}/**")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Choose")
