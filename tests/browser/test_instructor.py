"""An instructor between two classes: watches, invites, sees what became of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FloatRect, Frame, FrameLocator, Page, Route, expect

from . import window
from .conftest import Invite, MakeProfile
from .people import PHONE, SMALL_PHONE, Profile, plays, tool_frame
from .world import COLLEAGUE, INSTRUCTOR, World


def _film(frame: Frame) -> dict[str, float | str]:
    """What the film says of itself."""
    told: dict[str, float | str] = frame.locator("video").evaluate(
        "film => ({at: film.currentTime, length: film.duration, seen: film.videoWidth})"
    )
    return told


def test_the_film_plays_in_the_frame(profile: MakeProfile) -> None:
    maria = profile()
    page, tool = maria.launch(INSTRUCTOR)
    before = plays(tool)

    tool.get_by_role("button", name="Play Video").click()
    tool.locator("video").evaluate(
        "film => new Promise(done => film.addEventListener('timeupdate',"
        " () => film.currentTime > 1 && done()))"
    )

    film = _film(tool_frame(page))
    assert film["length"] > 25
    assert film["seen"] > 0
    ranges = [one for one in maria.answers if "/files/" in one.url and one.status == 206]
    assert ranges
    assert all("content-range" in one.headers for one in ranges)
    expect(tool.locator("[data-plays]")).to_contain_text(f"{before + 1} play")
    assert "as=" in tool_frame(page).url


def test_captions_can_be_chosen_and_are_shown(profile: MakeProfile) -> None:
    _page, tool = profile().launch(INSTRUCTOR)
    tool.get_by_role("button", name="Play Video").click()

    # By keyboard: the controls fade from under an idle pointer.
    tool.get_by_role("button", name="Captions").press("Enter")
    tool.get_by_role("menuitemradio", name="English").press("Enter")

    expect(tool.locator(".vjs-text-track-cue").first).to_be_visible()


def test_the_menu_works_with_the_keyboard(profile: MakeProfile) -> None:
    page, tool = profile().launch(INSTRUCTOR)
    opener = tool.get_by_role("button", name="More actions")
    opener.focus()

    page.keyboard.press("ArrowDown")
    menu = tool.get_by_role("menu")
    items = menu.get_by_role("menuitem")
    expect(items.first).to_be_focused()
    expect(items.first).to_have_accessible_name(re.compile("^Invite users"))
    page.keyboard.press("ArrowUp")
    expect(items.last).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(items.first).to_be_focused()
    page.keyboard.press("End")
    expect(items.last).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.type("d")
    expect(menu.get_by_role("menuitem", name="Delete")).to_be_focused()
    page.keyboard.press("Escape")

    expect(menu).to_be_hidden()
    expect(opener).to_be_focused()
    expect(opener).to_have_attribute("aria-expanded", "false")


@pytest.mark.parametrize("kind", ["video", "document"])
def test_title_menu_and_first_button_stand_above_the_fold(profile: MakeProfile, kind: str) -> None:
    _page, tool = profile((1366, 650)).launch(INSTRUCTOR, kind)

    expect(tool.get_by_role("heading", level=1)).to_be_in_viewport(ratio=1)
    expect(tool.get_by_role("button", name="More actions")).to_be_in_viewport(ratio=1)
    expect(tool.get_by_role("button", name="Invite users")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("size", [(1280, 800), (1366, 650)])
def test_the_open_menu_is_not_cut(profile: MakeProfile, size: tuple[int, int]) -> None:
    _page, tool = profile(size).launch(INSTRUCTOR)
    expect(window.open_menu(tool)).to_be_in_viewport(ratio=1)


def test_nothing_that_was_said_stays_to_be_read(profile: MakeProfile) -> None:
    _page, tool = profile().launch(INSTRUCTOR)
    asked = window.open_window(tool)
    window.fill(asked, "said.and.gone@example.org")
    window.generate(asked)
    expect(asked.locator("[data-live]")).not_to_have_text("One moment…")


def test_errors_stand_at_their_field_and_nothing_typed_is_lost(profile: MakeProfile) -> None:
    maria = profile()
    _page, tool = maria.launch(INSTRUCTOR)
    asked = window.open_window(tool)
    email = asked.get_by_role("combobox", name="Email")

    asked.get_by_label("Last Name").fill("Lovelace")
    asked.get_by_role("button", name="Generate invite link").click()

    expect(email).to_be_focused()
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_have_accessible_description("Please fill this in.")
    expect(asked.get_by_label("First Name")).to_have_accessible_description("Please fill this in.")
    expect(asked.get_by_label("Last Name")).to_have_value("Lovelace")

    maria.expects(422)
    window.fill(asked, "ada@example..org")
    asked.get_by_role("button", name="Generate invite link").click()
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_be_focused()
    expect(email).to_have_value("ada@example..org")
    expect(asked.get_by_label("First Name")).to_have_value("Ada")


SCRIPT_OF_THE_WINDOW = "**/invite-*.js*"


def test_a_press_that_comes_before_the_script_of_the_window_counts(profile: MakeProfile) -> None:
    page, tool = profile().launch(INSTRUCTOR)
    held: list[Route] = []
    page.route(SCRIPT_OF_THE_WINDOW, lambda route: held.append(route))
    with page.expect_request(SCRIPT_OF_THE_WINDOW):
        asked = window.open_window(tool)
    asked.get_by_label("Email").fill("early@example.org")
    asked.get_by_label("First Name").fill("Early")
    asked.get_by_label("Last Name").fill("Bird")
    before = tool_frame(page).url
    asked.get_by_role("button", name="Generate invite link").click()
    expect(asked.locator("form[aria-busy=true]")).to_be_visible()

    held[0].continue_()

    expect(asked.get_by_role("heading", name="The link for Early Bird is ready")).to_be_visible()
    assert tool_frame(page).url == before


def test_a_window_without_its_script_says_so_and_the_next_press_tries_again(
    profile: MakeProfile,
) -> None:
    maria = profile()
    maria.expects("net::ERR_FAILED")
    page, tool = maria.launch(INSTRUCTOR)
    page.route(SCRIPT_OF_THE_WINDOW, lambda route: route.abort())
    asked = window.open_window(tool)
    problem = asked.get_by_role("alert").filter(has_text="could not be loaded")
    expect(problem).to_be_visible()
    asked.get_by_label("Email").fill("patient@example.org")
    asked.get_by_label("First Name").fill("Patient")
    asked.get_by_label("Last Name").fill("Person")
    before = tool_frame(page).url

    asked.get_by_role("button", name="Generate invite link").click()
    expect(problem).to_be_visible()
    expect(asked.get_by_label("Email")).to_have_value("patient@example.org")
    assert tool_frame(page).url == before

    page.unroute(SCRIPT_OF_THE_WINDOW)
    asked.get_by_role("button", name="Generate invite link").click()
    title = asked.get_by_role("heading", name="The link for Patient Person is ready")
    expect(title).to_be_visible()
    expect(problem).to_be_hidden()


def test_a_finger_that_scrolls_the_suggestions_chooses_none(
    profile: MakeProfile, invite: Invite
) -> None:
    for number in range(8):
        invite(f"touched-{number}@example.org", f"Touched{number}", "Person")
    page, tool = profile(PHONE, has_touch=True, is_mobile=True).launch(INSTRUCTOR)
    asked = window.open_window(tool)
    email = asked.get_by_role("combobox", name="Email")
    email.press_sequentially("touched")
    third = asked.get_by_role("option").nth(2)
    expect(third).to_be_visible()

    _swipe_up(page, third.bounding_box())

    listed = asked.get_by_role("listbox")
    listed.evaluate("list => list.scrollTop || new Promise(done => list.onscroll = done)")
    expect(email).to_have_value("touched")
    expect(listed).to_be_visible()

    asked.get_by_role("option", name="touched-5@example.org").tap()
    expect(email).to_have_value("touched-5@example.org")
    expect(asked.get_by_label("First Name")).to_have_value("Touched5")


def _swipe_up(page: Page, box: FloatRect | None) -> None:
    """A finger is put down in the middle of the box, drawn up, and lifted."""
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *points: dict[str, float]) -> None:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    touch("touchStart", {"x": x, "y": y})
    for step in range(1, 9):
        touch("touchMove", {"x": x, "y": y - 10 * step})
    touch("touchEnd")


def test_the_window_can_be_closed_from_its_end_on_a_small_phone(profile: MakeProfile) -> None:
    _page, tool = profile(SMALL_PHONE, has_touch=True, is_mobile=True).launch(INSTRUCTOR)
    asked = window.open_window(tool)

    asked.get_by_role("button", name="Generate invite link").scroll_into_view_if_needed()

    expect(asked.get_by_role("button", name="Close")).to_be_in_viewport(ratio=1)


def test_the_window_grows_with_what_is_seen_of_it(profile: MakeProfile) -> None:
    """On a phone the LMS's head leaves little of the frame, until its reader scrolls on."""
    page, tool = profile(PHONE).launch(INSTRUCTOR)
    asked = window.open_window(tool)
    fits = "dialog => dialog.scrollHeight <= dialog.clientHeight + 1"
    assert not asked.evaluate(fits)

    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")

    asked.evaluate(
        f"""dialog => new Promise(done => {{
            const look = () => ({fits})(dialog) ? done() : requestAnimationFrame(look);
            look();
        }})"""
    )
    expect(asked.get_by_role("button", name="Generate invite link")).to_be_in_viewport(ratio=1)


def test_somebody_of_the_course_is_suggested(profile: MakeProfile, world: World) -> None:
    profile().launch("student-2")[1].get_by_role("heading", level=1).wait_for()
    student = world.person("student-2")
    page, tool = profile().launch(INSTRUCTOR)
    asked = window.open_window(tool)
    email = asked.get_by_role("combobox", name="Email")

    email.press_sequentially(student.given_name[:3].lower())
    expect(email).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(email).to_have_value(student.email)
    expect(asked.get_by_label("First Name")).to_have_value(student.given_name)
    expect(asked.get_by_label("Last Name")).to_have_value(student.family_name)


def _pasted(person: Profile) -> str:
    """What Ctrl+V gives in some other page."""
    page = person.tab()
    page.set_content("<textarea aria-label='here'></textarea>")
    page.get_by_label("here").focus()
    page.keyboard.press("Control+V")
    pasted = page.get_by_label("here").input_value()
    page.close()
    return pasted


def test_the_link_is_made_and_copied_without_clipboard_permission(
    profile: MakeProfile, world: World
) -> None:
    maria = profile()
    page, tool = maria.launch(INSTRUCTOR)
    asked = window.open_window(tool)
    window.fill(asked, "copied@example.org")

    link = window.generate(asked)
    expect(asked.get_by_role("heading", name="The link for Ada Lovelace is ready")).to_be_focused()
    allowed = tool_frame(page).evaluate("document.featurePolicy.allowsFeature('clipboard-write')")
    button = asked.locator("[data-copy]", has_text="Copy link").element_handle()
    assert button
    width = button.bounding_box()["width"]
    button.click()

    assert not allowed
    assert link.startswith(f"{world.tool}/i/")
    expect(asked.get_by_role("status")).to_have_text("Copied")
    expect(asked.get_by_role("button", name="Copied")).to_be_visible()
    assert button.bounding_box()["width"] >= width, "what stands beside it stays"
    assert _pasted(maria) == link


def test_the_list_tells_what_became_of_it(profile: MakeProfile) -> None:
    _page, tool = profile().launch(INSTRUCTOR)
    link = window.invite(tool, "listed@example.org", "Lise", "Meitner")

    with window.entry(tool, "listed@example.org") as entry:
        unfolds = entry.get_by_role("heading", name="Lise Meitner").get_by_role("button")
        expect(unfolds).to_have_attribute("aria-expanded", "true")
        expect(unfolds).to_contain_text("Not used yet")
        expect(entry).to_contain_text("0 of 1")
        entry.get_by_role("button", name="Copy link").click()
        expect(entry.get_by_role("textbox")).to_have_value(link)


def test_a_long_list_is_shown_to_its_end(profile: MakeProfile, world: World) -> None:
    item = world.add_media(world.samples / "valley-at-dawn.jpg", "For many", COLLEAGUE)
    link = world.platform.add_link("For many", media=item)
    page, tool = profile().launch(COLLEAGUE, link)
    made = tool_frame(page).evaluate(
        """async ({item, people}) => {
             const address = `/api/v1/media/${item}/invitations${location.search}`;
             const invite = (number) => fetch(address, {
               method: "POST",
               headers: {"Content-Type": "application/json"},
               body: JSON.stringify({
                 email: `guest${number}@example.org`, first_name: "Guest", last_name: `${number}`,
               }),
             });
             const answers = [];
             for (let number = 0; number < people; number++) answers.push(await invite(number));
             return answers.map((answer) => answer.status);
           }""",
        {"item": item, "people": 102},
    )
    assert made == [201] * 102

    people = window.show_people(window.open_window(tool))
    rows = people.get_by_role("listitem")
    expect(rows).to_have_count(100)
    expect(people.get_by_text("0 of 102 came in")).to_be_visible()
    people.get_by_role("button", name="Show more").click()

    expect(rows).to_have_count(102)
    expect(people.get_by_role("button", name="Guest 1 Not used yet")).to_be_focused()
    expect(people.get_by_role("button", name="Show more")).to_be_hidden()

    # One that no page but the last holds is found all the same.
    people.get_by_role("searchbox", name="Find by name or address").fill("guest0")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Guest 0")
    people.get_by_role("button", name="Came in").click()
    expect(people.get_by_text("Nobody is found.")).to_be_visible()
    heights = "list => [...list.children].map(row => row.getBoundingClientRect().height)"
    people.get_by_role("searchbox").fill("")
    people.get_by_role("button", name="All").click()
    expect(rows).to_have_count(100)
    assert max(people.get_by_role("list").evaluate(heights)) <= 60


def _tab_through(page: Page, tool: FrameLocator, presses: int) -> list[bool]:
    """Whether the focus was inside the open window after each press of Tab."""
    inside = []
    for _press in range(presses):
        page.keyboard.press("Tab")
        inside.append(
            tool_frame(page).evaluate(
                "!document.hasFocus() || document.activeElement === document.body"
                " || Boolean(document.activeElement.closest('dialog[open]'))"
            )
        )
    return inside


def test_the_window_can_be_used_with_the_keyboard_alone(profile: MakeProfile) -> None:
    page, tool = profile().launch(INSTRUCTOR)
    opener = tool.get_by_role("button", name="More actions")
    opener.focus()
    page.keyboard.press("Enter")
    page.keyboard.type("i")
    page.keyboard.press("Enter")
    asked = tool.get_by_role("dialog", name="Invite users")
    expect(asked).to_be_visible()
    expect(asked.get_by_label("Email")).to_be_focused()

    assert all(_tab_through(page, tool, 14))

    asked.get_by_role("combobox", name="Email").focus()
    page.keyboard.type("keys@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type("Key")
    page.keyboard.press("Tab")
    page.keyboard.type("Board")
    page.keyboard.press("Enter")
    expect(asked.get_by_label("Invitation link")).to_be_visible()
    page.keyboard.press("Escape")

    expect(asked).to_be_hidden()
    expect(opener).to_be_focused()
