"""Logout: on a computer that others use too, nobody has to wait for the session's end."""

from __future__ import annotations

from flask import Flask, Response, g, make_response, request
from markupsafe import Markup

from lti_tool.admin.views import settings_address
from lti_tool.core.web.headers import allow_framing
from lti_tool.core.web.pages import render
from lti_tool.core.web.problems import Problem, not_found, wants_json
from lti_tool.core.web.urls import SESSION_PARAMETER, url
from lti_tool.entrance.blueprint import blueprint
from lti_tool.invitations.lookup import lets_in_again
from lti_tool.people import cookieless, logout, sessions
from lti_tool.people.session_store import take_back
from lti_tool.people.sessions import Principal


def install(app: Flask) -> None:
    app.jinja_env.globals["sign_out_line"] = sign_out_line


def sign_out_line() -> Markup:
    """Draw the end of every page of a session: who is signed in, and the way out.

    On this room's own pages administrators find the settings there too: a media page's menu leads
    to them, but before anything is in their LMS there is none.
    """
    principal: Principal | None = g.get("foyer_principal")
    if principal is None:
        return Markup()
    settings = settings_address(principal) if request.blueprint == blueprint.name else ""
    page = render("entrance/_sign_out.html", principal=principal, settings=settings)
    return Markup(page)  # noqa: S704 – rendered by Jinja, which escapes


@blueprint.get("/sign-out")
def ask_sign_out() -> Response:
    """Ask first, for it means something to a guest, whose link may be used up.

    Whoever goes back to the question afterwards reads that they are signed out.
    """
    try:
        principal = sessions.principal(named=True)
    except Problem as problem:
        return _signed_out_already(problem)
    if principal.kind != "guest":
        raise not_found()
    page = render(
        "entrance/sign_out.html",
        again=lets_in_again(principal),
        stay=url("media.page", media_id=principal.scope),
    )
    return make_response(page)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session for good and say so.

    Whoever presses twice or reloads the answer reads that there is none.
    """
    try:
        principal = sessions.principal(active=False)
    except Problem as problem:
        return _signed_out_already(problem)
    again = lets_in_again(principal)
    handles = logout.sign_out(principal)
    sessions.let_go()
    page = render("entrance/signed_out.html", kind=principal.kind, again=again)
    response = make_response(page)
    take_back(response, handles)
    return response


def _signed_out_already(problem: Problem) -> Response:
    """Say that the named session is over; raises the Problem where none was named."""
    if not request.args.get(SESSION_PARAMETER) or cookieless.lost_page() or wants_json():
        raise problem
    allow_framing(("*",))
    return make_response(render("entrance/signed_out.html", kind="", again=False))
