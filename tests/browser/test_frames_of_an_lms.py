"""The page that frames the tool: several frames on one, or one at a host nobody registered."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from .conftest import MakeProfile
from .people import FRAME, SCRIPTED
from .world import COURSE, INSTRUCTOR, STUDENT, World

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
