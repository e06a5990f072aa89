"""The same pages in Firefox: a few journeys, since its cookies, storage and players are its own.

They are written for Node (`firefox/journeys.mjs`): Playwright cannot start Debian's Firefox.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from .another_lms import TITLE, another_lms
from .conftest import FIREFOX, WITHOUT_FIREFOX
from .world import INSTRUCTOR, ROOT, World

JOURNEYS = Path(__file__).parent / "firefox" / "journeys.mjs"
NODE = ROOT / ".make" / "node" / "node"
PATIENCE = 240
"""Seconds for a whole journey on a busy machine."""

pytestmark = [
    pytest.mark.breadth,
    pytest.mark.skipif(not FIREFOX, reason=WITHOUT_FIREFOX),
]

Play = Callable[..., dict[str, str]]


@pytest.fixture
def play(world: World) -> Play:
    """Play one of the journeys; gives what it found out."""

    def journey(name: str, **facts: str) -> dict[str, str]:
        given = json.dumps({"program": FIREFOX, "tool": world.tool, **facts})
        done = subprocess.run(
            [str(NODE), str(JOURNEYS), name, given],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
        return found

    return journey


@pytest.fixture(scope="module")
def lmss(world: World) -> Iterator[dict[str, World]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(another_lms(world, name)) for name in ("sakai", "moodle")}


def _link(lms: World) -> str:
    link = lms.platform.add_link(TITLE, media=lms.media["video"])
    return f"{lms.lms}/courses/201/links/{link.id}?user={INSTRUCTOR}"


def test_a_film_plays_inside_the_lms(play: Play, world: World) -> None:
    play("play", activity=world.activity(INSTRUCTOR, "video"), title="A morning on the river")


def test_an_invitee_comes_in_on_one_device(play: Play, world: World) -> None:
    activity, email = world.activity(INSTRUCTOR, "video"), "firefox@example.org"
    title = "A morning on the river"
    link = play("invite", activity=activity, title=title, email=email)["link"]

    play(
        "invitee",
        link=link,
        email=email,
        title=title,
        opening="Maria Santos of Northfield University invites you to watch a video",
        refused="The invitation was sent to another address",
        elsewhere="This link belongs to another browser",
    )


@pytest.mark.parametrize("settings", ["usual", "strict"])
def test_everything_works_inside_an_lms_that_keeps_data(
    play: Play, lmss: dict[str, World], settings: str
) -> None:
    """Strict: no cookie and no storage of ours in its frame; the LMS keeps what we need."""
    sakai = lmss["sakai"]
    found = play(
        "invite",
        activity=_link(sakai),
        title=TITLE,
        email=f"{settings}@example.org",
        settings=settings,
    )

    assert found["link"].startswith(f"{sakai.tool}/i/")


def test_a_window_of_its_own_where_nothing_is_kept(play: Play, lmss: dict[str, World]) -> None:
    play("own_window", activity=_link(lmss["moodle"]), title=TITLE, settings="strict")


def test_something_is_chosen_in_a_dialog(play: Play, world: World) -> None:
    play("choose", dialog=world.dialog(INSTRUCTOR, "one"), chosen="Sounds by the water")


def test_a_document_is_read(play: Play, world: World) -> None:
    activity = world.activity(INSTRUCTOR, "document")
    play("read", activity=activity, title="Measuring a stream: a short guide")
