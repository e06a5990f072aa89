"""What the journeys happen in: one tool under gunicorn, one LMS, set up by the tool's commands."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from fcntl import LOCK_EX, flock
from pathlib import Path
from urllib.parse import urlencode

import postgresql
import psycopg
from sqlalchemy import create_engine, text

from lti_tool.core.ids import new_id
from sandbox import samples
from sandbox.commands import Commands
from sandbox.courses import Link
from sandbox.people import User
from sandbox.platform import Platform
from sandbox.prepare import Preparation
from sandbox.processes import Processes
from sandbox.profiles import profile
from sandbox.serve import running

ROOT = Path(__file__).resolve().parents[2]
COURSE = "201"
INSTRUCTOR, COLLEAGUE, STUDENT, ADMINISTRATOR = (
    "instructor-1",
    "instructor-2",
    "student-1",
    "admin",
)


@dataclass
class World:
    """Both sites, and what an operator can do with the tool.

    tool       the tool's origin
    platform   the LMS; `platform.base_url` is its origin, on another site
    database   the tool's database
    commands   the tool's command line, started once: each start of it takes seconds
    samples    folder of the sample media
    media      ids of the first school's media by kind: video, audio, document, picture
    registered the schools' names in the tool, by their keys; "" is the first
    """

    tool: str
    platform: Platform
    database: str
    environment: dict[str, str]
    commands: Commands
    samples: Path
    log: Path
    media: dict[str, str] = field(default_factory=dict)
    registered: dict[str, str] = field(default_factory=dict)

    @property
    def lms(self) -> str:
        return self.platform.base_url

    def activity(self, user: str, link: str | Link, **query: str) -> str:
        """The LMS's page of an activity, as this person sees it; link is a kind or a Link."""
        chosen = link.id if isinstance(link, Link) else f"{COURSE}-{self.media[link]}"
        course = link.course if isinstance(link, Link) else COURSE
        values = urlencode({"user": user, **query})
        return f"{self.lms}/courses/{course}/links/{chosen}?{values}"

    def dialog(self, user: str, button: str, **query: str) -> str:
        """The LMS's page with the dialog that this button opens: content, one, files."""
        values = urlencode({"user": user, **query})
        return f"{self.lms}/courses/{COURSE}/add/{button}?{values}"

    def person(self, user: str) -> User:
        return self.platform.user(user)

    def flask(self, *arguments: str) -> str:
        """What an operator types; gives what it printed."""
        return self.commands.run(*arguments)

    def set(self, name: str, value: str, school: str = "") -> None:
        """Change a setting of a school, the first unless named."""
        self.flask("settings", "set", "--platform", self.registered[school], name, value)

    def add_media(self, file: Path, title: str, owner: str = INSTRUCTOR) -> str:
        """The id of a new item that belongs to this person."""
        said = self.flask(
            *("media", "add", str(file), "--platform", self.registered[""], "--title", title),
            *("--owner-sub", self.platform.sub_of(owner), "--downloadable"),
        )
        return said.split()[-1]

    def sql(self, statement: str, **values: object) -> None:
        """Move what stands in the database, where a journey would have to wait for hours."""
        engine = create_engine(self.database)
        with engine.begin() as connection:
            done = connection.execute(text(statement), values)
            assert done.rowcount == 1
        engine.dispose()

    def rows(self, statement: str, **values: object) -> list[tuple[object, ...]]:
        engine = create_engine(self.database)
        with engine.begin() as connection:
            found = [tuple(row) for row in connection.execute(text(statement), values)]
        engine.dispose()
        return found


@contextmanager
def open_world(product: str = "plain") -> Iterator[World]:
    """Set everything up in a temporary folder, and serve it until the block ends.

    product  the sandbox's profile: "plain", "sakai", "canvas", "moodle"
    """
    with tempfile.TemporaryDirectory(prefix="foyer-world-") as folder, _database() as database:
        place = Path(folder)
        tool = f"http://127.0.0.1:{_free_port()}"
        platform = Platform(tool, state=place / "lms", profile=profile(product))
        address = database or f"sqlite:///{place / 'foyer.sqlite3'}"
        environment = {**_environment(place, tool), "FOYER_DATABASE_URL": address}
        with ExitStack() as stack:
            stack.enter_context(running(platform))
            processes = stack.enter_context(Processes(ROOT, place / "log"))
            world = World(
                tool=tool,
                platform=platform,
                database=address,
                environment=environment,
                commands=stack.enter_context(Commands(ROOT, environment)),
                samples=_samples(),
                log=processes.log("tool"),
            )
            _prepare(world, place / "lms")
            processes.start("tool", _gunicorn(tool), world.environment)
            processes.wait_for("tool", f"{tool}/healthz")
            yield world


def _prepare(world: World, state: Path) -> None:
    preparation = Preparation(ROOT, world.samples, world.environment, world.platform, state)
    preparation.run()
    school = world.platform.school()
    world.registered = {one.key: preparation.registered_name(one) for one in world.platform.schools}
    world.registered[""] = preparation.registered_name(school)
    entries = json.loads((state / "links.json").read_text(encoding="utf-8"))
    world.media = {one["kind"]: one["media_id"] for one in entries if one["school"] == school.key}


def _environment(place: Path, tool: str) -> dict[str, str]:
    (place / "config").mkdir()
    inherited = {name: v for name, v in os.environ.items() if not name.startswith("FOYER_")}
    return {
        **inherited,
        "FOYER_DEVELOPMENT": "1",
        "FOYER_BASE_URL": tool,
        "FOYER_STORAGE_URL": (place / "files").as_uri(),
        "FOYER_KEYS_DIR": str(place / "keys"),
        "FOYER_CONFIG_DIR": str(place / "config"),
        "FOYER_UPLOAD_LIMIT_MB": "64",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _gunicorn(tool: str) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", tool.removeprefix("http://")),
        *("--worker-class", "gthread", "--workers", "1", "--threads", "16"),
        *("--graceful-timeout", "2", "--log-level", "warning"),
    ]


def _samples() -> Path:
    """The sample media; made once on this machine for each version of their makers."""
    makers = sorted((ROOT / "sandbox" / "samples").glob("*.py"))
    version = hashlib.sha256(b"".join(path.read_bytes() for path in makers)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"foyer-samples-{os.getuid()}-{version}"
    with folder.with_suffix(".lock").open("w") as lock:  # of two processes the second waits
        flock(lock, LOCK_EX)
        samples.make(folder)
    return folder


@contextmanager
def _database() -> Iterator[str]:
    """The address of an empty PostgreSQL database, or "" where there is no server."""
    if not postgresql.available():
        yield ""
        return
    server = postgresql.address()
    name = f"foyer_browser_{new_id()[:10]}"
    _on(server, f'CREATE DATABASE "{name}"')
    try:
        address = f"{server.rsplit('/', 1)[0]}/{name}"
        yield "postgresql+psycopg://" + address.split("://", 1)[1]
    finally:
        _on(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _on(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)
