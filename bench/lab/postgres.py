"""A PostgreSQL database of one bench run's own, and what its backends cost."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from lab import machine
from lab.options import left_out

VARIABLE = "FOYER_BENCH_POSTGRESQL"
SERVER = os.environ.get(VARIABLE, "postgresql://postgres@127.0.0.1:5432/postgres")


@dataclass
class Database:
    name: str
    url: str

    def backends(self) -> list[int]:
        with psycopg.connect(SERVER, autocommit=True) as server:
            rows = server.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = %s", (self.name,)
            ).fetchall()
        return [pid for (pid,) in rows]

    def settle(self, core: int) -> bool:
        """Put the backends on a core, as if they ran on a machine of their own."""
        return all(tuple(machine.pin(pid, core) for pid in self.backends()))

    def cpu_seconds(self) -> float:
        return machine.cpu_seconds(self.backends())


def is_here(for_what: str) -> bool:
    """Whether a server answers; says what is left out without one.

    Raises SystemExit where a server was named: then it is expected to be there.
    """
    try:
        psycopg.connect(SERVER, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        if VARIABLE in os.environ:
            raise SystemExit(f"the PostgreSQL of {VARIABLE} does not answer: {error}") from error
        left_out(for_what, f"no PostgreSQL answers at {SERVER}; {VARIABLE} names another")
        return False
    return True


@contextmanager
def database() -> Iterator[Database]:
    """A new database, gone at the end."""
    name = f"foyer_bench_{secrets.token_hex(4)}"
    with psycopg.connect(SERVER, autocommit=True, connect_timeout=3) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    try:
        yield Database(name, f"{SERVER.rpartition('/')[0]}/{name}")
    finally:
        with psycopg.connect(SERVER, autocommit=True) as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def durability() -> str:
    """How safely the machine's PostgreSQL writes; it is measured as it is, nothing is changed."""
    with psycopg.connect(SERVER, autocommit=True) as server:
        names = ("server_version", "fsync", "synchronous_commit", "full_page_writes")
        values = [(name, server.execute(f"SHOW {name}").fetchone()) for name in names]
    return "PostgreSQL " + ", ".join(f"{name} {value[0]}" for name, value in values if value)
