"""Invitations: letting people in who have no account, one link, one person, one item."""

from __future__ import annotations

from flask import Flask

from lti_tool.config import folder_in_use
from lti_tool.core.keyfiles import KeyRing
from lti_tool.invitations import api, cli, links, media_page_slots, views
from lti_tool.invitations.settings import register_settings
from lti_tool.media import slots

__all__ = ["install", "media_page_slots"]


def install(app: Flask) -> None:
    """Wire the room: its keys, settings, routes, and what it shows on the media page."""
    folder = app.extensions["foyer.config"].keys_dir
    ring = KeyRing(folder, "invitation")
    with folder_in_use("keys_dir", folder, mode=0o700):
        ring.examine()
    app.extensions[links.EXTENSION] = ring
    register_settings(app)
    app.register_blueprint(views.blueprint)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(cli.commands)
    page = slots.slots_of(app)
    page.menu.append(media_page_slots.menu_entry)
    page.dialog.append(media_page_slots.window)
    page.strip.append(media_page_slots.strip)
    page.menu.append(media_page_slots.paste_entry)
    page.tools.append(media_page_slots.invite_button)
    page.ended.append(views.ended)
    page.deletion.append(media_page_slots.endings)
