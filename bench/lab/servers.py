"""Starting a server on one core, waiting until it answers, and counting what it uses."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab import machine

ROOT = Path(__file__).resolve().parents[2]
GUNICORN_THREADS = 8


@dataclass
class Server:
    port: int
    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> float:
        return machine.cpu_seconds(machine.family(self.process.pid))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def gunicorn(
    app: str,
    port: int,
    folder: Path,
    worker: str = "gthread",
    threads: int = GUNICORN_THREADS,
    processes: int = 1,
) -> list[str]:
    """The same settings for whatever it serves."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        app,
        f"--bind=127.0.0.1:{port}",
        f"--workers={processes}",
        f"--worker-class={worker}",
        f"--threads={threads}",
        "--keep-alive=30",
        "--log-level=warning",
        "--no-control-socket",
        f"--worker-tmp-dir={folder}",
    ]


@contextmanager
def running(
    command: list[str],
    port: int,
    folder: Path,
    environment: dict[str, str] | None = None,
    cwd: Path = ROOT,
    core: int = machine.SERVER_CORE,
) -> Iterator[Server]:
    """Run a server on one core; what it prints goes to a file in ``folder``."""
    path = folder / f"server-{port}.log"
    with path.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
        try:
            _wait(process, port, path)
            yield Server(port, process)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"a server did not start:\n{log.read_text(errors='replace')[-3000:]}")
