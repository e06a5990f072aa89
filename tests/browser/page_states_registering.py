"""Scenes of an LMS's administrator: registering the tool, in one click and by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from registering_lms import RegisteringLms, registering_lms

from lti_tool.core.ids import new_id

from .gallery import Stage, View, scene, title
from .world import World


@scene("values")
def setup_by_hand(stage: Stage) -> View:
    return title(stage.alone(f"{stage.world.tool}/lti/setup"), "Register Foyer in your")


@contextmanager
def _asking(stage: Stage, product: str) -> Iterator[tuple[View, RegisteringLms]]:
    """The page that an LMS of this product opens."""
    with registering_lms(product, f"client-{new_id()}") as lms:
        yield _opened(stage, lms), lms


def _opened(stage: Stage, lms: RegisteringLms) -> View:
    values = urlencode({"openid_configuration": lms.url, "registration_token": "token"})
    view = stage.alone(f"{stage.world.tool}/lti/register?{values}")
    return title(view, "Register Foyer with")


def activation_code(stage: Stage) -> str:
    return code_from(stage.world, "Elm School")


def code_from(world: World, institution: str) -> str:
    said = world.flask("platform", "code", "--institution", institution)
    found = re.search(r"code: (\S+)", said)
    assert found is not None
    return found[1]


def press(view: View, code: str = "") -> None:
    view.page.get_by_label("Activation code").fill(code)
    view.page.get_by_role("button", name="Register").click()


@scene("question")
def registering(stage: Stage) -> View:
    with _asking(stage, "sakai") as (view, _lms):
        return view


@scene("question")
def registering_with_a_wrong_code(stage: Stage) -> View:
    with _asking(stage, "sakai") as (view, _lms):
        press(view, "ABCD-EFGH-IJKL-MNOP")
        view.page.get_by_text("This code is not valid").wait_for()
        return view


@scene("question")
def registering_refused(stage: Stage) -> View:
    with _asking(stage, "moodle") as (view, lms):
        lms.before_answer = lambda handler: handler.reply(b"token_already_used", 401)
        press(view, activation_code(stage))
        return title(view, "did not take the registration")


@scene("question")
def registering_unanswered(stage: Stage) -> View:
    with _asking(stage, "moodle") as (view, lms):
        lms.before_configuration = lambda handler: handler.reply(b"", 404)
        press(view)
        return title(view, "could not be asked")


def _registered(stage: Stage, product: str) -> View:
    with _asking(stage, product) as (view, _lms):
        press(view, activation_code(stage))
        return title(view, "Foyer is registered")


@scene("steps")
def registered_in_sakai(stage: Stage) -> View:
    return _registered(stage, "sakai")


@scene("steps")
def registered_in_canvas(stage: Stage) -> View:
    return _registered(stage, "canvas")


@scene("steps")
def registered_in_moodle(stage: Stage) -> View:
    return _registered(stage, "moodle")


@scene("steps")
def registered_and_waiting(stage: Stage) -> View:
    with _asking(stage, "moodle") as (view, _lms):
        press(view)
        return title(view, "waits for approval")


@scene("steps")
def registered_already(stage: Stage) -> View:
    with _asking(stage, "other") as (view, lms):
        press(view, activation_code(stage))
        title(view, "Foyer is registered")
        again = _opened(stage, lms)
        press(again)
        return title(again, "was registered already")


@scene("word")
def not_approved_yet(stage: Stage) -> View:
    with _asking(stage, "moodle") as (view, lms):
        press(view)
        title(view, "waits for approval")
        query = {"iss": lms.server.address, "login_hint": "x", **lms.answer}
        login = f"{stage.world.tool}/lti/login?{urlencode(query)}"
        return title(stage.alone(login), "not switched on for your platform")
