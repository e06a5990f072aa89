"""Opening and ending tool sessions: the rows, and the cookie that gives one to a browser."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request
from sqlalchemy import ColumnElement, func, insert, or_, select, update
from werkzeug.wrappers import Response

from lti_tool.core.clock import now
from lti_tool.core.db.session import db, rows_matched
from lti_tool.core.ids import digest, new_handle, new_id, new_secret
from lti_tool.lti.models import Deployment, Registration
from lti_tool.people.models import ToolSession
from lti_tool.people.rules import GUEST_SESSION_LIMIT, LAUNCH_SESSION_LIFE, Impersonation, Standing

TIMES_SWITCHED_OFF = Registration.times_switched_off + func.coalesce(
    Deployment.times_switched_off, 0
)
"""The epoch of sessions: each is good only while this is what it was when the session began."""

COOKIE_PREFIX = "__Host-foyer-"
MOST_COOKIES = 24
"""Browsers give a framed site 10 kB of cookies; older sessions of the browser make room."""


@dataclass(frozen=True)
class NewSession:
    """A session that has just been opened; the secret goes into its cookie and nowhere else."""

    session_id: str
    handle: str
    secret: str
    kind: str


def launch_session_values(
    *,
    institution_id: str,
    deployment_id: str,
    person_id: str,
    course_id: str | None,
    resource_link_id: str | None,
    standing: Standing,
    frame_origins: list[str],
    locale: str | None,
    return_url: str | None = None,
    impersonation: Impersonation | None = None,
    acting_for: str | None = None,
    deep_linking_id: str | None = None,
    expires_at: datetime | None = None,
    times_switched_off: int | None = None,
) -> tuple[dict[str, Any], NewSession]:
    """The row of a new launch session (life: 12 h), and what its cookie needs.

    ``times_switched_off`` is what was read together with the LMS and its deployment being on: a
    session that begins while they are switched off is over. None: it is read here.
    """
    new = NewSession(new_id(), new_handle(), new_secret(), "launch")
    values = _row(new, institution_id, person_id, expires_at or now() + LAUNCH_SESSION_LIFE)
    if times_switched_off is None:
        times_switched_off = switched_off_by_now(institution_id, deployment_id)
    values.update(
        deployment_id=deployment_id,
        course_id=course_id,
        resource_link_id=resource_link_id,
        standing=standing.value,
        frame_origins=frame_origins,
        locale=locale,
        return_url=return_url,
        impersonation=impersonation.value if impersonation else None,
        acting_for=acting_for,
        deep_linking_id=deep_linking_id,
        times_switched_off=times_switched_off,
    )
    return values, new


def open_guest_session(
    *,
    institution_id: str,
    person_id: str,
    scope: str,
    stands_on: str,
    through_deployment_id: str | None = None,
    keep_until: datetime,
    idle_seconds: int,
    times_switched_off: int | None = None,
) -> NewSession:
    """Open a guest session inside the running transaction.

    It is good only while the deployment it came through, if any, is switched on. It ends at the
    later of ``keep_until`` and ``idle_seconds`` without activity, after 7 days at the latest.
    ``times_switched_off``: see `launch_session_values`.
    """
    if times_switched_off is None:
        times_switched_off = switched_off_by_now(institution_id, through_deployment_id)
    new = NewSession(new_id(), new_handle(), new_secret(), "guest")
    values = _row(new, institution_id, person_id, now() + GUEST_SESSION_LIMIT)
    values.update(
        standing=Standing.NONE.value,
        scope=scope,
        stands_on=stands_on,
        through_deployment_id=through_deployment_id,
        keep_until=keep_until,
        idle_seconds=idle_seconds,
        times_switched_off=times_switched_off,
    )
    db.session.execute(insert(ToolSession), values)
    return new


def _row(
    new: NewSession, institution_id: str, person_id: str, expires_at: datetime
) -> dict[str, Any]:
    present = now()
    return {
        "id": new.session_id,
        "handle": new.handle,
        "secret_hash": digest(new.secret),
        "kind": new.kind,
        "institution_id": institution_id,
        "person_id": person_id,
        "deployment_id": None,
        "through_deployment_id": None,
        "course_id": None,
        "resource_link_id": None,
        "scope": None,
        "stands_on": None,
        "impersonation": None,
        "acting_for": None,
        "deep_linking_id": None,
        "return_url": None,
        "frame_origins": [],
        "locale": None,
        "keep_until": None,
        "idle_seconds": None,
        "created_at": present,
        "seen_at": present,
        "first_used_at": None,
        "expires_at": expires_at,
        "ended_at": None,
    }


def switched_off_by_now(institution_id: str, deployment_id: str | None) -> int:
    """How often an institution's LMS and one of its deployments were switched off, together; a
    number that never holds where either is off now."""
    found: int | None = db.session.scalar(
        select(TIMES_SWITCHED_OFF)
        .select_from(Registration)
        .outerjoin(Deployment, Deployment.id == deployment_id)
        .where(
            Registration.institution_id == institution_id,
            Registration.enabled,
            or_(Deployment.id.is_(None), Deployment.enabled),
        )
    )
    return -1 if found is None else found


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
    """Hold sessions for the running transaction. Always in the same order, since several may come
    to end the same ones at once."""
    db.session.execute(
        select(ToolSession.id)
        .where(which, ToolSession.ended_at.is_(None))
        .order_by(ToolSession.id)
        .with_for_update()
    )


def end_those(which: ColumnElement[bool]) -> int:
    """As `end_sessions`, for the sessions of which the condition is true."""
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
        max_age=int(LAUNCH_SESSION_LIFE.total_seconds() if framed else 7 * 86_400),
    )
    held = [name for name in request.cookies if name.startswith(COOKIE_PREFIX)]
    if len(held) >= MOST_COOKIES:
        _forget_oldest(response, held)


def _forget_oldest(response: Response, names: list[str]) -> None:
    handles = [name.removeprefix(COOKIE_PREFIX) for name in names]
    newest = set(
        db.session.scalars(
            select(ToolSession.handle)
            .where(ToolSession.handle.in_(handles), ToolSession.ended_at.is_(None))
            .order_by(ToolSession.created_at.desc())
            .limit(MOST_COOKIES - 1)
        )
    )
    take_back(response, [handle for handle in handles if handle not in newest])


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
