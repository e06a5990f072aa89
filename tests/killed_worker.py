"""The tool whose processes die by SIGKILL in the middle of a request that asks for it.

The header ``X-Killed`` says when: before the transaction is committed, after it, or when the answer
is ready and has not been sent.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, has_request_context, request
from sqlalchemy import event

from lti_tool import create_app
from lti_tool.core.db.session import db

BEFORE_COMMIT, AFTER_COMMIT, UNSENT = "before commit", "after commit", "unsent"


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_where(when: str) -> None:
    if has_request_context() and request.headers.get("X-Killed") == when:
        _die()


def program() -> Flask:
    """The tool, for gunicorn."""
    app = create_app()
    # SQLAlchemy tells of a session's commit before it is sent to the database, and after it.
    event.listen(db.session, "before_commit", lambda _session: _die_where(BEFORE_COMMIT))
    event.listen(db.session, "after_commit", lambda _session: _die_where(AFTER_COMMIT))
    inner = app.wsgi_app

    def unsent(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = inner(environ, start_response)
        if environ.get("HTTP_X_KILLED") == UNSENT:
            _die()
        return answer

    app.wsgi_app = unsent  # type: ignore[method-assign]
    return app
