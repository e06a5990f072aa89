"""An administrator sets the rules of the second school."""

from __future__ import annotations

import pytest
from playwright.sync_api import FrameLocator, expect

from . import window
from .conftest import MakeProfile
from .people import FRAME, SCRIPTED
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
    tool.get_by_role("link", name="Settings").click()
    tool.get_by_role("heading", name="Settings", level=1).wait_for()
    tool.locator(SCRIPTED).wait_for()
    return tool


def test_a_new_link_duration_holds_for_the_next_link(
    profile: MakeProfile, world: World, film: str
) -> None:
    tool = _settings(profile, world, film)
    tool.get_by_label("Link duration").fill("90")
    tool.get_by_role("button", name="Save settings").click()
    expect(tool.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    expect(tool.get_by_label("Link duration")).to_have_value("90")

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

    expect(tool.get_by_role("link", name="Settings")).to_have_count(0)
