"""The addresses a browser is sent through during a launch, and those the tool's server reads."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from sandbox.here import platform
from sandbox.people import Unknown
from sandbox.platform import AuthRefused

steps = Blueprint("steps", __name__)


@steps.get("/jwks.json")
def jwks() -> ResponseReturnValue:
    """The public keys, current first."""
    return jsonify(platform().keys.jwks())


@steps.get("/healthz")
def health() -> ResponseReturnValue:
    """Says that the program runs."""
    return jsonify(status="ok")


@steps.get("/start/<course>/<link>")
def start(course: str, link: str) -> ResponseReturnValue:
    """Begin a launch: a form that sends itself to the tool's login, by GET or POST (?login=)."""
    here = platform()
    placed = here.link(link, request.args.get("school"))
    if placed.course != here.course(course).id:
        raise Unknown(f"there is no activity {link} in this course")
    target = "window" if request.args.get("target") == "window" else "iframe"
    fields = here.login_params(request.args.get("user", ""), placed, document_target=target)
    method = request.args.get("login", here.profile.login_method).upper()
    return render_template(
        "send.html",
        method="GET" if method == "GET" else "POST",
        action=here.login_url,
        fields=fields,
    )


@steps.route("/auth", methods=["GET", "POST"])
def auth() -> ResponseReturnValue:
    """The authentication endpoint: answers by a form that posts itself to the tool."""
    try:
        form = platform().authorize(request.values.to_dict())
    except AuthRefused as refused:
        return render_template("refused.html", message=str(refused)), 400
    return render_template("send.html", method="POST", action=form.action, fields=form.fields)
