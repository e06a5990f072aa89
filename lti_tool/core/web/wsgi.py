"""WSGI middleware, the outermost layer: nothing is believed too much, nothing escapes unseen.

What no error handler caught would end in the WSGI server, and that writes the whole address into
its own log, with the secrets in it. So it ends here, and is logged as everything else is.
"""

from __future__ import annotations

import errno
import io
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wsgi import get_path_info

from lti_tool.core.ids import new_reference
from lti_tool.core.logs import log, safe_path, where

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_BROKEN = b"Something went wrong on our side.\n"


def install(app: Flask, base_url: str) -> None:
    app.wsgi_app = Door(app.wsgi_app, base_url)  # type: ignore[method-assign]


class Door:
    """Lets requests in to ``inner`` as if all of them had asked for ``base_url``.

    Whoever asks for another host, by a mistake or on purpose, is served all the same, but reads
    no address that is not ours; a Host header that is none at all cannot get in routing's way.
    """

    def __init__(self, inner: WSGIApplication, base_url: str) -> None:
        self._inner = inner
        origin = urlsplit(base_url)
        self._origin = {"wsgi.url_scheme": origin.scheme, "HTTP_HOST": origin.netloc}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = safe_path(get_path_info(environ))
        seen = {**environ, **self._origin, "wsgi.input": _RequestBody(environ["wsgi.input"])}
        try:
            return _Answer(self._inner(seen, start_response), path)
        except Exception as error:
            reference = _write_down(error, path)
            start_response("500 Internal Server Error", _headers(reference), sys.exc_info())
            return [_BROKEN]


class _RequestBody(io.RawIOBase):
    """What was sent.

    However a server says that it cannot be read on, it is a bad request.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        try:
            data = self._stream.read(len(buffer))
        except Exception as error:
            raise ClientDisconnected from error
        buffer[: len(data)] = data
        return len(data)


class _Answer:
    """An answer on its way.

    One that breaks off cannot be replaced: the connection is cut.
    """

    def __init__(self, body: Iterable[bytes], path: str) -> None:
        self._body = body
        self._path = path

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._body
        except Exception as error:
            _write_down(error, self._path)
            # The one kind of error that servers take for a lost connection, not worth a line.
            raise ConnectionResetError(errno.ECONNRESET, "the answer broke off") from None

    def close(self) -> None:
        close = getattr(self._body, "close", None)
        if close is not None:
            close()


def _write_down(error: Exception, path: str) -> str:
    """Log the error and return the reference under which it stands there."""
    reference = new_reference()
    log.error(
        "escaped", request=reference, path=path, error=type(error).__name__, where=where(error)
    )
    return reference


def _headers(reference: str) -> list[tuple[str, str]]:
    return [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(_BROKEN))),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", "default-src 'none'"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Request-Id", reference),
    ]
