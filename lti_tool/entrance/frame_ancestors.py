"""Whether a browser will show our pages where they are framed (CSP ``frame-ancestors``).

A page that is framed by somebody whom its policy does not name is not shown: the browser puts a
page of its own there, which says that something is blocked, to people who can do nothing about it.
Who frames us is not in the message of a launch: a school may show its LMS at a host of its own, or
inside a portal. So a launch in a frame is first answered by a page that holds no session and may
stand anywhere. Its script compares what the browser says of the frames around (``ancestorOrigins``)
with what the session's pages allow, or, where that proves nothing, has a frame of its own try
(``check``). Then it goes on to the session, or says what is the matter and offers a window.

Nobody is allowed by this who was not before. That a page posted a launch proves nothing: whoever
can have a person's browser begin one could put the person's pages under a page of theirs, and lead
their clicks (clickjacking). Whom the operator names with the registration may frame us.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request
from itsdangerous import BadData, URLSafeSerializer

from lti_tool.core.web.csrf import is_framed
from lti_tool.core.web.headers import allow_framing, allow_own_frames
from lti_tool.core.web.pages import render
from lti_tool.core.web.problems import not_found
from lti_tool.core.web.urls import external_url
from lti_tool.entrance.blueprint import blueprint
from lti_tool.people import handover_tickets
from lti_tool.people.sessions import Principal


@dataclass(frozen=True)
class WayOn:
    """Where a launch in a frame leads, if its browser shows that there, and otherwise.

    ``allowed`` are who may stand around, ``check`` the address of the page that tries it. Otherwise
    ``ticket`` takes the session over in a window of its own, which opens ``media_id``; none for a
    dialog of the LMS, which is answered where it stands.
    """

    allowed: tuple[str, ...]
    check: str
    ticket: str
    media_id: str
    elsewhere: str
    """An address to copy into a tab of one's own; ``""`` likewise."""
    in_dialog: bool


def is_doubtful() -> bool:
    """Tell whether the page that follows will stand in a frame of a browser.

    What does not ask for pages of HTML has none around it, and is sent on at once.
    """
    asks_for_pages = any(kind == "text/html" for kind, _quality in request.accept_mimetypes)
    return asks_for_pages and is_framed() is True


def way_on(principal: Principal, media_id: str) -> WayOn:
    """Make what the page needs that stands before the session's first."""
    in_dialog = principal.deep_linking_id is not None
    ticket = "" if in_dialog else handover_tickets.sign(principal)
    return WayOn(
        allowed=principal.frame_origins,
        check=f"/frames/check?for={_serializer().dumps(list(principal.frame_origins))}",
        ticket=ticket,
        media_id=media_id,
        elsewhere=address_to_copy(ticket, media_id) if ticket else "",
        in_dialog=in_dialog,
    )


def address_to_copy(ticket: str, media_id: str) -> str:
    """Write the whole address at which a tab of one's own takes the session over."""
    return external_url(f"/handover/here?media_id={media_id}#{ticket}")


def gate(way: WayOn, address: str) -> str:
    """Draw the page that goes on to the address where the browser will show it."""
    allow_framing(("*",))
    allow_own_frames()
    return render("entrance/frame_gate.html", way=way, address=address)


@blueprint.get("/frames/check")
def check() -> str:
    """Answer with a page that says that it is shown, and may be framed as a session's are."""
    try:
        allowed = _serializer().loads(request.args.get("for", ""))
    except BadData as error:
        raise not_found() from error
    allow_framing(("'self'", *allowed))
    return render("entrance/frame_check.html")


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.extensions["foyer.secret"], salt="frame-ancestors")
