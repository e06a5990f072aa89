"""Scenes of people who are not simply somebody of the course, and of the way back to the LMS."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Page, expect

from . import window
from .gallery import SECOND_SCHOOL, Stage, View, scene, title
from .people import FRAME, tool_frame
from .world import COURSE, INSTRUCTOR, STUDENT

FILM = "A morning on the river"
ABOUT_PERSON = ("sub", "name", "given_name", "family_name", "email")
VISITOR: dict[str, Any] = {
    "claims": {"roles": ["http://purl.imsglobal.org/vocab/lis/v2/system/person#None"]},
    "drop": ABOUT_PERSON,
}
STUDENT_VIEW: dict[str, Any] = {
    "claims": {
        "sub": "made-up",
        "name": "Test Student",
        "roles": [
            "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner",
            "http://purl.imsglobal.org/vocab/lti/system/person#TestUser",
        ],
    },
    "drop": ("email",),
}


def _film(view: View) -> View:
    view.frame.get_by_role("button", name="Play Video").wait_for()
    return title(view, FILM)


def _launched(stage: Stage, link: Any = "video", **differing: Any) -> View:
    """A launch that differs from an honest one, in a browser of its own."""
    stage.world.platform.prepare_next(**differing)
    page = stage.profile().tab(stage.world.activity(STUDENT, link))
    page.frame_locator(FRAME).locator("h1").wait_for()
    return View(page, tool_frame(page))


@scene("media")
def film_of_a_visitor(stage: Stage) -> View:
    return _film(_launched(stage, **VISITOR))


@scene("form")
def visitor_using_a_link(stage: Stage) -> View:
    view = film_of_a_visitor(stage)
    window.choose(view.frame, "Use an invitation link")
    return title(view, "Use an invitation link")


@scene("word")
def nothing_here_for_a_visitor(stage: Stage) -> View:
    link = stage.world.platform.add_link("Something to choose")
    return title(_launched(stage, link, **VISITOR), "Nothing here yet")


@scene("media")
def film_in_student_view(stage: Stage) -> View:
    return _film(_launched(stage, **STUDENT_VIEW))


@scene("media")
def film_without_a_role(stage: Stage) -> View:
    return _film(_launched(stage, claims={"roles": [""]}))


@scene("media")
def film_as_somebody_else(stage: Stage) -> View:
    """Only a Canvas says who really sits there: for a moment the second school has one."""
    school = stage.world.registered[SECOND_SCHOOL]
    change = "UPDATE registration SET family = :family WHERE name = :name"
    link = stage.film_link(SECOND_SCHOOL)
    custom = {**link.custom, "masquerading_user": "admin-7"}
    stage.world.platform.prepare_next(claims={"custom": custom})
    stage.world.sql(change, family="canvas", name=school)
    try:
        query = {"school": SECOND_SCHOOL}
        page = stage.profile().tab(stage.world.activity(INSTRUCTOR, link, **query))
        page.frame_locator(FRAME).locator("h1").wait_for()
        view = _film(View(page, tool_frame(page)))
    finally:
        stage.world.sql(change, family="other", name=school)
    expect(view.frame.get_by_text("You are acting as")).to_be_visible()
    return view


@scene("invitations")
def invitation_that_somebody_else_made(stage: Stage) -> View:
    view = film_as_somebody_else(stage)
    email = f"made-by-another-{id(view)}@example.org"
    window.invite(view.frame, email)
    entry = window.unfold(window.show_people(window.open_window(view.frame)), email)
    expect(entry).to_contain_text("(somebody else acted as them)")
    return view


def _window(stage: Stage, user: str, link: str, **differing: Any) -> Page:
    """The tool in a window of its own, as the LMS opens it there."""
    stage.world.platform.prepare_next(**differing)
    address = f"{stage.world.lms}/start/{COURSE}/{link}?{urlencode({'user': user})}"
    return stage.profile().tab(address)


@scene("own window")
def film_in_a_window(stage: Stage) -> View:
    page = _window(stage, STUDENT, f"{COURSE}-{stage.world.media['video']}")
    return _film(View(page, page.main_frame))


@scene("choosing")
def picker_in_a_window(stage: Stage) -> View:
    link = stage.world.platform.add_link("Something to choose")
    page = _window(stage, INSTRUCTOR, link.id)
    return title(View(page, page.main_frame), "Choose what this link shows")


@scene("own window")
def film_of_a_visitor_in_a_window(stage: Stage) -> View:
    page = _window(stage, STUDENT, f"{COURSE}-{stage.world.media['video']}", **VISITOR)
    return _film(View(page, page.main_frame))


@scene("word")
def refused_in_a_window(stage: Stage) -> View:
    claims = {"custom": {"media": "a" * 26}}
    page = _window(stage, STUDENT, f"{COURSE}-{stage.world.media['video']}", claims=claims)
    return title(View(page, page.main_frame), "There is nothing to see here")
