"""Back to the LMS, from a window that it opened for the tool."""

from __future__ import annotations

from urllib.parse import urlencode

from playwright.sync_api import Page, expect

from . import window
from .conftest import MakeProfile
from .people import Profile
from .world import COURSE, STUDENT, World

TITLE = "A morning on the river"


def _in_a_window(person: Profile, world: World) -> Page:
    link = f"{COURSE}-{world.media['video']}"
    return person.tab(f"{world.lms}/start/{COURSE}/{link}?{urlencode({'user': STUDENT})}")


def test_a_page_leads_back_to_the_course(profile: MakeProfile, world: World) -> None:
    page = _in_a_window(profile(), world)
    expect(page.get_by_role("heading", name=TITLE, level=1)).to_be_visible()
    assert world.lms not in page.content()

    page.get_by_role("link", name="Back to the course").click()

    page.wait_for_url(f"{world.lms}/courses/{COURSE}?*")
    assert page.evaluate("document.referrer") == ""


def test_a_tab_out_of_the_frame_leads_back_too(profile: MakeProfile, world: World) -> None:
    student = profile()
    _page, tool = student.launch(STUDENT)
    expect(tool.get_by_role("link", name="Back to the course")).to_have_count(0)
    with student.context.expect_page() as opened:
        window.choose(tool, "Open in a new tab")

    opened.value.get_by_role("link", name="Back to the course").click()

    opened.value.wait_for_url(f"{world.lms}/courses/{COURSE}?*")


def test_a_refusal_leads_back_and_the_lms_says_why(profile: MakeProfile, world: World) -> None:
    student = profile()
    student.expects(404)
    world.platform.prepare_next(claims={"custom": {"media": "a" * 26}})
    page = _in_a_window(student, world)
    expect(page.get_by_role("heading", name="There is nothing to see here")).to_be_visible()
    assert f"{world.lms}/courses" not in page.content()

    page.get_by_role("button", name="Back to the course").click()

    page.wait_for_url(f"{world.lms}/courses/{COURSE}?*")
    expect(page.get_by_text("There is nothing to see here")).to_be_visible()
