"""Structured logs: one JSON object a line, each with the request's reference id.

Addresses are logged without their query and with the secret part of invitation links cut out,
so that no token reaches a log.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from pathlib import Path
from traceback import walk_tb
from typing import Any

import structlog
from flask import Flask, Response, g, request

from lti_tool.config import ROOT
from lti_tool.core.ids import new_reference

log: Any = structlog.get_logger("foyer")

# Doubled slashes too: they are redirected, but logged first.
_SECRET_PATHS = re.compile(r"/(i|g)/+[^/]+")
# Whatever is as long as a token may be one, at an address of ours that does not exist.
_LONG_PARTS = re.compile(r"[^/]{40,}")
_OURS = (f"{ROOT / 'lti_tool'}/", f"{ROOT / 'templates'}/")


def safe_path(path: str) -> str:
    """Give the path of a request as it may be written down."""
    return _LONG_PARTS.sub("…", _SECRET_PATHS.sub(r"/\1/…", path))


def where(error: BaseException) -> list[str]:
    """List the lines of ours that an error came through, and the two where it was raised.

    The message of an error may quote what somebody sent; they do not.
    """
    steps = [(frame.f_code, line) for frame, line in walk_tb(error.__traceback__)]
    ours = [
        f"{Path(code.co_filename).relative_to(ROOT)}:{line}:{code.co_name}"
        for code, line in steps
        if code.co_filename.startswith(_OURS)
    ]
    others = [
        f"{Path(code.co_filename).name}:{line}:{code.co_name}"
        for code, line in steps[-2:]
        if not code.co_filename.startswith(_OURS)
    ]
    return ours[-12:] + others


def write_to_stderr(level: str) -> None:
    """Where the lines of this process go, to what is standard error now."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
        ),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def install(app: Flask, level: str) -> None:
    write_to_stderr(level)
    app.logger.handlers.clear()
    app.logger.addHandler(logging.NullHandler())
    app.logger.propagate = False

    @app.before_request
    def begin() -> None:
        g.request_id = new_reference()
        g.started = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=g.request_id)

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        log.info(
            "request",
            method=request.method,
            path=safe_path(request.path),
            status=response.status_code,
            ms=round((time.perf_counter() - g.started) * 1000, 1),
        )
        return response
