"""A course link that shows nothing yet: choosing an item, or adding one."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, Route, expect

from sandbox.courses import Link

from .conftest import MakeProfile
from .people import FRAME, SENT_BY_SCRIPT, tool_frame
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
    # Of a document the picture shows the top, where its title is.
    guide = tool.locator(".item").filter(has_text="Measuring a stream").locator("img")
    expect(guide).to_have_css("object-position", "50% 0%")
    item = tool.get_by_role("listitem").filter(has_text="Sounds by the water")
    # A tick would say that it is chosen already.
    expect(item.get_by_role("button").locator("svg")).to_have_count(0)
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


def test_an_upload_says_how_much_has_arrived_and_how_long_the_rest_takes(
    profile: MakeProfile, world: World, empty: Link, tmp_path: Path
) -> None:
    """A half of the file arrives at once, and an eighth of it in the minute after that."""
    film = tmp_path / "lecture.mp4"
    film.write_bytes(bytes(800_000))
    maria = profile()
    page = maria.tab(world.activity(INSTRUCTOR, empty))
    tool = _upload_page(page)
    shown = tool_frame(page)
    shown.evaluate("() => { const start = Date.now(); Date.now = () => start }")

    def connection(route: Route) -> None:
        offset = route.request.headers.get("upload-offset")
        if route.request.method != "PATCH":
            route.continue_()
        elif offset == "0":
            route.continue_(post_data=bytes(400_000))
        elif offset == "400000":
            shown.evaluate("() => { const later = Date.now() + 60_000; Date.now = () => later }")
            route.continue_(post_data=bytes(100_000))

    maria.context.route("**/api/v1/uploads/*", connection)
    tool.get_by_label("File").set_input_files(film)
    expect(tool.locator("[data-state]")).to_have_text(
        "500 kB of 800 kB uploaded, about 3 minutes left"
    )


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

    expect(tool.locator("#field-file-error")).to_contain_text("SVG")
    assert not any("/api/v1/uploads" in one.url for one in maria.answers)

    misnamed = tmp_path / "river.mpeg"
    misnamed.write_bytes((world.samples / "river-morning.mp4").read_bytes())
    tool.get_by_label("File").set_input_files(misnamed)
    expect(tool.locator("[data-state]")).to_have_text("The file has arrived")
    expect(tool.locator("#field-file-error")).to_be_empty()


def test_an_upload_waits_for_its_turn_to_be_looked_into(
    profile: MakeProfile, world: World, empty: Link
) -> None:
    """The server says once that it is busy, as it does while it looks into another file."""
    maria = profile()
    maria.expects(503)
    asked: list[str] = []

    def busy_once(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > 1:
            route.continue_()
            return
        route.fulfill(
            status=503,
            headers={"Retry-After": "3", "Content-Type": "application/problem+json"},
            body='{"type": "urn:foyer:problem:busy", "title": "Busy", "status": 503}',
        )

    maria.context.route("**/api/v1/uploads/*/finish*", busy_once)
    tool = _upload_page(maria.tab(world.activity(INSTRUCTOR, empty)))
    tool.get_by_label("File").set_input_files(world.samples / "river-morning.mp4")
    tool.get_by_label("Title").fill("Looked into later")
    tool.get_by_role("button", name="Add").click()

    expect(tool.locator("[data-state]")).to_have_text("Waiting for other files to be checked…")
    expect(tool.get_by_role("button", name="Choose another file")).to_be_hidden()
    expect(tool.get_by_role("heading", level=1)).to_have_text("Looked into later")
    assert len(asked) == 2


def test_another_file_can_be_chosen_while_adding_waits_for_the_first(
    profile: MakeProfile, world: World, empty: Link
) -> None:
    maria = profile()
    held: list[Route] = []
    maria.context.route(
        "**/api/v1/uploads/*",
        lambda route: held.append(route) if route.request.method == "PATCH" else route.continue_(),
    )
    tool = _upload_page(maria.tab(world.activity(INSTRUCTOR, empty)))
    tool.get_by_label("File").set_input_files(world.samples / "river-morning.mp4")
    add = tool.get_by_role("button", name="Add")
    add.click()
    expect(add).to_have_attribute("aria-disabled", "true")
    tool.get_by_role("button", name="Choose another file").click()

    expect(add).not_to_have_attribute("aria-disabled", "true")
    expect(tool.get_by_label("File")).to_be_visible()


def test_a_file_is_asked_for_in_words(profile: MakeProfile, world: World, empty: Link) -> None:
    tool = _upload_page(profile().tab(world.activity(INSTRUCTOR, empty)))

    tool.get_by_label("Title").fill("Nothing yet")
    tool.get_by_role("button", name="Add").click()

    expect(tool.locator("#field-file-error")).to_have_text("Please choose a file.")
    expect(tool.get_by_label("File")).to_be_focused()


def test_a_title_that_is_filled_in_by_itself_is_no_longer_asked_for(
    profile: MakeProfile, world: World, empty: Link
) -> None:
    tool = _upload_page(profile().tab(world.activity(INSTRUCTOR, empty)))
    asked = tool.get_by_text("Please fill this in.")
    tool.get_by_role("button", name="Add").click()
    expect(asked).to_have_count(1)

    tool.get_by_label("File").set_input_files(world.samples / "stream-guide.pdf")

    expect(tool.get_by_label("Title")).to_have_value("stream-guide")
    expect(asked).to_have_count(0)
    expect(tool.get_by_label("Title")).not_to_have_attribute("aria-invalid", "true")


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


def test_a_film_behind_other_bytes_and_without_an_ending_plays(
    profile: MakeProfile, world: World, empty: Link, tmp_path: Path
) -> None:
    """Chromium itself would not play it with the line ends that stand before it."""
    film = tmp_path / "Week 3. Introduction"
    film.write_bytes(b"\r\n" + (world.samples / "river-morning.mp4").read_bytes() + bytes(999))
    maria = profile()
    tool = _upload_page(maria.tab(world.activity(INSTRUCTOR, empty)))

    tool.get_by_label("File").set_input_files(film)
    expect(tool.get_by_label("Title")).to_have_value("Week 3. Introduction")
    expect(tool.locator("[data-state]")).to_have_text("The file has arrived")
    tool.get_by_role("button", name="Add").click()

    expect(tool.get_by_role("heading", level=1)).to_have_text("Week 3. Introduction")
    tool.get_by_role("button", name="Play Video").click()
    expect(tool.locator("video")).to_have_js_property("paused", False)
    expect(tool.locator("video")).to_have_js_property("videoWidth", 1280)
