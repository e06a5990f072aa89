"""Security headers of every answer: content policy (CSP), framing, permissions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import Flask, Response, current_app, g, request

from lti_tool.core.ids import new_secret

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


_FIXED = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", PERMISSIONS),
)


def install(app: Flask) -> None:
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.after_request(_security_headers)


def csp_nonce() -> str:
    if "csp_nonce" not in g:
        g.csp_nonce = new_secret(16)
    nonce: str = g.csp_nonce
    return nonce


def allow_framing(origins: Iterable[str]) -> None:
    """Let this response be shown in a frame of these origins; without it no page can be framed.

    "*" is anybody, also an app or a page that is closed off (a sandbox), which have no origin that
    a policy could name: then it says nothing of frames.
    """
    g.frame_ancestors = tuple(origins)


def allow_sealed_windows() -> None:
    """Let this response be shown in a window that a closed-off frame opened, and closes off too.

    A browser shows there nothing that cuts itself off from its opener. What anybody may frame is
    shown there anyway.
    """
    g.sealed_windows = True


def allow_own_frames() -> None:
    """Let the page hold frames of our own pages."""
    g.holds_own_frames = True


def allow_form_target(*origins: str) -> None:
    """Name where a form's redirect leads: browsers apply ``form-action`` to redirects too."""
    g.form_targets = (*g.get("form_targets", ()), *origins)


def _security_headers(response: Response) -> Response:
    headers = response.headers
    given = {name.lower() for name, _value in headers}
    for name, value in _always():
        if name.lower() not in given:
            headers.add(name, value)
    return response


def _always() -> Iterator[tuple[str, str]]:
    yield from _FIXED
    anywhere = g.get("sealed_windows") or g.get("frame_ancestors") == ("*",)
    yield "Cross-Origin-Opener-Policy", "unsafe-none" if anywhere else "same-origin-allow-popups"
    if current_app.extensions["foyer.config"].base_url.startswith("https://"):
        yield "Strict-Transport-Security", "max-age=31536000"
    if request.endpoint != "static":
        yield "Cache-Control", "no-store"
    yield "Content-Security-Policy", _policy()


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
            *(("frame-src 'self'",) if g.get("holds_own_frames") else ()),
            "base-uri 'none'",
            f"form-action {targets}",
            *((f"frame-ancestors {ancestors}",) if ancestors != "*" else ()),
        )
    )
