"""The reader of documents: size, links, fonts, turned pages, very many pages."""

from __future__ import annotations

import re
from pathlib import Path

import pdf_samples
import pytest
from playwright.sync_api import Frame, FrameLocator, Page, Request, Route, expect

from .conftest import MakeProfile
from .people import PHONE, Profile, tool_frame
from .world import INSTRUCTOR, STUDENT, World

DRAWN = ".sheet-page canvas"
RENEWAL = re.compile(r"/api/v1/media/\w+/files")
MOVED = """
    window.moved = 0;
    new PerformanceObserver(list => list.getEntries().forEach(one => window.moved += one.value))
        .observe({type: 'layout-shift', buffered: true});
"""
FILES = re.compile(r"/files/\w+\?")


def _open(person: Profile, file: Path) -> tuple[Page, FrameLocator, Frame]:
    world = person.world
    item = world.add_media(file, file.stem)
    page, tool = person.launch(STUDENT, world.platform.add_link(file.stem, media=item))
    tool.locator(DRAWN).wait_for()
    return page, tool, tool_frame(page)


def _size(frame: Frame) -> dict[str, float]:
    told: dict[str, float] = frame.evaluate(
        """() => {
            const canvas = document.querySelector('.sheet-page canvas');
            const holder = document.querySelector('.sheet-holder').getBoundingClientRect();
            const line = [...document.querySelectorAll('.words-layer span')]
                .find(one => one.textContent.startsWith('Whoever'));
            const box = line.getBoundingClientRect();
            return {
                wide: canvas.clientWidth, drawn: canvas.width, letters: box.height,
                start: box.left - holder.left, room: holder.width,
            };
        }"""
    )
    return told


def _drawn_anew(frame: Frame, times: float) -> None:
    """Wait until the canvas is so many times as wide as it is shown, not merely stretched."""
    frame.wait_for_function(
        """times => {
            const canvas = document.querySelector('.sheet-page canvas');
            const page = document.querySelector('.sheet-page');
            return Math.abs(canvas.width - page.clientWidth * times) < 2;
        }""",
        arg=times,
    )


def test_it_is_made_larger_and_drawn_anew(profile: MakeProfile, tmp_path: Path) -> None:
    page, tool, frame = _open(
        profile(device_scale_factor=2), pdf_samples.guide(tmp_path / "larger.pdf")
    )
    _drawn_anew(frame, 2)
    before = _size(frame)

    tool.get_by_role("button", name="Larger").click()
    _drawn_anew(frame, 2)
    assert _size(frame)["wide"] == pytest.approx(before["wide"] * 1.25, abs=2)
    expect(tool.get_by_role("button", name="Fit the page")).to_contain_text("125%")

    page.keyboard.press("-")
    page.keyboard.press("-")
    _drawn_anew(frame, 2)
    assert _size(frame)["wide"] < before["wide"]
    tool.get_by_role("button", name="Fit the page").click()
    _drawn_anew(frame, 2)
    assert _size(frame)["wide"] == before["wide"]


def test_two_fingers_make_it_larger(profile: MakeProfile, tmp_path: Path) -> None:
    phone = profile(PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    page, tool, frame = _open(phone, pdf_samples.guide(tmp_path / "pinched.pdf"))
    _drawn_anew(frame, 2)
    before = _size(frame)
    holder = tool.locator(".sheet-holder")
    box = holder.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *offsets: int) -> None:
        points = [{"x": x + offset, "y": y, "id": number} for number, offset in enumerate(offsets)]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", -30, 30)
    for apart in (40, 50, 60):
        touch("touchMove", -apart, apart)
    touch("touchEnd")

    _drawn_anew(frame, 2)
    assert _size(frame)["wide"] == pytest.approx(before["wide"] * 2, rel=0.05)


def test_on_a_phone_its_letters_can_be_read(profile: MakeProfile, tmp_path: Path) -> None:
    phone = profile((360, 740), has_touch=True, is_mobile=True, device_scale_factor=2)
    phone.context.add_init_script(MOVED)
    _page, _tool, frame = _open(phone, pdf_samples.guide(tmp_path / "phone.pdf"))
    frame.wait_for_function(
        "() => document.querySelector('.sheet-page').style.getPropertyValue('--zoom')"
    )
    _drawn_anew(frame, 2)

    size = _size(frame)

    assert 0 <= size["start"] < size["room"] * 0.05
    assert size["letters"] > 6
    assert frame.evaluate("window.moved") < 0.02


@pytest.mark.breadth
def test_whoever_reads_before_it_is_drawn_keeps_the_room(
    profile: MakeProfile, world: World
) -> None:
    phone = profile((360, 740), has_touch=True, is_mobile=True, device_scale_factor=2)
    held: list[Route] = []

    def is_wanted(one: Request) -> bool:
        return one.resource_type == "fetch" and FILES.search(one.url) is not None

    def hold(route: Route) -> None:
        if is_wanted(route.request):
            held.append(route)
        else:
            route.continue_()

    phone.context.route(FILES, hold)
    with phone.context.expect_event("request", is_wanted):
        page, tool = phone.launch(STUDENT, "document")
    tool.locator(".sheet-holder").press("ArrowDown")
    expect(tool.locator(".paper.reading")).to_be_visible()

    for one in held:
        one.continue_()
    phone.context.unroute(FILES)
    tool_frame(page).wait_for_function(
        "() => document.querySelector('.sheet-page').style.getPropertyValue('--zoom')"
    )

    assert not tool.locator(".paper").evaluate("it => it.style.getPropertyValue('--at-first')")


def test_its_links_work_and_traps_do_not(profile: MakeProfile, tmp_path: Path) -> None:
    _page, tool, _frame = _open(profile(), pdf_samples.guide(tmp_path / "links.pdf", pages=4))
    links = tool.locator(".links-layer a")
    expect(links).to_have_count(2)

    outward = tool.get_by_role("link", name="Out to the web")
    expect(outward).to_have_attribute("href", "https://example.org/stream")
    expect(outward).to_have_attribute("target", "_blank")
    expect(outward).to_have_attribute("rel", "noopener noreferrer")
    tool.get_by_role("link", name="To the end").click()

    expect(tool.get_by_role("group", name="Page 4")).to_be_visible()
    expect(tool.get_by_role("textbox", name="Page number")).to_have_value("4")


@pytest.mark.parametrize("degrees", [90, pytest.param(270, marks=pytest.mark.breadth)])
def test_the_words_lie_over_a_turned_page(
    profile: MakeProfile, tmp_path: Path, degrees: int
) -> None:
    file = pdf_samples.turned(tmp_path / f"turned-{degrees}.pdf", degrees)
    _page, tool, _frame = _open(profile(), file)

    over = tool.locator(".words-layer span", has_text="Chapter 1").evaluate(
        """words => {
            const box = words.getBoundingClientRect();
            const page = document.querySelector('.sheet-page').getBoundingClientRect();
            return [(box.left + box.right) / 2 - page.left, (box.top + box.bottom) / 2 - page.top]
                .map((at, axis) => at / [page.width, page.height][axis]);
        }"""
    )

    # The heading stands at the top of the page as it was written, at its left.
    across, down = (over[0], over[1]) if degrees == 90 else (1 - over[0], 1 - over[1])
    assert across > 0.85
    assert down < 0.35


def test_letters_of_a_font_that_is_not_there_do_not_collide(
    profile: MakeProfile, tmp_path: Path
) -> None:
    file = pdf_samples.heading_without_font(tmp_path / "heading.pdf")
    _page, _tool, frame = _open_plain(profile(device_scale_factor=2), file)

    runs = frame.evaluate(
        """() => {
            const canvas = document.querySelector('.sheet-page canvas');
            const {width, height} = canvas;
            const {data} = canvas.getContext('2d').getImageData(0, 0, width, height);
            const inked = [...Array(width).keys()].map(x => {
                for (let y = 0; y < height; y++) if (data[4 * (y * width + x)] < 110) return 1;
                return 0;
            });
            return inked.join('').split(/0+/).filter(Boolean).length;
        }"""
    )

    # W, i and l, d; m, i, l, l, w, h, e, e, l, s: hardly any of them touch.
    assert runs >= 11


def _open_plain(person: Profile, file: Path) -> tuple[Page, FrameLocator, Frame]:
    page, tool, frame = _open(person, file)
    _drawn_anew(frame, 2)
    return page, tool, frame


def test_of_very_many_pages_only_those_that_are_read_are_fetched(
    profile: MakeProfile, tmp_path: Path
) -> None:
    file = pdf_samples.very_long(tmp_path / "long.pdf")
    person = profile()
    _page, tool, _frame = _open(person, file)

    _turn_to(tool, 1200)

    expect(tool.get_by_role("group", name="Page 1200")).to_have_text("Page 1200")
    assert _bytes(person) < file.stat().st_size / 2


def _turn_to(tool: FrameLocator, number: int | str) -> None:
    wanted = tool.get_by_role("textbox", name="Page number")
    wanted.fill(str(number))
    wanted.press("Enter")


@pytest.mark.parametrize("status", [403, 404])
def test_what_is_read_later_comes_from_a_fresh_address(
    profile: MakeProfile, tmp_path: Path, status: int
) -> None:
    """What pdf.js is refused it would leave empty, or await without end."""
    person = profile()
    person.expects(status)
    page, tool, _frame = _open(person, pdf_samples.far_apart(tmp_path / f"later-{status}.pdf"))
    renewed: list[str] = []

    def answer(route: Route) -> None:
        if renewed:
            route.continue_()
        else:
            route.fulfill(status=status, body="ended")

    def renew(route: Route) -> None:
        renewed.append(route.request.url)
        route.continue_()

    page.context.route(FILES, answer)
    page.context.route(RENEWAL, renew)
    _turn_to(tool, 2)

    expect(tool.get_by_role("group", name="Page 2")).to_have_text("Far away")
    assert renewed


def test_a_page_that_cannot_be_had_is_said_and_comes_when_it_can(
    profile: MakeProfile, tmp_path: Path
) -> None:
    person = profile()
    person.expects("net::ERR_FAILED")
    page, tool, _frame = _open(person, pdf_samples.very_long(tmp_path / "lost.pdf"))
    page.context.route(FILES, lambda route: route.abort())
    _turn_to(tool, 1200)
    expect(tool.locator("[data-problem]")).to_be_visible()

    page.context.unroute(FILES)
    _turn_to(tool, 700)
    expect(tool.get_by_role("group", name="Page 700")).to_have_text("Page 700")
    expect(tool.locator("[data-problem]")).to_be_hidden()


def test_whoever_reads_has_room_and_nothing_moves_under_a_finger(
    profile: MakeProfile, world: World
) -> None:
    person = profile((1366, 650))
    page, tool = person.launch(INSTRUCTOR, "document")
    tool.locator(DRAWN).wait_for()
    onward = tool.get_by_role("button", name="Next page")
    holder = tool.locator(".sheet-holder")
    expect(tool.get_by_role("button", name="Invite users").first).to_be_in_viewport(ratio=1)
    stood, small = onward.bounding_box(), holder.bounding_box()
    assert stood
    assert small

    onward.click()

    expect(tool.get_by_role("group", name="Page 2")).to_be_visible()
    large = holder.bounding_box()
    assert large
    assert large["height"] > 500 > small["height"]
    assert onward.bounding_box() == stood
    page.wait_for_function(
        "() => document.querySelector('#tool_content').clientHeight > 700",
    )


def test_a_document_fills_the_screen_or_says_where_it_can(
    profile: MakeProfile, world: World
) -> None:
    person = profile()
    person.context.route(
        f"{world.lms}/courses/**",
        lambda route: route.fulfill(
            response=(answer := route.fetch()),
            headers={**answer.headers, "permissions-policy": "fullscreen=()"},
        ),
    )
    person.expects("Permissions policy violation")
    _page, tool = person.launch(STUDENT, "document")
    tool.locator(DRAWN).wait_for()
    _turn_to(tool, 3)
    expect(tool.get_by_role("group", name="Page 3")).to_be_visible()
    tool.get_by_role("button", name="Full screen in a new tab").click()
    expect(tool.get_by_text("does not allow full screen")).to_be_visible()
    with person.context.expect_page() as opened:
        tool.get_by_role("button", name="Open in a new tab").press("Enter")

    alone = opened.value
    # It goes on where it was read.
    expect(alone.get_by_role("group", name="Page 3")).to_be_visible()
    fills = alone.get_by_role("button", name="Full screen")
    fills.click()
    expect(fills).to_have_attribute("aria-pressed", "true")
    assert alone.evaluate("document.fullscreenElement.matches('.paper')")
    fills.click()
    expect(fills).to_have_attribute("aria-pressed", "false")


TYPED = {
    "2": "2",
    "0": "1",
    "٣": "3",
    "-3": "1",
    "۲": "2",
    "9999": "3",
    "１": "1",
    "III": "3",
    "ii": "2",
    "iv": "2",
    "": "2",
}
"""What is typed in turn, and the page that shows then: the document has three."""


def test_a_page_number_is_understood_as_it_is_written(profile: MakeProfile, tmp_path: Path) -> None:
    _page, tool, _frame = _open(profile(), pdf_samples.with_places(tmp_path / "numbers.pdf"))
    wanted = tool.get_by_role("textbox", name="Page number")
    for typed, shown in TYPED.items():
        _turn_to(tool, typed)
        expect(wanted).to_have_value(shown)


def test_a_number_that_is_being_typed_outlasts_a_drawing_anew(
    profile: MakeProfile, tmp_path: Path
) -> None:
    _page, tool, frame = _open(profile(), pdf_samples.with_places(tmp_path / "typed.pdf"))
    tool.get_by_role("textbox", name="Page number").fill("2")
    frame.evaluate("document.querySelector('.sheet-page canvas').dataset.before = ''")

    frame.evaluate("document.querySelector('[data-zoom=in]').click()")
    expect(tool.locator(".sheet-page canvas[data-before]")).to_have_count(0)

    tool.get_by_role("textbox", name="Page number").press("Enter")
    expect(tool.get_by_role("group", name="Page 2")).to_be_visible()


def test_a_link_leads_to_its_place_and_leaves_the_size(
    profile: MakeProfile, tmp_path: Path
) -> None:
    _page, tool, frame = _open(profile(), pdf_samples.with_places(tmp_path / "places.pdf"))
    tool.get_by_role("button", name="Larger").click()
    wide = frame.evaluate("document.querySelector('.sheet-page').clientWidth")

    for number, (place, shown) in enumerate(
        [(1 / 4, 2), (1 / 4, 2), (1 / 4, 2), (0, 2), (0, 2), (1 / 4, 1)]
    ):
        expect(tool.locator(".links-layer a")).to_have_count(6)
        tool.locator(".links-layer a").nth(number).press("Enter")
        frame.wait_for_function(
            """([place, shown]) => {
                const page = document.querySelector('.sheet-page');
                const holder = document.querySelector('.sheet-holder');
                return document.querySelector('[data-number]').value === String(shown)
                    && Math.abs(holder.scrollTop / page.clientHeight - place) < 0.01;
            }""",
            arg=[place, shown],
        )
        assert frame.evaluate("document.querySelector('.sheet-page').clientWidth") == wide
        _turn_to(tool, 1)


def _bytes(person: Profile) -> int:
    parts = [one for one in person.answers if "/files/" in one.url and one.status == 206]
    return sum(int(one.headers["content-length"]) for one in parts)
