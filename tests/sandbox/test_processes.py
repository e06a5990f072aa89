"""Starting programs together: what is said when one does not come up, and that none is left."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.processes import Processes, StartFailed, port_is_free

ROOT = Path(__file__).parents[2]
SERVES = "import http.server as h; s = h.HTTPServer(('127.0.0.1', int(__import__('sys').argv[1])), \
h.SimpleHTTPRequestHandler); s.serve_forever()"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_programs_are_waited_for_and_stopped(tmp_path: Path) -> None:
    port = free_port()
    with Processes(tmp_path, tmp_path / "log") as programs:
        programs.start("web", [sys.executable, "-c", SERVES, str(port)], os.environ)
        programs.wait_for("web", f"http://127.0.0.1:{port}/")
        programs.check()
        assert not port_is_free(port)
    assert port_is_free(port)


def test_a_program_that_dies_is_named_with_its_last_words(tmp_path: Path) -> None:
    with Processes(tmp_path, tmp_path / "log") as programs:
        programs.start("web", [sys.executable, "-c", "raise SystemExit('no key')"], os.environ)
        with pytest.raises(StartFailed, match=r"web has stopped\.\nno key\n.*web\.log"):
            programs.wait_for("web", f"http://127.0.0.1:{free_port()}/")


@pytest.mark.parametrize("variable", ["FOYER_PORT", "SANDBOX_PORT"])
def test_a_taken_port_is_said_clearly(tmp_path: Path, variable: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ports = {"FOYER_PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
        started = run({**ports, variable: str(port), "SANDBOX_VAR": str(tmp_path)})
    assert started.returncode == 1
    assert f"Port {port} is taken" in started.stderr
    assert f"{variable}={port + 1} make run" in started.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_port_must_be_a_number(tmp_path: Path) -> None:
    started = run({"FOYER_PORT": "http", "SANDBOX_VAR": str(tmp_path)})
    assert started.returncode == 1
    assert "FOYER_PORT must be a port number, not “http”" in started.stderr


def run(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sandbox.run"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
