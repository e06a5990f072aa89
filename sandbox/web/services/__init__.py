"""The URLs of the services, as Flask blueprints."""

from __future__ import annotations

from flask import Flask

from sandbox.web.services import admin, control, dialogs, grades, registering, rosters, tokens


def register(app: Flask) -> None:
    """Add every service's addresses, of all products, to the sandbox's program."""
    app.register_blueprint(tokens.endpoint)
    app.register_blueprint(rosters.lists)
    app.register_blueprint(grades.books)
    app.register_blueprint(dialogs.answers)
    app.register_blueprint(registering.endpoints)
    app.register_blueprint(admin.tool_pages)
    app.register_blueprint(admin.certification_page)
    app.register_blueprint(control.hooks)
