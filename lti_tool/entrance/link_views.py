"""A course link that names no item itself: what it shows, and the choice of another one."""

from __future__ import annotations

from flask import redirect, request
from werkzeug.wrappers import Response

from lti_tool.core.web.pages import render
from lti_tool.core.web.problems import not_found
from lti_tool.core.web.urls import url
from lti_tool.entrance import link_choice, picker
from lti_tool.entrance.blueprint import blueprint
from lti_tool.media import opening
from lti_tool.media.access import capabilities, find
from lti_tool.media.rules import STAFF
from lti_tool.people import sessions
from lti_tool.people.rules import LinkShows
from lti_tool.people.sessions import Principal


@blueprint.get("/link")
def nothing_yet() -> str | Response:
    """Show the picker to those who may choose for the link; to others a calm word."""
    principal = sessions.principal_for(_came_by_link, named=True)
    if principal.shows_gallery:
        return redirect(url("entrance.course_gallery"), 303)
    back = link_choice.back_to(principal, request.args.get("item", ""))
    if link_choice.chooses(principal):
        return _picker(principal, back)
    if principal.link_shows is LinkShows.ITEM and principal.standing in STAFF:
        return render("entrance/chosen_in_lms.html", back=back)
    return render("entrance/nothing_here.html", principal=principal)


def _picker(principal: Principal, back: str) -> str:
    asked = picker.asked(request.args)
    present = link_choice.present(principal)
    first_look = present is None and not asked.search and not asked.start
    page = picker.shelf_page(principal, picker.LINK, asked)
    return render(
        "entrance/picker.html",
        **vars(page),
        back=back or (present.card.href if present and present.card else ""),
        present=present,
        offers=link_choice.offers(principal) if first_look else [],
    )


@blueprint.post("/link")
def choose() -> Response:
    """Let the resource link open the chosen item from now on."""
    principal = sessions.principal_for(link_choice.chooses)
    item = find(request.form.get("media_id", ""))
    if item is None or item.deleted_at is not None or principal.resource_link_id is None:
        raise not_found()
    opening.bind_link(principal, principal.resource_link_id, item)
    return redirect(url("media.page", media_id=item.id), 303)


@blueprint.post("/link/clear")
def clear() -> Response:
    """Let the resource link open nothing, until somebody chooses again."""
    principal = sessions.principal_for(link_choice.chooses)
    if principal.resource_link_id is None:
        raise not_found()
    opening.unbind_link(principal, principal.resource_link_id)
    return redirect(url("entrance.nothing_yet"), 303)


@blueprint.post("/link/item")
def show_addressed() -> Response:
    """Publish the item that the link only addresses, when its opener has been asked."""
    principal = sessions.principal_for(lambda one: one.kind == "launch")
    item = find(request.form.get("media_id", ""))
    if item is None or not capabilities(principal, item):
        raise not_found()
    if opening.is_to_be_asked(principal, item):
        opening.offer(principal, item, "confirmed where a link's address named it")
    return redirect(url("media.page", media_id=item.id), 303)


def _came_by_link(principal: Principal) -> bool:
    return principal.kind == "launch" and principal.resource_link_id is not None
