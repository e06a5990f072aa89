"""For whoever registers us by hand: the values to copy, Canvas's configuration, our icon."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, jsonify, send_file
from werkzeug.wrappers import Response

from lti_tool.core.web.headers import allow_framing
from lti_tool.core.web.pages import render
from lti_tool.core.web.urls import external_url
from lti_tool.lti.platforms.canvas import configuration
from lti_tool.lti.platforms.tool import HISTORIES
from lti_tool.lti.registration.request import SCOPES
from lti_tool.lti.registration.tool_metadata import about_us

blueprint = Blueprint("lti_setup", __name__, url_prefix="/lti")

_ICON = Path(__file__).with_name("icon.png")


@blueprint.get("/canvas.json")
def canvas() -> Response:
    """Serve the configuration, fetched by Canvas itself or copied by its administrator."""
    response = jsonify(configuration(about_us(), SCOPES))
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@blueprint.get("/setup")
def values() -> str:
    """Show the values for registering by hand.

    No secret is among them, so nobody is asked who they are. An LMS shows this page in a frame when
    it opens the registration without saying anything of itself.
    """
    allow_framing(("*",))
    return render(
        "lti/setup.html",
        tool=about_us(),
        custom=HISTORIES,
        register_url=external_url("/lti/register"),
        canvas_url=external_url("/lti/canvas.json"),
    )


@blueprint.get("/icon.png")
def icon() -> Response:
    """Serve the icon that LMSs show on pages of theirs, so it may be fetched from there."""
    response = send_file(_ICON, mimetype="image/png", max_age=86_400)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
