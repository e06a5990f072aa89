"""Somebody's browser profile: its tabs, and everything that went wrong in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, Frame, FrameLocator, Page, Response
from playwright.sync_api import Error as BrowserError

from sandbox.courses import Link

from .world import World

PHONE = (390, 844)
SMALL_PHONE = (320, 640)
LAPTOP = (1280, 900)
PATIENCE_MS = 45_000
"""How long something may take on a busy machine before it counts as not happening."""

FRAME = "#tool_content"
SCRIPTED = "html[data-framed]"
"""Matches in a frame once the page's own script has started: keys do something from then on."""

SENT_BY_SCRIPT = "form[novalidate]"
"""Matches once the page's own script has taken its form over."""

_STATUS = re.compile(r"the server responded with a status of (\d+)")


@dataclass
class Profile:
    """One browser profile. `wrong` holds console errors, policy violations, 5xx answers."""

    world: World
    context: BrowserContext
    wrong: list[str] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)
    _expected: set[int | str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.on("console", lambda said: self._told(said.type, said.text))
        self.context.on("weberror", lambda error: self.wrong.append(f"script: {error.error}"))
        self.context.on("response", self._answered)

    def expects(self, *said: int | str) -> None:
        """What the browser reports as an error and the journey wants: a status, or words."""
        self._expected.update(said)

    def tab(self, address: str = "") -> Page:
        page = self.context.new_page()
        if address:
            page.goto(address)
        return page

    def launch(self, user: str, link: str | Link = "video") -> tuple[Page, FrameLocator]:
        """An activity in the LMS: its tab, and the tool in its frame."""
        page = self.tab(self.world.activity(user, link))
        tool = page.frame_locator(FRAME)
        tool.locator(SCRIPTED).wait_for()
        return page, tool

    def _told(self, kind: str, said: str) -> None:
        status = _STATUS.search(said)
        if status and int(status[1]) in self._expected:
            return
        if any(words in said for words in self._expected if isinstance(words, str)):
            return
        if kind == "error" or "Content Security Policy" in said:
            self.wrong.append(f"console: {said}")

    def _answered(self, response: Response) -> None:
        self.answers.append(response)
        if response.status >= 500 and response.status not in self._expected:
            self.wrong.append(f"{response.status} {response.url}")

    def close(self) -> list[str]:
        """End it; gives what went wrong and was not expected."""
        try:
            self.context.close()
        except BrowserError as error:
            self.wrong.append(str(error))
        return self.wrong


def tool_frame(page: Page) -> Frame:
    """The frame's own document, for questions a person cannot ask."""
    frame = page.frame(name="tool_content")
    assert frame is not None
    return frame


def plays(tool: FrameLocator) -> int:
    """How often the page says that the item was played."""
    return int(tool.locator("[data-plays]").inner_text().split()[0])
