"""The media page: the server's time, its weight, and how soon it is seen on a slow phone.

    .venv/bin/python bench/media_page.py [--rounds 5] [--pages 100] [--brief]

The page of a film, for a student who was launched. Weights are compressed as nginx sends them.
The browser is Chromium at phone width with 150 ms round trips, 1.6 Mbit/s and its processor
slowed four times; each visit begins with an empty cache and touches nothing. Each figure stands
beside the most that the design allows; a ratio below 1 keeps within it. For scale: the same server
sends a page of bare Flask, one Jinja sentence.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode, urlsplit

from lab import browser, client, foyer, machine, nginx, postgres
from lab.browser import Visitor
from lab.figures import ratio, spread, table
from lab.lms import Lms, serving
from lab.options import Options, left_out
from lab.servers import free_port, gunicorn, running
from playwright.sync_api import sync_playwright

from sandbox.samples import film

STOCK = Path(__file__).parent / "peers" / "stock"
TITLE = "A film about a lake"
WEIGHT_KB, REQUESTS, LCP_MS, SHIFT, TASK_MS = 30, 4, 1500, 0.02, 200
"""The most that the design allows (HTML, CSS and JavaScript together; before first paint; the
longest task, which a finger would have to wait for)."""

_WATCH = """
window.seen = {lcp: 0, shift: 0, task: 0};
new PerformanceObserver(list => { for (const one of list.getEntries()) seen.lcp = one.startTime; })
  .observe({type: 'largest-contentful-paint', buffered: true});
new PerformanceObserver(list => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) seen.shift += one.value;
}).observe({type: 'layout-shift', buffered: true});
new PerformanceObserver(list => {
  for (const one of list.getEntries()) seen.task = Math.max(seen.task, one.duration);
}).observe({type: 'longtask', buffered: true});
"""
_READ = """
() => {
  const paint = performance.getEntriesByName('first-contentful-paint')[0].startTime;
  const before = performance.getEntriesByType('resource').filter(one => one.responseEnd <= paint);
  const later = performance.getEntriesByType('resource')
    .filter(one => /\\.(css|js)$/.test(one.name))
    .reduce((sum, one) => sum + one.encodedBodySize, 0);
  const film = performance.getEntriesByType('resource')
    .filter(one => one.initiatorType === 'video')
    .filter(one => one.name !== document.querySelector('video').poster);
  const names = before.map(one => one.name);
  return {...seen, paint, film: film.length, requests: 1 + before.length, names, later};
}
"""


def server_time(
    port: int, path: str, headers: dict[str, str], pages: int, connections: int
) -> float:
    answers, seconds = client.run(port, [client.get(path, port, headers)] * pages, connections)
    client.expect(answers, lambda answer: answer.status == 200, path)
    return pages / seconds


def weights(port: int, student: Visitor) -> list[tuple[str, float]]:
    """kB, compressed, of the page and of each style sheet and script that it names."""
    page = client.one(port, client.get(student.address, port, student.headers()))
    text = gzip.decompress(page.body) if page.header("content-encoding") == "gzip" else page.body
    found = [("HTML", len(gzip.compress(text, 5)) / 1000)]
    for path in dict.fromkeys(
        re.findall(rb'(?:href=|src=|import\()"(/static/[^"]+\.(?:css|js))"', text)
    ):
        name = path.decode()
        answer = client.one(port, client.get(name, port, {"Accept-Encoding": "gzip"}))
        if answer.header("content-encoding") != "gzip":
            raise SystemExit(f"{name} is not sent compressed")
        found.append((name.rsplit("/", 1)[-1], len(answer.body) / 1000))
    return found


def visit(chromium: Any, lms: Lms, tool_port: int, front: int) -> dict[str, Any]:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True
    )
    page = context.new_page()
    fields = lms.login_fields(1, f"http://127.0.0.1:{tool_port}/lti/launch")
    page.goto(f"http://127.0.0.1:{tool_port}/lti/login?{urlencode(fields)}")
    page.wait_for_url("**/media/**")
    parts = urlsplit(page.url)
    page.add_init_script(_WATCH)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.clearBrowserCache")
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 150,
            "downloadThroughput": 1_600_000 / 8,
            "uploadThroughput": 750_000 / 8,
        },
    )
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(f"http://127.0.0.1:{front}{parts.path}?{parts.query}", wait_until="load")
    page.wait_for_timeout(4000)
    if TITLE not in page.title() or page.locator("video").count() == 0:
        raise SystemExit(f"the browser did not reach the media page, but {page.title()!r}")
    seen: dict[str, Any] = page.evaluate(_READ)
    context.close()
    if seen["film"]:
        raise SystemExit("the film's data were fetched before anybody played it")
    return seen


def visits(
    lms: Lms, tool_port: int, front: int, rounds: int, warm_up: bool
) -> list[dict[str, Any]]:
    """What the browser saw at each visit; nothing where there is no browser."""
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        if path is None and not Path(playwright.chromium.executable_path).exists():
            left_out("what a browser sees of the media page", "Chromium is not installed")
            return []
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        found = [visit(chromium, lms, tool_port, front) for _ in range(rounds + warm_up)]
        chromium.close()
    return found[warm_up:]


def report(heavy: list[tuple[str, float]], seen: list[dict[str, Any]]) -> str:
    weight = sum(size for _name, size in heavy)
    rows = [
        ("median (least–most)", "measured", "at most", "measured : at most"),
        ("HTML + CSS + JS, kB", f"{weight:.1f}", str(WEIGHT_KB), f"{weight / WEIGHT_KB:.2f}"),
    ]
    lines = ["  ".join(f"{name} {size:.1f} kB" for name, size in heavy), ""]
    if not seen:
        return "\n".join((*lines, table(rows)))
    lcp = [one["lcp"] for one in seen]
    task = [one["task"] for one in seen]
    shift = [one["shift"] for one in seen]
    requests = [float(one["requests"]) for one in seen]
    rows += [
        (
            "requests before first paint",
            spread(requests),
            str(REQUESTS),
            f"{median(requests) / REQUESTS:.2f}",
        ),
        (
            "largest contentful paint, ms",
            spread(lcp),
            str(LCP_MS),
            f"{median(lcp) / LCP_MS:.2f}",
        ),
        (
            "longest task before a touch, ms",
            spread(task),
            str(TASK_MS),
            f"{median(task) / TASK_MS:.2f}",
        ),
        ("layout shift", spread(shift, 4), str(SHIFT), f"{median(shift) / SHIFT:.2f}"),
    ]
    lines += [
        table(rows),
        f"first paint {spread([one['paint'] for one in seen])} ms;"
        f" CSS and JS four seconds after loading, with what is fetched when idle:"
        f" {spread([one['later'] / 1000 for one in seen], 1)} kB",
        "before first paint: " + ", ".join(name.rsplit("/", 1)[-1] for name in seen[0]["names"]),
    ]
    return "\n".join(lines)


def main() -> None:
    options = Options(__doc__)
    options.size("pages", 100, 4, "in each round")
    options.size("connections", 8, 2)
    asked = options.read()
    if not postgres.is_here("everything in bench/media_page.py"):
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {machine.LOAD_CORE})
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="foyer-bench-")))
        lms = stack.enter_context(serving())
        database = stack.enter_context(postgres.database())
        tool = foyer.install(folder, free_port(), database.url, lms)
        film.make(folder / "film.mp4", seconds=4)
        film.make_captions(folder / "film.en.vtt")
        lms.media_id = tool.add_media(
            folder / "film.mp4", TITLE, "--captions", str(folder / "film.en.vtt")
        )
        server = stack.enter_context(tool.serving())
        port = free_port()
        command = gunicorn("page:app", port, folder)
        bare = stack.enter_context(running(command, port, folder, {}, STOCK))
        student = browser.launch(lms, server.port, 1)
        browser.see(server.port, student, TITLE)
        print(machine.describe())
        ours: list[float] = []
        theirs: list[float] = []
        for turn in range(asked.rounds + 1):
            pages, many = asked.pages, asked.connections
            rate = server_time(server.port, student.address, student.headers(), pages, many)
            plain = server_time(bare.port, "/", {}, pages, many)
            if turn:
                ours.append(rate)
                theirs.append(plain)
        print(
            f"\npages a second and core  {spread(ours)}; bare Flask and Jinja {spread(theirs)};"
            f" ratio {ratio(ours, theirs)}"
        )
        heavy = weights(server.port, student)
        # The browser has both cores: what it measures is its own throttled time.
        os.sched_setaffinity(0, cores)
        front = server.port
        if nginx.is_here("nginx before the tool, so the browser asks gunicorn itself"):
            proxy = nginx.before(server.port, folder / "files" / "media", folder)
            front = stack.enter_context(proxy).port
        seen = visits(lms, server.port, front, asked.rounds, warm_up=not asked.brief)
        print(report(heavy, seen))


if __name__ == "__main__":
    main()
