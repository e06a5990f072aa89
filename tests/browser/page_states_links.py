"""Scenes of invitees: the opening page, every refusal, the questions, the page they get to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page

from . import window
from .gallery import SECOND_SCHOOL, Stage, View, scene, title, without_scripts
from .people import FRAME, Profile
from .world import INSTRUCTOR

FILM = "A morning on the river"


def answer(page: Page, email: str) -> None:
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_role("button", name="Continue").click()


def _view(page: Page) -> View:
    return View(page, page.main_frame)


def _redeemed(stage: Stage, link: str, email: str, guest: Profile | None = None) -> View:
    view = _view((guest or stage.profile()).tab(link))
    answer(view.page, email)
    return title(view, FILM)


@contextmanager
def _setting(stage: Stage, name: str, value: str, before: str) -> Iterator[None]:
    """Another rule in the second school, for a moment."""
    stage.world.set(name, value, SECOND_SCHOOL)
    try:
        yield
    finally:
        stage.world.set(name, before, SECOND_SCHOOL)


@scene("question")
def opening(stage: Stage) -> View:
    _email, link = stage.invited()
    return title(stage.alone(link), "invites you to watch a video")


@scene("question")
def opening_without_an_answer(stage: Stage) -> View:
    view = opening(stage)
    answer(view.page, "ada")
    view.page.get_by_text("Please enter one complete e-mail address").wait_for()
    return view


@scene("guest")
def guest_at_the_film(stage: Stage) -> View:
    email, link = stage.invited()
    view = _redeemed(stage, link, email)
    view.page.get_by_role("button", name="Play Video").wait_for()
    return view


@scene("guest")
def guest_without_script(stage: Stage) -> View:
    email, link = stage.invited()
    page = stage.profile().tab()
    with without_scripts(page):
        page.goto(link)
        answer(page, email)
        title(_view(page), FILM)
    return _view(page)


@scene("refusal")
def refused_unknown(stage: Stage) -> View:
    _email, link = stage.invited()
    return title(stage.alone(link[:-3]), "incomplete or wrong")


@scene("refusal")
def refused_wrong_email(stage: Stage) -> View:
    _email, link = stage.invited()
    view = stage.alone(link)
    answer(view.page, "somebody.else@example.org")
    return title(view, "another address")


@scene("refusal")
def refused_rest(stage: Stage) -> View:
    _email, link = stage.invited()
    view = stage.alone(link)
    for attempt in range(5):
        answer(view.page, f"guess-{attempt}@example.org")
        title(view, "another address")
    answer(view.page, "guess-again@example.org")
    return title(view, "wait a while")


@scene("refusal")
def refused_other_device(stage: Stage) -> View:
    email, link = stage.invited()
    _redeemed(stage, link, email)
    view = stage.alone(link)
    answer(view.page, email)
    return title(view, "another browser")


@scene("word")
def asked_for_a_new_link(stage: Stage) -> View:
    view = refused_other_device(stage)
    view.page.get_by_role("button", name="Ask for a new link").click()
    return title(view, "new link was sent")


@scene("refusal")
def refused_expired_after_asking(stage: Stage) -> View:
    view = refused_expired(stage)
    view.page.get_by_role("button", name="Ask for a new link").click()
    title(view, "new link was sent")
    view.page.reload()
    view.page.get_by_text("A new link was asked for on").wait_for()
    return title(view, "has expired")


@scene("refusal")
def refused_used_up(stage: Stage) -> View:
    email, link = stage.invited()
    guest = stage.profile()
    view = _redeemed(stage, link, email, guest)
    guest.context.clear_cookies()
    view.page.goto(link)
    answer(view.page, email)
    return title(view, "has been used")


@scene("refusal")
def refused_expired(stage: Stage) -> View:
    email, link = stage.invited()
    past = datetime.now(UTC) - timedelta(minutes=5)
    stage.world.sql(
        "UPDATE invitation SET expires_at = :past, generated_at = :begun WHERE email = :email",
        past=past,
        begun=past - timedelta(days=1),
        email=email,
    )
    return title(stage.alone(link), "has expired")


@scene("refusal")
def refused_removed(stage: Stage) -> View:
    email, link = stage.invited()
    stage.world.sql(
        "UPDATE invitation SET revoked_at = :now WHERE email = :email",
        now=datetime.now(UTC),
        email=email,
    )
    return title(stage.alone(link), "no longer available")


@scene("refusal")
def access_that_ended(stage: Stage) -> View:
    email, link = stage.invited()
    view = _redeemed(stage, link, email)
    bookmark = view.page.url.partition("?")[0]
    view.page.goto("about:blank")  # with what it was loading
    over = datetime.now(UTC) - timedelta(minutes=5)
    stage.world.sql(
        "UPDATE tool_session SET ended_at = :over WHERE person_id IN"
        " (SELECT id FROM person WHERE kind = 'guest' AND email = :email)",
        over=over,
        email=email,
    )
    view.page.goto(bookmark)
    return title(view, "Your access has ended")


@scene("refusal")
def refused_switched_off(stage: Stage) -> View:
    _email, link = stage.invited(SECOND_SCHOOL)
    with _setting(stage, "enable", "off", "on"):
        return title(stage.alone(link), "switched off")


@scene("refusal")
def refused_domain(stage: Stage) -> View:
    email, link = stage.invited(SECOND_SCHOOL)
    with _setting(stage, "blocked_email_domains", "example.org", ""):
        view = stage.alone(link)
        answer(view.page, email)
        return title(view, "Addresses like yours")


@scene("question")
def second_page(stage: Stage) -> View:
    _email, link = stage.invited(SECOND_SCHOOL)
    with _setting(stage, "email_check", "off", "typed"):
        view = stage.alone(link)
        view.page.get_by_role("button", name="Continue").click()
        return title(view, "Ready when you are")


@scene("question")
def inside_already(stage: Stage) -> View:
    email, link = stage.invited()
    maria = stage.profile()
    page, tool = maria.launch(INSTRUCTOR)
    with page.context.expect_page() as opened:
        window.choose(tool, "Open in a new tab")
    own = opened.value
    own.get_by_role("heading", name=FILM).wait_for()
    own.goto(link)
    answer(own, email)
    return title(_view(own), "use this invitation yourself")


def _open_elsewhere(stage: Stage) -> View:
    """Somebody of the course is invited at the address that the LMS has, and has the page open."""
    student = stage.world.person("student-3")
    watching = stage.profile().tab(stage.world.activity(student.id, "video"))
    watching.frame_locator(FRAME).get_by_role("heading", name=FILM).wait_for()
    link = stage.invited_as(student.email, student.given_name, student.family_name)
    view = stage.alone(link)
    answer(view.page, student.email)
    return title(view, "You also have this open in another window")


@scene("question")
def open_elsewhere(stage: Stage) -> View:
    return _open_elsewhere(stage)


@scene("word")
def moved_elsewhere(stage: Stage) -> View:
    view = _open_elsewhere(stage)
    view.page.get_by_role("button", name="Use it there").click()
    return title(view, "have access in your course")
