"""Persons, courses, standing, tool sessions, devices."""

from __future__ import annotations

from flask import Flask

from lti_tool.core import institutions
from lti_tool.core.web import rate_limits
from lti_tool.people import cookieless, identity_banner, sessions
from lti_tool.people.cli import commands
from lti_tool.people.settings import ADMINISTRATORS_FROM_LMS


def install(app: Flask) -> None:
    institutions.register(app, ADMINISTRATORS_FROM_LMS)
    app.register_blueprint(commands)
    cookieless.install(app)
    identity_banner.install(app)
    rate_limits.count_by(app, sessions.asking_person)
