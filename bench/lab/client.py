"""A closed-loop HTTP/1.1 client that costs the load core little: prepared bytes, open sockets."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode


@dataclass
class Answer:
    status: int
    head: bytes
    body: bytes
    seconds: float = 0.0
    """From the sending of the request to the last byte."""

    def headers(self, name: str) -> list[str]:
        wanted = name.lower().encode() + b":"
        return [
            line[len(wanted) :].strip().decode("latin-1")
            for line in self.head.split(b"\r\n")[1:]
            if line[: len(wanted)].lower() == wanted
        ]

    def header(self, name: str) -> str:
        return next(iter(self.headers(name)), "")

    def cookies(self) -> dict[str, str]:
        pairs = (value.partition(";")[0].partition("=") for value in self.headers("set-cookie"))
        return {name: value for name, _equals, value in pairs if value}


def cookie_header(cookies: Mapping[str, str]) -> dict[str, str]:
    """What a browser that holds these cookies adds to its request."""
    pairs = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {"Cookie": pairs} if pairs else {}


def get(path: str, port: int, headers: dict[str, str] | None = None) -> bytes:
    return _request("GET", path, port, headers or {}, b"")


def post(path: str, port: int, fields: dict[str, str], headers: dict[str, str]) -> bytes:
    body = urlencode(fields).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    return _request("POST", path, port, {**headers, **kind}, body)


def post_json(path: str, port: int, body: bytes, headers: dict[str, str]) -> bytes:
    kind = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    return _request("POST", path, port, {**headers, **kind}, body)


def _request(method: str, path: str, port: int, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


@dataclass
class _Line:
    """One connection and the answer that is arriving on it."""

    port: int
    sock: socket.socket | None = None
    index: int = -1
    received: bytearray = field(default_factory=bytearray)
    head: bytes = b""
    length: int = -1
    tries: int = 0
    sent: float = 0.0

    def connect(self) -> socket.socket:
        if self.sock is None:
            self.sock = socket.create_connection(("127.0.0.1", self.port), timeout=30)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.sock

    def drop(self) -> None:
        if self.sock is not None:
            self.sock.close()
        self.sock = None


def run(
    port: int, requests: Sequence[bytes], connections: int = 8, keep_body: bool = False
) -> tuple[list[Answer], float]:
    """Send all requests over so many connections, each waiting for its answer before the next.

    Returns the answers in the order of the requests, and the seconds it took. Bodies are kept where
    that is asked, and of errors.
    """
    answers: list[Answer | None] = [None] * len(requests)
    todo = iter(range(len(requests)))
    selector = selectors.DefaultSelector()
    lines = [_Line(port) for _ in range(min(connections, len(requests)))]
    for line in lines:
        line.connect()
    started = time.perf_counter()
    open_lines = sum(_next(line, todo, requests, selector) for line in lines)
    while open_lines:
        for key, _events in selector.select(timeout=30) or _too_long():
            line = key.data
            answer = _read(line, requests, selector)
            if answer is None:
                continue
            answer.seconds = time.perf_counter() - line.sent
            if not keep_body and answer.status < 400:
                answer = replace(answer, body=b"")
            answers[line.index] = answer
            if answer.header("connection").lower() == "close":
                selector.unregister(line.sock)
                line.drop()
            open_lines -= not _next(line, todo, requests, selector)
    seconds = time.perf_counter() - started
    for line in lines:
        line.drop()
    return [answer for answer in answers if answer is not None], seconds


def _too_long() -> list[tuple[selectors.SelectorKey, int]]:
    raise TimeoutError("the server did not answer for 30 seconds")


def _next(
    line: _Line, todo: Iterator[int], requests: Sequence[bytes], selector: selectors.BaseSelector
) -> bool:
    index = next(todo, None)
    if index is None:
        if line.sock is not None and line.index >= 0:
            selector.unregister(line.sock)
        return False
    line.index, line.tries = index, 0
    _send(line, requests, selector)
    return True


def _send(line: _Line, requests: Sequence[bytes], selector: selectors.BaseSelector) -> None:
    fresh = line.sock is None
    sock = line.connect()
    if fresh or sock not in selector.get_map():
        selector.register(sock, selectors.EVENT_READ, line)
    line.received.clear()
    line.length = -1
    line.sent = time.perf_counter()
    sock.sendall(requests[line.index])


def _read(
    line: _Line, requests: Sequence[bytes], selector: selectors.BaseSelector
) -> Answer | None:
    assert line.sock is not None
    try:
        chunk = line.sock.recv(1 << 20)
    except ConnectionResetError:
        chunk = b""
    if not chunk:  # an idle connection was closed by the server just as we used it
        selector.unregister(line.sock)
        line.drop()
        line.tries += 1
        if line.tries > 3:
            raise ConnectionError("the server closes connections without an answer")
        _send(line, requests, selector)
        return None
    line.received += chunk
    if line.length < 0:
        end = line.received.find(b"\r\n\r\n")
        if end < 0:
            return None
        line.head = bytes(line.received[:end])
        line.length = end + 4 + int(Answer(0, line.head, b"").header("content-length") or 0)
    if len(line.received) < line.length:
        return None
    body = bytes(line.received[len(line.head) + 4 :])
    return Answer(int(line.head[9:12]), line.head, body)


def one(port: int, request: bytes) -> Answer:
    """Send a single request and return its answer with the body."""
    answers, _seconds = run(port, [request], 1, keep_body=True)
    return answers[0]


def expect(answers: Sequence[Answer], wanted: Callable[[Answer], bool], what: str) -> None:
    wrong = [answer for answer in answers if not wanted(answer)]
    if wrong:
        raise SystemExit(
            f"{what}: {len(wrong)} of {len(answers)} answers are wrong, the first is\n"
            + wrong[0].head.decode("latin-1")
            + "\n\n"
            + wrong[0].body[:1000].decode(errors="replace")
        )
