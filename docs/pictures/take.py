"""Takes the pictures of the README from a running `make run`.

    .venv/bin/python docs/pictures/take.py [ADDRESS OF THE SANDBOX]

Needs Chromium (on Debian: the package chromium).
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

HERE = Path(__file__).parent
LARGEST = 200_000
FILM = "A morning on the river"


def main() -> None:
    sandbox = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:9000"
    program = os.environ.get("FOYER_TEST_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        invitee(browser, instructor(browser, sandbox))
        browser.close()


def instructor(browser: Browser, sandbox: str) -> str:
    """The window on a media page, inside the LMS; returns the link."""
    page = browser.new_page(viewport={"width": 1280, "height": 880})
    page.goto(sandbox)
    page.get_by_text(FILM).first.click()
    page.get_by_role("button", name="Open here").click()
    tool = page.frame_locator("iframe")
    tool.locator("html[data-framed]").wait_for()
    expect(tool.get_by_role("button", name="Play Video")).to_be_visible()
    tool.get_by_role("button", name="More actions").click()
    tool.get_by_role("menuitem", name="Invite users").click()
    window = tool.get_by_role("dialog", name="Invite users")
    window.get_by_role("combobox", name="Email").fill("ada@partner.example")
    window.get_by_label("First Name").fill("Ada")
    window.get_by_label("Last Name").fill("Byron")
    window.scroll_into_view_if_needed()
    keep(page, "invite")
    window.get_by_role("button", name="Generate invite link").click()
    link = window.get_by_label("Invitation link")
    expect(link).to_be_visible()
    return link.input_value()


def invitee(browser: Browser, link: str) -> None:
    """What the invited person sees first, on a phone."""
    page = browser.new_page(viewport={"width": 390, "height": 620}, is_mobile=True)
    page.goto(link)
    page.get_by_label("Email").or_(page.get_by_role("textbox")).first.fill("ada@partner.example")
    keep(page, "invitee")


def keep(page: Page, name: str) -> None:
    shot = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    for quality in (90, 80, 70, 60):
        packed = io.BytesIO()
        shot.save(packed, "WEBP", quality=quality, method=6)
        if packed.tell() <= LARGEST:
            break
    (HERE / f"{name}.webp").write_bytes(packed.getvalue())
    print(f"{name}.webp: {packed.tell() // 1000} kB")


if __name__ == "__main__":
    main()
