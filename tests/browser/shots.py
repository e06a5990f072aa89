"""Pictures of every page, to be looked at (`make shots`).

From the repository's folder:

    PYTHONPATH=tests python -m browser.shots DIRECTORY [SCENE…]

takes each scene (all, or those named) at 320, 768 and 1280 px, light and dark:
DIRECTORY/<scene>-<width>-<scheme>.png. What stands in the sandbox's frame is shown in it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from . import chromium, page_states  # noqa: F401 - the scenes fill the gallery
from .gallery import SCENES, Stage, View, play_scene
from .people import FRAME, LAPTOP, Profile
from .world import World, open_world

WIDTHS = {320: 640, 768: 1024, 1280: 900}
SCHEMES = ("light", "dark")
NEXT_DRAWN = """() => new Promise(done =>
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"""


def take(stage: Stage, name: str, folder: Path) -> None:
    """All pictures of one scene."""
    view = play_scene(stage, name)
    for width, height in WIDTHS.items():
        for scheme in SCHEMES:
            view.page.set_viewport_size({"width": width, "height": height})
            view.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            _settle(view)
            view.page.screenshot(path=folder / f"{name}-{width}-{scheme}.png")


def _settle(view: View) -> None:
    """Wait until the frame has the width that the page gives it, and the window shows all of it.

    (What stands in a frame below the window is not drawn, not even in a picture of the whole page.)
    """
    if view.framed:
        width = view.page.locator(FRAME).evaluate("frame => frame.clientWidth")
        view.frame.evaluate(
            """width => new Promise(done => {
                const look = () => innerWidth === width ? done() : requestAnimationFrame(look);
                look();
            })""",
            width,
        )
    for document in (view.frame, view.page.main_frame):
        document.evaluate(NEXT_DRAWN)
    height = view.page.evaluate("document.documentElement.scrollHeight")
    view.page.set_viewport_size({**view.page.viewport_size, "height": height})
    for document in (view.frame, view.page.main_frame):
        document.evaluate(NEXT_DRAWN)


def _stage(world: World, browser: Browser) -> Stage:
    def make(size: tuple[int, int], **options: Any) -> Profile:
        width, height = size
        viewport = {"width": width, "height": height}
        return Profile(world, browser.new_context(viewport=viewport, **options))

    return Stage(world, make, LAPTOP)


def main(folder: Path, names: Iterable[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (
        open_world() as world,
        sync_playwright() as playwright,
        chromium.running(playwright) as browser,
    ):
        stage = _stage(world, browser)
        for name in names:
            take(stage, name, folder)
            for complaint in stage.clear():
                print(f"{name}: {complaint}", file=sys.stderr)
            print(name, flush=True)
        stage.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2:] or SCENES)
