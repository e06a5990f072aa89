"""The launch endpoints: login, authentication and keys (Security Framework 1.0 §5.1.1).

Where they are, and through how many pages a launch goes, differs from product to product.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast
from urllib.parse import urlencode

from flask import Blueprint, Flask, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from sandbox.certification import CASES
from sandbox.pending_launches import Occasion
from sandbox.people import Unknown
from sandbox.platform import AuthRefused, Platform
from sandbox.profiles import SakaiProfile
from sandbox.web.current import current_platform

steps = Blueprint("steps", __name__)

ONCE_MORE = "once_more"
"""Marks a request that a page of the platform sends again from its own site."""


def add_endpoints(app: Flask) -> None:
    """Return the authentication endpoint and the keys, at the product's own paths."""
    platform = cast(Platform, app.extensions["sandbox"])
    paths = platform.profile.paths
    answers = {"canvas": forward, "sakai": come_back, "moodle": repost}
    view = answers.get(platform.profile.name, auth)
    app.add_url_rule(paths.auth, "auth", view, methods=["GET", "POST"])
    app.add_url_rule(paths.jwks, "jwks", jwks)
    if platform.profile.name == "canvas":
        app.add_url_rule("/api/lti/authorize", "authorize", authorize_at_school)
    if platform.profile.name == "sakai":
        app.add_url_rule("/access/lti/site/<site>/<content>", "access", access)


def jwks() -> ResponseReturnValue:
    """Return the public keys, current first."""
    answer = jsonify(current_platform().jwks())
    if current_platform().profile.name == "canvas":
        answer.headers["Cache-Control"] = "max-age=864000, public"
    return answer


@steps.get("/healthz")
def health() -> ResponseReturnValue:
    """Says that the program runs."""
    return jsonify(status="ok")


@steps.get("/start/<course>/<link>")
def start(course: str, link: str) -> ResponseReturnValue:
    """Begin a launch: a form that sends itself to the tool's login, by GET or POST (?login=)."""
    platform = current_platform()
    placed = platform.link(link, request.args.get("school"))
    if placed.course != platform.course(course).id:
        raise Unknown(f"there is no activity {link} in this course")
    fields = platform.login_params(request.args.get("user", ""), placed, how=_how())
    return _send_login(fields)


@steps.get("/start/<course>/dialog/<placement>")
def start_dialog(course: str, placement: str) -> ResponseReturnValue:
    """Begin a deep-linking dialog, likewise."""
    how: Occasion = {**_how(), "placement": placement, "course": course}
    user, school = request.args.get("user", ""), request.args.get("school")
    return _send_login(current_platform().login_params(user, school=school, how=how))


def _how() -> Occasion:
    """Tell what the address says of the launch besides who opens what."""
    asked = request.args
    how: Occasion = {"document_target": "window" if asked.get("target") == "window" else "iframe"}
    if asked.get("locale"):
        how["locale"] = asked["locale"]
    if asked.get("acting"):
        how["acting"] = asked["acting"]
    if asked.get("case"):
        if asked["case"] not in CASES:
            raise Unknown(f"there is no launch called {asked['case']}")
        how["options"] = CASES[asked["case"]].options
    return how


def _send_login(fields: Mapping[str, str]) -> ResponseReturnValue:
    platform = current_platform()
    method = request.args.get("login", platform.profile.login_method).upper()
    return _form(platform.login_url, fields, "GET" if method == "GET" else "POST")


def _form(action: str, fields: Mapping[str, str], method: str = "POST") -> ResponseReturnValue:
    """Return a page that sends itself. Sakai's tells the portal first, and waits for its answer."""
    told = current_platform().profile.name == "sakai"
    return render_template("send.html", method=method, action=action, fields=fields, told=told)


def auth() -> ResponseReturnValue:
    """Return the authentication endpoint: answers by a form that posts itself to the tool."""
    current_platform().auth_requests.append(_asked())
    return _answer(_asked())


def _asked() -> dict[str, str]:
    given = request.values.to_dict()
    given.pop(ONCE_MORE, None)
    return given


def _answer(params: Mapping[str, str]) -> ResponseReturnValue:
    try:
        form = current_platform().authorize(params)
    except AuthRefused as refused:
        return render_template("refused.html", message=str(refused)), 400
    return _form(form.action, form.fields)


# Canvas: from the common login address to the school's own.


def forward() -> ResponseReturnValue:
    platform, asked = current_platform(), _asked()
    platform.auth_requests.append(asked)
    pending = platform.pending_launches.look(platform.profile.hint_of(asked))
    if pending is None:
        return _answer(asked)
    return redirect(f"{platform.school_url(pending.school)}/api/lti/authorize?{urlencode(asked)}")


def authorize_at_school() -> ResponseReturnValue:
    if "cookie page" in current_platform().faults and ONCE_MORE not in request.args:
        return _form(request.path, {**_asked(), ONCE_MORE: "1"}, "GET")
    return _answer(_asked())


# Sakai: back to the address from which the launch came, which knows the person.


def come_back() -> ResponseReturnValue:
    platform, asked = current_platform(), _asked()
    platform.auth_requests.append(asked)
    profile = cast(SakaiProfile, platform.profile)
    fault = profile.check_auth(asked)
    if fault:
        return render_template("refused.html", message=fault.description), 400
    query = urlencode({name: asked[name] for name in ("state", "nonce", "redirect_uri")})
    address = f"{profile.address_of(asked)}&{query}"
    if "cookie page" in platform.faults:
        return render_template("go_on.html", address=address)
    return redirect(address)


def access(site: str, content: str) -> ResponseReturnValue:
    platform, asked = current_platform(), request.args.to_dict()
    profile = cast(SakaiProfile, platform.profile)
    hint = profile.login_hint(f"/access/lti/site/{site}/{content}", asked.pop("launch", ""))
    return _answer({**asked, "login_hint": hint})


# Moodle: a request from another site does not bring its cookie, so its own page asks again.


def repost() -> ResponseReturnValue:
    from_elsewhere = request.headers.get("Sec-Fetch-Site") == "cross-site"
    if "repost" not in request.values:
        current_platform().auth_requests.append(_asked())
        if from_elsewhere:
            return _form(request.path, {**_asked(), "repost": "true"})
    elif from_elsewhere:
        said = "Your session has ended. (A tool must not send a parameter “repost”.)"
        return render_template("refused.html", message=said), 400
    asked = _asked()
    asked.pop("repost", None)
    return _answer(asked)
