"""What we tell an LMS of ourselves, in all our languages."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import force_locale, lazy_gettext

from lti_tool.core.web.urls import external_url
from lti_tool.lti.platforms.tool import Tool, Words

_NAME = lazy_gettext("Foyer course media")
_DESCRIPTION = lazy_gettext("Media of a course, also for people without an account")
_GALLERY = lazy_gettext("Course media")
_ADD = lazy_gettext("Add course media")


def about_us() -> Tool:
    launch_url = external_url("/lti/launch")
    return Tool(
        login_url=external_url("/lti/login"),
        launch_url=launch_url,
        jwks_url=external_url("/lti/jwks.json"),
        icon_url=external_url("/lti/icon.png"),
        home_url=external_url("/lti/setup"),
        domain=urlsplit(launch_url).netloc,
        name=_in_all_languages(_NAME),
        description=_in_all_languages(_DESCRIPTION),
        gallery=_in_all_languages(_GALLERY),
        add=_in_all_languages(_ADD),
    )


def _in_all_languages(sentence: Any) -> Words:
    said = {}
    for language in current_app.extensions["foyer.languages"]:
        with force_locale(language):
            said[language] = str(sentence)
    return said
