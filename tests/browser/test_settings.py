"""An administrator sets the rules of the second school."""

from __future__ import annotations

import pytest
from playwright.sync_api import FrameLocator, Locator, expect

from . import window
from .conftest import MakeProfile
from .people import FRAME, SCRIPTED, SENT_BY_SCRIPT
from .world import ADMINISTRATOR, COURSE, INSTRUCTOR, World

SCHOOL = "southgate"


@pytest.fixture
def film(world: World) -> str:
    links = world.platform.links(COURSE, SCHOOL)
    return next(link.id for link in links if link.kind == "video")


def _open(profile: MakeProfile, world: World, film: str, user: str) -> FrameLocator:
    person = profile()
    person.expects(422)
    page = person.tab(f"{world.lms}/courses/{COURSE}/links/{film}?user={user}&school={SCHOOL}")
    tool = page.frame_locator(FRAME)
    tool.locator(SCRIPTED).wait_for()
    return tool


def _settings(profile: MakeProfile, world: World, film: str) -> FrameLocator:
    tool = _open(profile, world, film, ADMINISTRATOR)
    window.choose(tool, "Settings")
    tool.get_by_role("heading", name="Settings", level=1).wait_for()
    tool.locator(SENT_BY_SCRIPT).wait_for()
    return tool


def test_a_new_link_duration_holds_for_the_next_link(
    profile: MakeProfile, world: World, film: str
) -> None:
    tool = _settings(profile, world, film)
    duration = _setting(tool, "link_duration")
    expect(duration.get_by_role("textbox")).to_have_value("1")
    expect(duration.get_by_role("combobox", name="Unit")).to_have_value("days")
    duration.get_by_role("textbox").fill("90")
    duration.get_by_role("combobox").select_option("minutes")
    tool.get_by_role("button", name="Save settings").click()
    expect(tool.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    expect(duration.get_by_role("textbox")).to_have_value("90")

    window.invite(_open(profile, world, film, INSTRUCTOR), "short@example.org")

    begun, ends = world.rows(
        "SELECT generated_at, expires_at FROM invitation WHERE email = 'short@example.org'"
    )[0]
    assert str(ends - begun) == "1:30:00"  # type: ignore[operator]


def test_a_wrong_value_is_refused_at_its_field(
    profile: MakeProfile, world: World, film: str
) -> None:
    tool = _settings(profile, world, film)
    reuse = tool.get_by_label("Link reusability")
    reuse.fill("now and then")
    tool.get_by_label("Guest session").fill("9")
    tool.get_by_role("button", name="Save settings").click()

    expect(reuse).to_have_attribute("aria-invalid", "true")
    expect(reuse).to_be_focused()
    expect(reuse).to_have_value("now and then")
    expect(tool.get_by_label("Guest session")).to_have_value("9")


def test_no_limit_is_a_box_and_is_saved_beside_it(
    profile: MakeProfile, world: World, film: str
) -> None:
    tool = _settings(profile, world, film)
    reuse = _setting(tool, "link_reusability")
    lost = tool.get_by_text("A link can be used any number of times")
    save = tool.get_by_role("button", name="Save changes")
    expect(lost).to_be_hidden()
    expect(save).to_be_hidden()

    reuse.get_by_label("No limit").check()
    expect(lost).to_be_visible()
    expect(reuse.get_by_role("textbox")).to_be_disabled()
    save.click()
    expect(tool.get_by_text("Saved", exact=True).locator("visible=true")).to_be_visible()
    expect(save).to_be_hidden()
    shown = world.flask("settings", "show", "--platform", world.registered[SCHOOL])
    assert "link_reusability = -1" in shown

    reuse.get_by_label("No limit").uncheck()
    reuse.get_by_role("textbox").fill("1")
    save.press("Enter")
    expect(save).to_be_hidden()
    expect(reuse.get_by_role("textbox")).to_be_focused()


def _setting(tool: FrameLocator, name: str) -> Locator:
    """A setting that has more than one control."""
    return tool.locator(f"[data-field={name}]")


def _unsaved(tool: FrameLocator) -> Locator:
    return tool.get_by_text("You have unsaved changes.")


def test_what_is_unsaved_is_measured_by_what_is_stored(
    profile: MakeProfile, world: World, film: str
) -> None:
    tool = _settings(profile, world, film)
    session = tool.get_by_label("Guest session")
    stored = session.input_value()
    expect(_unsaved(tool)).to_be_hidden()

    tool.get_by_label("Link reusability").fill("now and then")
    session.fill("7")
    tool.get_by_role("button", name="Save settings").click()
    expect(tool.get_by_label("Link reusability")).to_have_attribute("aria-invalid", "true")
    expect(_unsaved(tool)).to_be_visible()

    tool.get_by_label("Link reusability").fill("1")
    tool.get_by_role("button", name="Save settings").click()
    expect(tool.get_by_text("Saved.").first).to_be_visible()
    expect(tool.get_by_label("Link reusability")).not_to_have_attribute("aria-invalid", "true")
    expect(_unsaved(tool)).to_be_hidden()
    session.fill(stored)
    expect(_unsaved(tool)).to_be_visible()
    session.fill("7")
    expect(_unsaved(tool)).to_be_hidden()


def test_what_was_typed_outlives_the_connection_and_the_session(
    profile: MakeProfile, world: World, film: str
) -> None:
    administrator = profile()
    administrator.expects(401, "ERR_INTERNET_DISCONNECTED")
    page = administrator.tab(
        f"{world.lms}/courses/{COURSE}/links/{film}?user={ADMINISTRATOR}&school={SCHOOL}"
    )
    tool = page.frame_locator(FRAME)
    window.choose(tool, "Settings")
    tool.get_by_role("heading", name="Settings", level=1).wait_for()
    tool.locator(SENT_BY_SCRIPT).wait_for()
    domains = tool.get_by_label("Blocked e-mail domains")
    domains.fill("spam.example, junk.example")

    administrator.context.set_offline(True)
    tool.get_by_role("button", name="Save settings").click()
    expect(tool.get_by_role("alert")).to_contain_text("no connection")
    expect(domains).to_have_value("spam.example, junk.example")

    administrator.context.set_offline(False)
    administrator.context.clear_cookies()
    tool.get_by_role("button", name="Save settings").click()
    expect(tool.get_by_role("alert")).to_contain_text("Your session has ended")
    expect(domains).to_have_value("spam.example, junk.example")
    expect(_unsaved(tool)).to_be_visible()


def test_who_may_invite_is_chosen_or_listed(profile: MakeProfile, world: World, film: str) -> None:
    tool = _settings(profile, world, film)
    who = tool.get_by_role("radiogroup", name="Allowed users")
    people = who.get_by_role("textbox")
    expect(who.get_by_label("Managers and above")).to_be_checked()
    expect(people).to_be_hidden()

    who.get_by_role("radio", name="Only these people").check()
    people.fill("u-17; u-18")
    tool.get_by_role("button", name="Save settings").click()
    expect(people).to_have_value("u-17, u-18")
    who.get_by_label("Managers and above").check()
    tool.get_by_role("button", name="Save settings").click()
    expect(tool.get_by_text("Saved.").first).to_be_visible()

    expect(people).to_be_hidden()
    shown = world.flask("settings", "show", "--platform", world.registered[SCHOOL])
    assert "allowed_users = manager" in shown


def test_the_settings_lead_back_to_the_media(profile: MakeProfile, world: World, film: str) -> None:
    tool = _settings(profile, world, film)

    tool.get_by_role("link", name="Back to the media").click()

    expect(window.open_menu(tool).get_by_role("menuitem", name="Settings")).to_be_visible()


def test_switching_the_check_off_says_what_is_lost(
    profile: MakeProfile, world: World, film: str
) -> None:
    tool = _settings(profile, world, film)
    lost = tool.get_by_text("Anyone who has a link gets in as the invitee")
    expect(lost).to_be_hidden()

    tool.get_by_label("Nothing: a button on a second page lets them in").check()
    expect(lost).to_be_visible()
    tool.get_by_label("Type the e-mail address that was invited").check()
    expect(lost).to_be_hidden()


def test_an_instructor_has_no_settings(profile: MakeProfile, world: World, film: str) -> None:
    tool = _open(profile, world, film, INSTRUCTOR)

    menu = window.open_menu(tool)
    expect(menu.get_by_role("menuitem", name="Invite users")).to_be_visible()
    expect(menu.get_by_role("menuitem", name="Settings")).to_have_count(0)
