"""The top floor, thin: Launch → person → item → page."""

from __future__ import annotations

from flask import Flask

from lti_tool.entrance import returning, views
from lti_tool.media import slots


def install(app: Flask) -> None:
    app.register_blueprint(views.blueprint)
    returning.install(app)
    slots.register_slot("tools", views.own_tab_button)
    slots.register_slot("instead", views.choose_another)
