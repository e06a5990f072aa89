"""Cookieless sessions (a bearer): pages whose browser keeps nothing for us, no cookie, no storage.

Such a page holds a bearer in its memory, for what its scripts ask. When it goes on to another of
our pages it takes a ticket along, good for one minute and for one use; the page that comes gets a
bearer of its own. So nothing in an address lasts, and a page that is reloaded is lost.

A ticket counts only where the browser says (Fetch Metadata) that it is on the way from a page of
ours, and in a frame. Else whoever has a session could lead somebody else into it by a link, though
it stood in the text of an item, and have them leave their film there (session fixation). Browsers
that say neither have no such sessions: the login offers them a window of their own.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from flask import Flask, Response, current_app, g, request
from flask_babel import gettext as _
from itsdangerous import BadSignature, Signer
from sqlalchemy import insert, update

from lti_tool.core.clock import now
from lti_tool.core.db.session import db, transaction
from lti_tool.core.ids import digest, new_secret
from lti_tool.core.web.csrf import bearer_token, goes_on_in_frame
from lti_tool.core.web.problems import Problem, not_found
from lti_tool.core.web.urls import SESSION_PARAMETER
from lti_tool.people.models import SessionTicket

TICKET_PARAMETER = "ticket"
TICKET_LIFE = timedelta(seconds=60)


def install(app: Flask) -> None:
    app.after_request(_take_along)
    app.jinja_env.globals["bearer"] = bearer


def carried_session() -> str | None:
    """Return the id of the session that this request carries itself (a bearer).

    In its header or as a ticket; empty where its bearer is none of ours. None: the cookies say
    which sessions there are.
    """
    if "foyer_carried" not in g:
        g.foyer_carried = _read()
    found: str | None = g.foyer_carried
    return found


def carry(session_id: str) -> None:
    """Go on in this session without a cookie, from this request on."""
    g.foyer_carried = session_id
    g.foyer_carries_page = True


def bearer() -> str:
    """Sign what the page being made keeps in its memory; empty where a cookie does it."""
    return _signer().sign(g.foyer_carried).decode() if g.get("foyer_carries_page") else ""


def page_ticket() -> str:
    """Issue a ticket to the next page, for a script that holds a bearer.

    Raises Problem for others.
    """
    session_id = carried_session()
    if not session_id:
        raise not_found()
    return _new_ticket(session_id)


def with_ticket(address: str) -> str:
    """Give the address of one of our pages as this request's session may go on to it.

    One that leads out, or says itself who may follow it, stays as it is.
    """
    parts = urlsplit(address)
    if parts.netloc or SESSION_PARAMETER not in parse_qs(parts.query):
        return address
    ticket = urlencode({TICKET_PARAMETER: _new_ticket(g.foyer_carried)})
    return urlunsplit(parts._replace(query=f"{parts.query}&{ticket}"))


def lost_page() -> Problem | None:
    """Say what is wrong where the request brought a ticket that does not count.

    It is used up, as when a page is reloaded, or the browser does not say who sent it.
    """
    if not g.get("foyer_ticket_is_over"):
        return None
    return Problem(
        401,
        "page-reloaded",
        _("Open it again from your course"),
        _(
            "Your browser keeps nothing for this tool inside your course, so a page that is"
            " reloaded or opened a second time is lost. Everything you saved is still there."
        ),
    )


def _read() -> str | None:
    token = bearer_token()
    if token is not None:
        return _session_of(token)
    ticket = request.args.get(TICKET_PARAMETER)
    if ticket is None:
        return None
    spent = _spend(ticket) if goes_on_in_frame() else None
    g.foyer_carries_page = spent is not None
    g.foyer_ticket_is_over = spent is None
    return spent


def _session_of(token: str) -> str:
    try:
        return _signer().unsign(token).decode()
    except (BadSignature, UnicodeDecodeError):
        return ""


def _signer() -> Signer:
    return Signer(current_app.extensions["foyer.secret"], salt="bearer")


def _new_ticket(session_id: str) -> str:
    ticket = new_secret()
    with transaction() as session:
        session.execute(
            insert(SessionTicket),
            {
                "ticket_hash": digest(ticket),
                "purpose": "page",
                "session_id": session_id,
                "expires_at": now() + TICKET_LIFE,
                "used_at": None,
            },
        )
    return ticket


def _spend(ticket: str) -> str | None:
    """Spend a ticket and return its session, if it was good.

    In a transaction of its own: whatever becomes of the request, it is used.
    """
    with transaction():
        spent: str | None = db.session.execute(
            update(SessionTicket)
            .where(
                SessionTicket.ticket_hash == digest(ticket),
                SessionTicket.purpose == "page",
                SessionTicket.used_at.is_(None),
                SessionTicket.expires_at > now(),
            )
            .values(used_at=now())
            .returning(SessionTicket.session_id)
        ).scalar_one_or_none()
    return spent


def _take_along(response: Response) -> Response:
    """Add a ticket to a page's answer that sends on to another page of the session."""
    if not g.get("foyer_carries_page") or response.status_code not in (302, 303):
        return response
    response.location = with_ticket(response.location or "")
    return response
