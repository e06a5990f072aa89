"""CSRF and session fixation: every unsafe request must come from one of our own pages.

Browsers say so in ``Sec-Fetch-Site`` (Fetch Metadata). Where that header is absent a form token
stands in for it: signed, and bound to the session the form was served in. Anybody can have such a
token of a session of their own; so one that came as a form sends it, which any site can send, is
good only in the browser that has the session's cookie. One that came in a header needs no such
proof, nor does a request with a bearer: no page of another site can make a browser send these, and
a request with a bearer has no other session. (The ``Origin`` header is of no use: a form on a
no-referrer page sends ``null``, as does one in a sandboxed frame of anybody's.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request
from flask_babel import gettext as _

from lti_tool.core.web.cookie_probe import no_cookies
from lti_tool.core.web.form_tokens import form_token_holds
from lti_tool.core.web.problems import Problem, not_found
from lti_tool.core.web.urls import SESSION_PARAMETER

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_FIELD = "form_token"
FORM_HEADER = "X-Form-Token"
_BEARER = "Bearer "
_NUL = (b"%00", b"\x00")
_FRAMES = frozenset({"iframe", "frame", "embed", "object"})

View = TypeVar("View", bound=Callable[..., Any])


def cross_site(view: View) -> View:
    """Mark a view that other sites post to by design (the LTI login and launch)."""
    view._cross_site = True  # type: ignore[attr-defined]
    return view


def sessionless(view: View) -> View:
    """Mark a view whose form is sent by people who have no session here yet.

    Only there is a token good that is bound to no session: anybody can get one of those.
    """
    view._sessionless = True  # type: ignore[attr-defined]
    return view


def from_sealed_frame(view: View) -> View:
    """Mark a view that decides nothing, which a page of ours in a sealed frame may send.

    There (a sandbox without ``allow-same-origin``) a page has an opaque origin: its form says
    ``Origin: null`` and counts as another site's, as one in a sealed frame of anybody's does.
    """
    view._from_sealed_frame = True  # type: ignore[attr-defined]
    return view


def opens_session(held: Callable[[], str | None]) -> Callable[[View], View]:
    """Mark a ``sessionless`` view that gives a session to the browser that sends its form.

    ``held`` tells what the form's token must be bound to, which only this browser holds (a cookie);
    else another site could send the form with a token of its own, and fix a session of its choice.
    """

    def mark(view: View) -> View:
        view._held = held  # type: ignore[attr-defined]
        return sessionless(view)

    return mark


def install(app: Flask) -> None:
    app.jinja_env.globals["is_framed"] = is_framed

    @app.before_request
    def readable_address() -> None:
        # No id, token or word of ours holds one, and not every database takes it in a question.
        if "\x00" in request.path or any(nul in request.query_string for nul in _NUL):
            raise not_found()

    @app.before_request
    def guard() -> None:
        if request.method in SAFE or request.routing_exception is not None:
            return  # what leads nowhere changes nothing, and is told as such
        view = current_app.view_functions.get(request.endpoint or "")
        if view is not None and getattr(view, "_cross_site", False):
            return
        if getattr(view, "_from_sealed_frame", False) and is_sealed():
            return
        held = getattr(view, "_held", None)
        if not _is_ours(getattr(view, "_sessionless", False), held):
            says_nothing = "Sec-Fetch-Site" not in request.headers and not request.cookies
            raise no_cookies() if held is not None and says_nothing else _foreign()


def bearer_token() -> str | None:
    """Return the bearer that the script of a page without cookie sends; None where there is none.

    (Another scheme is a browser's own answer to some proxy, and proves nothing.)
    """
    said = request.headers.get("Authorization", "")
    return said.removeprefix(_BEARER) if said.startswith(_BEARER) else None


def refuse_foreign() -> None:
    """Raise Problem where the browser says that a page of another site asks.

    For what is asked by GET and leaves a trace.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise _foreign()


def goes_on_in_frame() -> bool:
    """Tell whether the browser says that a page of ours sent it here, and to a page in a frame.

    False where it is too old to say either.
    """
    return request.headers.get("Sec-Fetch-Site") == "same-origin" and is_framed() is True


def is_framed() -> bool | None:
    """Tell whether the page that is asked for will stand in a frame.

    None where the browser is too old to say it.
    """
    said = request.headers.get("Sec-Fetch-Dest")
    return None if said is None else said in _FRAMES


def is_sealed() -> bool:
    """Tell whether a page of an opaque origin sends this form, ours or another's."""
    says_null = request.headers.get("Origin") == "null"
    return says_null and request.headers.get("Sec-Fetch-Site") == "cross-site"


def _session_came() -> bool:
    """Tell whether the session that the address names is really there.

    Asked before a body is read: else whoever invents a name could hold a thread with one that
    trickles in.
    """
    asking: Callable[[], str | None] = current_app.extensions["foyer.asking_person"]
    return asking() is not None


def _foreign() -> Problem:
    silent = "Sec-Fetch-Site" not in request.headers
    if silent and request.args.get(SESSION_PARAMETER) and not _session_came():
        # "Go back" would be a dead end: it may be a tab that has just been opened.
        return Problem(
            403,
            "session-did-not-come",
            _("Your browser did not bring your session along"),
            _(
                "Nothing was changed. Open the page again from your course or from your invitation"
                " link; if a window of its own is offered there, go on in that one."
            ),
        )
    return Problem(
        403,
        "foreign-request",
        _("This request did not come from one of our pages"),
        _("Go back, reload the page and try again."),
    )


def _is_ours(without_session: bool, held: Callable[[], str | None] | None) -> bool:
    if bearer_token() is not None:
        return True
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    bound_to = request.args.get(SESSION_PARAMETER, "") if held is None else held()
    if bound_to is None or (not bound_to and not without_session):
        return False
    token = request.headers.get(FORM_HEADER)
    if token is None and (without_session or _session_came()):
        token = _token_of_form()
    return bool(token) and form_token_holds(str(token), bound_to)


def _token_of_form() -> str | None:
    if request.mimetype == "multipart/form-data":
        # A form with files says it in its address: to read the body here would let anybody fill
        # the disk before it is known who sends it.
        return request.args.get(FORM_FIELD)
    if request.mimetype == "application/x-www-form-urlencoded":
        return request.form.get(FORM_FIELD)
    return None
