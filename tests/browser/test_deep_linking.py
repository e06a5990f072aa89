"""The LMS's own dialogs: choosing, uploading there, giving up; a course's gallery; its copies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, Playwright, expect

from sandbox.claims import INSTRUCTOR as TEACHER
from sandbox.claims import LEARNER
from sandbox.courses import Link

from . import chromium
from .conftest import MakeProfile
from .people import FRAME, LAPTOP, SCRIPTED, SENT_BY_SCRIPT, Profile
from .world import COURSE, INSTRUCTOR, STUDENT, World

REFUSED = 2
FILM, SOUNDS, VALLEY = "A morning on the river", "Sounds by the water", "The valley at dawn"


def dialog(person: Profile, button: str) -> tuple[Page, FrameLocator]:
    """The LMS's page with its dialog, and the tool in that."""
    page = person.tab(person.world.dialog(INSTRUCTOR, button))
    tool = page.frame_locator(FRAME)
    tool.locator(SCRIPTED).wait_for()
    expect(tool.get_by_role("heading", level=1)).to_be_visible()
    return page, tool


def item(tool: FrameLocator, name: str) -> Locator:
    return tool.get_by_role("listitem").filter(has_text=name)


def back_in_the_course(page: Page, said: str) -> None:
    """The LMS has taken the answer and shows its course again."""
    expect(page.get_by_text(said)).to_be_visible()
    assert f"/courses/{COURSE}?" in page.url


def latest(world: World) -> Link:
    """The activity that the LMS made last."""
    return world.platform.services.returned[-1].links[-1]


def test_one_is_chosen_and_opens_for_students(profile: MakeProfile, world: World) -> None:
    browser = profile()
    page, tool = dialog(browser, "one")
    item(tool, SOUNDS).get_by_role("button", name="Choose").click()
    back_in_the_course(page, f"Added: {SOUNDS}.")

    _page, tool = browser.launch(STUDENT, latest(world))
    expect(tool.get_by_role("heading", level=1)).to_have_text(SOUNDS)


def test_several_are_chosen_with_the_keyboard_on_more_than_one_page(
    profile: MakeProfile, world: World
) -> None:
    page, tool = dialog(profile(), "content")
    expect(tool.get_by_text("Nothing chosen yet")).to_be_visible()
    box = item(tool, SOUNDS).get_by_role("checkbox")
    box.focus()
    page.keyboard.press("Space")
    expect(box).to_be_checked()
    expect(tool.get_by_text("1 chosen", exact=True)).to_be_visible()

    tool.get_by_label("Search by title").fill("valley")
    page.keyboard.press("Enter")
    expect(tool.get_by_text("Chosen on another page")).to_be_visible()
    expect(tool.get_by_role("listitem").filter(has_text=FILM)).to_have_count(0)
    item(tool, VALLEY).get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    expect(tool.get_by_text("2 chosen", exact=True)).to_be_visible()

    add = tool.get_by_role("button", name="Add to the course")
    add.focus()
    page.keyboard.press("Enter")
    back_in_the_course(page, f"Added: {SOUNDS}, {VALLEY}.")


def test_a_gradebook_column_is_asked_for_and_its_points_are_looked_at(
    profile: MakeProfile, world: World
) -> None:
    browser = profile()
    browser.expects(422)
    page, tool = dialog(browser, "content")
    tool.get_by_label("Make a gradebook column").check()
    tool.get_by_label("Points").fill("lots")
    item(tool, SOUNDS).get_by_role("checkbox").check()
    tool.get_by_role("button", name="Add to the course").click()
    points = tool.get_by_label("Points")
    expect(points).to_be_focused()
    expect(points).to_have_attribute("aria-invalid", "true")
    expect(item(tool, SOUNDS).get_by_role("checkbox")).to_be_checked()

    points.fill("25")
    tool.get_by_role("button", name="Add to the course").click()
    back_in_the_course(page, f"Added: {SOUNDS}.")
    answer = world.platform.services.returned[-1]
    assert answer.items[0]["lineItem"]["scoreMaximum"] == 25


def test_what_is_uploaded_in_the_dialog_is_chosen_with_what_was_ticked_before(
    profile: MakeProfile, world: World
) -> None:
    page, tool = dialog(profile(), "content")
    item(tool, VALLEY).get_by_role("checkbox").check()
    tool.get_by_role("link", name="Upload").click()
    tool.get_by_role("heading", name="Add media").wait_for()
    tool.locator(SENT_BY_SCRIPT).wait_for()
    tool.get_by_label("File").set_input_files(world.samples / "stream-guide.pdf")
    tool.get_by_label("Title").fill("A guide made in the dialog")
    tool.get_by_role("button", name="Add").click()

    expect(tool.get_by_text("“A guide made in the dialog” is in your media")).to_be_visible()
    expect(tool.get_by_text("2 chosen", exact=True)).to_be_visible()
    expect(item(tool, "A guide made in the dialog").get_by_role("checkbox")).to_be_checked()
    tool.get_by_role("button", name="Add to the course").click()
    expect(page.get_by_text("Added: ")).to_contain_text("A guide made in the dialog")


def test_adding_is_given_up_and_then_the_dialog(profile: MakeProfile, world: World) -> None:
    page, tool = dialog(profile(), "one")
    tool.get_by_role("link", name="Upload").click()
    tool.get_by_role("link", name="Cancel").click()
    expect(tool.get_by_role("heading", name="Choose what to add")).to_be_visible()
    tool.get_by_role("button", name="Cancel").click()
    back_in_the_course(page, "Nothing was added.")


@pytest.mark.parametrize(
    ("button", "role", "words"),
    [
        ("content", LEARNER, "Only those who teach choose here"),
        ("files", TEACHER, "Nothing that fits here"),
    ],
)
def test_who_has_nothing_to_choose_goes_back(
    profile: MakeProfile, world: World, button: str, role: str, words: str
) -> None:
    world.platform.prepare_next(claims={"roles": [role]})
    page, tool = dialog(profile(), button)
    expect(tool.get_by_role("heading", level=1)).to_have_text(words)
    tool.get_by_role("button", name="Go back").click()
    back_in_the_course(page, "Nothing was added.")


@pytest.fixture
def strict(playwright: Playwright, world: World) -> Iterator[Browser]:
    """A browser that keeps nothing for the tool inside this LMS."""
    refused = {"cookies": {f"{world.tool},{world.lms}": {"setting": REFUSED}}}
    with chromium.running(playwright, refused) as browser:
        yield browser


def test_a_course_shows_its_media_and_every_item_leads_back(
    profile: MakeProfile, world: World
) -> None:
    browser = profile()
    browser.launch(INSTRUCTOR, "video")
    entry = world.platform.add_link("Media", custom={"show": "gallery"})
    _page, tool = browser.launch(STUDENT, entry)
    expect(tool.get_by_role("heading", level=1)).to_have_text("Life in Running Water")
    tool.get_by_label("Search by title").fill("MORNING river")
    tool.get_by_role("button", name="Search").click()
    expect(tool.get_by_role("heading", level=2)).to_have_count(1)
    tool.get_by_role("link", name=FILM).click()
    expect(tool.get_by_role("heading", level=1)).to_have_text(FILM)
    tool.get_by_role("link", name="All media of this course").click()
    expect(tool.get_by_role("heading", level=1)).to_have_text("Life in Running Water")


def test_an_instructor_publishes_in_the_gallery(profile: MakeProfile, world: World) -> None:
    name = "Only for the gallery"
    world.add_media(world.samples / "valley-at-dawn.jpg", name)
    browser = profile()
    entry = world.platform.add_link("Media", custom={"show": "gallery"})
    _page, student = browser.launch(STUDENT, entry)
    expect(student.get_by_role("link", name=name)).to_have_count(0)
    _page, tool = browser.launch(INSTRUCTOR, entry)
    tool.get_by_role("link", name="From my media").click()
    item(tool, name).get_by_role("button", name="Publish").click()
    expect(tool.get_by_role("link", name=name)).to_be_visible()
    _page, student = browser.launch(STUDENT, entry)
    expect(student.get_by_role("link", name=name)).to_be_visible()


def test_a_copied_course_opens_after_its_teacher(profile: MakeProfile, world: World) -> None:
    name = "Only of this course"
    media_id = world.add_media(world.samples / "valley-at-dawn.jpg", name)
    # What an operator puts in opens behind every link; this shall be the instructor's own.
    world.sql("UPDATE media_item SET open_to_links = false WHERE id = :id", id=media_id)
    browser = profile()
    page, tool = dialog(browser, "one")
    item(tool, name).get_by_role("button", name="Choose").click()
    back_in_the_course(page, f"Added: {name}.")
    link = latest(world)
    browser.launch(INSTRUCTOR, link)
    fresh = world.platform.copy_course(COURSE, id="next-term")
    copied = next(one for one in world.platform.links(fresh) if one.id.endswith(link.id))

    browser.expects(404)
    early = browser.tab(world.activity(STUDENT, copied)).frame_locator(FRAME)
    expect(early.get_by_role("heading", level=1)).to_have_text("This does not open here yet")
    for user in (INSTRUCTOR, STUDENT):
        _page, tool = browser.launch(user, copied)
        expect(tool.get_by_role("heading", level=1)).to_have_text(name)


def test_a_dialog_in_a_window_of_its_own_is_answered(strict: Browser, world: World) -> None:
    """Where the frame keeps nothing and this LMS nothing for it: all of it in a new window."""
    width, height = LAPTOP
    maria = Profile(world, strict.new_context(viewport={"width": width, "height": height}))
    tool = maria.tab(world.dialog(INSTRUCTOR, "one")).frame_locator(FRAME)
    with maria.context.expect_page() as opened:
        tool.get_by_role("button", name="Open in a new window").click()
    page = opened.value
    chosen = page.get_by_role("listitem").filter(has_text=SOUNDS)
    chosen.get_by_role("button", name="Choose").click()
    back_in_the_course(page, f"Added: {SOUNDS}.")
    assert not maria.close()
