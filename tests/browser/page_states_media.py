"""Scenes in the course: media pages, the picker, adding, settings, the sandbox itself."""

from __future__ import annotations

from urllib.parse import urlencode

from playwright.sync_api import Locator, Route, expect

from . import window
from .gallery import SECOND_SCHOOL, Stage, View, scene, title, without_scripts
from .page_states_links import FILM, answer
from .people import FRAME
from .world import ADMINISTRATOR, COURSE, INSTRUCTOR, STUDENT


@scene("media")
def film_framed(stage: Stage) -> View:
    view = stage.framed()
    view.frame.get_by_role("button", name="Play Video").wait_for()
    return view


@scene("media")
def film_of_a_student(stage: Stage) -> View:
    view = stage.framed(STUDENT)
    view.frame.get_by_role("button", name="Play Video").wait_for()
    return view


@scene("own window")
def film_in_its_own_tab(stage: Stage) -> View:
    framed = stage.framed()
    with framed.page.context.expect_page() as opened:
        window.choose(framed.frame, "Open in a new tab")
    page = opened.value
    page.get_by_role("button", name="Play Video").wait_for()
    return View(page, page.main_frame)


@scene("media")
def film_with_menu_open(stage: Stage) -> View:
    view = film_framed(stage)
    window.open_menu(view.frame)
    return view


@scene("media")
def sounds_framed(stage: Stage) -> View:
    return title(stage.framed(link="audio"), "Sounds by the water")


@scene("document")
def document_framed(stage: Stage) -> View:
    view = stage.framed(link="document")
    view.frame.locator(".sheet-page canvas").wait_for()
    return view


@scene("media")
def picture_framed(stage: Stage) -> View:
    return title(stage.framed(link="picture"), "The valley at dawn")


def _window(stage: Stage) -> tuple[View, Locator]:
    view = stage.framed()
    return view, window.open_window(view.frame)


@scene("inviting")
def invite_window(stage: Stage) -> View:
    return _window(stage)[0]


@scene("inviting")
def invite_window_with_errors(stage: Stage) -> View:
    view, asked = _window(stage)
    asked.get_by_role("button", name="Generate invite link").click()
    expect(asked.get_by_text("Please fill this in.").first).to_be_visible()
    return view


@scene("inviting")
def invite_window_with_suggestions(stage: Stage) -> View:
    stage.invited(name="Suggested Person")
    view, asked = _window(stage)
    asked.get_by_role("combobox", name="Email").press_sequentially("sugg")
    expect(asked.get_by_role("option").first).to_be_visible()
    return view


@scene("inviting")
def invite_window_without_the_list(stage: Stage) -> View:
    """The LMS does not say who is in the course; and somebody is invited already."""
    stage.invited(name="Unlisted Person")
    faults = stage.world.platform.services.faults
    faults.add("memberships", 503, times=None)
    stage.world.rows("UPDATE roster SET source = 'launches', failure = 'busy' RETURNING course_id")
    try:
        view, asked = _window(stage)
        asked.get_by_role("combobox", name="Email").press_sequentially("unli")
        expect(asked.get_by_text("Already invited").first).to_be_visible()
    finally:
        faults.clear()
        stage.world.rows("UPDATE roster SET source = 'lms', failure = NULL RETURNING course_id")
    return view


@scene("inviting")
def invite_window_with_the_link(stage: Stage) -> View:
    view, asked = _window(stage)
    window.fill(asked, f"seen-{stage.size[0]}-{id(view)}@example.org")
    window.generate(asked)
    return view


@scene("inviting")
def invite_window_with_the_link_of_before(stage: Stage) -> View:
    view, asked = _window(stage)
    email = f"before-{stage.size[0]}-{id(view)}@example.org"
    window.fill(asked, email)
    window.generate(asked)
    asked.get_by_role("button", name="Invite another").click()
    window.fill(asked, email)
    window.generate(asked)
    expect(asked.get_by_text("A new link would work once")).to_be_visible()
    return view


@scene("inviting")
def invite_window_with_the_text(stage: Stage) -> View:
    view = invite_window_with_the_link(stage)
    view.frame.get_by_role("button", name="Copy invitation text").click()
    expect(view.frame.get_by_label("Invitation text")).to_be_visible()
    return view


def _people(stage: Stage) -> tuple[View, Locator]:
    view, asked = _window(stage)
    return view, window.show_people(asked)


@scene("invitations")
def invitations_listed(stage: Stage) -> View:
    """One is inside, one asks for a new link, one was revoked, the others have not come yet."""
    inside, link = stage.invited(name="Rosalind Franklin")
    guest = stage.alone(link)
    answer(guest.page, inside)
    title(guest, FILM)
    asks, _link = stage.invited(name="Lise Meitner")
    stage.world.rows(
        "UPDATE invitation SET new_link_asked_at = created_at WHERE email = :email RETURNING id",
        email=asks,
    )
    for name in ("Emmy Noether", "Ada Lovelace", "Grace Hopper"):
        stage.invited(name=name)
    revoked, _link = stage.invited(name="Mary Somerville")
    view, people = _people(stage)
    row = window.unfold(people, revoked)
    row.get_by_role("button", name="Revoke").click()
    row.get_by_role("group").get_by_role("button", name="Revoke").click()
    expect(row.get_by_text("Revoked")).to_be_visible()
    return view


@scene("invitations")
def invitations_listed_none(stage: Stage) -> View:
    view = stage.framed(link="audio")
    asked = window.open_window(view.frame)
    asked.get_by_role("tab", name="Invitations").click()
    expect(asked.get_by_text("Nobody has been invited")).to_be_visible()
    return view


@scene("invitations")
def invitation_about_to_be_revoked(stage: Stage) -> View:
    email, _link = stage.invited(name="Grace Hopper")
    view, people = _people(stage)
    row = window.unfold(people, email)
    row.get_by_role("button", name="Copy link").click()
    expect(row.get_by_role("textbox")).to_be_visible()
    row.get_by_role("button", name="Revoke").click()
    expect(row.get_by_role("group")).to_be_visible()
    return view


@scene("asking first")
def delete_window(stage: Stage) -> View:
    view = stage.framed()
    window.open_menu(view.frame).get_by_role("menuitem", name="Delete").click()
    expect(view.frame.get_by_role("dialog", name="Delete this?")).to_be_visible()
    return view


@scene("word")
def deleted(stage: Stage) -> View:
    item = stage.world.add_media(stage.world.samples / "valley-at-dawn.jpg", "A valley too many")
    view = stage.framed(link=stage.world.platform.add_link("A valley too many", media=item))
    window.open_menu(view.frame).get_by_role("menuitem", name="Delete").click()
    asked = view.frame.get_by_role("dialog", name="Delete this?")
    asked.get_by_role("button", name="Delete").click()
    return title(view, "is deleted")


@scene("choosing")
def picker(stage: Stage) -> View:
    link = stage.world.platform.add_link("Something to choose")
    return title(stage.framed(link=link), "Choose what this link shows")


def _chosen(stage: Stage, name: str) -> View:
    """A link of this name that shows the first of the teacher's media."""
    link = stage.world.platform.add_link(name)
    view = title(stage.framed(link=link), "Choose what this link shows")
    shown = view.frame.get_by_role("listitem").filter(has_text="A morning on the river")
    shown.get_by_role("button", name="Show here").first.click()
    return title(view, "A morning on the river")


@scene("choosing")
def picker_for_another_choice(stage: Stage) -> View:
    view = _chosen(stage, "To be changed")
    window.open_menu(view.frame).get_by_role("menuitem", name="Change what this link shows").click()
    return title(view, "Change what this link shows")


@scene("choosing")
def picker_for_a_copy(stage: Stage) -> View:
    _chosen(stage, "Week 1")
    return title(stage.framed(link=stage.world.platform.add_link("Week 1 (copy)")), "Choose what")


@scene("word")
def chosen_in_the_lms(stage: Stage) -> View:
    view = stage.framed()
    window.open_menu(view.frame).get_by_role("menuitem", name="Change what this link shows").click()
    return title(view, "What this link shows")


@scene("media")
def film_that_an_address_names(stage: Stage) -> View:
    world = stage.world
    valley = world.add_media(world.samples / "valley-at-dawn.jpg", "Yet another valley at dawn")
    world.sql("UPDATE media_item SET open_to_links = FALSE WHERE id = :id", id=valley)
    url = f"{world.tool}/lti/launch?media={valley}"
    view = stage.framed(link=world.platform.add_link("Valley", url=url))
    view.frame.get_by_role("button", name="Show here").wait_for()
    return view


@scene("word")
def nothing_here(stage: Stage) -> View:
    link = stage.world.platform.add_link("Something to choose")
    return title(stage.framed(STUDENT, link), "Nothing here yet")


def _adding(stage: Stage) -> View:
    view = picker(stage)
    view.frame.get_by_role("link", name="Upload").click()
    return title(view, "Add media")


@scene("form")
def adding(stage: Stage) -> View:
    return _adding(stage)


@scene("form")
def adding_a_wrong_file(stage: Stage) -> View:
    view = _adding(stage)
    wrong = {"name": "drawing.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"}
    view.frame.get_by_label("File").set_input_files(wrong)
    expect(view.frame.locator("#field-file-error")).to_contain_text("SVG")
    return view


@scene("form")
def adding_a_file_that_arrived(stage: Stage) -> View:
    view = _adding(stage)
    view.frame.get_by_label("File").set_input_files(stage.world.samples / "stream-guide.pdf")
    expect(view.frame.locator("[data-state]")).to_have_text("The file has arrived")
    return view


def _settings(stage: Stage) -> View:
    view = stage.framed(ADMINISTRATOR, stage.film_link(SECOND_SCHOOL), SECOND_SCHOOL)
    window.choose(view.frame, "Settings")
    title(view, "Settings")
    view.frame.locator("html[data-framed]").wait_for()
    return view


@scene("settings")
def settings(stage: Stage) -> View:
    return _settings(stage)


@scene("settings")
def settings_with_an_error_and_a_warning(stage: Stage) -> View:
    view = _settings(stage)
    view.frame.get_by_label("Nothing: a button on a second page lets them in").check()
    view.frame.get_by_label("Link duration").fill("for a while")
    view.frame.get_by_role("button", name="Save settings").click()
    expect(view.frame.get_by_label("Link duration")).to_have_attribute("aria-invalid", "true")
    return view


@scene("settings")
def settings_saved(stage: Stage) -> View:
    view = _settings(stage)
    view.frame.get_by_label("Guest session").fill("11")
    view.frame.get_by_role("button", name="Save settings").click()
    view.frame.get_by_text("Saved.").or_(view.frame.get_by_text("Nothing was changed")).wait_for()
    view.frame.locator("html[data-framed]").wait_for()
    return view


@scene("form")
def using_a_link(stage: Stage) -> View:
    view = stage.framed(STUDENT)
    window.choose(view.frame, "Use an invitation link")
    return title(view, "Use an invitation link")


@scene("form")
def using_a_wrong_link(stage: Stage) -> View:
    view = using_a_link(stage)
    view.frame.get_by_label("The link").fill("my invitation")
    view.frame.get_by_role("button", name="Use the link").click()
    expect(view.frame.get_by_text("There is no complete invitation link")).to_be_visible()
    return view


@scene("word")
def refused_to_a_stranger(stage: Stage) -> View:
    return stage.alone(f"{stage.world.tool}/media/{stage.world.media['video']}")


@scene("word")
def launch_that_is_over(stage: Stage) -> View:
    person = stage.profile()
    stage.world.platform.prepare_next(drop=["exp"])
    page = person.tab(stage.world.activity(INSTRUCTOR, "video"))
    page.frame_locator(FRAME).get_by_text("could not be accepted").wait_for()
    frame = page.frame(name="tool_content")
    assert frame is not None
    return View(page, frame)


@scene("word")
def login_of_an_unknown_platform(stage: Stage) -> View:
    query = "iss=https://nobody.example&login_hint=1&target_link_uri=https://x.example"
    return title(stage.alone(f"{stage.world.tool}/lti/login?{query}"), "not registered here")


def _probe(stage: Stage) -> View:
    """The look whether a cookie comes back, held up by not letting scripts run."""
    values = stage.world.platform.login_params(INSTRUCTOR)
    page = stage.profile().tab()
    with without_scripts(page):
        page.goto(f"{stage.world.tool}/lti/login?{urlencode(values)}")
        page.get_by_role("button", name="Continue").wait_for()
    return View(page, page.main_frame)


@scene("bare")
def probe_without_script(stage: Stage) -> View:
    return _probe(stage)


def _as_in_a_frame(route: Route) -> None:
    headers = {**route.request.headers, "sec-fetch-dest": "iframe"}
    route.fulfill(response=route.fetch(headers=headers))


@scene("word")
def window_offered(stage: Stage) -> View:
    view = _probe(stage)
    view.page.context.clear_cookies()
    view.page.route("**/lti/login/*", _as_in_a_frame)
    view.page.get_by_role("button", name="Continue").click()
    return title(view, "Open this in its own window")


@scene("sandbox")
def sandbox_front(stage: Stage) -> View:
    return stage.alone(f"{stage.world.lms}/")


@scene("sandbox")
def sandbox_course(stage: Stage) -> View:
    return stage.alone(f"{stage.world.lms}/courses/{COURSE}?user={STUDENT}&lti_msg=Welcome+back")


@scene("sandbox")
def sandbox_activity(stage: Stage) -> View:
    view = stage.framed()
    return View(view.page, view.page.main_frame)


@scene("sandbox")
def sandbox_activity_in_a_window(stage: Stage) -> View:
    return stage.alone(stage.world.activity(STUDENT, "video", target="window"))


@scene("sandbox")
def sandbox_refusal(stage: Stage) -> View:
    return stage.alone(f"{stage.world.lms}/courses/{COURSE}/links/none?user={STUDENT}")
