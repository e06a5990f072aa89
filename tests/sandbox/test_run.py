"""`make run`: the first start sets everything up, the second has nothing left to do."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from sandbox.processes import port_is_free
from sandbox.samples import film

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    var = tmp_path_factory.mktemp("var")
    (var / "samples").mkdir()
    film.make(var / "samples" / "river-morning.mp4", seconds=1)  # the whole one takes ten seconds
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        ports = one.getsockname()[1], other.getsockname()[1]
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("FOYER_")},
        "SANDBOX_VAR": str(var),
        "FOYER_PORT": str(ports[0]),
        "SANDBOX_PORT": str(ports[1]),
        "SANDBOX_PROFILE": "plain,canvas",
    }


@contextmanager
def started(environment: dict[str, str]) -> Iterator[str]:
    """What `make run` prints until it is ready; Ctrl-C at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.run"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    said = ""
    try:
        for line in process.stdout:
            said += line
            if "Ctrl-C stops both" in line:
                break
        yield said
    finally:
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said + rest
    assert "Stopped." in rest


@pytest.mark.timeout(600)  # a dozen programs one after the other
def test_two_starts(environment: dict[str, str]) -> None:
    lms = f"http://localhost:{environment['SANDBOX_PORT']}"
    with started(environment) as said:
        assert "Setting up" in said
        assert f"Open  {lms}\n" in said
        page = requests.get(lms, timeout=10).text
        assert "A morning on the river" in page
        assert requests.get(f"http://127.0.0.1:{environment['FOYER_PORT']}/healthz", timeout=10).ok
        canvas = f"http://127.0.0.5:{environment['SANDBOX_PORT']}"
        assert f"Canvas               {canvas}\n" in said
        assert "A morning on the river" in requests.get(canvas, timeout=10).text
        assert f'<a href="{canvas}">Canvas</a>' in page
    with started(environment) as said:
        assert "Setting up" not in said
        assert requests.get(lms, timeout=10).text == page
    assert port_is_free(int(environment["FOYER_PORT"]))
    assert port_is_free(int(environment["SANDBOX_PORT"]))
    var = Path(environment["SANDBOX_VAR"])
    assert {"foyer.sqlite3", "files", "keys"} <= {kept.name for kept in var.iterdir()}
    state = var / "sandbox" / environment["SANDBOX_PORT"]
    links = json.loads((state / "links.json").read_text())
    assert len({link["media_id"] for link in links}) == 5
    assert {link["school"] for link in links} == {"northfield", "southgate"}


def test_a_broken_set_up_says_why(environment: dict[str, str]) -> None:
    wrong = {**environment, "FOYER_DATABASE_URL": "mysql://nowhere"}
    ended = subprocess.run(
        [sys.executable, "-m", "sandbox.run"],
        cwd=ROOT,
        env=wrong,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 1
    assert "flask db upgrade failed" in ended.stderr
    assert "must begin with sqlite:/// or postgresql://" in ended.stderr


def test_where_nothing_can_be_written_it_is_said_in_a_sentence(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "var").write_text("a file stands in its place", encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "sandbox.run"],
        cwd=ROOT,
        env={**environment, "SANDBOX_VAR": str(tmp_path / "var")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 1
    assert str(tmp_path / "var") in ended.stderr
    assert "SANDBOX_VAR" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_nothing_slow_is_loaded_before_it_can_be_stopped() -> None:
    program = "import sys, sandbox.run; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"flask", "cryptography", "av", "PIL", "requests"} & set(loaded)
