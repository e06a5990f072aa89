"""One browser holds several sessions at once; every tab stays who it is."""

from __future__ import annotations

from playwright.sync_api import FrameLocator, Page, expect

from . import window
from .conftest import MakeProfile
from .people import FRAME, SCRIPTED
from .test_invitee import answer
from .world import INSTRUCTOR, STUDENT

TITLE = "A morning on the river"


def _is_instructor(tool: FrameLocator | Page) -> None:
    expect(tool.get_by_role("button", name="More actions")).to_be_visible()
    inviting = tool.get_by_role("menuitem", name="Invite users", include_hidden=True)
    expect(inviting).to_have_count(1)


def _is_viewer(tool: FrameLocator | Page) -> None:
    expect(tool.get_by_role("heading", name=TITLE, level=1)).to_be_visible()
    inviting = tool.get_by_role("menuitem", name="Invite users", include_hidden=True)
    expect(inviting).to_have_count(0)


def test_instructor_student_and_invitee_in_tabs_of_one_browser(profile: MakeProfile) -> None:
    browser = profile()
    maria, in_maria = browser.launch(INSTRUCTOR)
    link = window.invite(in_maria, "third-tab@example.org")
    student, in_student = browser.launch(STUDENT)
    guest = browser.tab(link)
    answer(guest, "third-tab@example.org")

    for _turn in range(2):
        _is_viewer(in_student)
        _is_viewer(guest)
        expect(guest.get_by_text("Invited by Maria Santos")).to_be_visible()
        expect(in_student.get_by_text("Invited by")).to_have_count(0)
        _is_instructor(in_maria)
        for page in (maria, student, guest):
            page.reload()
        for framed in (maria, student):
            framed.frame_locator(FRAME).locator(SCRIPTED).wait_for()


def test_links_inside_a_tab_stay_with_its_session(profile: MakeProfile) -> None:
    browser = profile()
    _page, in_maria = browser.launch(INSTRUCTOR)
    _page, in_student = browser.launch(STUDENT)

    window.choose(in_student, "Use an invitation link")
    in_student.get_by_role("heading", name="Use an invitation link").wait_for()
    window.choose(in_maria, "Use an invitation link")
    in_maria.get_by_role("heading", name="Use an invitation link").wait_for()
    in_student.get_by_role("link", name="Cancel").click()
    in_maria.get_by_role("link", name="Cancel").click()

    _is_viewer(in_student)
    in_maria.locator(SCRIPTED).wait_for()
    _is_instructor(in_maria)
