"""The top floor, thin: Launch → person → item → page."""

from __future__ import annotations

from flask import Flask

from lti_tool.entrance import (
    dialog_views,
    gallery_views,
    logout_views,
    media_page_slots,
    return_url,
    views,
)
from lti_tool.entrance.blueprint import blueprint
from lti_tool.media import slots

__all__ = ["dialog_views", "gallery_views", "install"]


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
    return_url.install(app)
    logout_views.install(app)
    slots.lead_on(media_page_slots.after_adding)
    slots.register_slot("back", media_page_slots.back_to_gallery)
    slots.register_slot("tools", views.own_tab_button)
    slots.register_slot("instead", views.choose_another)
