"""Out of the frame and back: a tab of one's own, a pasted link, a link beside one's own session."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from . import window
from .conftest import Invite, MakeProfile
from .people import Profile
from .test_invitee import answer, uses
from .test_player import PLAYED
from .world import INSTRUCTOR, STUDENT, World

TITLE = "A morning on the river"


def _own_tab(person: Profile, tool: FrameLocator) -> Page:
    with person.context.expect_page() as opened:
        window.choose(tool, "Open in a new tab")
    page = opened.value
    page.get_by_role("heading", name=TITLE).wait_for()
    return page


def test_the_page_in_a_tab_of_its_own_is_the_same_person(
    profile: MakeProfile, world: World
) -> None:
    maria = profile()
    _page, tool = maria.launch(INSTRUCTOR)

    page = _own_tab(maria, tool)

    assert page.url.startswith(f"{world.tool}/media/{world.media['video']}?as=")
    assert "ticket" not in page.url
    page.reload()
    window.open_menu(page).get_by_role("menuitem", name="Invite users").wait_for()
    expect(page.get_by_role("menuitem", name="Open in a new tab")).to_be_hidden()
    page.keyboard.press("Escape")
    window.invite(tool, "after-the-tab@example.org")


def test_the_tab_goes_on_where_the_frame_was(profile: MakeProfile) -> None:
    maria = profile()
    maria.expects("net::ERR_FAILED", "VIDEOJS")
    _page, tool = maria.launch(INSTRUCTOR)
    tool.get_by_role("button", name="Play Video").press("Enter")
    film = tool.locator("video")
    film.evaluate(PLAYED)
    tool.get_by_role("button", name="Captions").press("Enter")
    tool.get_by_role("menuitemradio", name="English").press("Enter")
    film.evaluate("film => { film.pause(); film.currentTime = 12; film.playbackRate = 1.5; }")

    tab = _own_tab(maria, tool)

    expect(tab).to_have_url(re.compile("^[^#]+$"))
    there = tab.locator("video")
    expect(there).to_have_js_property("readyState", 0)
    # Even where the line breaks first.
    tab.route("**/files/**", lambda route: route.abort())
    start = tab.get_by_role("button", name="Play Video")
    start.click()
    expect(tab.get_by_text("Press the play button to try again")).to_be_visible()
    tab.unroute("**/files/**")
    start.click()
    there.evaluate(PLAYED.replace("0.3", "12.3"))
    told = there.evaluate("film => [film.currentTime, film.playbackRate]")
    assert 12 < told[0] < 20
    assert told[1] == 1.5
    expect(tab.get_by_text("Press the play button to try again")).to_be_hidden()
    expect(start).to_be_hidden()
    chosen = tab.get_by_role("menuitemradio", name="English", include_hidden=True)
    expect(chosen).to_have_attribute("aria-checked", "true")


def test_one_film_does_not_play_twice(profile: MakeProfile) -> None:
    maria = profile()
    _page, tool = maria.launch(INSTRUCTOR, "audio")
    tool.get_by_role("button", name="Play sound").press("Enter")
    tool.locator("audio").evaluate(PLAYED)

    with maria.context.expect_page():
        window.choose(tool, "Open in a new tab")

    expect(tool.locator("audio")).to_have_js_property("paused", True)


@pytest.mark.breadth
def test_what_was_heard_to_its_end_begins_anew(profile: MakeProfile) -> None:
    maria = profile()
    _page, tool = maria.launch(INSTRUCTOR, "audio")
    tool.get_by_role("button", name="Play sound").press("Enter")
    sound = tool.locator("audio")
    sound.evaluate(PLAYED)
    sound.evaluate("sound => { sound.currentTime = sound.duration; }")
    expect(sound).to_have_js_property("ended", True)

    with maria.context.expect_page() as opened:
        window.choose(tool, "Open in a new tab")
    there = opened.value.locator("audio")
    opened.value.get_by_role("button", name="Play sound").press("Enter")
    there.evaluate(PLAYED)

    expect(there).to_have_js_property("ended", False)


def test_an_ended_session_is_told_and_opens_no_tab(profile: MakeProfile) -> None:
    maria = profile()
    maria.expects(401)
    page, tool = maria.launch(INSTRUCTOR)
    maria.context.clear_cookies()

    window.choose(tool, "Open in a new tab")

    told = tool.get_by_role("alert").filter(has_text="Open the page again from your course.")
    expect(told).to_be_visible()
    assert maria.context.pages == [page]


def test_a_link_pasted_in_the_frame_is_used_by_that_session(
    profile: MakeProfile, world: World, invite: Invite
) -> None:
    email = "pasted@example.org"
    link = invite(email)
    student = profile()
    student.expects(403, 422)
    _page, tool = student.launch(STUDENT)

    window.choose(tool, "Use an invitation link")
    tool.get_by_label("The link").fill("my invitation")
    tool.get_by_role("button", name="Use the link").click()
    expect(tool.get_by_text("There is no complete invitation link")).to_be_visible()
    tool.get_by_label("The link").fill(link)
    tool.get_by_label("The e-mail address that was invited").fill("wrong@example.org")
    tool.get_by_role("button", name="Use the link").click()
    expect(tool.get_by_text("You typed wrong@example.org")).to_be_visible()
    assert uses(world, email) == 0

    tool.get_by_label("The link").fill(f"Here you are: {link} See you!")
    tool.get_by_label("The e-mail address that was invited").fill(email)
    tool.get_by_role("button", name="Use the link").click()

    expect(tool.get_by_role("heading", name=TITLE)).to_be_visible()
    assert uses(world, email) == 1


def test_whoever_is_inside_already_is_asked_first(profile: MakeProfile, world: World) -> None:
    email = "beside@example.org"
    maria = profile()
    _page, tool = maria.launch(INSTRUCTOR)
    link = window.invite(tool, email)
    _own_tab(maria, tool)

    page = maria.tab(link)
    answer(page, email)

    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Do you want to use this invitation yourself?"
    )
    assert uses(world, email) == 0
    page.get_by_role("link", name="Open it as Maria Santos").click()
    page.get_by_role("heading", name=TITLE).wait_for()
    window.open_menu(page).get_by_role("menuitem", name="Invite users").wait_for()
    assert uses(world, email) == 0

    page.goto(link)
    answer(page, email)
    page.get_by_role("button", name="Use the link as the invited guest").click()
    page.wait_for_url("**/media/**")
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    expect(page.get_by_role("button", name="More actions")).to_have_count(0)
    assert uses(world, email) == 1


def test_an_open_menu_keeps_its_place_in_a_window_that_shrinks(profile: MakeProfile) -> None:
    teacher = profile()
    _page, tool = teacher.launch(INSTRUCTOR)
    alone = _own_tab(teacher, tool)
    alone.set_viewport_size({"width": 1000, "height": 1200})
    button, menu = alone.locator("[aria-haspopup=menu]").first, alone.get_by_role("menu").first
    button.click()
    below = menu.bounding_box()
    opener = button.bounding_box()
    assert below
    assert opener
    assert below["y"] > opener["y"]
    alone.set_viewport_size({"width": 1000, "height": int(below["y"] + below["height"]) - 40})
    expect(menu).to_have_class(re.compile("upwards"))
