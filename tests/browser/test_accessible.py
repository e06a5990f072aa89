"""Every page in every state: no axe violation, no sideways scrolling, no console error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame

from . import scenes_of_links, scenes_of_media, scenes_of_unusual  # noqa: F401 - they fill the gallery
from .gallery import SCENES, Stage, View, play_scene
from .people import LAPTOP, Profile
from .world import ROOT, World

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (320, 768, 1280)
LOOKS = [(scheme, direction) for scheme in ("light", "dark") for direction in ("ltr", "rtl")]


@pytest.fixture(scope="module")
def axe() -> str:
    assert Path(AXE).is_file(), "axe-core is not installed: make install"
    return AXE.read_text(encoding="utf-8")


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


def _violations(frame: Frame) -> list[str]:
    """What axe finds, one line for each element."""
    found = frame.evaluate(
        """standards => axe.run(document, {
            runOnly: {type: 'tag', values: standards}, resultTypes: ['violations'], iframes: false,
        }).then(({violations}) => violations.flatMap(({id, help, nodes}) =>
            nodes.map(node => `${id} (${help}): ${node.target} ${node.any[0]?.message ?? ''}`)))""",
        STANDARDS,
    )
    return [str(one) for one in found]


def _too_wide(frame: Frame) -> str:
    """What sticks out sideways, or nothing."""
    told = frame.evaluate(
        """() => {
            // A dialog scrolls by itself, and what leaves a card in it may stay inside the dialog.
            const inside = ':is(form, section, .card, .input-row, .suggestions)';
            const boxes = document.querySelectorAll(`html, dialog[open], dialog[open] ${inside}`);
            return [...boxes].filter(box => box.scrollWidth > box.clientWidth + 1).map(box => {
                const edges = box.getBoundingClientRect();
                const out = [...box.querySelectorAll('*')].filter(element => {
                    const {left, right} = element.getBoundingClientRect();
                    return right > edges.right + 1 || left < edges.left - 1;
                });
                const name = element => element.id || element.className || element.tagName;
                return `${name(box)} ${box.scrollWidth} > ${box.clientWidth}: ${out.map(name)}`;
            }).join('; ');
        }"""
    )
    return str(told)


def _widths(view: View) -> list[str]:
    wide = []
    for width in WIDTHS:
        view.page.set_viewport_size({"width": width, "height": LAPTOP[1]})
        for frame in {view.frame, view.page.main_frame}:
            told = _too_wide(frame)
            if told:
                wide.append(f"{width} px wide, {frame.name or 'the page'}: {told}")
    return wide


@pytest.mark.parametrize("name", sorted(SCENES))
def test_page(stage: Stage, axe: str, name: str) -> None:
    view = play_scene(stage, name)
    wrong = _widths(view)
    view.frame.evaluate(axe)
    for scheme, direction in LOOKS:
        view.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        view.frame.evaluate("way => void (document.documentElement.dir = way)", direction)
        wrong += [f"{scheme} {direction} {one}" for one in _violations(view.frame)]
    assert not wrong, "\n".join(wrong)


def test_violations_would_be_seen(stage: Stage, axe: str) -> None:
    page = stage.profile().tab()
    page.set_content("<p style='color: #999; width: 2000px'>faint</p><img src='data:,'>")
    page.evaluate(axe)

    told = " ".join(_violations(page.main_frame))

    assert "color-contrast" in told
    assert "image-alt" in told
    assert _too_wide(page.main_frame)


def test_what_leaves_a_card_in_a_dialog_would_be_seen(stage: Stage) -> None:
    page = stage.profile().tab()
    page.set_content(
        "<dialog><div class='card' style='width: 200px'>"
        "<p style='width: 220px'>x</p></div></dialog>"
    )
    page.evaluate("document.querySelector('dialog').showModal()")

    assert "card 220 > 200" in _too_wide(page.main_frame)
