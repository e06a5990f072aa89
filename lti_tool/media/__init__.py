"""Media entries: what they are, where their files lie, and who may do what with them."""

from __future__ import annotations

from flask import Flask

from lti_tool.core import institutions
from lti_tool.core.web.health import note_at_readyz
from lti_tool.media import page_views, previews, slots
from lti_tool.media.access import MANAGERS_CO_PUBLISH
from lti_tool.media.blueprint import blueprint
from lti_tool.media.cli import commands
from lti_tool.media.delivery import storage
from lti_tool.media.delivery import views as delivery_views
from lti_tool.media.intake import probe, tus_views

__all__ = ["delivery_views", "install", "page_views", "tus_views"]


def install(app: Flask) -> None:
    storage.install(app, app.extensions["foyer.config"].storage_url)
    institutions.register(app, MANAGERS_CO_PUBLISH)
    app.register_blueprint(blueprint)
    app.register_blueprint(commands)
    slots.install(app)
    note_at_readyz(app, probe.unconfined)
    page = slots.slots_of(app)
    page.menu.append(page_views.delete_entry)
    page.menu.append(previews.menu_entry)
    page.dialog.append(page_views.delete_dialog)
