"""Opening and ending tool sessions: the rows, and the cookie that gives one to a browser."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from flask import request
from sqlalchemy import ColumnElement, func, insert, or_, select, update
from werkzeug.wrappers import Response

from lti_tool.core.clock import now
from lti_tool.core.db.session import db, rows_matched
from lti_tool.core.ids import derived_id, derived_secret, digest, new_handle, new_id, new_secret
from lti_tool.lti.models import Deployment, Registration
from lti_tool.people.models import ToolSession
from lti_tool.people.rules import (
    GUEST_SESSION_LIMIT,
    LAUNCH_SESSION_LIFE,
    Impersonation,
    LinkShows,
    Standing,
    cookies_are_many,
    cookies_to_take_back,
)

TIMES_SWITCHED_OFF = Registration.times_switched_off + func.coalesce(
    Deployment.times_switched_off, 0
)
"""The epoch of sessions: each is good only while this is what it was when the session began."""

COOKIE_PREFIX = "__Host-foyer-"
GUEST_COOKIE_LIFE = GUEST_SESSION_LIMIT + timedelta(days=60)
"""A guest who comes back by a bookmark reads that access ended, and when; so the cookie stays."""
SECRET_BYTES = 16
"""128 random bits: sixty embedded items on one page are sixty cookies in each request."""


@dataclass(frozen=True, kw_only=True)
class SessionTerms:
    """What a session is of and what it stands on: all that a session made from another one keeps.

    The fields are columns of ``ToolSession`` and explained there.
    """

    kind: str
    institution_id: str
    person_id: str
    expires_at: datetime
    times_switched_off: int
    deployment_id: str | None = None
    through_deployment_id: str | None = None
    course_id: str | None = None
    resource_link_id: str | None = None
    link_shows: LinkShows | None = None
    standing: Standing = Standing.NONE
    impersonation: Impersonation | None = None
    acting_for: str | None = None
    deep_linking_id: str | None = None
    return_url: str | None = None
    scope: str | None = None
    stands_on: str | None = None
    frame_origins: tuple[str, ...] = ()
    locale: str | None = None
    keep_until: datetime | None = None
    idle_seconds: int | None = None


TERMS = tuple(one.name for one in fields(SessionTerms))


@dataclass(frozen=True)
class NewSession:
    """A session that has just been opened; the secret goes into its cookie and nowhere else."""

    session_id: str
    handle: str
    secret: str
    kind: str


def begin_session(
    terms: SessionTerms, idempotency_key: str = ""
) -> tuple[dict[str, Any], NewSession]:
    """Make the row of a session that begins now, and what its cookie needs.

    With ``idempotency_key``, a secret, it is the one session that can begin by it; see
    ``session_begun_by``.
    """
    present = now()
    session_id, secret = _drawn_from(idempotency_key)
    new = NewSession(session_id, new_handle(), secret, terms.kind)
    row = {
        **vars(terms),
        "id": new.session_id,
        "handle": new.handle,
        "secret_hash": digest(new.secret),
        "standing": terms.standing.value,
        "link_shows": terms.link_shows.value if terms.link_shows else None,
        "impersonation": terms.impersonation.value if terms.impersonation else None,
        "frame_origins": list(terms.frame_origins),
        "created_at": present,
        "seen_at": present,
        "first_used_at": None,
        "ended_at": None,
    }
    return row, new


def _drawn_from(idempotency_key: str) -> tuple[str, str]:
    if not idempotency_key:
        return new_id(), new_secret(SECRET_BYTES)
    return derived_id(idempotency_key), derived_secret(idempotency_key, SECRET_BYTES)


def session_begun_by(idempotency_key: str) -> NewSession | None:
    """Find the session that began by this key, with what its cookie needs; None if none did.

    So an answer that was lost is given again, and there is never a second session.
    """
    session_id, secret = _drawn_from(idempotency_key)
    found = db.session.execute(
        select(ToolSession.handle, ToolSession.kind).where(ToolSession.id == session_id)
    ).one_or_none()
    return NewSession(session_id, found.handle, secret, found.kind) if found else None


def open_session(terms: SessionTerms) -> NewSession:
    """Open a session inside the running transaction."""
    row, new = begin_session(terms)
    keep_session(row)
    return new


def keep_session(row: dict[str, Any]) -> None:
    """Write the row of a session that has begun, inside the running transaction."""
    db.session.execute(insert(ToolSession), row)


def stored_terms(session: ToolSession) -> dict[str, Any]:
    """Give the terms of a session that is kept, by the names of ``SessionTerms``."""
    told = {name: getattr(session, name) for name in TERMS}
    return {
        **told,
        "standing": Standing(session.standing),
        "link_shows": LinkShows(session.link_shows) if session.link_shows else None,
        "impersonation": Impersonation(session.impersonation) if session.impersonation else None,
        "frame_origins": tuple(session.frame_origins),
    }


def end_sessions(*, stands_on: str | None = None, session_id: str | None = None) -> int:
    """End sessions inside the running transaction; it holds from their next request.

    ``stands_on`` names what they stand on, or its beginning up to a colon.
    """
    if stands_on is not None:
        which = or_(
            ToolSession.stands_on == stands_on,
            ToolSession.stands_on.startswith(stands_on + ":", autoescape=True),
        )
    else:
        which = ToolSession.id == session_id
    return end_those(which)


def hold(which: ColumnElement[bool]) -> None:
    """Hold sessions for the running transaction.

    Always in the same order, since several may come to end the same ones at once.
    """
    db.session.execute(
        select(ToolSession.id)
        .where(which, ToolSession.ended_at.is_(None))
        .order_by(ToolSession.id)
        .with_for_update()
    )


def end_those(which: ColumnElement[bool]) -> int:
    """End, as ``end_sessions`` does, the sessions of which the condition is true."""
    hold(which)
    result = db.session.execute(
        update(ToolSession)
        .where(which, ToolSession.ended_at.is_(None))
        .values(ended_at=now())
        .execution_options(synchronize_session=False)
    )
    return rows_matched(result)


def set_session_cookie(response: Response, new: NewSession) -> None:
    """Give the browser the session; cookies of sessions that make room are taken back."""
    framed = new.kind == "launch"
    response.set_cookie(
        COOKIE_PREFIX + new.handle,
        new.secret,
        secure=True,
        httponly=True,
        path="/",
        samesite="None" if framed else "Lax",
        partitioned=framed,
        max_age=int((LAUNCH_SESSION_LIFE if framed else GUEST_COOKIE_LIFE).total_seconds()),
    )
    _make_room(response)


def _make_room(response: Response) -> None:
    """Take back cookies of sessions where a request would soon carry too many.

    Several frames that open at once see the same cookies here, hence the room that is left.
    """
    sizes = {name: len(name) + len(value) + 3 for name, value in request.cookies.items()}
    held = {
        name.removeprefix(COOKIE_PREFIX): size
        for name, size in sizes.items()
        if name.startswith(COOKIE_PREFIX)
    }
    others = sum(sizes.values()) - sum(held.values())
    if not cookies_are_many(held, others):
        return
    rows = db.session.execute(
        select(ToolSession.handle, ToolSession.seen_at).where(
            ToolSession.handle.in_(list(held)),
            ToolSession.ended_at.is_(None),
            ToolSession.expires_at > now(),
        )
    )
    last_used = {row.handle: row.seen_at for row in rows}
    take_back(response, cookies_to_take_back(held, others, last_used))


def take_back(response: Response, handles: Iterable[str]) -> None:
    """Take the cookies of these sessions from the browser."""
    for handle in handles:
        for partitioned in (True, False):
            response.delete_cookie(
                COOKIE_PREFIX + handle,
                path="/",
                secure=True,
                httponly=True,
                samesite="None" if partitioned else "Lax",
                partitioned=partitioned,
            )
