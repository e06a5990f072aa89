"""One-time tickets that hand a session over to another tab of the same browser.

A tab of its own does not share the cookies of a page in an LMS frame. So the page asks for a
ticket and posts it from the new tab: good for one minute and for one use. Where the frame lets no
tab be opened, the ticket stands in an address that a person copies, after its ``#``, which no
server and no log sees: good for a quarter of an hour, for one use, and only after a question that
names whose session it is. Else whoever has a session could lead somebody else into it by a link
(session fixation).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import insert, select, update

from lti_tool.core import audit
from lti_tool.core.clock import now
from lti_tool.core.db.session import db, transaction
from lti_tool.core.db.upsert import conflict_aware_insert
from lti_tool.core.ids import digest, new_secret
from lti_tool.core.web.problems import not_found
from lti_tool.people.models import SessionTicket, ToolSession
from lti_tool.people.session_store import NewSession, open_session
from lti_tool.people.sessions import Principal, live_sessions_of

TICKET_LIFE = timedelta(seconds=60)
COPIED_LIFE = timedelta(minutes=15)
"""For a ticket that a person carries: they read, copy, open a tab and paste."""


def issue(principal: Principal) -> str:
    """Issue a ticket for the session.

    Raises Problem for guests: their tab is their own already.
    """
    if principal.kind != "launch":
        raise not_found()
    ticket = new_secret()
    with transaction() as session:
        session.execute(
            insert(SessionTicket),
            {
                "ticket_hash": digest(ticket),
                "purpose": "tab",
                "session_id": principal.session_id,
                "expires_at": now() + TICKET_LIFE,
                "used_at": None,
            },
        )
    return ticket


def sign(principal: Principal) -> str:
    """Sign a ticket that leaves no row before it is used, for a page that may never need it."""
    until = int((now() + COPIED_LIFE).timestamp())
    return str(_serializer().dumps([principal.session_id, until]))


def whose(ticket: str) -> Principal:
    """Tell whose session a signed ticket would hand over; nothing is used up.

    Raises Problem when it is none, late or used, or its session has ended.
    """
    signed = _read(ticket)
    used = signed and db.session.get(SessionTicket, signed.ticket_hash)
    running = live_sessions_of([signed.session_id]) if signed and not used else []
    if not running:
        raise not_found()
    return running[0]


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.extensions["foyer.secret"], salt="handover")


@dataclass(frozen=True)
class _Signed:
    """What a signed ticket says; ``ticket_hash`` is that of its row, once it is used."""

    session_id: str
    expires_at: datetime
    ticket_hash: str


def _read(ticket: str) -> _Signed | None:
    """Read a signed ticket that is not over.

    Its hash is that of the ticket as we write it: the last sign of a signature in base64 has spare
    bits, so each can be spelled in several ways, of which one could be used after another.
    """
    try:
        session_id, until = said = _serializer().loads(ticket)
    except (BadData, TypeError, ValueError):
        return None
    end = datetime.fromtimestamp(until, UTC)
    as_written = str(_serializer().dumps(said))
    return _Signed(str(session_id), end, digest(as_written)) if now() < end else None


def _spend_signed(ticket: str) -> str | None:
    """Spend a signed ticket in the running transaction: its row can be made once."""
    signed = _read(ticket)
    if signed is None:
        return None
    row = {**vars(signed), "purpose": "tab", "used_at": now()}
    made = db.session.execute(
        conflict_aware_insert(SessionTicket)
        .values(row)
        .on_conflict_do_nothing()
        .returning(SessionTicket.session_id)
    )
    found: str | None = made.scalar_one_or_none()
    return found


@dataclass(frozen=True)
class HandedOver:
    """The session of the new tab, its cookie, and the id of the session it was made from."""

    principal: Principal
    new: NewSession
    origin_id: str


def redeem(ticket: str) -> HandedOver:
    """Open a session for the new tab: same person, course and standing, and the same end.

    What other rooms gave the first session they carry over themselves, in the same transaction.
    Raises Problem when the ticket is unknown, used or late, or its session has ended.
    """
    with transaction() as session:
        spent = session.execute(
            update(SessionTicket)
            .where(
                SessionTicket.ticket_hash == digest(ticket),
                SessionTicket.purpose == "tab",
                SessionTicket.used_at.is_(None),
                SessionTicket.expires_at > now(),
            )
            .values(used_at=now())
            .returning(SessionTicket.session_id)
        ).scalar_one_or_none() or _spend_signed(ticket)
        # Held, so that whoever ends the session ends this one too, or is seen to have ended it.
        held = select(ToolSession.id).where(ToolSession.id == spent).with_for_update()
        origin = next(iter(live_sessions_of(list(session.scalars(held)))), None)
        if origin is None or origin.deployment_id is None:
            raise not_found()
        new = open_session(replace(origin.terms, frame_origins=(), expires_at=origin.ends_at))
        opened = next(iter(live_sessions_of([new.session_id])), None)
        if opened is None:  # its end, which is the first one's, came in this moment
            raise not_found()
        audit.record(
            "session.handed_over",
            institution_id=origin.institution_id,
            actor=origin.actor,
            subject=("session", new.session_id),
        )
        return HandedOver(opened, new, origin.session_id)
