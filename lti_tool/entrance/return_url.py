"""The way back to the LMS (LTI Core 1.3 §5.4.4, launch_presentation).

The address may hold a secret of the LMS's, such as a session key: no page of ours shows it and no
log names it. A page leads to ``/return``, and only the answer of that holds it.

In a frame the LMS's own page stands around us with its own way back, and an address made for the
whole window would show the course inside itself; so it is offered in a window of our own only. (For
a browser that is too old to say where a page will stand, a script hides it.)
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Blueprint, Flask, g, redirect, request
from werkzeug.wrappers import Response

from lti_tool.core.db.encrypted import seal, unseal
from lti_tool.core.web.csrf import is_framed, sessionless
from lti_tool.core.web.headers import allow_form_target
from lti_tool.core.web.problems import Problem, not_found
from lti_tool.core.web.urls import in_development, url
from lti_tool.lti.launch import Launch
from lti_tool.people import sessions
from lti_tool.people.sessions import Principal

WAY_LIFE = timedelta(hours=12)
"""How long a refusal may stand open before its way back is lost."""

blueprint = Blueprint("returning", __name__)


@dataclass(frozen=True)
class WayBack:
    """Where a page leads back: by a link to ``href``, or by a form there that sends ``way``."""

    href: str
    to_course: bool
    way: str = ""


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(way_back=way_back, way_back_from=way_back_from)


def came_from(launch: Launch) -> None:
    """Remember, while a verified launch is received, where a refusal leads back to."""
    g.foyer_came_from = (launch.return_url, launch.context_id is not None)


@blueprint.get("/return")
def leave() -> Response:
    """Go on to the LMS, from a page that had nothing to complain of."""
    principal = sessions.principal(active=False, named=True)
    if principal.return_url is None:
        raise not_found()
    return redirect(principal.return_url, 303)


@blueprint.post("/return")
@sessionless
def leave_refused() -> Response:
    """Go on to the LMS, which is told what went wrong."""
    opened = unseal(request.form.get("way", ""), WAY_LIFE)
    if opened is None:
        raise not_found()
    address, said, reference = json.loads(opened)
    told = {"lti_errormsg": said, "lti_errorlog": f"Foyer, reference {reference}"}
    return redirect(_with(address, told), 303)


def way_back() -> WayBack | None:
    """Find the way back of a page of a launch session in a window of its own.

    Not of a dialog of the LMS's, which is left by answering it.
    """
    principal: Principal | None = g.get("foyer_principal")
    if (
        principal is None
        or principal.return_url is None
        or principal.deep_linking_id
        or is_framed()
    ):
        return None
    return WayBack(url("returning.leave"), principal.course_id is not None)


def way_back_from(problem: Problem, reference: str) -> WayBack | None:
    """Find the way back from a refusal, also of a launch whose session never began.

    The LMS learns of the refusal.
    """
    principal: Principal | None = g.get("foyer_principal")
    address, to_course = g.get("foyer_came_from", (None, False))
    if principal is not None:
        address, to_course = principal.return_url, principal.course_id is not None
    if address is None or is_framed():
        return None
    # Browsers hold every hop of the answer to a form to this, and an LMS may send people on.
    allow_form_target("https:", *(("http:",) if in_development() else ()))
    way = seal(json.dumps([address, f"{problem.title}. {problem.detail}", reference]))
    return WayBack(url("returning.leave_refused"), to_course, way)


def _with(address: str, told: dict[str, str]) -> str:
    parts = urlsplit(address)
    query = "&".join(filter(None, (parts.query, urlencode(told))))
    return urlunsplit(parts._replace(query=query))
