"""The tool in each of its languages, as people meet it: nothing English, nothing sideways.

Daily, what runs from right to left is played in one scene of each layout, the others in those that
hold the longest words in the narrowest places. (That every sentence is translated, and looked up
wherever it is said, is asked of all pages without a browser.)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from babel import Locale
from catalogues import LANGUAGES, untranslated

from . import page_states  # noqa: F401 - the scenes fill the gallery
from .conftest import StageIn
from .examined import examined
from .gallery import LAID_OUT, LAYOUTS, SCENES, play_scene
from .translated import Phrases, everybody_speaks, looked_up
from .world import World

OURS = [name for name in sorted(SCENES) if LAID_OUT[name] != "sandbox"]
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
NARROWEST = {"invitation-about-to-be-revoked", "picker", "settings-with-an-error-and-a-warning"}
WAYS = {language: str(Locale.parse(language).text_direction) for language in LANGUAGES}


def _played() -> Iterator[Any]:
    for language, way in WAYS.items():
        daily = set(LAYOUTS.values()) if way == "rtl" else NARROWEST
        for name in OURS if way == "rtl" else NARROW:
            marks = () if name in daily else pytest.mark.breadth
            yield pytest.param(language, name, marks=marks)


@pytest.mark.parametrize(("language", "name"), list(_played()))
def test_page(world: World, stage_in: StageIn, language: str, name: str) -> None:
    phrases = Phrases(language)
    with everybody_speaks(world, language), looked_up(phrases):
        stage = stage_in(language)
        view = play_scene(stage, name)
    root = view.frame.locator("html")
    expected = (language.replace("_", "-"), WAYS[language])
    assert (root.get_attribute("lang"), root.get_attribute("dir")) == expected
    wrong = untranslated(view.frame.content(), phrases.said)
    wrong += examined(view)
    wrong += stage.clear()
    assert not wrong, "\n".join(wrong)


def test_each_layout_is_stood_for_by_one_of_its_scenes() -> None:
    assert {LAID_OUT[name]: name for name in LAYOUTS.values()} == LAYOUTS
