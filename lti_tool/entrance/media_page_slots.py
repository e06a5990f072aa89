"""What this room shows on the media page: ways back, a tab of its own, another choice."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _
from markupsafe import Markup

from lti_tool.core.web.pages import render
from lti_tool.core.web.urls import url
from lti_tool.entrance import link_choice
from lti_tool.media import opening, slots
from lti_tool.media.models import MediaItem
from lti_tool.media.rules import STAFF
from lti_tool.media.slots import MenuItem
from lti_tool.people.rules import LinkShows
from lti_tool.people.sessions import Principal

OWN_TAB_FORM = "own-tab"


def after_adding(principal: Principal, item: MediaItem | None) -> str:
    """Lead to the dialog of the LMS, with what was added; else only back, to gallery or picker."""
    if principal.deep_linking_id is not None:
        kept = {"picked": request.args.getlist("picked") or None}
        return url("entrance.dialog", **kept, added=item.id if item else None)
    if item is not None:
        return ""
    if principal.shows_gallery:
        return url("entrance.course_gallery")
    return url("entrance.nothing_yet") if link_choice.chooses(principal) else ""


def back_to_gallery(principal: Principal, _item: MediaItem) -> Markup | None:
    """Draw the way back above an item, for whoever came by an entry in the course's menu."""
    if not principal.shows_gallery:
        return None
    return Markup(render("entrance/_back_to_gallery.html"))  # noqa: S704 – Jinja escapes


def ask_to_show(principal: Principal, item: MediaItem) -> Markup | None:
    """Ask above an item whether to publish it in the course, whose link only addresses it."""
    if not opening.is_to_be_asked(principal, item):
        return None
    return Markup(render("entrance/_ask_to_show.html", item=item))  # noqa: S704 – Jinja escapes


def own_tab_entry(principal: Principal, _item: MediaItem) -> MenuItem | None:
    """Make the entry «Open in a new tab»: the same page, in the same session. In a frame only."""
    if principal.kind != "launch":
        return None
    return MenuItem(
        order=slots.OWN_TAB,
        label=_("Open in a new tab"),
        symbol="external-link",
        sends=OWN_TAB_FORM,
        only_in_frames=True,
    )


def own_tab_form(principal: Principal, item: MediaItem) -> Markup | None:
    """Draw the form that the entry sends."""
    if principal.kind != "launch":
        return None
    page = render("entrance/_own_tab.html", id=OWN_TAB_FORM, media_id=item.id)
    return Markup(page)  # noqa: S704 – Jinja escapes


def change_link(principal: Principal, item: MediaItem) -> MenuItem | None:
    """Lead to another choice for the link by which the session came.

    Where the LMS itself names the link's item, the page there says where that is changed.
    """
    named = principal.link_shows is LinkShows.ITEM and principal.standing in STAFF
    if not (named and principal.resource_link_id) and not link_choice.chooses(principal):
        return None
    return MenuItem(
        order=slots.CHANGE_LINK,
        label=_("Change what this link shows"),
        symbol="link",
        href=url("entrance.nothing_yet", item=item.id),
    )


def by_hand_dialog(principal: Principal, _item: MediaItem) -> Markup | None:
    """Draw what "Open in a new tab" says where the frame forbids new windows."""
    if principal.kind != "launch":
        return None
    return Markup(render("entrance/_by_hand.html"))  # noqa: S704 – Jinja escapes


def choose_another(principal: Principal, item: MediaItem) -> Markup | None:
    """Draw the way to another choice with a deleted item.

    Whoever may choose what the link opens is not held up by it.
    """
    if not link_choice.chooses(principal):
        return None
    if opening.chosen_here(principal.resource_link_id) != item.id:
        return None
    return Markup(render("entrance/_choose_another.html"))  # noqa: S704 – Jinja escapes


def found_later(principal: Principal, item: MediaItem) -> Markup | None:
    """Say in which list a deleted item stands for its owner, where this session has such a list."""
    if item.owner_person_id is None or item.owner_person_id != principal.person_id:
        return None
    if principal.shows_gallery and principal.standing in STAFF:
        name, href = _("From my media"), url("entrance.to_publish")
    elif link_choice.chooses(principal):
        name, href = _("My media"), url("entrance.nothing_yet")
    else:
        return None
    page = render("entrance/_found_later.html", name=name, href=href)
    return Markup(page)  # noqa: S704 – Jinja escapes
