"""Programs that are started together and stopped together."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

GRACE_SECONDS = 8


class StartFailed(Exception):
    """A program did not come up, or went away; the text says which and why."""


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a program may listen on this port of an address of this machine.

    Port 0 asks whether there is such an address.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


class Processes:
    """A context: whatever was started in it is stopped when it ends.

    Each program runs in a session of its own, so that Ctrl-C reaches this program alone and the
    end is orderly; what a program says goes to `<logs>/<name>.log`.
    """

    def __init__(self, root: Path, logs: Path) -> None:
        self._root = root
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a program; its log begins anew."""
        with self.log(name).open("wb") as log:
            self._running[name] = subprocess.Popen(
                command,
                cwd=self._root,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def wait_for(self, name: str, address: str, seconds: float = 60) -> None:
        """Wait until `address` answers 200. Raises StartFailed."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.check()
            try:
                with urlopen(address, timeout=5) as answer:  # noqa: S310 (our own address)
                    if answer.status == 200:
                        return
            except (URLError, OSError):
                time.sleep(0.1)
        raise StartFailed(f"{name} did not answer at {address}.\n{self._last_words(name)}")

    def check(self) -> None:
        """Raise StartFailed when a program has ended by itself."""
        for name, process in self._running.items():
            if process.poll() is not None:
                raise StartFailed(f"{name} has stopped.\n{self._last_words(name)}")

    def _last_words(self, name: str) -> str:
        lines = self.log(name).read_text(errors="replace").splitlines()[-15:]
        return "\n".join([*lines, f"(the whole log: {self.log(name)})"])
