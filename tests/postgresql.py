"""A PostgreSQL server for the tests: one that answers, else one of their own.

The address is FOYER_TEST_POSTGRESQL or that of a server on this machine. Where nothing answers and
PostgreSQL is installed, a server is made in a temporary folder when the first test wants one, and
gone when the tests end.
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import psycopg

VARIABLE = "FOYER_TEST_POSTGRESQL"
USUAL = "postgresql://postgres@127.0.0.1:5432/postgres"


def address() -> str:
    """Where the server is, whether or not it answers."""
    return os.environ.get(VARIABLE, USUAL)


@cache
def expected() -> bool:
    """Whether there is a server to test with, or what is needed to start one. Starts nothing."""
    return _answers(address()) or (VARIABLE not in os.environ and _binaries() is not None)


@cache
def available() -> bool:
    """Whether there is a server to test with; starts one where that is needed and possible."""
    if _answers(address()):
        return True
    if VARIABLE in os.environ or not (binaries := _binaries()):
        return False
    os.environ[VARIABLE] = _start(binaries)  # test processes started later use the same one
    return _answers(address())


def _answers(server: str) -> bool:
    try:
        psycopg.connect(server, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def _binaries() -> Path | None:
    """The newest installed server's programs; Debian keeps them off the path."""
    found = shutil.which("initdb")
    if found and shutil.which("pg_ctl", path=str(Path(found).resolve().parent)):
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: int(path.parts[-3]), default=None)
    return newest.parent if newest else None


def _start(binaries: Path) -> str:
    folder = Path(tempfile.mkdtemp(prefix="foyer-postgresql-"))
    data = folder / "data"
    user = _plain_user(folder)

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [binaries / program, *arguments],
            check=True,
            user=user,
            cwd=folder,
            stdout=subprocess.DEVNULL,
        )

    port = _free_port()
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -c unix_socket_directories="
    run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
    run("pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-o", options, "-w", "start")

    def stop() -> None:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)

    atexit.register(stop)
    return f"postgresql://postgres@127.0.0.1:{port}/postgres"


def _plain_user(folder: Path) -> str | None:
    """The server refuses to run as root: then it runs as the user the package made for it."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            person = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, person.pw_uid, person.pw_gid)
        return name
    return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
