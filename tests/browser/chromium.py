"""Debian's Chromium as a person has it: a process of its own, third-party cookies blocked.

Playwright's own launch switches storage partitioning off, so the process is started here and
Playwright attaches to it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Playwright

PROGRAM = os.environ.get("FOYER_TEST_CHROMIUM") or shutil.which("chromium") or ""
"""Where Chromium is; empty where there is none (Debian and Ubuntu: `apt install chromium`)."""

BLOCK_THIRD_PARTY = 1

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--mute-audio",
    "--remote-debugging-port=0",
    # What the address bar would suggest is two further pages for each window that opens.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup"
    # A frame that changes its process at each hop between tool and LMS is lost now and then by
    # Playwright when it is attached like this. What sites may share (cookies, storage, policies)
    # is not decided by processes, so all frames of a page may live in one.
    ",IsolateOrigins,site-per-process",
    "--disable-site-isolation-trials",
)


@contextmanager
def running(
    playwright: Playwright, content_settings: Mapping[str, Any] | None = None
) -> Iterator[Browser]:
    """A Chromium with an empty profile, gone when the block ends.

    content_settings  the profile's exceptions, e.g. {"cookies": {"http://tool,http://lms":
                      {"setting": 2}}} to refuse the tool everything inside that LMS
    """
    with tempfile.TemporaryDirectory(prefix="foyer-chromium-", ignore_cleanup_errors=True) as home:
        _write_preferences(Path(home), content_settings or {})
        process = subprocess.Popen(
            [PROGRAM, *_FLAGS, f"--user-data-dir={home}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            browser = playwright.chromium.connect_over_cdp(_address(process))
            yield browser
            browser.close()
        finally:
            process.terminate()
            process.communicate(timeout=20)


def _write_preferences(home: Path, content_settings: Mapping[str, Any]) -> None:
    profile = {
        "cookie_controls_mode": BLOCK_THIRD_PARTY,
        "content_settings": {"exceptions": dict(content_settings)},
    }
    folder = home / "Default"
    folder.mkdir()
    (folder / "Preferences").write_text(json.dumps({"profile": profile}), encoding="utf-8")


def _address(process: subprocess.Popen[str]) -> str:
    """Where it listens: Chromium says so on stderr as soon as it does."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if line.startswith("DevTools listening on "):
            return line.removeprefix("DevTools listening on ").strip()
    raise RuntimeError("Chromium did not start:\n" + "".join(said[-15:]))
