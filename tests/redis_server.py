"""A Redis of one test's own, where redis-server is installed: free port, nothing kept."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from pathlib import Path

SECONDS = 30


def program() -> str | None:
    return shutil.which("redis-server")


class RedisServer:
    """`address` stays the same when it is stopped and started again."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        self._folder = folder
        self.address = f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        found = program()
        assert found is not None
        self._process = subprocess.Popen(
            [found, "--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--dir", "."],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
        )
        pause = threading.Event()
        for _try in range(SECONDS * 50):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            pause.wait(0.02)
        raise AssertionError("redis-server does not answer")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(SECONDS)
