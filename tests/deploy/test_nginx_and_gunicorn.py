"""The files in deploy/, running: nginx with TLS before two gunicorn workers."""

from __future__ import annotations

import re
import stat
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from types import MappingProxyType
from typing import Any

import postgresql
import psycopg
import pytest
from media_samples import film
from web_stack import ROOT, SECONDS, Answer, Browser, WebStack

from lti_tool.core.ids import new_id
from sandbox.commands import Commands
from sandbox.courses import FIRST_COURSE, Link
from sandbox.keys import KeyRing
from sandbox.platform import Platform
from sandbox.serve import running

SAME = {"Sec-Fetch-Site": "same-origin"}
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass
class World:
    stack: WebStack
    platform: Platform
    media_id: str
    film: bytes

    def launched(self, who: str) -> tuple[Browser, str]:
        """A browser after a launch into the film, and the address it was sent to."""
        browser = Browser(self.stack)
        link = Link(
            "film",
            "Film",
            FIRST_COURSE.id,
            self.platform.school().key,
            custom=MappingProxyType({"media": self.media_id}),
        )
        answer: Any = self.platform.launch(browser, who, link)  # type: ignore[arg-type]
        assert answer.status_code == 303, answer.text
        assert answer.location
        return browser, answer.location

    def film_address(self, browser: Browser) -> str:
        files = browser.get(f"/api/v1/media/{self.media_id}/files").json()
        address: str = files["original"]
        return address


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stack")


@pytest.fixture(scope="module")
def database(folder: Path) -> Iterator[str]:
    """A database as an operator would make it: on PostgreSQL, where there is a server."""
    if not postgresql.available():
        yield f"sqlite:///{folder / 'foyer.sqlite3'}"
        return
    name = f"foyer_deploy_{new_id()[:10]}"
    with psycopg.connect(postgresql.address(), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        yield f"{postgresql.address().rsplit('/', 1)[0]}/{name}"
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def world(folder: Path, database: str) -> Iterator[World]:
    stack = WebStack(folder, database)
    platform = Platform(stack.address, keys=KeyRing())
    with running(platform):
        try:
            yield _furnished(stack, platform)
        finally:
            stack.stop()


def _furnished(stack: WebStack, platform: Platform) -> World:
    known = platform.registration()
    made = film(stack.folder / "film.mp4", seconds=3)
    with Commands(ROOT, stack.environment) as foyer:
        foyer.run("db", "upgrade")
        foyer.run(
            *("platform", "add", "--name", "sandbox", "--family", "other"),
            *("--issuer", known.issuer, "--client-id", known.client_id),
            *("--auth-url", known.auth_url, "--token-url", known.token_url),
            *("--jwks-url", known.jwks_url, "--deployment", known.deployment_id),
            *("--frame-origin", known.frame_origin),
        )
        said = foyer.run(
            *("media", "add", str(made), "--platform", "sandbox", "--title", "A film"),
            *("--owner-sub", platform.user("instructor-1").sub),
        )
    stack.start_web()
    stack.start_nginx()
    size = made.stat().st_size  # which stays as it is when its tags go
    stored = (stack.folder / "files" / "media").rglob("*")
    (kept,) = (path for path in stored if path.is_file() and path.stat().st_size == size)
    return World(stack, platform, said.split()[-1], kept.read_bytes())


def test_nginx_accepts_the_shipped_configuration(world: World) -> None:
    done = subprocess.run(
        world.stack.nginx_command("-t"), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_workers_that_start_together_agree_on_one_key(world: World) -> None:
    def keys(_number: int) -> str:
        return Browser(world.stack).get("/lti/jwks.json").text

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(keys, range(32)))
    assert len(answers) == 1
    files = list(Path(world.stack.environment["FOYER_KEYS_DIR"]).iterdir())
    assert len([path for path in files if path.name.startswith("signing-")]) == 1
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_launch_comes_through_and_its_page_is_served(world: World) -> None:
    browser, address = world.launched("student-1")
    page = browser.get(address)
    assert page.status_code == 200
    assert "A film" in page.text
    assert page.headers["Strict-Transport-Security"]


def test_a_very_long_login_comes_through(world: World) -> None:
    fields = world.platform.login_params("student-1", login_hint="x" * 7000)
    browser: Any = Browser(world.stack)
    answer = world.platform.open_login(browser, fields, "GET")
    assert answer.status_code in (302, 303)
    assert "x" * 7000 in str(answer.location)


def test_a_login_longer_than_gunicorn_takes_by_itself_comes_through(world: World) -> None:
    fields = world.platform.login_params("student-1", login_hint="x" * 20_000)
    browser: Any = Browser(world.stack)
    answer = world.platform.open_login(browser, fields, "GET")
    assert answer.status_code in (302, 303)
    assert "x" * 20_000 in str(answer.location)


def test_a_login_that_is_far_too_long_is_told_in_our_words(world: World) -> None:
    """By nginx, and by gunicorn where nothing stands before it."""
    secret = "s3cret" * 10_000
    through = Browser(world.stack).get("/lti/login", query_string=f"login_hint={secret}")
    connection = world.stack.direct()
    connection.request("GET", f"/lti/login?login_hint={secret}")
    direct = connection.getresponse()
    assert (through.status_code, direct.status) == (414, 414)
    for page in (through.text, direct.read().decode()):
        assert "This address is too long" in page
        assert "s3cret" not in page
        assert "gunicorn" not in page
    assert "s3crets3cret" not in world.stack.logs()


def test_more_headers_than_are_read_are_told_in_our_words(world: World) -> None:
    answer = Browser(world.stack).get("/healthz", headers={"X-Long": "y" * 40_000})
    assert answer.status_code == 431
    assert "Your browser sent too much at once" in answer.text


@pytest.mark.parametrize(
    "line",
    [
        b"GET /i/{token}\x00 HTTP/1.1",
        b"GET /i/{token}",
        b"G\xc3\xa4T /i/{token} HTTP/1.1",
        b"GET /i/{token} HTTP/9.9",
        b"GET /i/{token} more HTTP/1.1",
    ],
)
def test_a_malformed_request_leaves_no_token_in_a_log(world: World, line: bytes) -> None:
    token = new_id()
    connection = world.stack.direct()
    connection.connect()
    connection.sock.sendall(line.replace(b"{token}", token.encode()) + b"\r\nHost: x\r\n\r\n")
    said = connection.sock.recv(65_536)
    assert said.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4")), said
    assert token.encode() not in said
    assert token not in world.stack.logs()


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("bytes=0-99", 0, 100), ("bytes=1000-1999", 1000, 2000), ("bytes=-50", -50, None)],
)
def test_ranges_are_sent_by_nginx(world: World, asked: str, start: int, stop: int | None) -> None:
    browser, _ = world.launched("student-1")
    address = world.film_address(browser)
    got = browser.get(address, headers={"Range": asked})
    assert got.status_code == 206
    assert got.content == world.film[start:stop]
    assert got.headers["Content-Range"].endswith(f"/{len(world.film)}")
    assert got.headers["Content-Type"] == "video/mp4"
    _is_harmless(got)


def test_foyer_itself_hands_over_and_sends_no_byte(world: World) -> None:
    browser, _ = world.launched("student-1")
    connection = world.stack.direct()
    connection.request("GET", world.film_address(browser), headers={"Range": "bytes=0-99"})
    answer = connection.getresponse()
    assert re.fullmatch(r"/_media/\w\w/\w\w/\w+", answer.headers["X-Accel-Redirect"])
    assert answer.read() == b""


def test_whole_files_other_ranges_and_repeated_questions(world: World) -> None:
    browser, _ = world.launched("student-1")
    address = world.film_address(browser)
    whole = browser.get(address)
    assert (whole.status_code, whole.content) == (200, world.film)
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert "no-cache" in whole.headers["Cache-Control"]
    _is_harmless(whole)
    again = browser.get(address, headers={"If-None-Match": whole.headers["ETag"]})
    assert again.status_code == 304
    beyond = browser.get(address, headers={"Range": f"bytes={len(world.film)}-"})
    assert beyond.status_code == 416


def test_the_folder_of_files_cannot_be_reached_from_outside(world: World) -> None:
    key = next((world.stack.folder / "files" / "media").rglob("*/*/*"))
    inside = key.relative_to(world.stack.folder / "files" / "media")
    assert Browser(world.stack).get(f"/_media/{inside}").status_code == 404
    assert Browser(world.stack).get(f"/static/../_media/{inside}").status_code == 404


def test_a_file_address_without_a_good_signature_gives_nothing(world: World) -> None:
    browser, _ = world.launched("student-1")
    address = world.film_address(browser)
    assert browser.get(address[:-4] + "AAAA").status_code == 404


def test_built_files_are_compressed_and_kept_for_good(world: World) -> None:
    browser, page = world.launched("student-1")
    asset = re.search(r'/static/[^"]+\.css', browser.get(page).text)
    assert asset
    got = browser.get(asset[0], headers={"Accept-Encoding": "gzip"})
    assert got.status_code == 200
    assert got.headers["Content-Encoding"] == "gzip"
    assert "immutable" in got.headers["Cache-Control"]
    assert got.headers["Content-Type"] == "text/css"
    connection = world.stack.direct()
    connection.request("GET", asset[0])
    ours = connection.getresponse().headers
    for name in (
        "Content-Security-Policy",
        "Cross-Origin-Resource-Policy",
        "Permissions-Policy",
        "Referrer-Policy",
        "X-Content-Type-Options",
    ):
        assert got.headers[name] == ours[name], name


def test_plain_http_leads_to_https(world: World) -> None:
    got = Browser(world.stack).get("/healthz", base_url=world.stack.plain)
    assert (got.status_code, got.location) == (301, f"{world.stack.address}/healthz")


def _upload(browser: Browser, size: int, page: str) -> str:
    """The address of a new upload. The session is the page's, as for its own scripts."""
    query = page.partition("?")[2]
    begun = browser.post(
        "/api/v1/uploads", query_string=query, headers={**TUS, "Upload-Length": str(size)}
    )
    assert begun.status_code == 201, begun.text
    assert begun.location
    return f"{begun.location}?{query}"


def test_bodies_are_small_but_for_uploads(world: World) -> None:
    browser, page = world.launched("instructor-1")
    big = b"\0" * (3 << 20)
    assert browser.post("/settings", data=big).status_code == 413
    upload = _upload(browser, len(big), page)
    headers = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    got = browser.send("PATCH", upload, headers=headers, data=big)
    assert (got.status_code, got.headers["Upload-Offset"]) == (204, str(len(big)))


def test_slow_uploads_hold_up_nobody(world: World) -> None:
    """More bodies that trickle in than Foyer has threads, all of one person."""
    browser, page = world.launched("instructor-1")
    slow, quick = _upload(browser, 1000, page), _upload(browser, 1000, page)
    with ExitStack() as open_ones:
        for _ in range(40):
            connection = world.stack.through_nginx()
            open_ones.callback(connection.close)
            _begin_piece(connection, browser, slow)
            connection.send(b"\0")
        headers = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        got = browser.send("PATCH", quick, headers=headers, data=b"\0" * 1000)
        assert got.status_code == 204, got.text


def test_a_piece_of_an_upload_is_as_large_as_nginx_takes_in(world: World) -> None:
    browser, page = world.launched("instructor-1")
    piece = 8 << 20
    upload = _upload(browser, 2 * piece + 1, page)
    headers = {**TUS, "Content-Type": "application/offset+octet-stream"}
    for offset, length, status in ((0, piece, 204), (piece, piece + 1, 413)):
        got = browser.send(
            "PATCH",
            upload,
            headers={**headers, "Upload-Offset": str(offset)},
            data=b"\0" * length,
        )
        assert got.status_code == status
    uploader = (ROOT / "frontend" / "media" / "upload.entry.ts").read_text(encoding="utf-8")
    assert "PIECE_BYTES = 8 << 20" in uploader


def _begin_piece(connection: HTTPConnection, browser: Browser, upload: str, **more: str) -> None:
    """The head of a request that sends 1000 bytes of an upload."""
    cookies = "; ".join(f"{one.name}={one.value}" for one in browser._session.cookies)
    connection.putrequest("PATCH", upload)
    for name, text in {
        **SAME,
        **TUS,
        "Cookie": cookies,
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
        "Content-Length": "1000",
        **more,
    }.items():
        connection.putheader(name, text)
    connection.endheaders()


def _invite(world: World) -> str:
    """The link of a new invitation."""
    browser, page = world.launched("instructor-1")
    query, path = page.partition("?")[2], f"/api/v1/media/{world.media_id}/invitations"
    number = len(browser.get(path, query_string=query).json()["invitations"])
    made = browser.post(
        path,
        query_string=query,
        json={
            "email": f"guest-{number}@example.org",
            "first_name": "Ada",
            "last_name": "Guest",
            "type": "viewer",
        },
    )
    assert made.status_code == 201, made.text
    link: str = made.json()["link"]
    return link


def test_an_invitation_is_redeemed_and_its_token_stands_in_no_log(world: World) -> None:
    link = _invite(world)
    path = link.removeprefix(world.stack.address)
    assert path.startswith("/i/")
    guest = Browser(world.stack)
    assert guest.get(path).status_code == 200
    entered = guest.post(path, data={"email": "guest-0@example.org"})
    assert entered.status_code == 303, entered.text
    assert entered.location
    assert guest.get(entered.location).status_code == 200
    ranged = guest.get(world.film_address(guest), headers={"Range": "bytes=0-9"})
    assert ranged.content == world.film[:10]
    written = world.stack.logs()
    assert path.removeprefix("/i/") not in written
    assert '"path":"/i/..."' in written
    assert "?as=" not in written


def test_a_mistyped_link_leaves_no_token_in_a_log(world: World) -> None:
    token, browser = "mistyped-link-".ljust(43, "Z"), Browser(world.stack)
    for before in ("/I/", "/", "/watch/i/", "/i;", "/media/", "/static/"):
        assert browser.get(f"{before}{token}").status_code == 404
    assert browser.get("/lti/jwks.json").status_code == 200  # so that the others are written down
    assert token not in world.stack.logs()
    assert '"path":"/watch/i/..."' in world.stack.logs()


@pytest.mark.parametrize("host", ["a..b", f"{'a' * 64}.example", "xn--a", ""])
@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host"])
def test_no_host_however_odd_brings_an_address_into_a_log(
    world: World, header: str, host: str
) -> None:
    """Past nginx, which refuses some of them itself; a watchdog may ask for any host."""
    token = "odd-host-".ljust(43, "Z")
    for path, status in ((f"/i/{token}?state={token}", 404), ("/healthz", 200)):
        connection = world.stack.direct()
        connection.putrequest("GET", path, skip_host=header == "Host")
        connection.putheader(header, host)
        connection.endheaders()
        assert connection.getresponse().status == status
    assert token not in world.stack.logs()


def test_a_header_moves_no_address(world: World) -> None:
    """A server believes SCRIPT_NAME from its proxy, and not every proxy keeps a browser's back."""
    connection = world.stack.direct()
    connection.request("GET", "/moved/healthz", headers={"SCRIPT_NAME": "/moved"})
    assert connection.getresponse().status == 404


def test_a_body_in_broken_chunks_is_a_bad_request(world: World) -> None:
    connection = world.stack.direct()
    connection.putrequest("POST", "/lti/login")
    connection.putheader("Content-Type", "application/x-www-form-urlencoded")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    connection.send(b"this is no number\r\n")
    answer = connection.getresponse()
    assert answer.status == 400
    assert answer.headers["X-Request-Id"]


def test_stopping_finishes_what_runs_and_people_read_a_calm_page(world: World) -> None:
    path = _invite(world).removeprefix(world.stack.address)
    browser, page = world.launched("instructor-1")
    upload = _upload(browser, 1000, page)
    connection = world.stack.direct()
    _begin_piece(connection, browser, upload, Expect="100-continue")
    assert connection.sock.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"  # it is at work
    try:
        world.stack.ask_web_to_stop()
        down = Browser(world.stack).get(path)
        connection.send(b"\0" * 1000)
        assert connection.getresponse().status == 204
        assert world.stack.wait_for_web() == 0
    finally:
        world.stack.start_web()
    assert down.status_code == 503
    assert "Back in a moment" in down.text
    assert path.removeprefix("/i/") not in world.stack.logs()


def test_what_is_asked_while_foyer_is_down_stands_in_no_log(world: World) -> None:
    """Whether a gunicorn that was killed has left its socket behind, or there is none."""
    paths = ("/lti/login", "/media/none", "/files/none", "/api/v1/uploads")
    told = new_id()
    browser = Browser(world.stack)
    world.stack.kill_web()
    try:
        answers = [browser.get(path, query_string=f"lti_message_hint={told}") for path in paths]
        world.stack.socket.unlink()
        answers += [browser.post(path, query_string=f"as={told}") for path in paths]
    finally:
        world.stack.start_web()
    assert {answer.status_code for answer in answers} == {503}
    assert all("Back in a moment" in answer.text for answer in answers)
    written = world.stack.logs()
    assert told not in written
    for path in paths:
        assert f'"path":"{path}","status":503' in written


def test_a_wrong_setting_stops_the_start_and_is_named(world: World) -> None:
    process = world.stack.gunicorn(
        world.stack.folder / "other.sock", FOYER_PROXY_HOPS="many", WEB_CONCURRENCY="1"
    )
    assert process.wait(SECONDS) != 0
    assert "FOYER_PROXY_HOPS: must be a whole number" in world.stack.logs()


def _is_harmless(answer: Answer) -> None:
    """Foyer's own headers have survived the way through nginx, and its internal one has not."""
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=(self)" in answer.headers["Permissions-Policy"]
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["X-Request-Id"]
    assert "X-Accel-Redirect" not in answer.headers
