"""Leaving a browser that others use too: in the LMS's frame, in a tab, as a guest on a phone."""

from __future__ import annotations

from playwright.sync_api import FrameLocator, Page, expect

from . import window
from .conftest import Invite, MakeProfile
from .people import PHONE, SCRIPTED, Profile, tool_frame
from .test_invitee import answer
from .world import INSTRUCTOR, STUDENT

TITLE = "A morning on the river"
OUT = "You are signed out"
NOT_HERE = "You are not signed in here"
NOTHING = "There is nothing to see here"


def _shows(place: FrameLocator | Page, words: str) -> None:
    expect(place.get_by_role("heading", level=1)).to_have_text(words)


def _sessions(person: Profile) -> list[str]:
    return [
        one["name"] for one in person.context.cookies() if one["name"].startswith("__Host-foyer-")
    ]


def test_out_of_the_frame_and_of_its_tab(profile: MakeProfile) -> None:
    maria = profile()
    maria.expects(401, 404, "VIDEOJS")  # what was loading when it ended
    page, tool = maria.launch(INSTRUCTOR)
    expect(tool.get_by_text("Signed in as Maria Santos")).to_be_visible()
    with maria.context.expect_page() as opened:
        window.choose(tool, "Open in a new tab")
    tab = opened.value
    _shows(tab, TITLE)
    before = tool_frame(page).url

    tool.get_by_role("button", name="Sign out").click()

    _shows(tool, OUT)
    expect(tool.get_by_text("Maria Santos")).to_have_count(0)
    expect(tool.get_by_role("link")).to_have_count(1)  # past what stands above
    tool_frame(page).evaluate("history.back()")
    _shows(tool, NOTHING)
    tool_frame(page).goto(before)
    _shows(tool, NOTHING)
    tab.reload()
    _shows(tab, NOTHING)

    page.reload()
    _shows(tool, TITLE)


def test_somebody_else_in_the_same_browser_stays(profile: MakeProfile) -> None:
    """The sandbox's tabs can be several people: this tool is set up for development."""
    browser = profile()
    browser.expects(404)
    _page, in_maria = browser.launch(INSTRUCTOR)
    student, in_student = browser.launch(STUDENT)

    in_maria.get_by_role("button", name="Sign out").click()
    _shows(in_maria, OUT)

    student.reload()
    in_student.locator(SCRIPTED).wait_for()
    _shows(in_student, TITLE)


def test_a_guest_on_a_phone_is_asked_and_leaves_nothing_behind(
    profile: MakeProfile, invite: Invite
) -> None:
    email = "leaves@example.org"
    link = invite(email)
    guest = profile(PHONE, is_mobile=True, has_touch=True)
    guest.expects(404, 410)
    page = guest.tab(link)
    answer(page, email)
    _shows(page, TITLE)
    page.wait_for_load_state()

    out = page.get_by_role("link", name="Sign out")
    box = out.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    out.tap()
    _shows(page, "Do you want to sign out?")
    expect(page.get_by_text("Your invitation link cannot be used again.")).to_be_visible()
    page.get_by_role("link", name="Stay").tap()
    _shows(page, TITLE)

    page.get_by_role("link", name="Sign out").tap()
    page.get_by_role("button", name="Sign out").tap()

    _shows(page, OUT)
    assert _sessions(guest) == []
    for left_behind in (NOT_HERE, NOTHING, NOT_HERE):  # the question, the page, the question
        page.go_back()
        _shows(page, left_behind)
    page.goto(link)
    answer(page, email)
    _shows(page, "This link has been used")
