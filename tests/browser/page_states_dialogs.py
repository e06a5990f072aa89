"""Scenes in the LMS's dialogs, behind an entry of its menu, and in a copied course."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from sandbox.claims import LEARNER

from .gallery import SECOND_SCHOOL, Stage, View, scene, title
from .people import FRAME, SCRIPTED, tool_frame
from .world import COURSE, INSTRUCTOR, STUDENT

CHOOSE = "Choose what to add"


def _dialog(stage: Stage, button: str) -> View:
    page = stage.regular(INSTRUCTOR).tab(stage.world.dialog(INSTRUCTOR, button))
    page.frame_locator(FRAME).locator(SCRIPTED).wait_for()
    return View(page, tool_frame(page))


def _first(view: View) -> Locator:
    return view.frame.get_by_role("listitem").filter(has_text="Sounds by the water")


@scene("choosing")
def dialog_for_one(stage: Stage) -> View:
    return title(_dialog(stage, "one"), CHOOSE)


@scene("choosing several")
def dialog_for_several(stage: Stage) -> View:
    view = title(_dialog(stage, "content"), CHOOSE)
    _first(view).get_by_role("checkbox").check()
    expect(view.frame.get_by_text("1 chosen", exact=True)).to_be_visible()
    return view


@scene("choosing several")
def dialog_with_a_choice_elsewhere(stage: Stage) -> View:
    view = dialog_for_several(stage)
    view.frame.get_by_label("Search by title").fill("valley")
    view.frame.get_by_role("button", name="Search").click()
    expect(view.frame.get_by_text("Chosen on another page")).to_be_visible()
    view.frame.locator(SCRIPTED).wait_for()
    return view


@scene("choosing several")
def dialog_with_errors(stage: Stage) -> View:
    view = title(_dialog(stage, "content"), CHOOSE)
    view.frame.get_by_label("Make a gradebook column").check()
    view.frame.get_by_label("Points").fill("many")
    _first(view).get_by_role("checkbox").check()
    view.frame.get_by_role("button", name="Add to the course").click()
    expect(view.frame.get_by_text("Please enter a number from 1 to")).to_be_visible()
    view.frame.locator(SCRIPTED).wait_for()
    return view


@scene("choosing")
def dialog_where_nothing_is_found(stage: Stage) -> View:
    view = title(_dialog(stage, "one"), CHOOSE)
    view.frame.get_by_label("Search by title").fill("volcanoes")
    view.frame.get_by_role("button", name="Search").click()
    view.frame.get_by_text("Nothing with these words").wait_for()
    view.frame.locator(SCRIPTED).wait_for()
    return view


@scene("word")
def dialog_of_a_student(stage: Stage) -> View:
    stage.world.platform.prepare_next(claims={"roles": [LEARNER]})
    return title(_dialog(stage, "content"), "Only those who teach choose here")


@scene("word")
def dialog_that_takes_files(stage: Stage) -> View:
    return title(_dialog(stage, "files"), "Nothing that fits here")


@scene("word")
def dialog_that_was_answered(stage: Stage) -> View:
    """As somebody sees it who goes back to it."""
    view = title(_dialog(stage, "one"), CHOOSE)
    address = view.frame.url
    view.frame.get_by_role("button", name="Cancel").click()
    view.page.get_by_text("Nothing was added").first.wait_for()
    person = stage.regular(INSTRUCTOR)
    page = person.tab(stage.world.dialog(INSTRUCTOR, "one"))
    page.frame_locator(FRAME).locator(SCRIPTED).wait_for()
    frame = tool_frame(page)
    frame.goto(address)
    return title(View(page, frame), "has done its work")


def _gallery(stage: Stage, user: str, school: str = "", course: str = COURSE) -> View:
    link = stage.world.platform.add_link(
        "Media", custom={"show": "gallery"}, school=school or None, course=course
    )
    return stage.framed(user, link, school)


@scene("gallery")
def gallery_of_a_student(stage: Stage) -> View:
    stage.framed(INSTRUCTOR)
    return title(_gallery(stage, STUDENT), "Life in Running Water")


@scene("gallery")
def gallery_with_an_invitation(stage: Stage) -> View:
    valley = stage.world.add_media(stage.world.samples / "valley-at-dawn.jpg", "Another valley")
    gallery_of_a_student(stage)
    stage.world.sql(
        "INSERT INTO media_grant (id, media_id, person_id, role, source, created_at)"
        " SELECT :id, :item, person_id, 'viewer', 'invitation:x:1', created_at"
        " FROM tool_session ORDER BY created_at DESC LIMIT 1",
        id=valley[::-1],
        item=valley,
    )
    view = gallery_of_a_student(stage)
    view.frame.get_by_role("heading", name="You were invited to").wait_for()
    return view


@scene("gallery")
def gallery_of_an_instructor(stage: Stage) -> View:
    return title(_gallery(stage, INSTRUCTOR), "Life in Running Water")


@scene("gallery")
def gallery_that_is_empty(stage: Stage) -> View:
    view = _gallery(stage, "instructor-2", SECOND_SCHOOL, "110")
    view.frame.get_by_text("Nothing here yet").wait_for()
    return view


@scene("choosing")
def gallery_where_one_publishes(stage: Stage) -> View:
    view = gallery_of_an_instructor(stage)
    view.frame.get_by_role("link", name="From my media").click()
    title(view, "Publish in this course")
    view.frame.locator(SCRIPTED).wait_for()
    return view


@scene("media")
def film_of_the_gallery(stage: Stage) -> View:
    view = gallery_of_a_student(stage)
    view.frame.get_by_role("link", name="A morning on the river").click()
    title(view, "A morning on the river")
    view.frame.get_by_role("button", name="Play Video").wait_for()
    return view


@scene("word")
def copied_link_that_nobody_opened_yet(stage: Stage) -> View:
    custom = {"media": "a" * 26, "context_history": "before"}
    link = stage.world.platform.add_link("Copied", custom=custom, course="110")
    page = stage.profile().tab(stage.world.activity(STUDENT, link))
    page.frame_locator(FRAME).get_by_role("heading", level=1).wait_for()
    return title(View(page, tool_frame(page)), "This does not open here yet")
