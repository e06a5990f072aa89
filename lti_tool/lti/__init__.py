"""The only room that speaks LTI: it turns what a platform sends into one frozen ``Launch``."""

from __future__ import annotations

from flask import Flask

from lti_tool.lti import cli, keys
from lti_tool.lti.launching import login, platform_keys
from lti_tool.lti.launching import views as launch_views
from lti_tool.lti.registration import dynamic, manual_views
from lti_tool.lti.registration import views as registration_views
from lti_tool.lti.services import access_tokens


def install(app: Flask) -> None:
    keys.install(app, app.extensions["foyer.config"].keys_dir)
    platform_keys.install(app, app.extensions["foyer.http"])
    access_tokens.install(app, app.extensions["foyer.http"])
    login.install(app)
    app.register_blueprint(launch_views.blueprint)
    app.register_blueprint(manual_views.blueprint)
    dynamic.install(app, app.extensions["foyer.http"])
    app.register_blueprint(registration_views.blueprint)
    cli.install(app)
