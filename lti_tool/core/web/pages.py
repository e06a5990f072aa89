"""How a page is built: templates, assets, the reader's language, the institution's colours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from babel.units import format_unit
from flask import Flask, current_app, g, has_request_context, render_template, request
from flask import url_for as flask_url_for
from flask_babel import Babel, get_locale, refresh
from werkzeug.utils import cached_property

from lti_tool.core.institutions import ACCENT_COLOUR, setting
from lti_tool.core.web import languages


class Assets:
    """Names of the built front-end files, from the manifest that the build writes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def names(self) -> dict[str, str]:
        path = self._folder / "manifest.json"
        if not path.is_file():
            raise RuntimeError("the front end is not built: run `make install`")
        names: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return names


def install(app: Flask) -> None:
    app.extensions["foyer.assets"] = Assets(Path(app.static_folder or ""))
    app.extensions["foyer.languages"] = languages.offered(Path(app.root_path) / "translations")
    Babel(app, locale_selector=_locale)
    app.jinja_env.filters["size"] = size
    app.jinja_env.globals.update(
        asset=asset,
        asset_in_language=asset_in_language,
        language=language,
        direction=direction,
    )
    app.context_processor(_accent)


def asset(name: str) -> str:
    assets: Assets = current_app.extensions["foyer.assets"]
    return flask_url_for("static", filename=assets.names[name])


def asset_in_language(stem: str, ending: str) -> str:
    """Find the address of a built file in the reader's language, or "" where there is none."""
    assets: Assets = current_app.extensions["foyer.assets"]
    name = f"{stem}.{language()}.{ending}"
    return asset(name) if name in assets.names else ""


def render(template: str, **context: Any) -> str:
    """Draw a page or a part of one, in the colours of the institution it is served for."""
    return render_template(template, **context)


def speak_for(institution_id: str) -> None:
    """Name the institution whose page this is; its accent colour is used."""
    g.foyer_institution = institution_id


def _accent() -> dict[str, str]:
    if not has_request_context() or "foyer_institution" not in g:
        return {}
    chosen = str(setting(g.foyer_institution, ACCENT_COLOUR.name))
    return {"accent": chosen} if chosen != ACCENT_COLOUR.default else {}


def speak(locale: str | None) -> None:
    """Serve this request in a session's language; where it has none, in the browser's."""
    if g.get("foyer_locale") != locale:
        g.foyer_locale = locale
        refresh()


def _locale() -> str:
    if not has_request_context():
        return languages.SOURCE
    of_session = g.get("foyer_locale")
    of_browser = [tag for tag, quality in request.accept_languages if quality > 0]
    wanted = [of_session, *of_browser] if of_session else of_browser
    return languages.best(wanted, current_app.extensions["foyer.languages"]) or languages.SOURCE


def language() -> str:
    return str(get_locale() or "en").replace("_", "-")


def direction() -> str:
    locale = get_locale()
    return str(locale.text_direction) if locale is not None else "ltr"


def size(count: int) -> str:
    """Write a number of bytes in the reader's language, as 64 MB or 4,3 GB; never rounded up."""
    unit, bytes_each, places = ("megabyte", 10**6, 1) if count < 10**9 else ("gigabyte", 10**9, 10)
    amount = count * places // bytes_each / places
    return str(format_unit(amount, f"digital-{unit}", length="short", locale=get_locale() or "en"))
