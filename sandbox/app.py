"""The sandbox's web program: a Flask application around one platform."""

from __future__ import annotations

from flask import Flask

from sandbox.platform import Platform
from sandbox.web import control, flow, services, views


def create_app(platform: Platform | None = None) -> Flask:
    """Make the web program of a platform (a default one when none is given).

    The platform is at `app.extensions["sandbox"]`.
    """
    app = Flask(__name__)
    app.extensions["sandbox"] = platform or Platform()
    app.register_blueprint(views.pages)
    app.register_blueprint(flow.steps)
    flow.add_endpoints(app)
    app.register_blueprint(control.hooks)
    services.register(app)
    return app
