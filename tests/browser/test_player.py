"""The player: a tap plays at once, its length is known, no control is dead, an end is told."""

from __future__ import annotations

import io
import re
from pathlib import Path

import media_samples
import pytest
from PIL import Image
from playwright.sync_api import FrameLocator, Page, Response, Route, expect

from . import window
from .conftest import Invite, MakeProfile
from .people import PHONE, tool_frame
from .test_invitee import answer
from .world import INSTRUCTOR, STUDENT, World

REFUSED = "fullscreen=(), picture-in-picture=()"
RENEWAL = re.compile(r"/api/v1/media/\w+/files")
PLAYERS_CODE = "**/part-player-*.js*"
PLAYED = """media => new Promise(done => {
    const look = () => media.currentTime > 0.3 ? done() : setTimeout(look, 50);
    look();
})"""


def _of_the_film(answers: list[Response]) -> list[str]:
    return [one.url for one in answers if one.request.resource_type == "media"]


@pytest.mark.parametrize("kind", ["video", "audio"])
def test_a_tap_plays_before_the_player_has_come(profile: MakeProfile, kind: str) -> None:
    student = profile(PHONE, has_touch=True, is_mobile=True)
    held: list[Route] = []
    student.context.route(PLAYERS_CODE, lambda route: held.append(route))
    page, tool = student.launch(STUDENT, kind)
    media = tool.locator(kind)
    media.evaluate("media => { window.first = media; }")
    page.wait_for_load_state("networkidle")
    assert not held
    assert not _of_the_film(student.answers)
    assert media.get_attribute("controls") is None

    tool.get_by_role("button", name="Play").tap()
    media.evaluate(PLAYED)
    assert held, "the player is fetched at the first touch"
    assert media.get_attribute("controls") is None

    at = media.evaluate("media => media.currentTime")
    held[0].continue_()
    expect(tool.get_by_role("button", name="Pause", exact=True)).to_be_attached()
    expect(tool.locator("[data-start]")).to_be_hidden()
    assert (
        media.evaluate("media => media === window.first && !media.paused && media.currentTime")
        >= at
    )


def test_where_the_player_cannot_be_had_the_browsers_own_does(profile: MakeProfile) -> None:
    student = profile()
    student.expects("net::ERR_FAILED")
    student.context.route(PLAYERS_CODE, lambda route: route.abort())
    _page, tool = student.launch(STUDENT)

    tool.get_by_role("button", name="Play Video").click()

    film = tool.locator("video")
    film.evaluate(PLAYED)
    expect(film).to_have_attribute("controls", "")
    expect(tool.locator("[data-start]")).to_be_hidden()


def _player(profile: MakeProfile) -> tuple[Page, FrameLocator]:
    page, tool = profile().launch(STUDENT)
    tool.get_by_role("button", name="Play Video").press("Enter")
    tool.locator("video").evaluate(PLAYED)
    expect(tool.get_by_role("button", name="Pause", exact=True)).to_be_focused()
    return page, tool


def test_the_keys_of_a_player(profile: MakeProfile) -> None:
    page, tool = _player(profile)
    film = tool.locator("video")

    page.keyboard.press("k")
    expect(film).to_have_js_property("paused", True)
    film.evaluate("film => { film.currentTime = 10; }")
    page.keyboard.press("ArrowRight")
    assert film.evaluate("film => film.currentTime") == pytest.approx(15, abs=0.5)
    page.keyboard.press("ArrowLeft")
    assert film.evaluate("film => film.currentTime") == pytest.approx(10, abs=0.5)
    page.keyboard.press("m")
    expect(film).to_have_js_property("muted", True)


def test_the_speed_menu_shows_the_chosen_line(profile: MakeProfile) -> None:
    page, tool = _player(profile)
    page.set_viewport_size({"width": 400, "height": 800})

    tool.get_by_role("button", name="Playback Rate").press("Enter")
    chosen = tool.get_by_role("menuitemradio", checked=True)
    expect(chosen).to_contain_text("1x")

    inside = chosen.evaluate(
        """line => {
            const box = line.getBoundingClientRect();
            const list = line.closest('.vjs-menu-content').getBoundingClientRect();
            return box.top >= list.top - 1 && box.bottom <= list.bottom + 1 && list.height > 40;
        }"""
    )
    assert inside
    mark = chosen
    assert "✓" in mark.evaluate("line => getComputedStyle(line, '::before').content")


def test_no_black_line_beside_the_film(profile: MakeProfile) -> None:
    page, tool = _player(profile)
    page.keyboard.press("k")
    for width in (1366, 1237, 993):
        page.set_viewport_size({"width": width, "height": 800})
        seen = Image.open(io.BytesIO(tool.locator(".stage").screenshot())).convert("L")
        middle = seen.height // 3
        edge = [seen.getpixel((seen.width - back, middle)) for back in (2, 6)]
        assert abs(edge[0] - edge[1]) < 25, (width, edge)  # type: ignore[operator]


@pytest.mark.parametrize("kind", ["video", "audio"])
def test_a_recording_without_a_length_has_one(
    profile: MakeProfile, world: World, tmp_path: Path, kind: str
) -> None:
    file = media_samples.recorded(tmp_path / "recorded.webm", picture=kind == "video")
    link = world.platform.add_link("Recorded", media=world.add_media(file, f"Recorded {kind}"))
    _page, tool = profile().launch(STUDENT, link)
    tool.get_by_role("button", name="Play").press("Enter")
    media = tool.locator(kind)
    media.evaluate(PLAYED)
    assert media.evaluate("media => media.duration") == float("inf")

    bar = tool.get_by_role("slider", name="Progress Bar")
    expect(bar).to_be_visible()
    expect(bar).to_have_attribute("aria-valuetext", re.compile("of 0:06"))
    expect(tool.get_by_text("LIVE")).to_have_count(0)
    bar.press("ArrowRight")
    media.evaluate("media => media.pause()")

    assert media.evaluate("media => media.currentTime") > 4


def _later(page: Page, tool: FrameLocator, media: str) -> None:
    """A laptop wakes up after twenty minutes: the film's old address is over."""
    old = tool.locator(media).evaluate("media => media.currentSrc")
    page.context.route(old, lambda route: route.fulfill(status=403, body="over"))

    def renew(route: Route) -> None:
        answer = route.fetch()
        fresh = answer.json()
        # Within one step of the clock it would be the same.
        route.fulfill(response=answer, json={**fresh, "original": f"{fresh['original']}&fresh"})

    page.context.route(RENEWAL, renew)
    tool_frame(page).evaluate("() => { const now = Date.now; Date.now = () => now() + 1200000; }")


@pytest.mark.parametrize("kind", ["video", pytest.param("audio", marks=pytest.mark.breadth)])
def test_after_a_long_sleep_it_goes_on_where_it_stood(profile: MakeProfile, kind: str) -> None:
    person = profile()
    person.expects(403)
    page, tool = person.launch(STUDENT, kind)
    tool.get_by_role("button", name="Play").press("Enter")
    media = tool.locator(kind)
    media.evaluate(PLAYED)
    page.keyboard.press("k")
    media.evaluate("media => { media.playbackRate = 1.5; }")
    _later(page, tool, kind)

    media.evaluate("media => { media.currentTime = 12; }")
    expect(media).to_have_attribute("src", re.compile("&fresh$"))
    expect(media).to_have_js_property("currentTime", 12)
    tool.get_by_role("button", name="Play", exact=True).click()
    media.evaluate(PLAYED.replace("0.3", "12.3"))

    assert media.evaluate("media => media.playbackRate") == 1.5
    expect(tool.locator("[data-problem]")).to_be_hidden()


def test_captions_and_speed_can_be_chosen_on_a_small_screen(
    profile: MakeProfile, world: World, tmp_path: Path
) -> None:
    captions: list[str] = []
    for language in ("de", "en", "fr", "pt-BR", "sr-Latn-RS"):
        file = tmp_path / f"film.{language}.vtt"
        file.write_text("WEBVTT\n\n00:00.000 --> 00:29.000\n" + "Many words. " * 30)
        captions += ["--captions", str(file)]
    said = world.flask(
        *("media", "add", str(world.samples / "river-morning.mp4"), "--title", "In five languages"),
        *("--platform", world.registered[""], *captions),
    )
    link = world.platform.add_link("In five languages", media=said.split()[-1])
    person = profile((360, 740))
    page, tool = person.launch(STUDENT, link)
    tool.get_by_role("button", name="Play Video").press("Enter")
    tool.locator("video").evaluate(PLAYED)
    page.keyboard.press("k")

    for button, line in (("Captions", "Português"), ("Playback Rate", "1.75x")):
        opener = tool.get_by_role("button", name=button)
        opener.press("Enter")
        inside = tool.get_by_role("menuitemradio", name=line).evaluate(
            """line => {
                const list = line.closest('.vjs-menu-content').getBoundingClientRect();
                const film = line.closest('.stage').getBoundingClientRect();
                return list.top >= film.top && list.left >= film.left
                    && list.right <= film.right && line.scrollWidth <= line.clientWidth;
            }"""
        )
        assert inside, button
        tool.get_by_role("menuitemradio", name=line).press("Enter")
    written = tool.locator(".vjs-playback-rate-value")
    expect(written).to_have_text("1.75x")
    assert written.evaluate("text => text.scrollWidth <= text.clientWidth")
    bar, words = tool.locator(".vjs-control-bar"), tool.locator(".vjs-text-track-cue > div")
    expect(words).to_be_visible()
    over, below = words.bounding_box(), bar.bounding_box()
    assert over
    assert below
    assert over["y"] + over["height"] <= below["y"]

    # The next film is shown as this one was.
    _page, next_tool = person.launch(STUDENT, link)
    next_tool.get_by_role("button", name="Play Video").press("Enter")
    chosen = next_tool.get_by_role("menuitemradio", name="Português", include_hidden=True)
    expect(chosen).to_have_attribute("aria-checked", "true")


def test_all_controls_of_an_upright_film_are_in_its_bar(
    profile: MakeProfile, world: World, tmp_path: Path
) -> None:
    upright = media_samples.film(tmp_path / "upright.mp4", size=(270, 480))
    item = world.add_media(upright, "Standing upright")
    link = world.platform.add_link(
        "Upright", url=f"{world.tool}/lti/launch", custom={"media": item}
    )
    _page, tool = profile().launch(INSTRUCTOR, link)
    tool.get_by_role("button", name="Play Video").press("Enter")
    bar = tool.locator(".vjs-control-bar")
    expect(bar.get_by_role("button", name="Fullscreen", exact=True)).to_be_attached()
    assert bar.evaluate("bar => bar.offsetWidth < 256 && bar.scrollWidth <= bar.offsetWidth")


def test_a_film_fills_the_screen_from_the_frame_of_an_lms(profile: MakeProfile) -> None:
    page, tool = profile().launch(STUDENT)
    tool.get_by_role("button", name="Play Video").press("Enter")
    tool.get_by_role("button", name="Fullscreen", exact=True).press("Enter")
    expect(tool.get_by_role("button", name="Exit Fullscreen")).to_be_attached()
    assert tool_frame(page).evaluate("document.fullscreenElement.matches('.video-js')")


def _refuse_full_screen(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, headers={**answer.headers, "permissions-policy": REFUSED})


def test_full_screen_is_never_dead(profile: MakeProfile, world: World) -> None:
    student = profile()
    student.expects("Permissions policy violation")
    student.context.route(f"{world.lms}/courses/**", _refuse_full_screen)
    page, tool = student.launch(STUDENT)
    assert not tool_frame(page).evaluate("document.fullscreenEnabled")
    tool.get_by_role("button", name="Play Video").press("Enter")
    tool.locator("video").evaluate(PLAYED)

    expect(tool.get_by_role("button", name="Picture-in-Picture")).to_have_count(0)
    tool.get_by_role("button", name="Full screen in a new tab").press("Enter")

    expect(tool.get_by_text("does not allow full screen")).to_be_visible()
    offered = tool.get_by_role("button", name="Open in a new tab")
    expect(offered).to_be_focused()
    with student.context.expect_page() as opened:
        offered.press("Enter")
    opened.value.get_by_role("button", name="Play Video").wait_for()
    assert opened.value.evaluate("document.fullscreenEnabled")


def test_a_guest_whose_access_is_revoked_is_told_and_the_film_stops(
    profile: MakeProfile, world: World, invite: Invite
) -> None:
    email = "sent.away.while.watching@example.org"
    guest = profile(PHONE)
    guest.expects(401, 404, 410)
    page = guest.tab(invite(email))
    answer(page, email)
    page.get_by_role("button", name="Play Video").press("Enter")
    page.locator("video").evaluate(PLAYED)

    _maria, tool = profile().launch(INSTRUCTOR)
    with window.entry(tool, email) as entry:
        entry.get_by_role("button", name="Revoke").click()
        entry.get_by_role("group").get_by_role("button", name="Revoke").click()
        expect(entry.get_by_text("Revoked", exact=True)).to_be_visible()

    expect(page.locator("video")).to_have_count(0)
    expect(page.get_by_role("heading", name="A morning on the river")).to_have_count(0)


def test_an_open_page_of_the_course_is_told_too(profile: MakeProfile, world: World) -> None:
    item = world.add_media(world.samples / "river-morning.mp4", "Soon gone")
    link = world.platform.add_link("Soon gone", media=item)
    student = profile()
    student.expects(404)
    page, tool = student.launch(STUDENT, link)
    tool.get_by_role("button", name="Play Video").press("Enter")
    film = tool.locator("video")
    film.evaluate(PLAYED)
    film.evaluate("film => { window.film = film; }")

    world.sql("UPDATE media_item SET deleted_at = created_at WHERE id = :id", id=item)
    tool.get_by_role("button", name="Pause", exact=True).press("k")

    told = tool.get_by_role("heading", name="You no longer have access to this")
    expect(told).to_be_visible()
    expect(tool.locator("video")).to_have_count(0)
    left = "({paused: film.paused, src: film.currentSrc && film.getAttribute('src')})"
    assert tool_frame(page).evaluate(left) == {"paused": True, "src": None}
