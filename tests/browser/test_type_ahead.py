"""Typing two letters of somebody in the course, and choosing them."""

from __future__ import annotations

import re
from itertools import count
from types import MappingProxyType

import pytest
from playwright.sync_api import Locator, Page, expect

from sandbox.courses import Course, Link
from sandbox.people import Role, User

from . import window
from .conftest import MakeProfile
from .examined import axe_program, too_wide, violations
from .people import SMALL_PHONE, tool_frame
from .world import INSTRUCTOR, World

ZOE = User("zoe", "7001", "Zoë Marie", "Ångström", "zoe.angstrom@north.example")
ZOLTAN = User("zoltan", "7002", "Zoltán", "Nagy", "zoltan@north.example")

_numbers = count(301)


@pytest.fixture
def film(world: World) -> Link:
    """An activity of a course that nobody has opened yet, with many people in it."""
    number = next(_numbers)
    course = Course(
        id=str(number),
        label="GEO",
        title=f"Maps and Mountains {number}",
        about="",
        roles=MappingProxyType({INSTRUCTOR: Role.INSTRUCTOR}),
    )
    platform = world.platform
    platform.courses = (*platform.courses, course)
    platform.services.hire(course, ZOE)
    platform.services.hire(course, ZOLTAN)
    platform.services.enlarge(course, 120)
    return platform.add_link("A film", media=world.media["video"], course=course)


def type_into(asked: Locator, typed: str) -> Locator:
    email = asked.get_by_role("combobox", name="Email")
    email.press_sequentially(typed)
    return email


def test_two_letters_and_a_choice_fill_the_names(profile: MakeProfile, film: Link) -> None:
    _page, tool = profile().launch(INSTRUCTOR, film)
    asked = window.open_window(tool)

    email = type_into(asked, "an zo")
    asked.get_by_role("option", name="Zoë Marie Ångström").click()

    expect(email).to_have_value(ZOE.email)
    expect(asked.get_by_label("First Name")).to_have_value("Zoë Marie")
    expect(asked.get_by_label("Last Name")).to_have_value("Ångström")
    expect(asked.get_by_role("button", name="Generate invite link")).to_be_focused()
    assert window.generate(asked)

    asked.get_by_role("button", name="Invite another").click()
    type_into(asked, "zo")
    invited = asked.get_by_role("option").filter(has_text="Already invited")
    expect(invited).to_have_count(1)
    expect(invited).to_contain_text("Ångström")


def test_with_the_keys_alone(profile: MakeProfile, film: Link) -> None:
    page, tool = profile().launch(INSTRUCTOR, film)
    asked = window.open_window(tool)
    email = type_into(asked, "zo")
    expect(asked.get_by_role("option")).to_have_count(2)
    expect(email).to_have_attribute("aria-expanded", "true")

    page.keyboard.press("Escape")
    expect(email).to_have_attribute("aria-expanded", "false")
    expect(asked).to_be_visible()

    page.keyboard.press("ArrowDown")
    expect(email).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowUp")
    active = asked.get_by_role("option", selected=True)
    expect(active).to_contain_text(ZOLTAN.name)
    expect(email).to_have_attribute("aria-activedescendant", str(active.get_attribute("id")))
    page.keyboard.press("Enter")

    expect(email).to_have_value(ZOLTAN.email)
    expect(email).to_have_attribute("aria-expanded", "false")
    expect(asked.get_by_label("Last Name")).to_have_value("Nagy")


def test_the_suggestions_are_accessible_and_fit_a_small_phone(
    profile: MakeProfile, film: Link
) -> None:
    page, tool = profile(SMALL_PHONE).launch(INSTRUCTOR, film)
    window.invite(tool, ZOE.email, "Zoë", "Å.")
    asked = window.open_window(tool)
    type_into(asked, "zo")
    expect(asked.get_by_role("option").filter(has_text="Already invited")).to_be_visible()
    _examine(page)


def test_a_list_that_cannot_be_read_is_said(profile: MakeProfile, world: World, film: Link) -> None:
    world.platform.services.faults.add("memberships", 503, times=None)
    try:
        page, tool = profile().launch(INSTRUCTOR, film)
        asked = window.open_window(tool)
        email = type_into(asked, "zo")
        said = asked.get_by_text("could not be read. Type the address.")
        expect(said.first).to_be_visible()
        expect(email).to_have_accessible_description(re.compile("could not be read"))
        _examine(page)
    finally:
        world.platform.services.faults.clear()
    window.fill(asked, ZOE.email)
    assert window.generate(asked)


def _examine(page: Page) -> None:
    frame = tool_frame(page)
    frame.evaluate(axe_program())
    assert not violations(frame)
    assert not too_wide(frame)
