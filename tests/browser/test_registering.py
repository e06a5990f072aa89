"""An administrator registers the tool inside their LMS, and a course opens it afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest
from playwright.sync_api import FrameLocator, Page, expect
from registering_lms import registering_lms

from sandbox.platform import Platform
from sandbox.profiles import profile as profile_named
from sandbox.serve import running

from .conftest import MakeProfile
from .page_states_registering import code_from
from .people import FRAME
from .world import COURSE, INSTRUCTOR, World

LAST = {"sakai": "Save", "canvas": "Install", "moodle": "Activate"}
TITLE = {"sakai": "Sakai", "canvas": "Canvas", "moodle": "Moodle"}


@contextmanager
def lms_of(world: World, product: str) -> Iterator[Platform]:
    """An LMS of its own, which the tool does not know."""
    platform = Platform(world.tool, profile=profile_named(product))
    with running(platform):
        yield platform


def press_register(platform: Platform, page: Page) -> FrameLocator:
    """The administrator's first button; gives the tool's page in its frame."""
    page.goto(f"{platform.base_url}/admin/tools")
    page.get_by_role("button", name="Register a tool").click()
    frame = page.frame_locator("#registration")
    return frame.frame_locator("#dr_iframe") if platform.profile.family == "canvas" else frame


def register(tool: FrameLocator, code: str) -> None:
    expect(tool.get_by_role("heading", level=1)).to_contain_text("Register Foyer with")
    tool.get_by_label("Activation code").fill(code)
    tool.get_by_role("button", name="Register").click()


def go_on(product: str, tool: FrameLocator) -> None:
    """Leave our page as it says."""
    tool.get_by_role("button", name=f"Go on in {TITLE[product]}").click()


def finish(product: str, page: Page) -> None:
    page.get_by_role("button", name=LAST[product]).click()
    expect(page.get_by_role("status")).to_contain_text("The tool is in use")
    by_hand, registered = page.locator(".tool").all()[:2]
    expect(by_hand).to_contain_text("registered by hand")
    expect(registered).to_contain_text("In use")


def open_course(platform: Platform, page: Page) -> FrameLocator:
    link = platform.links(COURSE)[0].id
    query = urlencode({"user": INSTRUCTOR})
    page.goto(f"{platform.base_url}/courses/{COURSE}/links/{link}?{query}")
    return page.frame_locator(FRAME)


@pytest.mark.parametrize("product", LAST)
def test_with_a_code_a_course_opens_it_at_once(
    world: World, profile: MakeProfile, product: str
) -> None:
    administrator = profile()
    with lms_of(world, product) as platform:
        page = administrator.tab()
        tool = press_register(platform, page)
        register(tool, code_from(world, f"School of {product}"))
        if product != "canvas":  # which closes our page at once
            expect(tool.get_by_role("heading", level=1)).to_have_text("Foyer is registered")
            expect(tool.get_by_role("listitem").filter(has_text=LAST[product])).to_be_visible()
            go_on(product, tool)
        finish(product, page)
        opened = open_course(platform, page)
        expect(opened.get_by_role("heading", level=1)).to_contain_text("Choose what this link")


def test_without_a_code_it_is_approved_first(world: World, profile: MakeProfile) -> None:
    administrator = profile()
    administrator.expects(403)
    with lms_of(world, "moodle") as platform:
        page = administrator.tab()
        tool = press_register(platform, page)
        register(tool, "")
        expect(tool.get_by_role("heading", level=1)).to_contain_text("waits for approval")
        name = tool.get_by_label("Name of this registration").input_value()
        go_on("moodle", tool)
        finish("moodle", page)
        opened = open_course(platform, page)
        expect(opened.get_by_role("heading", level=1)).to_contain_text("not switched on")
        assert "awaiting approval" in world.flask("platform", "show", name)
        world.flask("platform", "approve", name, "--yes")
        opened = open_course(platform, page)
        expect(opened.get_by_role("heading", level=1)).to_contain_text("Choose what this link")


def test_the_last_button_is_in_sight_in_a_low_frame(world: World, profile: MakeProfile) -> None:
    """Sakai's and Moodle's frames have a height of their own, and do not ask for ours."""
    page = profile().tab()
    page.set_viewport_size({"width": 640, "height": 420})
    with registering_lms("sakai", "client-in-a-low-frame") as lms:
        values = urlencode({"openid_configuration": lms.url, "registration_token": "token"})
        page.goto(f"{world.tool}/lti/register?{values}")
        expect(page.get_by_role("button", name="Register")).to_be_in_viewport(ratio=1)
        page.get_by_role("button", name="Register").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Foyer is registered")
        expect(page.get_by_role("button", name="Go on in Sakai")).to_be_in_viewport(ratio=1)


def test_a_mistyped_code_is_typed_again(world: World, profile: MakeProfile) -> None:
    administrator = profile()
    administrator.expects(422)
    with lms_of(world, "sakai") as platform:
        page = administrator.tab()
        tool = press_register(platform, page)
        register(tool, "ABCD-EFGH-IJKL-MNOP")
        expect(tool.get_by_text("This code is not valid")).to_be_visible()
        expect(tool.get_by_label("Activation code")).to_be_focused()
        register(tool, code_from(world, "School of Second Tries").lower())
        expect(tool.get_by_role("heading", level=1)).to_have_text("Foyer is registered")


def test_values_are_copied(world: World, profile: MakeProfile) -> None:
    page = profile().tab(f"{world.tool}/lti/setup")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=world.tool)
    custom = page.get_by_label("Custom parameters")
    custom.locator("..").get_by_role("button", name="Copy").click()
    expect(custom.locator("..").get_by_role("button")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == (
        "context_history=$Context.id.history\nlink_history=$ResourceLink.id.history"
    )
