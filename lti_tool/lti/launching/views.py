"""OIDC login initiation at ``/lti/login``, and our key set at ``/lti/jwks.json`` (JWKS).

(The launch itself is received at the top of the house.)
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, jsonify, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from lti_tool.core.web.cookie_probe import no_cookies
from lti_tool.core.web.csrf import (
    FORM_FIELD,
    cross_site,
    from_sealed_frame,
    goes_on_in_frame,
    is_framed,
    is_sealed,
    sessionless,
)
from lti_tool.core.web.form_tokens import form_token
from lti_tool.core.web.headers import allow_form_target, allow_framing
from lti_tool.core.web.pages import render
from lti_tool.core.web.urls import external_url, in_development
from lti_tool.lti import keys
from lti_tool.lti.launching import login, login_cookies, platform_storage
from lti_tool.lti.launching.login import LoginRequest
from lti_tool.lti.platforms.canvas import ENVIRONMENT

OWN_WINDOW = "own_window"
LONGEST_ADDRESS = 32_000
"""The servers before Foyer take a request line of 32 KiB (``deploy/``)."""

blueprint = Blueprint("lti", __name__, url_prefix="/lti")

_PASSED_ON = (
    "iss",
    "login_hint",
    "client_id",
    "target_link_uri",
    "lti_message_hint",
    "lti_deployment_id",
    "deployment_id",
    "lti_storage_target",
    ENVIRONMENT,
    OWN_WINDOW,
)


@blueprint.route("/login", methods=["GET", "POST"])
@cross_site
def start() -> Response:
    """Start a login where a platform begins (OpenID Connect Core §4: GET and POST).

    A browser we know goes on to the platform at once. Any other is first given a cookie and
    comes straight back with it: only so do we know, before the platform's one launch is spent,
    that the browser will be recognised.
    """
    asked, values = _read()
    known = login_cookies.secrets_of(request.cookies)
    if known:
        return _go_on(asked, known[0])
    page = make_response(_page("lti/probe.html", asked, values, url_for("lti.resume")))
    login_cookies.introduce(page)
    return page


@blueprint.post("/login/continue")
@sessionless
@from_sealed_frame
def resume() -> Response:
    """Take the same request again, sent by our own page.

    Without the cookie the browser refuses cookies in this place: then the platform may keep for us
    what makes us recognise it, and a window of our own is the way out; the only one for a browser
    that does not say who sent it, since the pages that follow could not believe it, and for a
    sealed frame, in which no page of ours could work.
    """
    asked, values = _read()
    known = login_cookies.secrets_of(request.cookies)
    if known and not is_sealed():
        return _go_on(asked, known[0])
    if not is_sealed() and (values.get(OWN_WINDOW) or is_framed() is False):
        raise no_cookies()
    kept = (
        platform_storage.begin(asked, external_url("/lti/launch")) if goes_on_in_frame() else None
    )
    values[OWN_WINDOW] = "1"
    return make_response(
        _page(
            "lti/new_window.html",
            asked,
            values,
            url_for("lti.start"),
            kept=kept,
            sealed=is_sealed(),
            elsewhere=_address_to_copy(values),
        )
    )


def _address_to_copy(values: dict[str, str]) -> str:
    """Write the same request as an address, for a tab that a person opens; "" if it is too long.

    It holds no secret of ours, and what it names the platform gives to nobody else.
    """
    address = f"{external_url(url_for('lti.start'))}?{urlencode(values)}"
    return address if len(address) < LONGEST_ADDRESS else ""


def _read() -> tuple[LoginRequest, dict[str, str]]:
    # The frame may be that of a school's own host, which is known only from a verified launch.
    # Nothing on these pages decides anything: they go on with what they were asked, or refuse.
    allow_framing(("*",))
    sent = request.form if request.method == "POST" else request.args
    values = {name: sent[name] for name in _PASSED_ON if name in sent}
    return LoginRequest.read(values), values


def _page(
    template: str, asked: LoginRequest, values: dict[str, str], action: str, **context: object
) -> str:
    asked.platform()  # raises Problem for one that nobody knows
    # Browsers hold every hop of a form's answer to this, and platforms send people on from their
    # sign-in host to the school's own, which we cannot know yet. The form goes to ourselves.
    allow_form_target("https:", *(("http:",) if in_development() else ()))
    fields = [*values.items(), (FORM_FIELD, form_token())]
    return render(template, fields=fields, action=action, **context)


def _go_on(asked: LoginRequest, browser: str) -> Response:
    response = redirect(login.begin(asked, browser, external_url("/lti/launch")).address)
    login_cookies.tidy(response, request.cookies)
    return response


@blueprint.get("/jwks.json")
def jwks() -> Response:
    response = jsonify(keys.jwks())
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
