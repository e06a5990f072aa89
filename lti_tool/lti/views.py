"""/lti/login and /lti/jwks.json. (The launch itself is received at the top of the house.)"""

from __future__ import annotations

from flask import Blueprint, jsonify, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from lti_tool.core.guards import FORM_FIELD, cross_site, sessionless
from lti_tool.core.ids import new_secret
from lti_tool.core.web import (
    allow_form_target,
    allow_framing,
    external_url,
    form_token,
    in_development,
    render,
)
from lti_tool.lti import keys, login, refusals
from lti_tool.lti.login import LoginRequest

BROWSER_COOKIE = "__Host-foyer_browser"
_BROWSER_LIFE = 7 * 86_400
OWN_WINDOW = "own_window"

blueprint = Blueprint("lti", __name__, url_prefix="/lti")

_PASSED_ON = (
    "iss",
    "login_hint",
    "client_id",
    "target_link_uri",
    "lti_message_hint",
    "lti_deployment_id",
    "deployment_id",
    OWN_WINDOW,
)


@blueprint.route("/login", methods=["GET", "POST"])
@cross_site
def start() -> Response:
    """Where a platform begins (OpenID Connect Core §4: GET and POST).

    A browser we know goes on to the platform at once. Any other is first given a cookie and
    comes straight back with it: only so do we know, before the platform's one launch is spent,
    that the browser will be recognised.
    """
    asked, values = _read()
    if request.cookies.get(BROWSER_COOKIE):
        return _go_on(asked)
    page = make_response(_page("lti/probe.html", asked, values, url_for("lti.resume")))
    page.set_cookie(
        BROWSER_COOKIE,
        new_secret(),
        max_age=_BROWSER_LIFE,
        path="/",
        secure=True,
        httponly=True,
        samesite="None",
        partitioned=True,
    )
    return page


@blueprint.post("/login/continue")
@sessionless
def resume() -> Response:
    """The same request again, sent by our own page. Without the cookie the browser refuses
    cookies in this place: a window of our own is the way out."""
    asked, values = _read()
    if request.cookies.get(BROWSER_COOKIE):
        return _go_on(asked)
    if values.get(OWN_WINDOW):
        raise refusals.no_cookies()
    values[OWN_WINDOW] = "1"
    return make_response(
        _page("lti/new_window.html", asked, values, url_for("lti.start"), reference="")
    )


def _read() -> tuple[LoginRequest, dict[str, str]]:
    allow_framing(("*",))  # a refusal is read in the frame it happens in; it holds no action
    sent = request.form if request.method == "POST" else request.args
    values = {name: sent[name] for name in _PASSED_ON if name in sent}
    return LoginRequest.read(values), values


def _page(
    template: str, asked: LoginRequest, values: dict[str, str], action: str, **context: object
) -> str:
    platform = asked.platform()
    allow_framing(platform.frame_origins)
    # Browsers hold every hop of a form's answer to this, and platforms send people on from their
    # sign-in host to the school's own, which we cannot know yet. The form goes to ourselves.
    allow_form_target("https:", *(("http:",) if in_development() else ()))
    fields = [*values.items(), (FORM_FIELD, form_token())]
    return render(template, fields=fields, action=action, **context)


def _go_on(asked: LoginRequest) -> Response:
    platform, address = login.begin(
        asked, request.cookies[BROWSER_COOKIE], external_url("/lti/launch")
    )
    allow_framing(platform.frame_origins)
    return redirect(address)


@blueprint.get("/jwks.json")
def jwks() -> Response:
    response = jsonify(keys.jwks())
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
