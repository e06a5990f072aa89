"""Documents, sounds and pictures; taking them along; deleting and bringing back."""

from __future__ import annotations

from pathlib import Path

import pytest
from media_samples import sound_wav
from PIL import Image
from playwright.sync_api import expect
from pypdfium2 import PdfDocument

from . import window
from .conftest import MakeProfile
from .people import FRAME, SCRIPTED, plays
from .translated import everybody_speaks
from .world import INSTRUCTOR, STUDENT, World


def test_a_document_is_read_page_by_page(profile: MakeProfile) -> None:
    page, tool = profile().launch(STUDENT, "document")
    pages = tool.get_by_role("group", name="Pages")
    number = pages.get_by_role("textbox", name="Page number")
    expect(pages).to_contain_text("of 4")
    expect(number).to_have_value("1")
    expect(tool.locator(".sheet-page canvas")).to_be_visible()

    pages.get_by_role("button", name="Next page").click()
    expect(number).to_have_value("2")
    expect(tool.get_by_role("group", name="Page 2")).to_be_visible()
    page.keyboard.press("End")
    expect(number).to_have_value("4")
    expect(pages.get_by_role("button", name="Next page")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("PageUp")
    expect(number).to_have_value("3")
    expect(tool.get_by_role("group", name="Page 3")).not_to_be_empty()

    number.fill("two")
    number.press("Enter")
    expect(number).to_have_value("3")
    number.fill("2")
    number.press("Enter")
    expect(tool.get_by_role("group", name="Page 2")).to_be_visible()
    number.fill("99")
    number.press("Enter")
    expect(number).to_have_value("4")


def test_where_writing_runs_to_the_left_the_next_page_is_on_the_left(
    profile: MakeProfile, world: World
) -> None:
    with everybody_speaks(world, "he"):
        page, tool = profile().launch(STUDENT, "document")
    expect(tool.locator("html")).to_have_attribute("dir", "rtl")
    expect(tool.locator(".sheet-page canvas")).to_be_visible()
    number = tool.locator("[data-number]")
    expect(number).to_have_value("1")

    tool.locator("[data-turn='1']").focus()
    page.keyboard.press("ArrowLeft")
    expect(number).to_have_value("2")
    page.keyboard.press("ArrowRight")
    expect(number).to_have_value("1")
    for turn in tool.locator("[data-turn] .icon").all():
        expect(turn).to_have_css("transform", "matrix(-1, 0, 0, 1, 0, 0)")


def test_sounds_play(profile: MakeProfile) -> None:
    _page, tool = profile().launch(STUDENT, "audio")
    sound = tool.locator("audio")
    before = plays(tool)

    tool.get_by_role("button", name="Play sound").press("Space")

    sound.evaluate(
        "sound => new Promise(done => sound.addEventListener('timeupdate',"
        " () => sound.currentTime > 0.5 && done()))"
    )
    expect(tool.locator("[data-plays]")).to_contain_text(f"{before + 1} play")


def test_what_is_said_in_a_sound_stands_below_it(
    profile: MakeProfile, world: World, tmp_path: Path
) -> None:
    sound = sound_wav(tmp_path / "talk.wav", seconds=20)
    captions = []
    for language, said in (("de", "Guten <b>Tag</b>"), ("en", "Good <b>day</b>")):
        path = tmp_path / f"talk.{language}.vtt"
        path.write_text(f"WEBVTT\n\n00:00.000 --> 00:19.000\n{said}\n")
        captions += ["--captions", str(path)]
    said_so = world.flask(
        *("media", "add", str(sound), "--platform", world.registered[""], "--title", "A talk"),
        *captions,
    )
    link = world.platform.add_link("A talk", media=said_so.split()[-1])
    _page, tool = profile().launch(STUDENT, link)
    said = tool.get_by_role("region", name="Captions")
    choice = tool.get_by_role("combobox", name="Captions")

    tool.get_by_role("button", name="Play sound").press("Space")
    expect(said).to_have_text("Good day")
    expect(said.locator("b")).to_have_text("day")
    choice.select_option("Deutsch")
    expect(said).to_have_text("Guten Tag")
    expect(said).to_have_attribute("lang", "de")
    choice.select_option("Off")
    expect(said).to_be_hidden()


@pytest.mark.parametrize(
    "size", [(120, 4000), pytest.param((4000, 120), marks=pytest.mark.breadth)]
)
def test_a_picture_that_would_be_a_thread_is_shown_as_it_is(
    profile: MakeProfile, world: World, tmp_path: Path, size: tuple[int, int]
) -> None:
    file = tmp_path / "thread.png"
    Image.linear_gradient("L").resize(size).save(file)
    link = world.platform.add_link("A thread", media=world.add_media(file, "A thread"))
    page, tool = profile((1366, 650)).launch(STUDENT, link)
    tool.get_by_role("region", name="A thread").focus()
    page.keyboard.press("End" if size[1] > size[0] else "ArrowRight")

    shown = tool.locator(".stage").evaluate(
        """stage => {
            const {width, height} = stage.querySelector('img').getBoundingClientRect();
            return [width, height, stage.clientWidth, stage.clientHeight];
        }"""
    )
    assert tuple(shown[:2]) == size
    assert shown[2] <= 640
    assert shown[3] <= 360


def test_a_picture_is_shown(profile: MakeProfile) -> None:
    _page, tool = profile().launch(STUDENT, "picture")
    picture = tool.locator(".stage img")

    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("picture => picture.naturalWidth") > 0
    assert picture.get_attribute("alt") == "The valley at dawn"


def test_download_where_it_is_allowed_and_nowhere_else(profile: MakeProfile) -> None:
    student = profile(accept_downloads=True)
    page, tool = student.launch(STUDENT, "document")
    with page.expect_download() as taken:
        tool.get_by_role("link", name="Download").click()

    with PdfDocument(taken.value.path()) as kept:
        assert len(kept) == 4
    assert taken.value.suggested_filename.endswith(".pdf")
    _page, film = student.launch(STUDENT, "video")
    expect(film.get_by_role("link", name="Download")).to_have_count(0)


def test_delete_asks_and_can_be_undone(profile: MakeProfile, world: World) -> None:
    item = world.add_media(world.samples / "valley-at-dawn.jpg", "To be deleted")
    link = world.platform.add_link("To be deleted", media=item)
    page = profile().tab(world.activity(INSTRUCTOR, link))
    tool = page.frame_locator(FRAME)
    tool.locator(SCRIPTED).wait_for()
    # The question knows what came after the page.
    window.invite(tool, "soon.gone@example.org")

    window.open_menu(tool).get_by_role("menuitem", name="Delete").click()
    asked = tool.get_by_role("dialog", name="Delete this?")
    expect(asked.get_by_role("button", name="Cancel")).to_be_focused()
    expect(asked).to_contain_text("1 course link stops working.")
    expect(asked).to_contain_text("1 invitation stops working.")
    expect(asked).to_contain_text("You can bring it back for 30 days.")
    asked.get_by_role("button", name="Delete").click()

    expect(tool.get_by_role("heading", level=1)).to_have_text("“To be deleted” is deleted")
    student = profile()
    student.expects(404)
    others = student.tab(world.activity(STUDENT, link)).frame_locator(FRAME)
    expect(others.get_by_role("heading", level=1)).to_be_visible()
    expect(others.get_by_role("heading", name="To be deleted")).to_have_count(0)

    tool.get_by_role("button", name="Bring it back").click()
    expect(tool.get_by_role("heading", level=1)).to_have_text("To be deleted")
    expect(tool.locator(".stage img")).to_be_visible()
