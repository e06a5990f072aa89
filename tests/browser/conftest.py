"""One tool, one LMS and one Chromium for all journeys that this process plays; a profile of its own
for each person.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from . import chromium
from .gallery import Stage
from .people import LAPTOP, PATIENCE_MS, Profile
from .world import World, open_world

WITHOUT_CHROMIUM = (
    "NO BROWSER: the journeys in tests/browser were left out. Install Chromium "
    "(`apt install chromium`) or name it in FOYER_TEST_CHROMIUM."
)
FIREFOX = os.environ.get("FOYER_TEST_FIREFOX") or shutil.which("firefox-esr") or ""
WITHOUT_FIREFOX = (
    "NO FIREFOX: its journeys (tests/browser/test_firefox.py) are left out. Install Firefox ESR "
    "(`apt install firefox-esr` with its recommended codecs) or name it in FOYER_TEST_FIREFOX."
)
_used: dict[str, str] = {}


def pytest_ignore_collect() -> bool | None:
    return None if chromium.PROGRAM else True


def pytest_report_header() -> str | None:
    return None if chromium.PROGRAM else WITHOUT_CHROMIUM


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not chromium.PROGRAM:
        terminalreporter.section("browser", "!", red=True)
        terminalreporter.line(WITHOUT_CHROMIUM, red=True)
    if not FIREFOX and terminalreporter.config.getoption("everything"):
        terminalreporter.section("browser", "!", red=True)
        terminalreporter.line(WITHOUT_FIREFOX, red=True)
    for name, said in _used.items():
        terminalreporter.line(f"browser journeys, {name}: {said}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = __name__.rpartition(".")[0]
    for item in items:
        if getattr(item, "module", None) and item.module.__name__.startswith(f"{here}."):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def world() -> Iterator[World]:
    with open_world() as world:
        _used["database"] = world.database.partition(":")[0]
        yield world


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with chromium.running(playwright) as browser:
        _used["browser"] = f"Chromium {browser.version}"
        yield browser


MakeProfile = Callable[..., Profile]


@pytest.fixture
def profile(world: World, browser: Browser) -> Iterator[MakeProfile]:
    """Makes a browser profile; at the end of the test nothing may have gone wrong in any."""
    made: list[Profile] = []

    def make(size: tuple[int, int] = LAPTOP, **options: Any) -> Profile:
        width, height = size
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        made.append(Profile(world, context))
        return made[-1]

    yield make
    wrong = [complaint for one in made for complaint in one.close()]
    assert not wrong, "\n".join(wrong)


StageIn = Callable[[str], Stage]


@pytest.fixture(scope="package")
def stage_in(world: World, browser: Browser) -> Iterator[StageIn]:
    """The stage whose browsers ask for pages in this language."""
    made: dict[str, Stage] = {}

    def stage(language: str) -> Stage:
        def make(size: tuple[int, int], **options: Any) -> Profile:
            viewport = dict(zip(("width", "height"), size, strict=True))
            tag = language.replace("_", "-")
            return Profile(world, browser.new_context(viewport=viewport, locale=tag, **options))

        if language not in made:
            made[language] = Stage(world, make)
        return made[language]

    yield stage
    for one in made.values():
        one.close()


Invite = Callable[..., str]


@pytest.fixture
def invite(stage_in: StageIn) -> Invite:
    """Invites somebody to the film as its instructor, and gives the link: for journeys that begin
    where the invitation is made.
    """

    def made(email: str, first: str = "Ada", last: str = "Lovelace") -> str:
        return stage_in("en").invited_as(email, first, last)

    return made
