"""What `make` does on machines that are not like the developer's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A checkout as far as make needs one."""
    for name in ("Makefile", "pyproject.toml", "package.json", "package-lock.json"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    return tmp_path


def run(project: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    outer = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "NODE_EXTRA_CA_CERTS"}
    kept = {name: text for name, text in os.environ.items() if name not in outer}
    return subprocess.run(
        command, cwd=project, env={**kept, **more}, capture_output=True, text=True, check=False
    )


def program(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_an_environment_whose_making_was_interrupted_is_made_anew(project: Path) -> None:
    python = project / ".venv" / "bin" / "python"
    program(python, "exit 1  # it runs, but there is no pip yet")
    made = run(project, "make", ".make/venv", f"PYTHON={sys.executable}")
    assert made.returncode == 0, made.stderr
    assert run(project, str(python), "-m", "pip", "--version").returncode == 0
    again = run(project, "make", ".make/venv")
    assert "up to date" in again.stdout


def test_where_python_has_no_venv_it_is_said_what_to_install(project: Path) -> None:
    lacking = program(
        project / "python", f'case "$2" in *ensurepip*) exit 1; esac\n{sys.executable} "$@"'
    )
    made = run(project, "make", ".make/venv", f"PYTHON={lacking}")
    assert made.returncode != 0
    assert "apt-get install python3-venv" in made.stdout
    assert not (project / ".make" / "venv").exists()


def test_each_long_step_says_first_what_it_does(project: Path) -> None:
    planned = run(project, "make", "--dry-run", "install").stdout
    steps = ("Python packages", "pip install", "front end's packages", "npm ci", "scripts and")
    places = [planned.index(step) for step in steps]
    assert places == sorted(places)


@pytest.mark.parametrize("own", ["", "/etc/ssl/campus.pem"])
def test_npm_trusts_whom_the_machine_trusts(project: Path, own: str) -> None:
    for name in ("venv", "python"):
        stamp = project / ".make" / name
        stamp.parent.mkdir(exist_ok=True)
        stamp.touch()
    program(project / ".venv" / "bin" / "node", "exit 0")
    program(project / ".venv" / "bin" / "npm", 'echo "trusts $NODE_EXTRA_CA_CERTS"')
    assert run(project, "make", ".make/node/ready").returncode == 0
    told = run(project, ".make/node/npm", **({"NODE_EXTRA_CA_CERTS": own} if own else {}))
    here = AUTHORITIES if Path(AUTHORITIES).is_file() else ""
    assert told.stdout.strip() == f"trusts {own or here}".strip()
