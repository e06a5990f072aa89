"""The page that frames the tool: several frames on one, or one at a host nobody registered."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from . import window
from .conftest import MakeProfile
from .people import FRAME, SCRIPTED, tool_frame
from .world import ADMINISTRATOR, COURSE, INSTRUCTOR, STUDENT, World

TITLE = "A morning on the river"


@pytest.mark.parametrize("number", [2, 3])
def test_several_frames_on_one_page_in_a_new_browser(
    profile: MakeProfile, world: World, number: int
) -> None:
    page = profile().tab()
    users = [INSTRUCTOR, STUDENT, STUDENT][:number]
    frames = "".join(
        f'<iframe name="{at}" width="900" height="700" src="{_start(world, user)}"></iframe>'
        for at, user in enumerate(users)
    )
    page.route(
        f"{world.lms}/handout",
        lambda route: route.fulfill(body=frames, content_type="text/html; charset=utf-8"),
    )
    page.goto(f"{world.lms}/handout")

    for at in range(number):
        tool = page.frame_locator(f'iframe[name="{at}"]')
        tool.locator(SCRIPTED).wait_for()
        expect(tool.get_by_role("heading", name=TITLE, level=1)).to_be_visible()


def _start(world: World, user: str) -> str:
    link = f"{COURSE}-{world.media['video']}"
    return f"{world.lms}/start/{COURSE}/{link}?{urlencode({'user': user})}"


def test_the_first_launch_at_a_schools_own_host(profile: MakeProfile, world: World) -> None:
    """As with Canvas: issuer and sign-in are those of all schools, the pages are the school's."""
    school = world.lms.replace("localhost", "courses.localhost")
    world.platform.prepare_next(
        claims={"launch_presentation": {"return_url": f"{school}/courses/{COURSE}"}}
    )

    page = profile().tab(world.activity(STUDENT, "video").replace(world.lms, school))

    tool = page.frame_locator(FRAME)
    expect(tool.get_by_role("heading", name=TITLE, level=1)).to_be_visible()


HEARD = """
    window.heard = [];
    window.addEventListener('message', event => heard.push(event.data));
"""


def _told(page: Page) -> list[object]:
    """What the tool's frame said to the LMS's page, as it came."""
    told: list[object] = page.evaluate("window.heard")
    return told


def _heights(page: Page) -> list[int]:
    """The heights that the tool asked for. Sakai understands JSON text alone; Canvas that too."""
    texts = [one for one in _told(page) if isinstance(one, str) and "frameResize" in one]
    asked = [json.loads(one) for one in texts]
    assert all(set(one) == {"subject", "height"} for one in asked)
    assert {one["subject"] for one in asked} <= {"lti.frameResize"}
    return [one["height"] for one in asked]


FITS = """() => {
    const bottom = Math.ceil(document.body.getBoundingClientRect().bottom);
    return Math.abs(innerHeight - Math.max(bottom, 160)) <= 1;
}"""


def _fits(page: Page) -> int:
    """Wait until the frame is as high as what is in it; gives that height."""
    tool_frame(page).wait_for_function(FITS)
    height: int = page.locator(FRAME).evaluate("frame => frame.clientHeight")
    return height


def test_the_frame_grows_and_shrinks_with_what_is_in_it(profile: MakeProfile, world: World) -> None:
    teacher = profile()
    teacher.context.add_init_script(HEARD)
    page, tool = teacher.launch(INSTRUCTOR, "audio")
    before = _fits(page)
    assert _heights(page)[-1] == before

    asked = window.open_window(tool)
    expect(page.locator(FRAME)).not_to_have_css("height", f"{before}px")
    high = _heights(page)[-1]
    assert high > before
    asked.get_by_role("button", name="Close").click()

    assert _fits(page) == before
    assert _heights(page)[-1] == before
    said = [one for one in _told(page) if not isinstance(one, str)]
    assert said == [], "nothing but text, which an LMS that knows none of it can ignore"


@pytest.mark.parametrize("number", range(6))
def test_every_page_in_the_frame_has_its_own_height(
    profile: MakeProfile, world: World, number: int
) -> None:
    """The picker, the page for adding, the settings, a calm word, a refusal, the gallery."""
    empty = world.platform.add_link("Something to choose")
    person = profile()
    person.expects(404)
    user, link = [
        (INSTRUCTOR, empty),
        (INSTRUCTOR, empty),
        (ADMINISTRATOR, "video"),
        (STUDENT, empty),
        (STUDENT, world.platform.add_link("Nothing", media="a" * 26)),
        (STUDENT, world.platform.add_link("Course media", custom={"show": "gallery"})),
    ][number]
    page, tool = person.launch(user, link)
    film = _fits(page)
    if number == 1:
        tool.get_by_role("link", name="Upload").click()
        expect(tool.get_by_role("heading", name="Add media")).to_be_visible()
    elif number == 2:
        window.choose(tool, "Settings")
        expect(tool.get_by_role("heading", name="Settings", level=1)).to_be_visible()
        assert _fits(page) > film
        tool.get_by_role("link", name="Back to the media").click()
        expect(tool.get_by_role("heading", name=TITLE, level=1)).to_be_visible()
        tool.locator(SCRIPTED).wait_for()
        assert _fits(page) == film
    tool.locator(SCRIPTED).wait_for()
    _fits(page)
