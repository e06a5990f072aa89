"""Out of the frame: tickets to a tab of its own and to the next page, and taking them."""

from __future__ import annotations

from flask import redirect, request
from pydantic import BaseModel
from werkzeug.wrappers import Response

from lti_tool.core.web.cookie_probe import require_cookies
from lti_tool.core.web.csrf import sessionless
from lti_tool.core.web.headers import allow_sealed_windows
from lti_tool.core.web.openapi import described
from lti_tool.core.web.pages import render
from lti_tool.core.web.problems import not_found
from lti_tool.core.web.urls import url
from lti_tool.entrance import frame_ancestors, handover
from lti_tool.entrance.blueprint import blueprint
from lti_tool.media.access import Capability, authorize, capabilities, find
from lti_tool.people import cookieless, handover_tickets, logout, sessions
from lti_tool.people.session_store import NewSession, set_session_cookie, take_back
from lti_tool.people.sessions import Principal


class Ticket(BaseModel):
    """Good for one minute and one use."""

    ticket: str


class AddressToCopy(BaseModel):
    """Good for a quarter of an hour and one use, in a tab that a person opens."""

    address: str


@blueprint.post("/api/v1/tickets")
@described("A ticket with which a new tab takes this session over", answer=Ticket, status=201)
def issue_ticket() -> Response:
    """Issue a ticket with which a new tab takes this session over."""
    answer = Ticket(ticket=handover_tickets.issue(sessions.principal()))
    return Response(answer.model_dump_json(), 201, mimetype="application/json")


@blueprint.post("/api/v1/media/<media_id>/addresses-to-copy")
@described(
    "An address at which a tab takes this session over, for frames that may open none",
    answer=AddressToCopy,
    status=201,
)
def issue_address(media_id: str) -> Response:
    """Issue an address for a person to copy, where the frame lets no tab be opened."""
    principal = authorize(media_id, named=True).principal
    if principal.kind != "launch":
        raise not_found()
    address = frame_ancestors.address_to_copy(handover_tickets.sign(principal), media_id)
    return Response(
        AddressToCopy(address=address).model_dump_json(), 201, mimetype="application/json"
    )


@blueprint.post("/api/v1/page-tickets")
@described("A ticket to the next page, for a page that holds a bearer", answer=Ticket, status=201)
def issue_page_ticket() -> Response:
    """Issue a ticket to the next page, for a page whose browser keeps no cookie."""
    sessions.principal()
    answer = Ticket(ticket=cookieless.page_ticket())
    return Response(answer.model_dump_json(), 201, mimetype="application/json")


@blueprint.get("/handover/here")
def come_here() -> str:
    """Show the page of a copied address: its script brings the ticket, which no request holds."""
    allow_sealed_windows()
    return render("entrance/come_here.html", media_id=request.args.get("media_id", ""))


@blueprint.post("/handover/ask")
@sessionless
def ask() -> str:
    """Ask whether to go on as the person whose session it is; nothing is used up by that."""
    ticket = request.form.get("ticket", "")
    return render(
        "entrance/go_on_as.html",
        whose=handover_tickets.whose(ticket),
        ticket=ticket,
        media_id=request.form.get("media_id", ""),
    )


@blueprint.post("/handover")
def hand_over() -> Response:
    """Take a session over in a tab of its own and show the same item."""
    handed = handover.hand_over(request.form.get("ticket", ""))
    sessions.use(handed.principal)
    former = logout.make_way(handed.principal)
    media_id = request.form.get("media_id", "")
    if request.form.get("carried"):
        return enter(url("entrance.handed_over", media_id=media_id), handed.new, former)
    return enter(_page_in_tab(handed.principal, media_id), handed.new, former)


@blueprint.get("/handover")
def handed_over() -> Response:
    """Go on in the tab of its own, if that keeps cookies.

    It comes out of a frame where none is kept.
    """
    require_cookies()
    return redirect(
        _page_in_tab(sessions.principal(named=True), request.args.get("media_id", "")), 303
    )


def _page_in_tab(principal: Principal, media_id: str) -> str:
    item = find(media_id)
    if item is not None and Capability.VIEW in capabilities(principal, item):
        return url("media.page", media_id=item.id)
    if principal.shows_gallery:
        return url("entrance.course_gallery")
    return url("entrance.nothing_yet")


def enter(address: str, new: NewSession, former: list[str]) -> Response:
    """Go on in the new session; ``former`` are the handles of what is over with it."""
    return given(redirect(address, 303), new, former)


def given(response: Response, new: NewSession, former: list[str]) -> Response:
    """Give the browser the new session with this answer, in place of what is over."""
    take_back(response, former)
    set_session_cookie(response, new)
    return response
