"""The only room that speaks LTI: it turns what a platform sends into one frozen ``Launch``."""

from __future__ import annotations

from flask import Flask

from lti_tool.lti import (
    access_tokens,
    cli,
    jwks,
    keys,
    login,
    registering,
    registering_views,
    setup_views,
    views,
)


def install(app: Flask) -> None:
    keys.install(app, app.extensions["foyer.config"].keys_dir)
    jwks.install(app, app.extensions["foyer.http"])
    access_tokens.install(app, app.extensions["foyer.http"])
    login.install(app)
    app.register_blueprint(views.blueprint)
    app.register_blueprint(setup_views.blueprint)
    registering.install(app, app.extensions["foyer.http"])
    app.register_blueprint(registering_views.blueprint)
    cli.install(app)
