"""Scenes of somebody who signs out."""

from __future__ import annotations

from .gallery import Stage, View, scene, title
from .page_states_links import guest_at_the_film
from .people import SCRIPTED
from .world import STUDENT

OUT = "You are signed out"


@scene("question")
def signing_out_as_a_guest(stage: Stage) -> View:
    view = guest_at_the_film(stage)
    view.page.get_by_role("link", name="Sign out").click()
    return title(view, "Do you want to sign out?")


@scene("word")
def signed_out_as_a_guest(stage: Stage) -> View:
    view = signing_out_as_a_guest(stage)
    view.page.get_by_role("button", name="Sign out").click()
    return title(view, OUT)


@scene("word")
def signed_out_in_the_frame(stage: Stage) -> View:
    view = stage.framed(STUDENT)
    view.frame.locator(SCRIPTED).wait_for()
    view.frame.get_by_role("button", name="Sign out").click()
    return title(view, OUT)
