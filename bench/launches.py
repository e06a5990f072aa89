"""Launches a second and core: Foyer beside the usual PyLTI1p3 tool and beside ltijs.

    .venv/bin/python bench/launches.py [--rounds 5] [--launches 400] [--only foyer,stock] [--brief]

Each server has one core to itself, the load comes from another. A round lets every server do
first all its logins, then (while the clock stands still, for signing is the platform's work) all
its launches; rounds of the servers alternate. All messages are honest and each is used once.
PostgreSQL's backends stand on the load's core, as if on a machine of their own; what they use is
shown beside what the tool uses, and nothing of PostgreSQL's settings is changed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path

from lab import browser, client, foyer, machine, postgres
from lab.client import Answer
from lab.figures import ratio, spread, table
from lab.lms import CLIENT_ID, DEPLOYMENT_ID, PEOPLE, Lms, serving
from lab.options import Options, left_out
from lab.servers import GUNICORN_THREADS, ROOT, Server, free_port, gunicorn, running

PEERS = Path(__file__).parent / "peers"
TITLE = "A picture of a lake"


@dataclass
class Contender:
    """One tool under test and how a browser speaks to it."""

    name: str
    server: Server
    login_path: str
    launch_path: str
    arrived: Callable[[Answer], bool]
    cookies: Callable[[int], dict[str, str]] = lambda _number: {}
    database: postgres.Database | None = None
    logins: list[float] = field(default_factory=list)
    launches: list[float] = field(default_factory=list)
    both: list[float] = field(default_factory=list)
    tool_ms: list[float] = field(default_factory=list)
    database_ms: list[float] = field(default_factory=list)

    @property
    def target(self) -> str:
        return f"http://127.0.0.1:{self.server.port}{self.launch_path}"

    def cpu(self) -> tuple[float, float]:
        return self.server.cpu_seconds(), self.database.cpu_seconds() if self.database else 0.0


def do_round(one: Contender, lms: Lms, numbers: range, connections: int, keep: bool) -> None:
    port = one.server.port
    tool, database = one.cpu()
    logins = [
        client.post(
            one.login_path, port, lms.login_fields(number, one.target), _browser(one, number)
        )
        for number in numbers
    ]
    redirects, login_seconds = client.run(port, logins, connections)
    client.expect(redirects, lambda answer: answer.status == 302, f"{one.name}: login")
    launches = [
        client.post(
            one.launch_path,
            port,
            lms.answer(answer.header("location"), number, one.target),
            _browser(one, number, answer.cookies()),
        )
        for number, answer in zip(numbers, redirects, strict=True)
    ]
    answers, launch_seconds = client.run(port, launches, connections)
    client.expect(answers, one.arrived, f"{one.name}: launch")
    if not keep:
        return
    count = len(numbers)
    one.logins.append(count / login_seconds)
    one.launches.append(count / launch_seconds)
    one.both.append(count / (login_seconds + launch_seconds))
    tool_after, database_after = one.cpu()
    one.tool_ms.append((tool_after - tool) * 1000 / count)
    one.database_ms.append((database_after - database) * 1000 / count)


def _browser(one: Contender, number: int, more: dict[str, str] | None = None) -> dict[str, str]:
    cookies = {**one.cookies(number), **(more or {})}
    headers = {"Sec-Fetch-Site": "cross-site", "User-Agent": "bench", "Accept": "text/html"}
    return headers | client.cookie_header(cookies)


@contextmanager
def our_tool(lms: Lms, folder: Path, worker: str, threads: int) -> Iterator[Contender]:
    """Foyer as it is installed: all it writes goes to PostgreSQL, its log to a file."""
    with postgres.database() as database:
        tool = foyer.install(folder, free_port(), database.url, lms)
        lms.media_id = tool.add_media(foyer.small_picture(folder), TITLE)
        with tool.serving(worker, threads) as server:
            browser.see(server.port, browser.launch(lms, server.port, 1), TITLE)
            yield Contender(
                "foyer",
                server,
                "/lti/login",
                "/lti/launch",
                browser.arrived,
                lambda number: {browser.BROWSER: f"browser-{number:032d}"},
                database,
            )


@contextmanager
def stock(lms: Lms, folder: Path, worker: str, threads: int, cache: str) -> Iterator[Contender]:
    """The example of PyLTI1p3's documentation, under the same gunicorn."""
    (folder / "private.key").write_text("not needed: no service of the platform is called")
    configuration = folder / "tool.json"
    entry = {
        "default": True,
        "client_id": CLIENT_ID,
        "auth_login_url": f"{lms.issuer}/auth",
        "auth_token_url": f"{lms.issuer}/token",
        "key_set_url": None,
        "key_set": {"keys": [lms.jwk]},
        "private_key_file": "private.key",
        "deployment_ids": [DEPLOYMENT_ID],
    }
    configuration.write_text(json.dumps({lms.issuer: [entry]}))
    port = free_port()
    environment = {
        "STOCK_CONFIG": str(configuration),
        "STOCK_CACHE": cache,
        "STOCK_CACHE_DIR": str(folder / "cache"),
    }
    command = gunicorn("app:app", port, folder, worker, threads)
    with running(command, port, folder, environment, PEERS / "stock") as server:
        name = "stock" if cache == "FileSystemCache" else "stock, cache in memory"
        yield Contender(
            name,
            server,
            "/login/",
            "/launch/",
            lambda answer: answer.status == 200,
        )


@contextmanager
def ltijs(lms: Lms, folder: Path) -> Iterator[Contender]:
    """Ltijs with its SQLite plug-in."""
    place = PEERS / "ltijs"
    port = free_port()
    environment = {
        "PORT": str(port),
        "STORAGE": str(folder / "lti.sqlite"),
        "ISSUER": lms.issuer,
        "CLIENT_ID": CLIENT_ID,
        "PUBLIC_PEM": lms.public_pem,
        "NODE_ENV": "production",
    }
    with running([_node("node"), "server.js"], port, folder, environment, place) as server:
        yield Contender(
            "ltijs",
            server,
            "/login",
            "/",
            lambda answer: answer.status == 302 and "ltik=" in answer.header("location"),
        )


def is_here(name: str) -> bool:
    """Whether a contender's packages are there; says so where they are not."""
    if name.startswith("stock") and find_spec("flask_caching") is None:
        left_out(name, "flask-caching is not installed: make .make/bench")
        return False
    if name == "ltijs" and not ltijs_is_here():
        left_out(name, "its packages could not be installed, see bench/README.md")
        return False
    return True


def ltijs_is_here() -> bool:
    """Whether ltijs and its SQLite (which is compiled here) are installed, or could be."""
    place = PEERS / "ltijs"
    if (place / "node_modules" / "sqlite3" / "build").is_dir():
        return True
    try:
        done = subprocess.run(
            [_node("npm"), "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=place
        )
    except FileNotFoundError:
        return False
    return done.returncode == 0 and (place / "node_modules" / "sqlite3" / "build").is_dir()


def _node(program: str) -> str:
    """Node's program as `make install` left it, else the machine's own."""
    own = ROOT / ".make" / "node" / program
    return str(own) if own.exists() else program


def headroom(lms: Lms, connections: int, count: int) -> float:
    """What the load side could send if the server took no time (answers of a bare socket)."""
    code = (
        "import socketserver\n"
        "class H(socketserver.BaseRequestHandler):\n"
        "    def handle(self):\n"
        "        while self.request.recv(65536):\n"
        "            self.request.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n')\n"
        "class S(socketserver.ThreadingTCPServer):\n"
        "    daemon_threads = allow_reuse_address = True\n"
        "import sys; S(('127.0.0.1', int(sys.argv[1])), H).serve_forever()\n"
    )
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        running([sys.executable, "-c", code, str(port)], port, Path(folder)),
    ):
        fields = lms.answer("http://x/?nonce=n&state=s", 1, "http://127.0.0.1/lti/launch")
        request = client.post("/", port, fields, {})
        _answers, seconds = client.run(port, [request] * count, connections)
    return count / seconds


def _no_figures() -> dict[str, list[float]]:
    return {name: [] for name in ("logins", "launches", "both", "tool_ms", "database_ms")}


def report(contenders: list[Contender]) -> str:
    rows = [
        (
            "median (least–most)",
            "login+launch /s",
            "login /s",
            "launch /s",
            "tool CPU ms",
            "PostgreSQL CPU ms",
        )
    ]
    rows += [
        (
            one.name,
            spread(one.both),
            spread(one.logins),
            spread(one.launches),
            spread(one.tool_ms, 2),
            spread(one.database_ms, 2) if one.database else "–",
        )
        for one in contenders
    ]
    lines = [table(rows), ""]
    ours = next((one for one in contenders if one.name == "foyer"), None)
    for other in contenders:
        if ours is None or other.name.startswith("foyer"):
            continue
        whole = [tool + base for tool, base in zip(ours.tool_ms, ours.database_ms, strict=True)]
        lines += [
            f"foyer : {other.name}",
            f"  both steps, a second and core        {ratio(ours.both, other.both)}",
            f"  launch alone, a second and core      {ratio(ours.launches, other.launches)}",
            f"  a CPU second of the tool             {ratio(other.tool_ms, ours.tool_ms)}",
            f"  a CPU second, PostgreSQL counted in  {ratio(other.tool_ms, whole)}",
        ]
    return "\n".join(lines)


def main() -> None:
    parts = ("foyer", "stock", "stock-memory", "ltijs")
    options = Options(__doc__, parts, extra=("stock-memory", "ltijs"))
    options.size("launches", 400, 20, "of each tool in each round")
    options.size("connections", 8, 4)
    options.size("threads", GUNICORN_THREADS, GUNICORN_THREADS)
    options.add_argument("--worker", default="gthread", choices=("gthread", "sync"))
    asked = options.read()
    if not postgres.is_here("everything in bench/launches.py"):
        return
    wanted = [name for name in asked.only if is_here(name)]
    people, empty = (asked.launches, 300) if asked.brief else (PEOPLE, 3000)
    os.sched_setaffinity(0, {machine.LOAD_CORE})
    with ExitStack() as stack:
        lms = stack.enter_context(serving())

        def folder() -> Path:
            return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="foyer-bench-")))

        print(machine.describe())
        print(postgres.durability())
        print(
            f"servers on core {machine.SERVER_CORE}, load on core {machine.LOAD_CORE}, "
            f"gunicorn {asked.worker} with {asked.threads} threads, "
            f"{asked.connections} connections;"
            " the load side alone reaches"
            f" {headroom(lms, asked.connections, empty):.0f} requests/s"
        )
        makers = {
            "foyer": lambda: our_tool(lms, folder(), asked.worker, asked.threads),
            "stock": lambda: stock(lms, folder(), asked.worker, asked.threads, "FileSystemCache"),
            "stock-memory": lambda: stock(
                lms, folder(), asked.worker, asked.threads, "SimpleCache"
            ),
            "ltijs": lambda: ltijs(lms, folder()),
        }
        contenders = [
            stack.enter_context(make()) for name, make in makers.items() if name in wanted
        ]
        number = 0
        for turn in range(asked.rounds + 1):
            for one in contenders:
                # The first turn warms up: everybody comes once. ltijs is slow, so it does less.
                count = (
                    asked.launches
                    if one.name != "ltijs"
                    else max(asked.launches // 4, 10 if asked.brief else 50)
                )
                if turn == 0 and one.name != "ltijs":
                    count = people
                numbers = range(number, number + count)
                do_round(one, lms, numbers, asked.connections, keep=turn > 0)
                if one.database is not None:
                    one.database.settle(machine.LOAD_CORE)
                number += count
        strangers = [
            replace(one, name="foyer, people never seen", **_no_figures())
            for one in contenders
            if one.name == "foyer"
        ]
        for one in strangers:
            for _turn in range(asked.rounds):
                lms.year += 1
                do_round(one, lms, range(number, number + people), asked.connections, keep=True)
                number += people
        contenders += strangers
        print()
        print(report(contenders))


if __name__ == "__main__":
    main()
