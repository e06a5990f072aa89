"""How a browser is recognised inside an LMS, for each product in each state it can be in.

P: cookies are kept for each site that frames us. S: nothing is kept in the frame, but the LMS keeps
it for us. N: nor does the LMS; there is a window of its own. X: no cookie of ours is kept anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, Playwright, expect

from . import chromium, window
from .another_lms import TITLE, another_lms
from .people import FRAME, LAPTOP, SCRIPTED, SENT_BY_SCRIPT, Profile, plays, tool_frame
from .world import ADMINISTRATOR, INSTRUCTOR, World

KEEPING, BARE = ("sakai", "canvas"), ("moodle", "plain")
"""Products that keep data for tools, and those that do not."""
REFUSED = 2
OFFER = "Open in a new window"


@pytest.fixture(scope="module")
def lmss(world: World) -> Iterator[dict[str, World]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(another_lms(world, name)) for name in (*KEEPING, *BARE)}


@pytest.fixture(scope="module")
def strict(playwright: Playwright, lmss: dict[str, World]) -> Iterator[Browser]:
    """Refuses the tool all cookies and storage, but only inside an LMS."""
    refused = {f"{lms.tool},{lms.lms}": {"setting": REFUSED} for lms in lmss.values()}
    with chromium.running(playwright, {"cookies": refused}) as browser:
        yield browser


@pytest.fixture(scope="module")
def stubborn(playwright: Playwright, world: World) -> Iterator[Browser]:
    """Refuses them everywhere."""
    refused = {f"{world.tool},*": {"setting": REFUSED}}
    with chromium.running(playwright, {"cookies": refused}) as browser:
        yield browser


@pytest.fixture
def lms(lmss: dict[str, World], request: pytest.FixtureRequest) -> World:
    return lmss[request.param]


def every(*products: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("lms", products, indirect=True)


@pytest.fixture
def link(lms: World) -> str:
    return lms.platform.add_link(TITLE, media=lms.media["video"]).id


@contextmanager
def somebody(browser: Browser, lms: World) -> Iterator[Profile]:
    """A person in this browser; nothing may go wrong there."""
    width, height = LAPTOP
    person = Profile(lms, browser.new_context(viewport={"width": width, "height": height}))
    yield person
    assert not person.close()


def launch(person: Profile, link: str, user: str = INSTRUCTOR) -> tuple[Page, FrameLocator]:
    page = person.tab(f"{person.world.lms}/courses/201/links/{link}?user={user}")
    return page, page.frame_locator(FRAME)


def shows_film(place: FrameLocator | Page) -> None:
    expect(place.get_by_role("heading", level=1)).to_have_text(TITLE)


@every(*KEEPING, *BARE)
def test_p_a_cookie_of_its_own_for_each_lms(browser: Browser, lms: World, link: str) -> None:
    with somebody(browser, lms) as maria:
        page, tool = launch(maria, link)
        shows_film(tool)
        kept = [one for one in maria.context.cookies() if one["name"].startswith("__Host-foyer-")]
        assert len(kept) == 1
        assert kept[0].get("partitionKey"), "only inside this LMS"

        frame = tool_frame(page)
        assert "ticket=" not in frame.url
        frame.goto(frame.url)
        shows_film(tool)


@every(*KEEPING)
def test_s_everything_works_without_a_cookie(strict: Browser, lms: World, link: str) -> None:
    with somebody(strict, lms) as maria:
        page, tool = launch(maria, link)
        shows_film(tool)
        tool.locator(SCRIPTED).wait_for()
        assert maria.context.cookies(lms.tool) == []
        assert page.evaluate("Object.values(localStorage).join()") in ("", "{}"), "taken back"
        _plays(tool)
        link_of_ada = window.invite(tool, "ada@partner.org")
        assert link_of_ada.startswith(f"{lms.tool}/i/")

        window.choose(tool, "Use an invitation link")
        expect(tool.get_by_role("heading", level=1)).to_have_text(
            "Use your invitation link in a new tab"
        )
        tool.locator(SCRIPTED).wait_for()
        with maria.context.expect_page() as offered:
            tool.get_by_role("button", name="Open in a new tab").click()
        shows_film(offered.value)
        tool.get_by_role("link", name="Cancel").click()
        shows_film(tool)
        tool.locator(SCRIPTED).wait_for()
        with maria.context.expect_page() as opened:
            window.choose(tool, "Open in a new tab")
        shows_film(opened.value)
        opened.value.reload()
        shows_film(opened.value)

        maria.expects(401)
        frame = tool_frame(page)
        frame.goto(frame.url)
        expect(tool.get_by_role("heading", level=1)).to_have_text("Open it again from your course")
        page.reload()
        shows_film(tool)


@every("sakai")
def test_s_signing_out(strict: Browser, lms: World, link: str) -> None:
    with somebody(strict, lms) as maria:
        page, tool = launch(maria, link)
        shows_film(tool)
        tool.locator(SCRIPTED).wait_for()
        maria.expects(401)
        tool.get_by_role("button", name="Sign out").click()
        expect(tool.get_by_role("heading", level=1)).to_have_text("You are signed out")
        tool_frame(page).evaluate("history.back()")
        expect(tool.get_by_role("heading", level=1)).to_have_text("Open it again from your course")
        page.reload()
        shows_film(tool)


def _plays(tool: FrameLocator) -> None:
    before = plays(tool)
    tool.get_by_role("button", name="Play Video").click()
    tool.locator("video").evaluate(
        "film => new Promise(done => film.addEventListener('timeupdate',"
        " () => film.currentTime > 0.5 && done()))"
    )
    expect(tool.locator("[data-plays]")).to_contain_text(f"{before + 1} play")


@every(*KEEPING)
def test_s_media_is_added_and_shown(strict: Browser, lms: World) -> None:
    link = lms.platform.add_link("Something to choose").id
    with somebody(strict, lms) as maria:
        _page, tool = launch(maria, link)
        tool.get_by_role("link", name="Upload").first.click()
        tool.get_by_role("heading", level=1, name="Add media").wait_for()
        tool.locator(SENT_BY_SCRIPT).wait_for()
        picture = lms.samples / "valley-at-dawn.jpg"
        tool.get_by_label("File").set_input_files(picture)
        expect(tool.locator("[data-state]")).to_contain_text("The file has arrived")
        tool.get_by_label("Title").fill("Dawn without cookies")
        tool.get_by_role("button", name="Add", exact=True).click()
        expect(tool.get_by_role("heading", level=1)).to_have_text("Dawn without cookies")
        expect(tool.get_by_role("main").get_by_role("img").first).to_be_visible()


@every(*KEEPING)
def test_s_settings_are_read_and_saved(strict: Browser, lms: World, link: str) -> None:
    with somebody(strict, lms) as admin:
        _page, tool = launch(admin, link, ADMINISTRATOR)
        window.choose(tool, "Settings")
        tool.locator(SENT_BY_SCRIPT).wait_for()
        tool.get_by_label("Link duration").fill("90")
        tool.get_by_role("button", name="Save settings").click()
        expect(tool.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
        expect(tool.get_by_label("Link duration")).to_have_value("90")


DEAF_AT_FIRST = """
    if (window.name === 'post_message_forwarding') {
        const miss = event => event.stopImmediatePropagation();
        addEventListener('message', miss, { once: true });
    }
"""


@every("canvas")
def test_s_the_frame_that_keeps_it_may_be_slower_than_ours(
    strict: Browser, lms: World, link: str
) -> None:
    with somebody(strict, lms) as maria:
        maria.context.add_init_script(DEAF_AT_FIRST)
        _page, tool = launch(maria, link)
        shows_film(tool)


@every("sakai")
def test_s_a_refused_launch_says_why(strict: Browser, lms: World) -> None:
    link = lms.platform.add_link("Nothing", media="a" * 26).id
    with somebody(strict, lms) as maria:
        maria.expects(404)
        _page, tool = launch(maria, link)
        expect(tool.get_by_role("heading", level=1)).to_have_text("There is nothing to see here")


BUTTONS = {"sakai": "lessons", "canvas": "editor_button", "moodle": "ContentArea"}


@every(*BUTTONS)
def test_what_is_chosen_in_the_dialog_stands_in_the_course(
    browser: Browser, strict: Browser, lms: World
) -> None:
    """By the tool's dialog, back into the LMS, and from there into what was chosen; without a
    cookie where that goes inside the frame.
    """
    product = lms.platform.profile.name
    with somebody(strict if product in KEEPING else browser, lms) as maria:
        page = maria.tab(lms.dialog(INSTRUCTOR, BUTTONS[product]))
        tool = page.frame_locator(FRAME)
        expect(tool.get_by_role("heading", level=1)).to_have_text("Choose what to add")
        tool.locator(SCRIPTED).wait_for()
        film = tool.get_by_role("listitem").filter(has_text=TITLE)
        if tool.get_by_role("button", name="Add to the course").count():
            film.get_by_role("checkbox").check()
            tool.get_by_role("button", name="Add to the course").click()
        else:
            film.get_by_role("button").click()
        expect(page.get_by_role("status")).to_contain_text(TITLE)
        page.get_by_role("main").get_by_role("link", name=TITLE).last.click()
        shows_film(page.frame_locator(FRAME))


@every("canvas")
def test_s_what_was_picked_is_kept_when_searching(strict: Browser, lms: World) -> None:
    other = "The valley at dawn"
    lms.add_media(lms.samples / "valley-at-dawn.jpg", other)
    with somebody(strict, lms) as maria:
        tool = maria.tab(lms.dialog(INSTRUCTOR, "editor_button")).frame_locator(FRAME)
        tool.locator(SCRIPTED).wait_for()
        for name in (TITLE, other):
            tool.get_by_role("listitem").filter(has_text=name).get_by_role("checkbox").check()
        expect(tool.get_by_text("2 chosen", exact=True)).to_be_visible()
        tool.get_by_label("Search by title").fill("river")
        tool.get_by_role("button", name="Search").click()
        expect(tool.get_by_text("Chosen on another page")).to_be_visible()
        expect(tool.get_by_text("2 chosen", exact=True)).to_be_visible()


@every(*BARE)
def test_n_a_window_of_its_own(strict: Browser, lms: World, link: str) -> None:
    with somebody(strict, lms) as maria:
        _page, tool = launch(maria, link)
        with maria.context.expect_page() as opened:
            tool.get_by_role("button", name=OFFER).click()
        shows_film(opened.value)
        assert opened.value.url.startswith(f"{lms.tool}/media/")
        opened.value.reload()
        shows_film(opened.value)
        expect(opened.value.get_by_role("button", name="More actions")).to_be_visible()
        expect(tool.get_by_text("It has been opened in a new window")).to_be_visible()


@every(*KEEPING)
def test_x_what_the_lms_keeps_is_enough_in_its_frame(
    stubborn: Browser, lms: World, link: str
) -> None:
    with somebody(stubborn, lms) as maria:
        maria.expects(403)
        _page, tool = launch(maria, link)
        shows_film(tool)
        tool.locator(SCRIPTED).wait_for()
        with maria.context.expect_page() as opened:
            window.choose(tool, "Open in a new tab")
        _says_what_to_allow(opened.value, lms)


def _says_what_to_allow(page: Page, lms: World) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Your browser does not keep cookies for this tool"
    )
    expect(page.get_by_text(lms.tool)).to_be_visible()


@every(*BARE)
def test_x_a_page_says_what_to_allow(stubborn: Browser, lms: World, link: str) -> None:
    with somebody(stubborn, lms) as maria:
        maria.expects(403)
        _page, tool = launch(maria, link)
        with maria.context.expect_page() as opened:
            tool.get_by_role("button", name=OFFER).click()
        _says_what_to_allow(opened.value, lms)


@every("plain")
def test_x_an_invitation_is_not_used_up(
    browser: Browser, stubborn: Browser, lms: World, link: str
) -> None:
    with somebody(browser, lms) as maria:
        _page, tool = launch(maria, link)
        tool.locator(SCRIPTED).wait_for()
        invitation = window.invite(tool, "grace@partner.org")
    with somebody(stubborn, lms) as grace:
        grace.expects(403)
        page = grace.tab(invitation)
        page.get_by_label("e-mail", exact=False).fill("grace@partner.org")
        page.get_by_role("button").first.click()
        _says_what_to_allow(page, lms)
    with somebody(browser, lms) as grace:
        page = grace.tab(invitation)
        page.get_by_label("e-mail", exact=False).fill("grace@partner.org")
        page.get_by_role("button").first.click()
        shows_film(page)
