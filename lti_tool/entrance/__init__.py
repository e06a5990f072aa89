"""The top floor, thin: Launch → person → item → page."""

from __future__ import annotations

from flask import Flask

from lti_tool.entrance import (
    dialog_views,
    gallery_views,
    handover_views,
    link_views,
    logout_views,
    media_page_slots,
    return_url,
    views,
)
from lti_tool.entrance.blueprint import blueprint
from lti_tool.media import slots

__all__ = [
    "dialog_views",
    "gallery_views",
    "handover_views",
    "install",
    "link_views",
    "views",
]


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
    return_url.install(app)
    logout_views.install(app)
    page = slots.slots_of(app)
    page.after_adding.append(media_page_slots.after_adding)
    page.menu.append(media_page_slots.change_link)
    page.strip.append(media_page_slots.ask_to_show)
    page.back.append(media_page_slots.back_to_gallery)
    page.menu.append(media_page_slots.own_tab_entry)
    page.tools.append(media_page_slots.own_tab_form)
    page.dialog.append(media_page_slots.by_hand_dialog)
    page.instead.append(media_page_slots.found_later)
    page.instead.append(media_page_slots.choose_another)
