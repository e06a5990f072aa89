"""Scenes of frames that are closed to us, of the way out by hand, of a page as students see it."""

from __future__ import annotations

from .gallery import Stage, View, scene, title
from .people import FRAME, tool_frame
from .world import INSTRUCTOR

FILM = "A morning on the river"
COPIED = """async ([media]) => {
    const handle = document.querySelector('meta[name=foyer-session]').content;
    const path = `/api/v1/media/${media}/addresses-to-copy?as=${handle}`;
    return (await (await fetch(path, { method: 'POST' })).json()).address;
}"""


@scene("word")
def closed_frame(stage: Stage) -> View:
    """At a host of the school's that nobody named; the launch says nothing of it."""
    stage.world.platform.prepare_next(drop=("launch_presentation",))
    person = stage.profile()
    person.expects("frame-ancestors", "Framing")
    school = stage.world.lms.replace("localhost", "courses.localhost")
    address = stage.world.activity(INSTRUCTOR, "video").replace(stage.world.lms, school)
    page = person.tab(address)
    closed = page.frame_locator(FRAME).locator("[data-gate-closed]")
    closed.get_by_text("No window opens").click()
    return title(View(page, tool_frame(page)), "Open this in its own window")


@scene("word")
def going_on_by_a_copied_address(stage: Stage) -> View:
    view = stage.framed()
    address = view.frame.evaluate(COPIED, [stage.world.media["video"]])
    return title(stage.alone(address), "Go on in this window?")


@scene("word")
def copied_address_that_is_cut(stage: Stage) -> View:
    return title(
        stage.alone(f"{stage.world.tool}/handover/here?media_id=x"), "This address is not complete"
    )


@scene("media")
def film_as_a_student_sees_it(stage: Stage) -> View:
    view = stage.framed()
    view.frame.goto(f"{view.frame.url}&view=student")
    view.frame.get_by_text("As a student sees it").wait_for()
    return title(view, FILM)
