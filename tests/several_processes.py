"""The tool under gunicorn, with several processes, on a test's own database."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IN_LINE = 200
"""So many may wait until a process takes them."""


@contextmanager
def gunicorn(
    program: str, database_url: str, folder: Path, keys_dir: Path, *, processes: int
) -> Iterator[int]:
    """Serve the WSGI program (``module:name``) until the block ends; gives the port."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=IN_LINE)
    port = listening.getsockname()[1]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "tests"),
        "FOYER_DEVELOPMENT": "1",
        "FOYER_BASE_URL": f"http://127.0.0.1:{port}",
        "FOYER_DATABASE_URL": database_url,
        "FOYER_STORAGE_URL": (folder / "files").as_uri(),
        "FOYER_CONFIG_DIR": str(folder / "config"),
        "FOYER_KEYS_DIR": str(keys_dir),
        "FOYER_LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-m", "gunicorn", "--workers", str(processes), "--threads", "8"]
    command += ["--bind", f"fd://{listening.fileno()}", "--log-level", "critical"]
    command += ["--preload", program]  # one that takes the place of another is there at once
    # The socket is ours and listens already: whoever comes before the server is up waits in line.
    running = subprocess.Popen(command, cwd=ROOT, env=environment, pass_fds=[listening.fileno()])
    try:
        yield port
    finally:
        running.terminate()
        running.wait(timeout=90)
        listening.close()
