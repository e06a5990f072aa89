"""Whether the browser of these tests does with cookies what a browser of today does."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import pytest
from flask import Flask, request
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from .conftest import MakeProfile

ICON = '<link rel="icon" href="data:,">'
PARTITIONED, PLAIN = "partitioned", "plain"


class Sites:
    """One server under two names: `inner` sets cookies in a frame of a page of `outer`."""

    def __init__(self, port: int) -> None:
        self.inner = f"http://127.0.0.1:{port}"
        self.outer = f"http://localhost:{port}"
        self.came_back: list[set[str]] = []

    def app(self) -> Flask:
        app = Flask(__name__)

        @app.get("/framing")
        def framing() -> str:
            return f'{ICON}<iframe title="inner" src="{self.inner}/set"></iframe>'

        @app.get("/set")
        def set_both() -> Response:
            response = Response(f'{ICON}<a href="/again">again</a>', content_type="text/html")
            for name in (PARTITIONED, PLAIN):
                response.set_cookie(
                    name, "1", secure=True, samesite="None", partitioned=name == PARTITIONED
                )
            return response

        @app.get("/again")
        def again() -> str:
            self.came_back.append(set(request.cookies))
            return f"{ICON}here again"

        return app


@pytest.fixture
def sites() -> Iterator[Sites]:
    server = make_server("127.0.0.1", 0, Flask(__name__), threaded=True)
    sites = Sites(server.server_port)
    server.app = sites.app()
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield sites
    server.shutdown()
    thread.join()
    server.server_close()


def test_in_a_frame_only_the_partitioned_cookie_comes_back(
    profile: MakeProfile, sites: Sites
) -> None:
    person = profile()
    frame = person.tab(f"{sites.outer}/framing").frame_locator("iframe")

    frame.get_by_role("link", name="again").click()
    frame.get_by_text("here again").wait_for()

    assert sites.came_back == [{PARTITIONED}]


def test_on_its_own_page_the_frames_cookie_is_not_there(profile: MakeProfile, sites: Sites) -> None:
    person = profile()
    frame = person.tab(f"{sites.outer}/framing").frame_locator("iframe")
    frame.get_by_role("link", name="again").wait_for()

    page = person.tab(f"{sites.inner}/again")
    page.goto(f"{sites.inner}/set")
    page.get_by_role("link", name="again").click()
    page.get_by_text("here again").wait_for()

    assert sites.came_back == [set(), {PARTITIONED, PLAIN}]


def test_profiles_share_no_cookies(profile: MakeProfile, sites: Sites) -> None:
    profile().tab(f"{sites.inner}/set")

    profile().tab(f"{sites.inner}/again")

    assert sites.came_back == [set()]
