"""What administrators look after: an institution's settings."""

from __future__ import annotations

from flask import Flask

from lti_tool.admin import cli, views
from lti_tool.media import slots


def install(app: Flask) -> None:
    app.register_blueprint(views.blueprint)
    app.cli.add_command(cli.settings_group)
    slots.slots_of(app).menu.append(views.settings_entry)
