"""Foyer, set up from nothing for a bench: database, registration, one item."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from lab import machine
from lab.lms import CLIENT_ID, DEPLOYMENT_ID, Lms
from lab.servers import GUNICORN_THREADS, ROOT, Server, gunicorn, running


@dataclass
class Tool:
    """A Foyer that is installed but does not run yet."""

    folder: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def flask(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"flask {' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
        return done.stdout

    def add_media(self, file: Path, title: str, *more: str) -> str:
        """The id of a new item that any link of the LMS may open."""
        printed = self.flask("media", "add", str(file), "--platform=bench", "--title", title, *more)
        return printed.strip().splitlines()[-1]

    @contextmanager
    def serving(
        self,
        worker: str = "gthread",
        threads: int = GUNICORN_THREADS,
        core: int = machine.SERVER_CORE,
    ) -> Iterator[Server]:
        command = gunicorn("wsgi:app", self.port, self.folder, worker, threads)
        with running(command, self.port, self.folder, self.environment, core=core) as server:
            yield server


def install(folder: Path, port: int, database_url: str, lms: Lms, **settings: str) -> Tool:
    """Migrate an empty database and register the LMS."""
    environment = {
        "FOYER_BASE_URL": f"http://127.0.0.1:{port}",
        "FOYER_DATABASE_URL": database_url,
        "FOYER_STORAGE_URL": (folder / "files").as_uri(),
        "FOYER_CONFIG_DIR": str(folder / "config"),
        "FOYER_KEYS_DIR": str(folder / "keys"),
        "FOYER_DEVELOPMENT": "1",
        **{f"FOYER_{name.upper()}": value for name, value in settings.items()},
    }
    tool = Tool(folder, port, environment)
    tool.flask("db", "upgrade")
    tool.flask(
        "platform",
        "add",
        "--name=bench",
        "--family=other",
        f"--issuer={lms.issuer}",
        f"--client-id={CLIENT_ID}",
        f"--auth-url={lms.issuer}/auth",
        f"--token-url={lms.issuer}/token",
        f"--jwks-url={lms.issuer}/jwks",
        f"--deployment={DEPLOYMENT_ID}",
    )
    return tool


def small_picture(folder: Path) -> Path:
    path = folder / "picture.png"
    Image.new("RGB", (320, 180), (31, 95, 168)).save(path)
    return path
