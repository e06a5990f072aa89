"""An invitee on a phone, who has never heard of us or of the LMS."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests
from playwright.sync_api import FrameLocator, Page, Route, expect

from . import window
from .conftest import Invite, MakeProfile
from .people import PHONE, SMALL_PHONE, Profile
from .world import INSTRUCTOR, World

EMAIL = "Your e-mail address"
DEVICE = "__Host-device"


@pytest.fixture
def instructor(profile: MakeProfile) -> FrameLocator:
    """The film's page in the course, with its instructor."""
    return profile().launch(INSTRUCTOR)[1]


def answer(page: Page, email: str) -> None:
    page.get_by_label(EMAIL).fill(email)
    page.get_by_role("button", name="Continue").click()


def uses(world: World, email: str) -> object:
    return world.rows("SELECT uses_made FROM invitation WHERE email = :email", email=email)[0][0]


def end_session(guest: Profile) -> None:
    """The browser loses its session, but not what makes it known as this device."""
    kept = [one for one in guest.context.cookies() if one["name"] == DEVICE]
    guest.context.clear_cookies()
    guest.context.add_cookies(kept)


@pytest.mark.parametrize("size", [PHONE, SMALL_PHONE], ids=lambda size: f"{size[0]}px")
def test_the_way_in(
    profile: MakeProfile, invite: Invite, world: World, size: tuple[int, int]
) -> None:
    email = f"way-in-{size[0]}@example.org"
    link = invite(email)
    guest = profile(size, is_mobile=True, has_touch=True)
    guest.expects(403)

    page = guest.tab(link)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Northfield University")
    expect(page.get_by_label(EMAIL)).to_have_attribute("inputmode", "email")
    expect(page.get_by_label(EMAIL)).to_have_attribute("autocomplete", "email")
    page.reload()
    assert uses(world, email) == 0
    assert "A morning on the river" not in page.content()

    answer(page, "somebody.else@example.org")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "The invitation was sent to another address"
    )
    assert uses(world, email) == 0
    expect(page.get_by_text("You typed somebody.else@example.org.")).to_be_visible()
    expect(page.get_by_label(EMAIL)).to_have_value("somebody.else@example.org")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()

    answer(page, email.upper())
    expect(page.get_by_role("heading", level=1)).to_have_text("A morning on the river")
    expect(page.get_by_text("Invited by Maria Santos")).to_be_visible()
    expect(page.get_by_role("button", name="More actions")).to_have_count(0)
    assert uses(world, email) == 1

    start = page.get_by_role("button", name="Play Video")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    face, film = start.locator(".start-face").bounding_box(), start.bounding_box()
    assert face
    assert film
    assert face["height"] < film["height"] / 2, (
        "the poster is seen behind it in twice as large text"
    )
    page.evaluate("document.documentElement.style.fontSize = ''")
    start.tap()
    page.locator("video").evaluate(
        "film => new Promise(done => film.addEventListener('timeupdate',"
        " () => film.currentTime > 0.5 && done()))"
    )
    page.locator("video").tap()
    for control in ("Captions", "Fullscreen"):
        expect(page.get_by_role("button", name=control)).to_be_in_viewport(ratio=0.9)


def test_the_token_stays_out_of_address_and_referrer(
    profile: MakeProfile, invite: Invite, world: World
) -> None:
    email = "quiet@example.org"
    link = invite(email)
    token = link.rpartition("/")[2]
    guest = profile(PHONE)
    page = guest.tab(link)

    answer(page, email)
    page.get_by_role("heading", name="A morning on the river").wait_for()

    assert page.url.startswith(f"{world.tool}/media/{world.media['video']}?as=")
    assert page.evaluate("document.referrer") == ""
    told = [one.request.all_headers().get("referer", "") for one in guest.answers]
    assert not any(token in referrer for referrer in told)
    later = [one.url for one in guest.answers if "/i/" not in one.url]
    assert later
    assert not any(token in address for address in later)
    log = world.log.read_text(encoding="utf-8")
    assert world.media["video"] in log
    assert token not in log


def test_coming_back_spends_nothing(profile: MakeProfile, invite: Invite, world: World) -> None:
    email = "back@example.org"
    link = invite(email)
    page = profile(PHONE).tab(link)
    answer(page, email)
    title = page.get_by_role("heading", name="A morning on the river")
    title.wait_for()

    page.reload()
    expect(title).to_be_visible()
    page.goto(link)
    expect(title).to_be_visible()

    assert "/media/" in page.url
    assert uses(world, email) == 1


def test_another_device_is_refused_and_the_same_one_is_used_up(
    profile: MakeProfile, instructor: FrameLocator, world: World
) -> None:
    email = "one-device@example.org"
    link = window.invite(instructor, email)
    first = profile(PHONE)
    page = first.tab(link)
    answer(page, email)
    page.get_by_role("heading", name="A morning on the river").wait_for()

    second = profile(PHONE)
    second.expects(403, 410)
    other = second.tab(link)
    answer(other, email)
    expect(other.get_by_role("heading", level=1)).to_have_text(
        "This link belongs to another browser"
    )
    other.get_by_role("button", name="Ask for a new link").click()
    expect(other.get_by_role("heading", level=1)).to_contain_text("new link was sent")
    for go in (other.reload, other.go_back):
        go()
        expect(other.get_by_label(EMAIL)).to_have_value("")
    answer(other, email)
    expect(other.get_by_text("A new link was asked for on")).to_be_visible()
    expect(other.get_by_role("button", name="Ask for a new link")).to_have_count(0)

    first.expects(410)
    end_session(first)
    page.goto(link)
    answer(page, email)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link has been used")
    assert uses(world, email) == 1
    with window.entry(instructor, email) as entry:
        expect(entry).to_contain_text("Asked for a new link")


def losing_answers(page: Page) -> None:
    """From now on the server gets the form of a link, and its answer does not arrive."""

    def lose(route: Route) -> None:
        asked = route.request
        if asked.method != "POST":
            route.continue_()
            return
        got = requests.post(
            asked.url,
            data=asked.post_data_buffer,
            headers=asked.all_headers(),
            allow_redirects=False,
            timeout=60,
        )
        assert got.status_code == 303
        route.abort("connectionreset")

    page.route("**/i/*", lose)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_an_answer_lost_on_the_line_burns_nothing(
    profile: MakeProfile, invite: Invite, world: World, script: bool
) -> None:
    email = f"bad-line-{script}@example.org".lower()
    link = invite(email)
    phone = profile(PHONE, java_script_enabled=script)
    phone.expects("ERR_CONNECTION_RESET")
    for _try in range(2):
        page = phone.tab(link)
        losing_answers(page)
        with page.expect_event("requestfailed", lambda one: one.method == "POST"):
            answer(page, email)
    assert uses(world, email) == 1

    page = phone.tab(link)
    answer(page, email)
    expect(page.get_by_role("heading", level=1)).to_have_text("A morning on the river")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("A morning on the river")
    assert uses(world, email) == 1
    other = profile(PHONE)
    other.expects(403)
    second = other.tab(link)
    answer(second, email)
    expect(second.get_by_role("heading", level=1)).to_have_text(
        "This link belongs to another browser"
    )


def test_after_revoking_the_next_request_is_refused(
    profile: MakeProfile, instructor: FrameLocator
) -> None:
    email = "withdrawn@example.org"
    link = window.invite(instructor, email)
    guest = profile(PHONE)
    page = guest.tab(link)
    answer(page, email)
    page.get_by_role("heading", name="A morning on the river").wait_for()

    with window.entry(instructor, email) as entry:
        entry.get_by_role("button", name="Revoke").click()
        expect(entry).to_contain_text("signed out at once")
        entry.get_by_role("group").get_by_role("button", name="Revoke").click()
        expect(entry.get_by_text("Revoked", exact=True)).to_be_visible()

    guest.expects(404, 410)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your access has ended")
    expect(page.get_by_text("Your invitation was withdrawn")).to_be_visible()
    expect(page.get_by_role("button", name="Ask for a new link")).to_have_count(0)
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "This invitation is no longer available"
    )


def test_an_expired_link_says_so_and_a_new_one_works(
    profile: MakeProfile, instructor: FrameLocator, world: World
) -> None:
    email = "late@example.org"
    link = window.invite(instructor, email)
    past = datetime.now(UTC) - timedelta(minutes=5)
    world.sql(
        "UPDATE invitation SET expires_at = :past, generated_at = :begun WHERE email = :email",
        past=past,
        begun=past - timedelta(days=1),
        email=email,
    )
    guest = profile(PHONE)
    guest.expects(410)
    page = guest.tab(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link has expired")

    fresh = window.renew(instructor, email)
    assert fresh != link
    page.goto(fresh)
    answer(page, email)
    expect(page.get_by_role("heading", name="A morning on the river")).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "This invitation is no longer available"
    )


def test_after_a_device_reset_the_other_device_gets_in(
    profile: MakeProfile, instructor: FrameLocator, world: World
) -> None:
    email = "reset@example.org"
    link = window.invite(instructor, email)
    first = profile(PHONE)
    page = first.tab(link)
    answer(page, email)
    page.get_by_role("heading", name="A morning on the river").wait_for()

    with window.entry(instructor, email) as entry:
        entry.get_by_role("button", name="Reset device").click()
        entry.get_by_role("group").get_by_role("button", name="Reset device").click()
        expect(entry).to_contain_text("0 of 1")

    other = profile(PHONE).tab(link)
    answer(other, email)
    expect(other.get_by_role("heading", name="A morning on the river")).to_be_visible()
    first.expects(410, 403)
    page.reload()
    expect(page.get_by_role("heading", name="A morning on the river")).to_have_count(0)
    assert uses(world, email) == 1


def test_all_of_it_without_script(profile: MakeProfile, invite: Invite, world: World) -> None:
    email = "no-script@example.org"
    link = invite(email)
    guest = profile(PHONE, java_script_enabled=False)
    guest.expects(403, 410, 422)
    page = guest.tab(link)

    answer(page, "")
    expect(page.get_by_text("Please type the e-mail address")).to_be_visible()
    answer(page, "somebody.else@example.org")
    expect(page.get_by_role("heading", level=1)).to_contain_text("another address")
    answer(page, email)
    title = page.get_by_role("heading", name="A morning on the river")
    expect(title).to_be_visible()
    expect(page.locator("video")).to_have_attribute("controls", "")
    page.reload()
    expect(title).to_be_visible()
    page.goto(link)
    expect(title).to_be_visible()
    assert uses(world, email) == 1

    end_session(guest)
    page.goto(link)
    answer(page, email)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link has been used")

    second = profile(PHONE, java_script_enabled=False)
    second.expects(403)
    other = second.tab(link)
    answer(other, email)
    expect(other.get_by_role("heading", level=1)).to_have_text(
        "This link belongs to another browser"
    )


def test_a_german_browser_is_spoken_to_in_german(profile: MakeProfile, invite: Invite) -> None:
    email = "german@example.org"
    link = invite(email)

    page = profile(PHONE, locale="de-DE").tab(link)
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.get_by_label("Ihre E-Mail-Adresse").fill(email)
    page.get_by_role("button", name="Weiter").click()

    expect(page.get_by_text("Eingeladen von Maria Santos als Zuschauer, bis")).to_be_visible()
    expect(page.get_by_role("button", name="Video abspielen")).to_be_visible()
