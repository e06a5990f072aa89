"""The door: the launch, and the hand-over to a tab of its own."""

from __future__ import annotations

from flask import make_response, redirect, request
from pydantic import BaseModel, Field
from werkzeug.wrappers import Response

from lti_tool.core.web.cookie_probe import require_cookies
from lti_tool.core.web.csrf import cross_site, sessionless
from lti_tool.core.web.json_body import json_body
from lti_tool.core.web.openapi import described
from lti_tool.core.web.pages import render
from lti_tool.core.web.problems import Problem
from lti_tool.core.web.urls import external_url, url
from lti_tool.entrance import course_copies, handover, return_url
from lti_tool.entrance.blueprint import blueprint
from lti_tool.entrance.launch_identity import facts_of
from lti_tool.entrance.record_launch import RecordedLaunch, record
from lti_tool.invitations import suggesting
from lti_tool.lti.launch import Launch
from lti_tool.lti.launching.login_cookies import secrets_of
from lti_tool.lti.launching.platform_storage import AskStorage
from lti_tool.lti.launching.receive import receive
from lti_tool.media import opening
from lti_tool.media.access import Capability, capabilities, find
from lti_tool.people import cookieless, handover_tickets, logout, sessions
from lti_tool.people.session_store import NewSession, set_session_cookie, take_back
from lti_tool.people.sessions import Principal


class Recalled(BaseModel):
    """A launch form, and what the platform's storage gave back for it."""

    state: str = Field(max_length=200)
    id_token: str = Field(max_length=200_000)
    kept: str = Field(max_length=200)


class Opened(BaseModel):
    """Where the launch leads."""

    address: str


class Ticket(BaseModel):
    """Good for one minute and one use."""

    ticket: str


@blueprint.post("/lti/launch")
@cross_site
def launch() -> Response:
    """Receive a launch and go on to the page it opens, at an address without any of it."""
    try:
        message = receive(request.form, secrets_of(request.cookies), external_url(""))
    except AskStorage as asked:
        return _ask_storage(asked)
    return_url.came_from(message)
    recorded = record(facts_of(message))
    former = logout.make_way(recorded.principal)  # whatever the link leads to, they are here
    return _enter(_first_page(message, recorded), recorded.new, former)


def _ask_storage(asked: AskStorage) -> Response:
    """Draw the page that gets back what the platform kept for us, and sends the launch on.

    The launch goes with what it got.
    """
    sent = {name: request.form.get(name, "") for name in ("state", "id_token")}
    page = render("entrance/recall.html", storage=asked.storage, sent=sent, needs_token=True)
    return make_response(page)


@blueprint.post("/lti/launch/recalled")
@sessionless
def recalled() -> Response:
    """Receive the same launch with what the platform's storage kept.

    It is sent by the script of our own page, which no other site can imitate. (A form could be
    posted from anywhere, with a secret of somebody who wants another person to work in their
    session.)
    """
    said = json_body(Recalled)
    form = {"state": said.state, "id_token": said.id_token}
    message = receive(form, (), external_url(""), from_storage=said.kept)
    recorded = record(facts_of(message))
    former = logout.make_way(recorded.principal)
    cookieless.carry(recorded.new.session_id)
    answer = Opened(address=cookieless.with_ticket(_first_page(message, recorded)))
    response = Response(answer.model_dump_json(), mimetype="application/json")
    take_back(response, former)
    return response


def _first_page(message: Launch, recorded: RecordedLaunch) -> str:
    sessions.use(recorded.principal)
    suggesting.prepare(recorded.principal)

    if recorded.principal.deep_linking_id is not None:
        return url("entrance.dialog")
    if recorded.principal.shows_gallery:
        return url("entrance.course_gallery")
    media_id = recorded.opens or _opens(recorded.principal, message)
    return url("media.page", media_id=media_id) if media_id else url("entrance.nothing_yet")


def _opens(principal: Principal, message: Launch) -> str | None:
    course_copies.bring_along(principal, message)
    try:
        item = opening.open_link(principal, principal.resource_link_id, message.item)
    except Problem as problem:
        raise course_copies.not_brought_along(message, problem) from problem
    return item.id if item is not None else None


@blueprint.post("/api/v1/tickets")
@described("A ticket with which a new tab takes this session over", answer=Ticket, status=201)
def issue_ticket() -> Response:
    """Issue a ticket with which a new tab takes this session over."""
    answer = Ticket(ticket=handover_tickets.issue(sessions.principal()))
    return Response(answer.model_dump_json(), 201, mimetype="application/json")


@blueprint.post("/api/v1/page-tickets")
@described("A ticket to the next page, for a page that holds a bearer", answer=Ticket, status=201)
def issue_page_ticket() -> Response:
    """Issue a ticket to the next page, for a page whose browser keeps no cookie."""
    sessions.principal()
    answer = Ticket(ticket=cookieless.page_ticket())
    return Response(answer.model_dump_json(), 201, mimetype="application/json")


@blueprint.post("/handover")
def hand_over() -> Response:
    """Take a session over in a tab of its own and show the same item."""
    handed = handover.hand_over(request.form.get("ticket", ""))
    sessions.use(handed.principal)
    former = logout.make_way(handed.principal)
    media_id = request.form.get("media_id", "")
    if request.form.get("carried"):
        return _enter(url("entrance.handed_over", media_id=media_id), handed.new, former)
    return _enter(_page_in_tab(handed.principal, media_id), handed.new, former)


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
    return url("entrance.nothing_yet")


def _enter(address: str, new: NewSession, former: list[str]) -> Response:
    """Go on in the new session; ``former`` are the handles of what is over with it."""
    response = redirect(address, 303)
    take_back(response, former)
    set_session_cookie(response, new)
    return response
