"""Rate limits on a real Redis: shared by all processes, and lost without harm."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import redis_server
from factories import SAME_ORIGIN
from flask import Flask
from redis_server import RedisServer

from lti_tool import create_app
from lti_tool.core.web.rate_limits import limiter

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow]
needs_redis = pytest.mark.skipif(not redis_server.program(), reason="redis-server is not installed")
PER_MINUTE = 120
LINK = f"/i/{'a' * 43}"


@pytest.fixture(autouse=True)
def _fresh_process() -> Iterator[None]:
    """The extension is one object of the whole process and remembers that a storage was lost."""
    limiter._storage_dead = False
    yield
    limiter._storage_dead = False


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def process(app: Flask, redis: RedisServer) -> Flask:
    """The tool as one of several processes: what it counts is in Redis alone."""
    return another(app, redis.address)


def another(app: Flask, address: str) -> Flask:
    made = create_app(replace(app.extensions["foyer.config"], redis_url=address))
    made.config["PROPAGATE_EXCEPTIONS"] = False
    return made


def press(process: Flask, times: int = 1) -> list[int]:
    client = process.test_client()
    given = {"data": {"email": "ada@example.org"}, "headers": SAME_ORIGIN}
    return [client.post(LINK, **given).status_code for _time in range(times)]


@needs_redis
def test_all_processes_count_together(app: Flask, redis: RedisServer, process: Flask) -> None:
    assert set(press(process, PER_MINUTE)) == {404}
    assert press(another(app, redis.address)) == [429]


@needs_redis
def test_when_redis_dies_each_process_counts_for_itself(redis: RedisServer, process: Flask) -> None:
    assert set(press(process, PER_MINUTE + 1)) == {404, 429}
    redis.kill()
    assert set(press(process, PER_MINUTE)) == {404}
    assert press(process) == [429]


@needs_redis
def test_the_tool_starts_without_it(app: Flask, redis: RedisServer) -> None:
    redis.kill()
    assert press(another(app, redis.address)) == [404]


def test_two_that_wait_for_it_when_it_dies_are_both_let_through(app: Flask) -> None:
    """Whoever notices second finds the fallback begun already."""
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(2) as pool:
        process = another(app, f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        first = pool.submit(press, process)
        silent.settimeout(30)
        to_first, _ = silent.accept()
        second = pool.submit(press, process)
        to_second, _ = silent.accept()
        silent.close()
        for connection, answer in ((to_first, first), (to_second, second)):
            connection.close()
            assert answer.result() == [404]


@needs_redis
def test_whoever_watches_reads_that_it_is_lost(redis: RedisServer, process: Flask) -> None:
    def notes() -> list[str]:
        return process.test_client().get("/readyz").get_json().get("notes", [])

    assert "Redis does not answer: each process counts alone" not in notes()
    redis.kill()
    assert "Redis does not answer: each process counts alone" in notes()


def test_one_that_takes_connections_and_answers_none_holds_nobody(app: Flask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        process = another(app, f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        assert press(process) == [404]
