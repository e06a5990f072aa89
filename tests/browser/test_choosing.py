"""A course link that shows nothing yet: choosing an item, or adding one."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, Route, expect

from sandbox.courses import Link

from .conftest import MakeProfile
from .people import FRAME, SENT_BY_SCRIPT
from .world import INSTRUCTOR, STUDENT, World


@pytest.fixture
def empty(world: World) -> Link:
    return world.platform.add_link("Something to choose")


def in_frame(page: Page) -> FrameLocator:
    return page.frame_locator(FRAME)


def test_the_instructor_chooses_and_students_see_it(
    profile: MakeProfile, world: World, empty: Link
) -> None:
    browser = profile()
    student = browser.tab(world.activity(STUDENT, empty))
    expect(in_frame(student).get_by_role("heading", name="Nothing here yet")).to_be_visible()

    tool = in_frame(browser.tab(world.activity(INSTRUCTOR, empty)))
    item = tool.get_by_role("listitem").filter(has_text="Sounds by the water")
    item.get_by_role("button").click()
    expect(tool.get_by_role("heading", level=1)).to_have_text("Sounds by the water")

    student.reload()
    expect(in_frame(student).get_by_role("heading", level=1)).to_have_text("Sounds by the water")


def _upload_page(page: Page) -> FrameLocator:
    tool = in_frame(page)
    tool.get_by_role("link", name="Upload").click()
    tool.get_by_role("heading", name="Add media").wait_for()
    tool.locator(SENT_BY_SCRIPT).wait_for()
    return tool


def test_an_interrupted_upload_goes_on_where_it_stopped(
    profile: MakeProfile, world: World, empty: Link
) -> None:
    """The connection brings half of the file, then breaks, then works again."""
    film = world.samples / "river-morning.mp4"
    content = film.read_bytes()
    half = len(content) // 2
    offsets: list[str] = []
    maria = profile()
    maria.expects("net::ERR_CONNECTION_RESET")

    def connection(route: Route) -> None:
        if route.request.method != "PATCH":
            route.continue_()
            return
        offsets.append(route.request.headers["upload-offset"])
        if len(offsets) == 1:
            route.continue_(post_data=content[:half])
        elif len(offsets) == 2:
            route.abort("connectionreset")
        else:
            route.continue_()

    maria.context.route("**/api/v1/uploads/*", connection)
    tool = _upload_page(maria.tab(world.activity(INSTRUCTOR, empty)))

    tool.get_by_label("File").set_input_files(film)
    expect(tool.locator("[data-state]")).to_have_text("The file has arrived")
    expect(tool.get_by_label("Title")).to_have_value("river-morning")
    tool.get_by_label("Title").fill("Brought in two parts")
    tool.get_by_role("button", name="Add").click()

    expect(tool.get_by_role("heading", level=1)).to_have_text("Brought in two parts")
    expect(tool.get_by_role("button", name="Play Video")).to_be_visible()
    assert offsets == ["0", str(half), str(half)]


def test_a_file_that_is_not_what_it_says_is_refused_with_a_reason(
    profile: MakeProfile, world: World, empty: Link, tmp_path: Path
) -> None:
    hostile = tmp_path / "lecture.mp4"
    hostile.write_bytes(b"<!doctype html><script>alert(1)</script>" * 50)
    maria = profile()
    maria.expects(422)
    tool = _upload_page(maria.tab(world.activity(INSTRUCTOR, empty)))

    tool.get_by_label("File").set_input_files(hostile)
    expect(tool.locator("[data-state]")).to_have_text("The file has arrived")
    tool.get_by_role("button", name="Add").click()

    file = tool.get_by_label("File")
    expect(file).to_have_attribute("aria-invalid", "true")
    expect(tool.locator("#field-file-error")).to_contain_text(" ")
    expect(tool.get_by_label("Title")).to_have_value("lecture")


def test_a_kind_that_cannot_be_shown_is_refused_before_it_is_sent(
    profile: MakeProfile, world: World, empty: Link, tmp_path: Path
) -> None:
    drawing = tmp_path / "drawing.svg"
    drawing.write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    maria = profile()
    tool = _upload_page(maria.tab(world.activity(INSTRUCTOR, empty)))

    tool.get_by_label("File").set_input_files(drawing)

    expect(tool.locator("#field-file-error")).to_contain_text("Files of this kind cannot be shown")
    assert not any("/api/v1/uploads" in one.url for one in maria.answers)


def test_a_file_is_asked_for_in_words(profile: MakeProfile, world: World, empty: Link) -> None:
    tool = _upload_page(profile().tab(world.activity(INSTRUCTOR, empty)))

    tool.get_by_label("Title").fill("Nothing yet")
    tool.get_by_role("button", name="Add").click()

    expect(tool.locator("#field-file-error")).to_have_text("Please choose a file.")
    expect(tool.get_by_label("File")).to_be_focused()


def test_an_upload_whose_session_has_ended_says_so(
    profile: MakeProfile, world: World, empty: Link
) -> None:
    maria = profile()
    maria.expects(401)
    tool = _upload_page(maria.tab(world.activity(INSTRUCTOR, empty)))
    tool.get_by_label("Title").fill("Kept")
    maria.context.clear_cookies()

    tool.get_by_label("File").set_input_files(world.samples / "stream-guide.pdf")

    state = tool.locator("[data-state]")
    expect(state).to_contain_text("Your session has ended")
    expect(state).to_contain_text("Open the page again from your course")
    expect(tool.get_by_role("button", name="Try again")).to_be_hidden()
    tool.get_by_role("button", name="Add").click()
    expect(tool.get_by_role("alert")).to_contain_text("Your session has ended")
    expect(tool.get_by_label("Title")).to_have_value("Kept")


def test_adding_can_be_given_up(profile: MakeProfile, world: World, empty: Link) -> None:
    tool = _upload_page(profile().tab(world.activity(INSTRUCTOR, empty)))

    tool.get_by_role("link", name="Cancel").click()

    expect(tool.get_by_role("heading", level=1)).to_have_text("Choose what this link shows")
