"""The tool in each of its languages, as people meet it: nothing English, nothing sideways.

What runs from right to left is played in every scene; the others in those that hold the longest
words in the narrowest places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from babel import Locale
from catalogues import LANGUAGES, untranslated
from playwright.sync_api import Browser

from . import page_states  # noqa: F401 - the scenes fill the gallery
from .examined import violations, widths
from .gallery import SCENES, Stage, play_scene
from .people import Profile
from .translated import Phrases, everybody_speaks, looked_up
from .world import World

OURS = [name for name in sorted(SCENES) if not name.startswith("sandbox")]
NARROW = [
    "adding",
    "delete-window",
    "film-framed",
    "invitation-about-to-be-revoked",
    "invite-window-with-the-link",
    "opening-without-an-answer",
    "picker",
    "settings-with-an-error-and-a-warning",
]
WAYS = {language: str(Locale.parse(language).text_direction) for language in LANGUAGES}
PLAYED = [(one, name) for one, way in WAYS.items() for name in (OURS if way == "rtl" else NARROW)]


@pytest.fixture(scope="module")
def stage_in(world: World, browser: Browser) -> Iterator[Callable[[str], Stage]]:
    """The stage on which everybody speaks this language, while they do."""
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


@pytest.mark.parametrize(("language", "name"), PLAYED)
def test_page(
    world: World, stage_in: Callable[[str], Stage], axe: str, language: str, name: str
) -> None:
    phrases = Phrases(language)
    with everybody_speaks(world, language), looked_up(phrases):
        stage = stage_in(language)
        view = play_scene(stage, name)
    root = view.frame.locator("html")
    expected = (language.replace("_", "-"), WAYS[language])
    assert (root.get_attribute("lang"), root.get_attribute("dir")) == expected
    wrong = untranslated(view.frame.content(), phrases.said)
    wrong += widths(view)
    view.frame.evaluate(axe)
    wrong += violations(view.frame)
    wrong += stage.clear()
    assert not wrong, "\n".join(wrong)
