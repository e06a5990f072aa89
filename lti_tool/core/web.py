"""How a page is built: addresses, assets, form tokens, the security headers.

Inside an LMS frame a page is lost at every navigation unless its links carry the session, so all
addresses of the tool's own pages are built by ``url()`` and all forms carry ``form_token()``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from babel.units import format_unit
from flask import Flask, Response, current_app, g, has_request_context, render_template, request
from flask import url_for as flask_url_for
from flask_babel import Babel, get_locale, refresh
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.utils import cached_property

from lti_tool.core import languages
from lti_tool.core.ids import new_secret
from lti_tool.core.institutions import ACCENT_COLOUR, setting

FORM_TOKEN_LIFE = 12 * 3600
"""Seconds a form may stand open before it must be loaded again; a tool session's longest life."""

UNUSED_FEATURES = (
    "accelerometer",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "midi",
    "payment",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
OWN_FEATURES = (
    "autoplay",
    "camera",
    "clipboard-write",
    "display-capture",
    "fullscreen",
    "microphone",
    "picture-in-picture",
)
"""Of what a browser can do for a page: what none of ours ever asks for, and what only ours may."""

PERMISSIONS = ", ".join(
    [f"{name}=()" for name in UNUSED_FEATURES] + [f"{name}=(self)" for name in OWN_FEATURES]
)
SESSION_PARAMETER = "as"


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
        url=url,
        asset=asset,
        asset_in_language=asset_in_language,
        csp_nonce=csp_nonce,
        form_token=form_token,
        handle=handle,
        language=language,
        direction=direction,
    )
    app.context_processor(_accent)
    app.after_request(_security_headers)


def url(endpoint: str, **values: Any) -> str:
    """The address of one of our pages, carrying the session it is to be opened with."""
    current = handle()
    if current and SESSION_PARAMETER not in values:
        values[SESSION_PARAMETER] = current
    return flask_url_for(endpoint, **values)


def external_url(path: str) -> str:
    """A whole address on the tool's own, configured origin (never from the Host header)."""
    base: str = current_app.extensions["foyer.config"].base_url
    return base + path


def in_development() -> bool:
    """Whether platforms on http are permitted."""
    return bool(current_app.extensions["foyer.config"].development)


def asset(name: str) -> str:
    assets: Assets = current_app.extensions["foyer.assets"]
    return flask_url_for("static", filename=assets.names[name])


def asset_in_language(stem: str, ending: str) -> str:
    """The address of a built file in the reader's language, or "" where there is none."""
    assets: Assets = current_app.extensions["foyer.assets"]
    name = f"{stem}.{language()}.{ending}"
    return asset(name) if name in assets.names else ""


def render(template: str, **context: Any) -> str:
    """A page or a part of one, in the colours of the institution it is served for."""
    return render_template(template, **context)


def speak_for(institution_id: str) -> None:
    """Name the institution whose page this is; its accent colour is used."""
    g.foyer_institution = institution_id


def _accent() -> dict[str, str]:
    if not has_request_context() or "foyer_institution" not in g:
        return {}
    chosen = str(setting(g.foyer_institution, ACCENT_COLOUR.name))
    return {"accent": chosen} if chosen != ACCENT_COLOUR.default else {}


def handle() -> str:
    """The handle of the session that serves this request, or an empty text."""
    value: str = g.get("foyer_handle", "") if has_request_context() else ""
    return value


def csp_nonce() -> str:
    if "csp_nonce" not in g:
        g.csp_nonce = new_secret(16)
    nonce: str = g.csp_nonce
    return nonce


def speak(locale: str | None) -> None:
    """Serve this request in a session's language; where it has none, in the browser's."""
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
    """A number of bytes in the reader's language, such as 64 MB or 4,3 GB; never rounded up."""
    unit, bytes_each, places = ("megabyte", 10**6, 1) if count < 10**9 else ("gigabyte", 10**9, 10)
    amount = count * places // bytes_each / places
    return str(format_unit(amount, f"digital-{unit}", length="short", locale=get_locale() or "en"))


# Form tokens ------------------------------------------------------------------------------------


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.extensions["foyer.secret"], salt="form")


def form_token() -> str:
    """A signed, stateless token bound to the session that served the form, or to what
    ``bind_forms`` has named."""
    return _serializer().dumps(g.get("foyer_forms_bound_to") or handle())


def bind_forms(to: str) -> None:
    """Bind the tokens of this page's forms to something that only its browser holds."""
    g.foyer_forms_bound_to = to


def form_token_holds(token: str, session_handle: str) -> bool:
    try:
        bound = _serializer().loads(token, max_age=FORM_TOKEN_LIFE)
    except BadData:
        return False
    return bool(bound == session_handle)


# Headers ----------------------------------------------------------------------------------------


def allow_framing(origins: Iterable[str]) -> None:
    """Let this response be shown in a frame of these origins; without it no page can be framed."""
    g.frame_ancestors = tuple(origins)


def allow_form_target(*origins: str) -> None:
    """Browsers apply ``form-action`` to redirects too: name where a form's redirect leads."""
    g.form_targets = (*g.get("form_targets", ()), *origins)


def _security_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin-allow-popups")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", PERMISSIONS)
    if current_app.extensions["foyer.config"].base_url.startswith("https://"):
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    if "Content-Security-Policy" not in headers:
        headers["Content-Security-Policy"] = _policy()
    return response


def _policy() -> str:
    ancestors = " ".join(g.get("frame_ancestors", ())) or "'none'"
    targets = " ".join(("'self'", *g.get("form_targets", ())))
    script = f"'nonce-{g.csp_nonce}' 'strict-dynamic'" if "csp_nonce" in g else "'none'"
    if request.endpoint == "static":
        # A worker lives under the policy of its own file: the document reader's decodes scanned
        # pages with WebAssembly.
        script = "'self' 'wasm-unsafe-eval'"
    style = f"'self' 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else "'self'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {script}",
            f"style-src {style}",
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "base-uri 'none'",
            f"form-action {targets}",
            f"frame-ancestors {ancestors}",
        )
    )
