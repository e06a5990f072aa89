"""Run a platform on a real socket inside a test: a tool can fetch its keys, a browser its pages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox import create_app
from sandbox.platform import Platform


class QuietHandler(WSGIRequestHandler):
    """Writes no line per request: launches carry states and hints in their addresses."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


def server(platform: Platform, port: int) -> BaseWSGIServer:
    """A threaded server on 127.0.0.1; port 0 takes a free one. A taken port ends the program."""
    return make_server(
        "127.0.0.1", port, create_app(platform), threaded=True, request_handler=QuietHandler
    )


@contextmanager
def running(platform: Platform, *, host: str = "localhost", port: int = 0) -> Iterator[str]:
    """Serve `platform` in a thread until the block ends; gives its base URL, and sets it.

    Port 0 takes a free one. It listens on 127.0.0.1 and calls itself `host`, so that it is on
    another site than a tool at 127.0.0.1.
    """
    http = server(platform, port)
    platform.base_url = f"http://{host}:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield platform.base_url
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
