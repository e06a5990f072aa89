"""Proof of possession: what a request's form proves of its browser, and the device cookie."""

from __future__ import annotations

from functools import partial

from flask import Response, after_this_request, current_app, request

from lti_tool.core.clock import now
from lti_tool.core.ids import digest, new_secret
from lti_tool.core.web.form_tokens import bind_forms
from lti_tool.people.devices import (
    BadDeviceProof,
    StaleChallenge,
    check_challenge,
    hash_device_secret,
    make_challenge,
    verify_key_proof,
)

COOKIE = "__Host-device"
COOKIE_IN_FRAME = "__Host-device-in-frame"
_A_YEAR = 365 * 86_400


def challenge_for(subject: str) -> str:
    """Return a challenge for the device key, good for five minutes and for this subject only."""
    return make_challenge(_secret(), digest(subject), now())


def key_from_form(subject: str) -> str | None:
    """Return the thumbprint of the key that signed this form's challenge, or None.

    A form without proof, or with a broken one, counts as one without script. Raises
    StaleChallenge where a good proof would do on a new page.
    """
    jwk = request.form.get("device_key", "")
    if not jwk:
        return None
    challenge = request.form.get("challenge", "")
    try:
        check_challenge(_secret(), digest(subject), challenge, now())
        return verify_key_proof(jwk, request.form.get("device_signature", ""), challenge)
    except StaleChallenge:
        raise
    except BadDeviceProof:
        return None


def pressed_on_second_page(subject: str) -> bool:
    """Tell whether the form is that of the second page, served within the last five minutes."""
    try:
        check_challenge(
            _secret(), _second_page(subject), request.form.get("second_page", ""), now()
        )
    except BadDeviceProof:
        return False
    return True


def second_page_mark(subject: str) -> str:
    """Return what the second page's form carries."""
    return make_challenge(_secret(), _second_page(subject), now())


def device_secret(*, framed: bool) -> str | None:
    """Return the secret of the browser's device cookie."""
    return request.cookies.get(COOKIE_IN_FRAME if framed else COOKIE)


def know_device(*, framed: bool) -> str:
    """Return the browser's secret; one that has none yet is given one with this answer.

    So it has it before it is asked for: were it made for the answer to the form and that answer
    lost, the browser could not show that it was the one that asked.
    """
    secret = device_secret(framed=framed)
    if secret is None:
        secret = new_secret()
        after_this_request(partial(_given, secret, framed))
    return secret


def _given(secret: str, framed: bool, response: Response) -> Response:
    keep_device_secret(response, secret, framed=framed)
    return response


def form_of_this_browser() -> str | None:
    """Return what the forms of a link's pages are bound to (CSRF).

    None where the browser has no secret of ours.
    """
    secret = device_secret(framed=False)
    return _form_of(secret) if secret else None


def bind_forms_to_browser() -> None:
    """Bind this page's forms to the browser that gets it; see ``form_of_this_browser``."""
    bind_forms(_form_of(know_device(framed=False)))


def _form_of(secret: str) -> str:
    return hash_device_secret(secret, "form")


def keep_device_secret(response: Response, secret: str, *, framed: bool) -> None:
    """Let a browser without script keep its secret; in a frame for that frame's site alone."""
    response.set_cookie(
        COOKIE_IN_FRAME if framed else COOKIE,
        secret,
        max_age=_A_YEAR,
        secure=True,
        httponly=True,
        path="/",
        samesite="None" if framed else "Lax",
        partitioned=framed,
    )


def _second_page(subject: str) -> str:
    return "second page\0" + digest(subject)


def _secret() -> str:
    secret: str = current_app.extensions["foyer.secret"]
    return secret
