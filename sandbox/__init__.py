"""An LMS in a box: an LTI 1.3 platform to try the tool with, by hand and in tests.

It is a program of its own (`python -m sandbox`) and the tool never imports it. Nothing here
protects anybody: whoever opens its pages may be anybody. Run it on your own machine only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from sandbox.platform import Platform


def create_app(platform: Platform | None = None) -> Flask:
    """The web program around a platform (a default one when none is given).

    The platform is at `app.extensions["sandbox"]`.
    """
    # Here and not above, so that `make run` can be stopped from its first moment on.
    from flask import Flask

    from sandbox import control, flow, views
    from sandbox.platform import Platform
    from sandbox.services import web

    app = Flask(__name__)
    app.extensions["sandbox"] = platform or Platform()
    app.register_blueprint(views.pages)
    app.register_blueprint(flow.steps)
    flow.add_endpoints(app)
    app.register_blueprint(control.hooks)
    web.register(app)
    return app
