"""An inviter who wants to know: what is asked, what is handed over, who has come in."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import FrameLocator, Locator, expect
from whole_names import WHOLE_NAMES

from sandbox.courses import Link

from . import window
from .conftest import MakeProfile
from .people import PHONE, Profile, tool_frame
from .world import COLLEAGUE, INSTRUCTOR, World

LESSON = "שיעור ראשון במבוא לביולוגיה של נהרות ונחלים "
LONG_TITLE = f"{(LESSON * 2)[:79]}🦉 {LESSON * 2}"
"""What is cut in two at the eightieth sign is one sign."""


@pytest.fixture
def film(world: World) -> Link:
    """An item of the colleague's own, to which nobody is invited."""
    item = world.add_media(world.samples / "valley-at-dawn.jpg", LONG_TITLE, COLLEAGUE)
    return world.platform.add_link("By the water", media=item)


@pytest.fixture
def tool(profile: MakeProfile, film: Link) -> FrameLocator:
    return profile().launch(COLLEAGUE, film)[1]


def test_an_error_goes_when_it_is_mended_by_whatever_hand(tool: FrameLocator) -> None:
    window.invite(tool, "sukarno@example.org", "Sukarno", one_name=True)
    asked = window.open_window(tool)
    errors = asked.get_by_text("Please fill this in.")
    email, last = asked.get_by_role("combobox", name="Email"), asked.get_by_label("Last Name")
    asked.get_by_role("button", name="Generate invite link").click()
    expect(errors).to_have_count(3)

    last.press_sequentially("L")
    expect(errors).to_have_count(2)
    expect(last).not_to_have_attribute("aria-invalid", "true")
    last.clear()
    asked.get_by_role("button", name="Generate invite link").click()
    expect(errors).to_have_count(3)

    email.press_sequentially("suk")
    asked.get_by_role("option", name="sukarno@example.org").click()
    expect(errors).to_have_count(0)
    expect(asked.get_by_label("only one name")).to_be_checked()
    expect(last).to_be_disabled()
    expect(asked.get_by_text("*")).to_have_text(["*", "*", "*"])
    expect(asked.get_by_text("*").filter(visible=True)).to_have_count(2)
    expect(email).to_have_value("sukarno@example.org")


PASTED = {
    **{f"{whole} <ada@x.org>": ("ada@x.org", *names) for whole, names in WHOLE_NAMES.items()},
    "**Ada Lovelace** <ada@x.org>": ("ada@x.org", "Ada", "Lovelace"),
    '"Lovelace, Ada King" <mailto:ada@x.org>;': ("ada@x.org", "Ada King", "Lovelace"),
    "Ludwig van Beethoven <lvb@x.org>": ("lvb@x.org", "Ludwig van", "Beethoven"),
    "From: Ada Lovelace <ada@x.org>": ("ada@x.org", "Ada", "Lovelace"),
    "Ada King Lovelace ada@x.org": ("ada@x.org", "Ada King", "Lovelace"),
    "ada@x.org (Ada Lovelace)": ("ada@x.org", "Ada", "Lovelace"),
    "Ada Lovelace [mailto:ada@x.org]": ("ada@x.org", "Ada", "Lovelace"),
    "a da@x.org": ("a da@x.org", "", ""),
    "=?utf-8?q?Ada?= <ada@x.org>": ("ada@x.org", "", ""),
    "Sukarno <s@x.org>": ("s@x.org", "Sukarno", ""),
    "<ada@x.org>": ("ada@x.org", "", ""),
    "ada@x.org <ADA@x.org>": ("ADA@x.org", "", ""),
    "b@x.org, Ada <ada@x.org>": ("b@x.org, Ada <ada@x.org>", "", ""),
}


def test_a_name_that_comes_with_the_address_is_filled_in(tool: FrameLocator) -> None:
    asked = window.open_window(tool)
    first, last = asked.get_by_label("First Name"), asked.get_by_label("Last Name")
    for pasted, (email, given, family) in PASTED.items():
        window.fill(asked, "", "", "")
        _paste(asked, pasted)
        expect(asked.get_by_role("combobox", name="Email")).to_have_value(email)
        expect(first).to_have_value(given)
        expect(last).to_have_value(family)

    window.fill(asked, "", "Countess", "")
    _paste(asked, "Ada Lovelace <ada@x.org>")
    expect(asked.get_by_role("combobox", name="Email")).to_have_value("ada@x.org")
    expect(first).to_have_value("Countess")
    expect(last).to_have_value("")


def test_a_press_beside_the_window_closes_it_where_nothing_was_chosen_or_typed(
    profile: MakeProfile, film: Link
) -> None:
    page, tool = profile((1366, 900)).launch(COLLEAGUE, film)
    asked = window.open_window(tool)
    beside = asked.evaluate("({offsetLeft, offsetTop}) => [offsetLeft / 2, offsetTop + 40]")
    frame = page.locator("iframe").bounding_box()
    assert frame
    press = frame["x"] + beside[0], frame["y"] + beside[1]
    asked.get_by_role("button", name="Change").click()
    asked.get_by_label("The link works for").select_option("1 hour")
    page.mouse.click(*press)
    expect(asked).to_be_visible()
    asked.get_by_label("The link works for").select_option("1 day")
    window.fill(asked, "second-try@example.org")
    window.generate(asked)
    asked.get_by_role("button", name="Copy invitation text").click()
    expect(asked.get_by_label("Invitation text")).not_to_have_value("")
    page.mouse.click(*press)
    expect(asked).to_be_hidden()


def test_names_go_with_the_address_that_they_came_with(tool: FrameLocator) -> None:
    window.invite(tool, "plato@example.org", "Plato", one_name=True)
    asked = window.open_window(tool)
    email, one_name = asked.get_by_role("combobox", name="Email"), asked.get_by_label("only one")
    first, last = asked.get_by_label("First Name"), asked.get_by_label("Last Name")
    _paste(asked, "Ada Lovelace <ada@x.org>")
    _paste(asked, "Grace Hopper <grace@x.org>")
    expect(first).to_have_value("Grace")
    expect(last).to_have_value("Hopper")
    last.fill("Murray")
    email.fill("other@x.org")
    email.press("Tab")
    expect(first).to_have_value("")
    expect(last).to_have_value("Murray")

    last.fill("")
    email.fill("")
    email.press_sequentially("plat")
    asked.get_by_role("option", name="plato@example.org").click()
    expect(one_name).to_be_checked()
    _paste(asked, "Ada Lovelace <ada@x.org>")
    expect(one_name).not_to_be_checked()
    expect(last).to_be_enabled()
    expect(last).to_have_value("Lovelace")


def test_namesakes_are_told_apart_and_the_revoked_are_counted(tool: FrameLocator) -> None:
    for email in ("ada@north.org", "ada@south.org"):
        window.invite(tool, email)
    window.invite(tool, "grace@north.org", "Grace", "Hopper")
    people = window.show_people(window.open_window(tool))
    expect(people.get_by_text("0 of 3 came in", exact=True)).to_be_visible()
    north = people.get_by_role("button", name="Ada Lovelace ada@north.org Not used yet")
    expect(people.get_by_role("button", name="Ada Lovelace ada@south.org")).to_be_visible()
    expect(people.get_by_role("button", name="Grace Hopper Not used yet")).to_be_visible()

    north.click()
    people.get_by_role("button", name="Revoke: Ada Lovelace, ada@north.org").click()
    people.get_by_role("group").get_by_role("button", name="Revoke").click()
    expect(people.get_by_text("0 of 2 came in, revoked: 1")).to_be_visible()


def _paste(asked: Locator, text: str) -> None:
    field = asked.get_by_role("combobox", name="Email")
    field.focus()
    field.evaluate(
        """(field, text) => {
            field.value = text;
            field.dispatchEvent(
                new InputEvent('input', {bubbles: true, inputType: 'insertFromPaste'}));
        }""",
        text,
    )


def test_how_long_is_said_before_and_can_be_shortened(tool: FrameLocator, world: World) -> None:
    asked = window.open_window(tool)
    expect(asked.get_by_text("The link works once, until")).to_be_visible()
    window.fill(asked, "shorter@example.org")
    asked.get_by_role("button", name="Change").click()
    expect(asked.get_by_label("The link works for")).to_be_focused()
    asked.get_by_label("The link works for").select_option("1 hour")
    promised = asked.get_by_text("The link works once, until").inner_text()
    window.generate(asked)

    begun, ends = world.rows(
        "SELECT generated_at, expires_at FROM invitation WHERE email = 'shorter@example.org'"
    )[0]
    assert str(ends - begun) == "1:00:00"  # type: ignore[operator]
    until = asked.locator("dd").filter(has_text="UTC").inner_text()
    assert until.split(",")[0] in promised

    asked.get_by_role("button", name="Invite another").click()
    expect(asked.get_by_label("The link works for")).to_have_value("1440")

    window.fill(asked, "shorter@example.org")
    asked.get_by_label("The link works for").select_option("2 hours")
    window.generate(asked)
    expect(asked.get_by_text("A new link would work once, until")).to_be_visible()
    asked.get_by_role("button", name="Make a new link").click()
    expect(asked.get_by_role("heading", name="The new link for")).to_be_visible()
    begun, ends = world.rows(
        "SELECT generated_at, expires_at FROM invitation WHERE email = 'shorter@example.org'"
    )[0]
    assert str(ends - begun) == "2:00:00"  # type: ignore[operator]


def test_nothing_typed_is_lost_whatever_the_server_says(
    profile: MakeProfile, film: Link, world: World
) -> None:
    """First the institution allows less than the window offered, then the session is over."""
    colleague = profile()
    colleague.expects(401, 422)
    _page, tool = colleague.launch(COLLEAGUE, film)
    asked = window.open_window(tool)
    window.fill(asked, "kept@example.org")
    asked.get_by_role("button", name="Change").click()
    asked.get_by_label("The link works for").select_option("4 hours")
    asked.get_by_role("button", name="Change").click()
    world.set("link_duration", "60")
    try:
        asked.get_by_role("button", name="Generate invite link").click()
        choice = asked.get_by_label("The link works for")
        expect(choice).to_be_focused()
        expect(choice).to_have_accessible_description("Choose at most 1 hour.")
        choice.select_option("1 hour")
        expect(choice).to_have_accessible_description("")
    finally:
        world.set("link_duration", "1440")

    colleague.context.clear_cookies()
    asked.get_by_role("button", name="Generate invite link").click()
    expect(asked.get_by_role("alert")).to_contain_text("What you typed stays here.")
    expect(asked.get_by_role("combobox", name="Email")).to_have_value("kept@example.org")
    expect(choice).to_have_value("60")


def test_the_invitation_is_handed_over_ready_to_send(tool: FrameLocator) -> None:
    asked = window.open_window(tool)
    window.fill(asked, "ready@example.org")
    link = window.generate(asked)
    made = asked.get_by_role("region", name="The link for Ada Lovelace is ready")

    first = made.get_by_role("button").first
    expect(first).to_have_accessible_name("Copy link")
    assert "primary" in str(first.get_attribute("class"))
    expect(made.locator(".primary:visible")).to_have_count(1)
    made.get_by_role("button", name="Copy invitation text").click()
    expect(asked.get_by_role("status")).to_have_text("Copied")
    text = made.get_by_label("Invitation text").input_value()
    assert f"\n{link}\n" in text, "on a line of its own"
    assert text.startswith("Hello Ada Lovelace,")
    for part in (LONG_TITLE.strip(), "ready@example.org", "once, until", "UTC", "one browser"):
        assert part in text

    href = str(made.get_by_role("link", name="Write an e-mail").get_attribute("href"))
    assert len(href) <= 1900, "longer ones are cut by some mail programs"
    letter = urlsplit(href)
    assert (letter.scheme, letter.path) == ("mailto", "ready@example.org")
    assert link in parse_qs(letter.query)["body"][0]
    for said in ("Ada Lovelace", "ready@example.org", "Viewer", "Once, in one browser"):
        expect(made.locator("dl")).to_contain_text(said)


def test_who_asks_leaves_a_mark_that_goes_with_a_new_link(
    profile: MakeProfile, film: Link, world: World
) -> None:
    _page, tool = profile().launch(COLLEAGUE, film)
    window.invite(tool, "asks@example.org", "Asking", "Person")
    world.rows(
        "UPDATE invitation SET new_link_asked_at = created_at"
        " WHERE email = 'asks@example.org' RETURNING id"
    )
    _page, tool = profile().launch(COLLEAGUE, film)
    waiting = "Waiting for you: 1"
    expect(tool.get_by_role("button", name="More actions")).to_have_accessible_name(
        f"More actions {waiting}"
    )
    expect(tool.get_by_role("button", name=f"Invite users {waiting}")).to_be_visible()
    line = window.open_menu(tool).get_by_role("menuitem", name=f"Invite users {waiting}")
    line.click()
    asked = tool.get_by_role("dialog", name="Invite users")
    expect(asked.get_by_role("tab", name="Invitations")).to_have_accessible_name(
        f"Invitations {waiting}"
    )

    row = window.unfold(window.show_people(asked), "Asking Person")
    expect(row).to_contain_text("Asked for a new link on")
    row.get_by_role("button", name="Make a new link").click()
    row.get_by_role("group").get_by_role("button", name="Make a new link").click()

    expect(row.get_by_label("Invitation link")).to_be_visible()
    expect(row.get_by_role("button", name="Copy")).to_have_text(
        ["Copy link", "Copy invitation text"]
    )
    expect(asked.get_by_role("tab", name="Invitations")).to_have_accessible_name("Invitations")
    asked.get_by_role("button", name="Close").click()
    expect(tool.get_by_role("button", name="More actions")).to_have_accessible_name("More actions")


def _comes_in(guest: Profile, link: str, email: str) -> None:
    page = guest.tab(link)
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", level=1, name=LONG_TITLE.strip()).wait_for()


def test_a_question_says_what_happens_to_this_person_now(
    profile: MakeProfile, tool: FrameLocator
) -> None:
    """The list was read before the guest came in."""
    link = window.invite(tool, "guest@example.org", "Grace", "Hopper")
    with window.entry(tool, "guest@example.org") as row:
        renew, question = (
            row.get_by_role("button", name="Make a new link"),
            row.get_by_role("group"),
        )
        renew.click()
        expect(question).to_contain_text("Nobody is inside by it.")
        question.get_by_role("button", name="Cancel").click()
        expect(renew).to_be_focused()

        _comes_in(profile(PHONE), link, "guest@example.org")
        renew.click()
        expect(question).to_contain_text("Grace Hopper is inside now and is signed out at once.")
        expect(row).to_contain_text("still inside")
        question.get_by_role("button", name="Cancel").click()

        row.get_by_role("button", name="Reset device").click()
        question.get_by_role("button", name="Reset device").click()
        expect(row).to_contain_text("can come in again")
        expect(row).not_to_contain_text("Not used yet")
        expect(row).to_contain_text("0 of 1")


def test_escape_takes_a_question_back_and_leaves_the_window(
    profile: MakeProfile, film: Link
) -> None:
    page, tool = profile((1366, 650)).launch(INSTRUCTOR, film)
    for number in range(7):
        window.invite(tool, f"many{number}@example.org", "Many", f"People{number}")
    asked = window.open_window(tool)
    row = window.unfold(window.show_people(asked), "many0@example.org")
    revoke, question = row.get_by_role("button", name="Revoke"), row.get_by_role("group")
    expect(revoke).to_be_in_viewport(ratio=1)
    with page.expect_response(lambda one: "/invitations?" in one.url):
        asked.get_by_role("tab", name="Invitations").click()
    # Read anew, and what was unfolded is still so.
    revoke.click()
    expect(question.get_by_role("button", name="Revoke")).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(asked).to_be_visible()
    expect(revoke).to_be_focused()

    revoke.click()
    question.get_by_role("button", name="Revoke").click()
    expect(row.get_by_role("heading").get_by_role("button")).to_be_focused()
    row.get_by_role("button", name="Invite again").click()
    expect(asked.get_by_role("combobox", name="Email")).to_have_value("many0@example.org")
    expect(asked.get_by_label("Last Name")).to_have_value("People0")
    assert window.generate(asked)
    page.keyboard.press("Escape")
    expect(asked).to_be_hidden()


def test_on_a_phone_the_window_is_a_sheet_and_in_a_tall_frame_it_is_where_one_looks(
    profile: MakeProfile, film: Link
) -> None:
    page, tool = profile((360, 740)).launch(COLLEAGUE, film)
    asked = window.open_window(tool)
    width = tool_frame(page).evaluate("document.documentElement.clientWidth")
    box = asked.evaluate("dialog => dialog.getBoundingClientRect().toJSON()")
    assert (box["left"], box["width"]) == (0, width)
    asked.get_by_role("button", name="Close").click()

    page.set_viewport_size({"width": 1366, "height": 650})
    page.locator("iframe").evaluate("frame => frame.style.height = '2400px'")
    tool.get_by_role("button", name="Invite users").click()
    expect(asked.get_by_role("combobox", name="Email")).to_be_in_viewport(ratio=1)
    expect(asked.get_by_role("button", name="Generate invite link")).to_be_in_viewport(ratio=1)
