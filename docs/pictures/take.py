"""Takes the pictures of the README and of docs/register-in-*.md from a running `make run`.

    .venv/bin/python docs/pictures/take.py [ADDRESS OF THE SANDBOX [ADDRESS OF FOYER]]

Needs Chromium (on Debian: the package chromium).
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PRODUCTS = {"sakai": "127.0.0.2", "canvas": "127.0.0.5", "moodle": "127.0.0.7"}
LAST = {"sakai": "Save", "canvas": "Install", "moodle": "Activate"}
LARGEST = 200_000
FILM = "A morning on the river"


def main() -> None:
    sandbox = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:9000"
    foyer = sys.argv[2] if len(sys.argv) > 2 else "http://127.0.0.1:8000"
    program = os.environ.get("FOYER_TEST_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        invitee(browser, instructor(browser, sandbox))
        for product, host in PRODUCTS.items():
            lms = f"http://{host}:{urlsplit(sandbox).port}"
            registering(browser, lms, product, code(foyer))
        browser.close()


def code(foyer: str) -> str:
    """An activation code, as an operator makes it."""
    words = ["platform", "code", "--institution", "Example University"]
    said = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=ROOT,
        env={"FOYER_DEVELOPMENT": "1", "FOYER_BASE_URL": foyer, **os.environ},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return re.findall(r"code: (\S+)", said)[0]


def registering(browser: Browser, lms: str, product: str, activation: str) -> None:
    """Our page in the frame of an LMS's administration, and what the LMS shows after it."""
    page = browser.new_page(viewport={"width": 1024, "height": 560})
    page.goto(f"{lms}/admin/tools")
    page.get_by_role("button", name="Register a tool").click()
    frame = page.frame_locator("#registration")
    tool = frame.frame_locator("#dr_iframe") if product == "canvas" else frame
    if product == "sakai":  # the others show the same
        tool.get_by_label("Activation code").fill("ABCD-EFGH-IJKL-MNOP")
        keep(page, "register")
    tool.get_by_label("Activation code").fill(activation)
    tool.get_by_role("button", name="Register").click()
    if product != "canvas":  # which goes on by itself
        tool.get_by_role("heading", name="Foyer is registered").wait_for()
        keep(page, f"registered-{product}")
        tool.get_by_role("button", name="Go on in").click()
    last = page.get_by_role("button", name=LAST[product])
    last.wait_for()
    if product == "canvas":
        keep(page.locator("main"), f"registered-{product}")
    last.click()
    page.close()


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


def keep(page: Page | Locator, name: str) -> None:
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
