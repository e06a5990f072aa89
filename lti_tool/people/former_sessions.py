"""Guests' sessions that may be over, in browsers that still hold their cookies."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime

from flask import request
from sqlalchemy import select

from lti_tool.core.db.session import db
from lti_tool.core.ids import digest
from lti_tool.core.web.urls import SESSION_PARAMETER
from lti_tool.people.models import ToolSession
from lti_tool.people.rules import session_end
from lti_tool.people.sessions import principals, secrets_of_cookies


@dataclass(frozen=True)
class FormerSession:
    """A session that this browser was given."""

    session_id: str
    handle: str
    ended_at: datetime
    """Or when it would have, had nothing cut it off."""
    cut_off: bool
    """Something ended it before its time."""
    runs: bool
    """It is good still, whatever became of what it was for."""


def former_session(scope: str, handle: str | None = None) -> FormerSession | None:
    """Return the guest's session of this scope that the browser was given, if there is one.

    With ``handle`` the one of this handle, else the one that the address names, else the newest.
    Its cookie must have come: a handle alone is known to anybody who saw an address.
    """
    secrets = secrets_of_cookies()
    if not secrets:
        return None
    running = {one.session_id for one in principals()}
    rows = db.session.scalars(
        select(ToolSession)
        .where(
            ToolSession.handle.in_(list(secrets)),
            ToolSession.kind == "guest",
            ToolSession.scope == scope,
        )
        .order_by(ToolSession.created_at.desc())
    )
    held = {
        row.handle: row
        for row in rows
        if hmac.compare_digest(row.secret_hash, digest(secrets[row.handle]))
    }
    if handle is not None:
        chosen = held.get(handle)
    else:
        named = held.get(request.args.get(SESSION_PARAMETER, ""))
        chosen = named or next(iter(held.values()), None)
    return _former(chosen, chosen.id in running) if chosen else None


def _former(row: ToolSession, runs: bool) -> FormerSession:
    end = session_end(row.expires_at, row.keep_until, row.idle_seconds, row.seen_at)
    ended_at = min(row.ended_at or end, end)
    return FormerSession(row.id, row.handle, ended_at, cut_off=ended_at < end, runs=runs)
