"""The door: the launch."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import make_response, request
from pydantic import BaseModel, Field
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Response

from lti_tool.core.web.csrf import cross_site, sessionless
from lti_tool.core.web.headers import allow_own_frames
from lti_tool.core.web.json_body import json_body
from lti_tool.core.web.pages import render
from lti_tool.core.web.problems import Problem
from lti_tool.core.web.urls import external_url, url
from lti_tool.entrance import course_copies, frame_ancestors, return_url
from lti_tool.entrance.blueprint import blueprint
from lti_tool.entrance.frame_ancestors import WayOn
from lti_tool.entrance.handover_views import enter, given
from lti_tool.entrance.launch_identity import facts_of
from lti_tool.entrance.record_launch import RecordedLaunch, record
from lti_tool.invitations import suggesting
from lti_tool.lti.launch import Launch
from lti_tool.lti.launching.login_cookies import secrets_of
from lti_tool.lti.launching.platform_storage import AskStorage
from lti_tool.lti.launching.receive import platform_error, receive
from lti_tool.media import opening
from lti_tool.people import cookieless, logout, sessions
from lti_tool.people.session_store import take_back
from lti_tool.people.sessions import Principal


class Recalled(BaseModel):
    """A launch form, and what the platform's storage gave back for it."""

    state: str = Field(max_length=200)
    id_token: str = Field(max_length=200_000)
    kept: str = Field(max_length=200)


class Opened(BaseModel):
    """Where the launch leads, and what its page needs to know whether it is shown there."""

    address: str
    way: WayOn


@blueprint.get("/lti/launch")
@cross_site
def refused_by_platform() -> Response:
    """Say what a platform reports by GET; a launch itself is posted (``response_mode``)."""
    if request.args.get("error"):
        raise platform_error(request.args, secrets_of(request.cookies))
    raise MethodNotAllowed(["POST"])


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
    address = _first_page(message, recorded)
    if not frame_ancestors.is_doubtful():
        return enter(address, recorded.new, former)
    gate = frame_ancestors.gate(_way_on(recorded.principal, address), address)
    return given(make_response(gate), recorded.new, former)


def _way_on(principal: Principal, address: str) -> WayOn:
    """Say what becomes of a launch in a frame; its window of its own opens the same item."""
    parts = urlsplit(address).path.split("/")
    return frame_ancestors.way_on(principal, parts[2] if parts[1] == "media" else "")


def _ask_storage(asked: AskStorage) -> Response:
    """Draw the page that gets back what the platform kept for us, and sends the launch on.

    The launch goes with what it got.
    """
    sent = {name: request.form.get(name, "") for name in ("state", "id_token")}
    allow_own_frames()
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
    address = _first_page(message, recorded)
    way = _way_on(recorded.principal, address)
    answer = Opened(address=cookieless.with_ticket(address), way=way)
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
        item = opening.open_link(
            principal,
            principal.resource_link_id,
            message.item,
            only_addressed=message.item_is_only_addressed,
        )
    except Problem as problem:
        raise course_copies.not_brought_along(message, problem) from problem
    return item.id if item is not None else None
