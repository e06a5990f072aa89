"""Every page in every state: no axe violation, no sideways scrolling, no console error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from . import page_states  # noqa: F401 - the scenes fill the gallery
from .examined import too_wide, violations, widths
from .gallery import SCENES, Stage, play_scene
from .people import Profile
from .world import World

LOOKS = [(scheme, direction) for scheme in ("light", "dark") for direction in ("ltr", "rtl")]


@pytest.fixture(scope="module")
def gallery(world: World, browser: Browser) -> Iterator[Stage]:
    def make(size: tuple[int, int], **options: Any) -> Profile:
        width, height = size
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        return Profile(world, context)

    stage = Stage(world, make)
    yield stage
    stage.close()


@pytest.fixture
def stage(gallery: Stage) -> Iterator[Stage]:
    yield gallery
    wrong = gallery.clear()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", sorted(SCENES))
def test_page(stage: Stage, axe: str, name: str) -> None:
    view = play_scene(stage, name)
    wrong = widths(view)
    view.frame.evaluate(axe)
    for scheme, direction in LOOKS:
        view.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        view.frame.evaluate("way => void (document.documentElement.dir = way)", direction)
        wrong += [f"{scheme} {direction} {one}" for one in violations(view.frame)]
    assert not wrong, "\n".join(wrong)


def test_violations_would_be_seen(stage: Stage, axe: str) -> None:
    page = stage.profile().tab()
    page.set_content("<p style='color: #999; width: 2000px'>faint</p><img src='data:,'>")
    page.evaluate(axe)

    told = " ".join(violations(page.main_frame))

    assert "color-contrast" in told
    assert "image-alt" in told
    assert too_wide(page.main_frame)


def test_what_leaves_a_card_in_a_dialog_would_be_seen(stage: Stage) -> None:
    page = stage.profile().tab()
    page.set_content(
        "<dialog><div class='card' style='width: 200px'>"
        "<p style='width: 220px'>x</p></div></dialog>"
    )
    page.evaluate("document.querySelector('dialog').showModal()")

    assert "card 220 > 200" in too_wide(page.main_frame)
