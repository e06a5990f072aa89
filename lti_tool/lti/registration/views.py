"""``/lti/register``: the page that an LMS opens in a frame of its administration."""

from __future__ import annotations

from flask import Blueprint, current_app, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from lti_tool.core.http import HttpClient
from lti_tool.core.web.csrf import sessionless
from lti_tool.core.web.headers import allow_framing
from lti_tool.core.web.pages import render
from lti_tool.core.web.rate_limits import limiter
from lti_tool.lti.platforms import family_of
from lti_tool.lti.registration.codes import WrongCode
from lti_tool.lti.registration.dynamic import Asked, register

blueprint = Blueprint("registering", __name__, url_prefix="/lti")


@blueprint.get("/register")
def ask() -> Response:
    """Ask the administrator first: whoever only opens this page has us call nobody."""
    if "openid_configuration" not in request.args:
        return redirect(url_for("lti_setup.values"))
    return _page("lti/register.html", asked=_asked(request.args), wrong_code=False)


@blueprint.post("/register")
@sessionless
@limiter.limit("30/minute")
def go() -> Response:
    asked = _asked(request.form)
    try:
        done = register(asked, request.form.get("code", ""))
    except WrongCode:
        page = _page("lti/register.html", asked=asked, wrong_code=True)
        page.status_code = 422
        return page
    by_itself = family_of(done.family).goes_on_by_itself and done.outcome != "waiting"
    return _page("lti/registered.html", done=done, by_itself=by_itself)


def _asked(values: dict[str, str]) -> Asked:
    client: HttpClient = current_app.extensions["foyer.http"]
    return Asked.read(values, client.policy)


def _page(template: str, **context: object) -> Response:
    # Which page of which host frames us is known to nobody yet. There is no session here that a
    # stranger's frame could use: it could have this form sent, as its owner could by himself.
    # Some LMSs open a window instead of a frame; so it is not cut off from its opener either, and
    # can tell them that it is done.
    allow_framing(("*",))
    return make_response(render(template, **context))
