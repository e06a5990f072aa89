"""A course's media, and putting more of them there."""

from __future__ import annotations

from flask import redirect, request
from werkzeug.wrappers import Response

from lti_tool.core.web.pages import render
from lti_tool.core.web.problems import not_found
from lti_tool.core.web.urls import url
from lti_tool.entrance import gallery, picker
from lti_tool.entrance.blueprint import blueprint
from lti_tool.media import opening
from lti_tool.media.access import find
from lti_tool.media.rules import STAFF
from lti_tool.people import sessions
from lti_tool.people.sessions import Principal


@blueprint.get("/gallery")
def course_gallery() -> str:
    """Show the course's media, to everybody who came from it."""
    principal = sessions.principal_for(_came_from_a_course, named=True)
    page = gallery.gallery_page(principal, picker.asked(request.args))
    return render("entrance/gallery.html", **vars(page))


@blueprint.get("/gallery/add")
def to_publish() -> str:
    """Show somebody's own media, to publish some of them in the course."""
    principal = sessions.principal_for(_teaches, named=True)
    page = picker.shelf_page(principal, gallery.PUBLISH, picker.asked(request.args))
    return render("entrance/picker.html", **vars(page), back=url("entrance.course_gallery"))


@blueprint.post("/gallery/add")
def publish() -> Response:
    """Publish an item in the course."""
    principal = sessions.principal_for(_teaches)
    item = find(request.form.get("media_id", ""))
    if item is None:
        raise not_found()
    opening.offer(principal, item, "published in the course's gallery")
    return redirect(url("entrance.course_gallery"), 303)


def _came_from_a_course(principal: Principal) -> bool:
    return principal.kind == "launch" and principal.course_id is not None


def _teaches(principal: Principal) -> bool:
    return _came_from_a_course(principal) and principal.standing in STAFF
