"""Foyer: an LTI 1.3 tool that shows a course's media and lets people be invited to it."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from lti_tool import admin, entrance, invitations, lti, media, people
from lti_tool.config import ROOT, Config, folder_in_use
from lti_tool.core import background, clock, commands, institutions, logs
from lti_tool.core.db import encrypted
from lti_tool.core.db import session as database
from lti_tool.core.http import HttpClient, Policy
from lti_tool.core.keyfiles import application_secret
from lti_tool.core.web import (
    canonical_paths,
    csrf,
    form_tokens,
    headers,
    health,
    openapi,
    pages,
    problems,
    rate_limits,
    static_files,
    urls,
    wsgi,
)

__all__ = ["Config", "create_app"]


def create_app(
    config: Config | None = None,
    clock_source: clock.Clock = clock.system_clock,
    runner: background.Runner | None = None,
) -> Flask:
    """Wire the whole application, in the order a request meets it.

    Raises ConfigurationError.
    """
    config = config or Config.load()
    app = Flask(__name__, template_folder=str(ROOT / "templates"))
    app.extensions["foyer.config"] = config
    app.config["MAX_CONTENT_LENGTH"] = 1_048_576
    app.config["MAX_FORM_MEMORY_SIZE"] = 262_144
    if config.proxy_hops:
        hops = config.proxy_hops
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=0, x_host=0
        )
    wsgi.install(app, config.base_url)

    clock.install(app, clock_source)
    with folder_in_use("keys_dir", config.keys_dir, mode=0o700):
        app.extensions["foyer.secret"] = application_secret(config.keys_dir, config.secret_key)
    app.extensions["foyer.http"] = HttpClient(
        Policy(config.development, config.private_hosts, config.http_proxy, config.no_proxy)
    )
    logs.install(app, config.log_level)
    database.install(app, config.database_url)
    background.install(app, runner)
    encrypted.install(app)
    institutions.install(app)
    headers.install(app)
    urls.install(app)
    form_tokens.install(app)
    pages.install(app)
    static_files.install(app)
    problems.install(app)
    canonical_paths.install(app)
    csrf.install(app)
    rate_limits.install(app, config.redis_url)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(openapi.blueprint)

    for room in (lti, people, media, invitations, admin, entrance):
        room.install(app)
    commands.install(app)
    return app
