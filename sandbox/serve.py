"""Run a platform on real sockets: a tool can fetch its keys, a browser its pages."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.app import create_app
from sandbox.certificates import Authority
from sandbox.platform import Platform
from sandbox.profiles import Sites

_TRIES = 20


class QuietHandler(WSGIRequestHandler):
    """Writes no line per request: launches carry states and hints in their addresses."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


def listening_at(sites: Sites) -> list[str]:
    """Return this machine's addresses behind a platform's sites; names are all at 127.0.0.1."""
    hosts = [urlsplit(address).hostname or "" for address in sites.all]
    local = [host if host.startswith("127.") else "127.0.0.1" for host in hosts if is_here(host)]
    return list(dict.fromkeys(local))


def is_here(host: str) -> bool:
    """Whether a host name is one of this machine alone; an issuer may be a mere name."""
    return host.startswith("127.") or host == "localhost" or host.endswith(".localhost")


def servers(
    platform: Platform,
    port: int,
    authority: Authority | None = None,
    program: Flask | None = None,
) -> list[BaseWSGIServer]:
    """Start a threaded server on each platform address; a taken port ends the program."""
    app = program or create_app(platform)
    names = {urlsplit(address).hostname or "" for address in platform.sites.all}
    context = authority.context(sorted(filter(is_here, names))) if authority else None
    return [
        make_server(
            host, port, app, threaded=True, request_handler=QuietHandler, ssl_context=context
        )
        for host in listening_at(platform.sites)
    ]


@contextmanager
def running(
    platform: Platform,
    *,
    host: str = "",
    port: int = 0,
    authority: Authority | None = None,
    program: Flask | None = None,
) -> Iterator[str]:
    """Serve `platform` in threads until the block ends; gives its base URL, and sets its sites.

    Port 0 takes a free one. The profile says where it is: "localhost", or addresses of their own,
    so that it is on another site than a tool at 127.0.0.1. With `host` all of it is at that name,
    with `authority` it is served by https. `program` is the web program, where it was made before.
    """
    scheme = "https" if authority else "http"
    chosen = port or _free_port(listening_at(_sites(platform, host, 1, scheme)))
    platform.sites = _sites(platform, host, chosen, scheme)
    with ExitStack() as stack:
        for http in servers(platform, chosen, authority, program):
            stack.enter_context(_served(http))
        yield platform.base_url


def _sites(platform: Platform, host: str, port: int, scheme: str) -> Sites:
    if host:
        return Sites.one(f"{scheme}://{host}:{port}")
    return platform.profile.sites(port, scheme)


@contextmanager
def _served(http: BaseWSGIServer) -> Iterator[None]:
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def _free_port(hosts: Iterable[str]) -> int:
    """Return a port that is free on all these addresses."""
    for _ in range(_TRIES):
        with ExitStack() as stack:
            port = 0
            try:
                for host in hosts:
                    probe = stack.enter_context(socket.socket())
                    probe.bind((host, port))
                    port = probe.getsockname()[1]
            except OSError:
                continue
            return port
    raise OSError("no port is free on all of the platform's addresses")
