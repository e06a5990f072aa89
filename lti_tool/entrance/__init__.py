"""The top floor, thin: Launch → person → item → page."""

from __future__ import annotations

from flask import Flask

from lti_tool.entrance import dialog_views, gallery_views, returning, signing_out, views, ways
from lti_tool.entrance.blueprint import blueprint
from lti_tool.media import slots

__all__ = ["dialog_views", "gallery_views", "install"]


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
    returning.install(app)
    signing_out.install(app)
    slots.lead_on(ways.after_adding)
    slots.register_slot("back", ways.back_to_gallery)
    slots.register_slot("tools", views.own_tab_button)
    slots.register_slot("instead", views.choose_another)
