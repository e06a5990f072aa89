"""Receiving a launch: the POST that answers a login becomes one ``Launch``, or a refusal."""

from __future__ import annotations

import hmac
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app
from pylti1p3.exception import LtiException
from sqlalchemy import bindparam, select, update

from lti_tool.core.clock import now
from lti_tool.core.db.compiled import Statement
from lti_tool.core.db.session import db, rows_matched
from lti_tool.core.ids import digest
from lti_tool.core.logs import log
from lti_tool.core.web.headers import allow_framing
from lti_tool.core.web.problems import Problem
from lti_tool.core.web.urls import former_origins
from lti_tool.lti.launch import Launch, Platform
from lti_tool.lti.launching import errors as launch_errors
from lti_tool.lti.launching.adapter import FoyerLaunch
from lti_tool.lti.launching.claims_reader import read_launch
from lti_tool.lti.launching.platform_keys import KeysUnavailable
from lti_tool.lti.launching.platform_storage import AskStorage, storage_of
from lti_tool.lti.models import LoginState, Registration
from lti_tool.lti.platforms import family_of
from lti_tool.lti.registrations import PLATFORM_COLUMNS, as_platform
from lti_tool.lti.rules import ClaimError, Expected, error_code, shown


@dataclass(frozen=True)
class _Login:
    """A login that is open, or has just been answered, in this browser."""

    key: str
    nonce_hash: str
    platform: Platform
    target_link_uri: str
    deployment_hint: str | None
    browser: str
    """The secret by which the browser was recognised; "" for an error that the platform's storage
    would have to vouch for."""


ANSWERED_AGAIN = timedelta(minutes=1)
"""How long the same form from the same browser gets its answer again: the platform's script and an
impatient hand may both send it, and the browser takes the answer that comes last."""


class LoginSpent(Exception):
    """The login was used before; the same form from the same browser may have its answer again."""


def receive(
    form: Mapping[str, str],
    browsers: Collection[str],
    own_origin: str,
    *,
    from_storage: str | None = None,
) -> Launch:
    """Verify a launch.

    Raises Problem, always with a page a person can act on, or AskStorage.

    ``browsers`` are the secrets that the browser holds; one of them must be the login's. Where the
    platform's storage holds it instead, it is ``from_storage``: what our own page got back there,
    never what came with the platform's form.
    The login is not yet spent: whoever records the launch does that in the same transaction
    (``SPEND_LOGIN``, ``consume``), so that whoever is refused here has burnt nothing. It may have
    been spent within the last minute: then this is good for the answer given before, if for any.
    """
    # The school's own host is known only from a verified launch; a refusal holds no decision.
    allow_framing(("*",))
    if form.get("error"):
        raise platform_error(form, browsers)
    login = _open_login(form, browsers, from_storage)
    if not form.get("id_token"):
        raise launch_errors.incomplete("id_token")
    expected = Expected(
        signs_as=login.platform.signs_as,
        client_id=login.platform.client_id,
        origin=own_origin,
        target_link_uri=login.target_link_uri,
        deployment_hint=login.deployment_hint,
        may_lack_link=family_of(login.platform.family).may_lack_link,
        former_origins=former_origins(),
    )
    message = FoyerLaunch(form, login.platform, expected, login.nonce_hash, now())
    try:
        claims = message.claims()
    except ClaimError as error:
        raise _refused(error, login) from error
    except KeysUnavailable as error:
        raise launch_errors.keys_unavailable() from error
    except (LtiException, ValueError, TypeError, KeyError, AttributeError) as error:
        # Whatever else the library stumbles over is the message's fault, not ours.
        raise _refused(ClaimError("id_token", untrusted=True), login) from error
    launch = read_launch(claims, login.platform, login.key, _idempotency_key(form, login))
    _refuse_without_place(launch)
    return launch


def _refuse_without_place(launch: Launch) -> None:
    """Raise Problem where a message names neither link nor course nor item, so nothing to open."""
    named = launch.link_id or launch.context_id or launch.item
    if launch.deep_linking is None and not named:
        log.warning("launch without place", platform=launch.platform.name)
        raise launch_errors.no_place()


def _idempotency_key(form: Mapping[str, str], login: _Login) -> str:
    """Sign what makes two requests the same launch: state, message, browser."""
    same = json.dumps([form["state"], form["id_token"], login.browser]).encode()
    secret: str = current_app.extensions["foyer.secret"]
    return hmac.digest(secret.encode(), b"launch:" + same, "sha256").hex()


SPEND_LOGIN = (
    update(LoginState)
    .where(
        LoginState.state_hash == bindparam("login_key"),
        LoginState.consumed_at.is_(None),
        LoginState.expires_at > bindparam("login_spent_at", type_=LoginState.expires_at.type),
    )
    .values(consumed_at=bindparam("login_spent_at", type_=LoginState.expires_at.type))
    .execution_options(synchronize_session=False)
)
"""Spends a login: once, and only while it is open. ``spending`` gives its parameters."""


def spending(login_key: str) -> dict[str, Any]:
    return {"login_key": login_key, "login_spent_at": now()}


def consume(login_key: str) -> None:
    """Spend the login inside the running transaction.

    Raises LoginSpent for whoever comes second.
    """
    spent = db.session.execute(SPEND_LOGIN, spending(login_key))
    if rows_matched(spent) != 1:
        raise LoginSpent


_LOGIN = Statement(
    select(
        LoginState.state_hash,
        LoginState.nonce_hash,
        LoginState.browser_hash,
        LoginState.storage_frame,
        LoginState.target_link_uri,
        LoginState.deployment_hint,
        LoginState.expires_at,
        LoginState.consumed_at,
        Registration.enabled,
        *PLATFORM_COLUMNS,
    )
    .join(Registration, Registration.id == LoginState.registration_id)
    .where(LoginState.state_hash == bindparam("state_hash"))
)


def _open_login(
    form: Mapping[str, str], browsers: Collection[str], from_storage: str | None
) -> _Login:
    state = form.get("state", "")
    if not state:
        raise launch_errors.incomplete("state")
    found = _LOGIN.rows({"state_hash": digest(state)})
    if not found:
        raise launch_errors.again("unknown-state")
    row = found[0]
    if not row.enabled:
        raise launch_errors.unknown_platform()
    if row.consumed_at is not None:
        if row.consumed_at <= now() - ANSWERED_AGAIN:
            raise launch_errors.again("launch-used")
    elif row.expires_at <= now():
        raise launch_errors.again("login-expired")
    platform = as_platform(row)
    if row.storage_frame is not None:
        _check_storage(form, row, platform, from_storage)
        browser = from_storage or ""
    else:
        browser = next((one for one in browsers if digest(one) == row.browser_hash), "")
        if not browser:
            raise launch_errors.again("other-browser", 403)
    return _Login(
        row.state_hash,
        row.nonce_hash,
        platform,
        row.target_link_uri,
        row.deployment_hint,
        browser,
    )


def _check_storage(
    form: Mapping[str, str], row: Any, platform: Platform, from_storage: str | None
) -> None:
    if form.get("error"):
        return  # the platform's no opens nothing, whoever reads it
    if from_storage is not None:
        if digest(from_storage) != row.browser_hash:
            raise launch_errors.again("other-browser", 403)
        return
    place = storage_of(platform, row.storage_frame, form["state"])
    if place is None:
        raise launch_errors.again("other-browser", 403)
    raise AskStorage(place)


def platform_error(form: Mapping[str, str], browsers: Collection[str]) -> Problem:
    """Say what the platform said instead of a launch, whichever way it came.

    Its own sentence only where it answers a login of this browser: else anybody may have sent it,
    and have people read on our page what they like.
    """
    try:
        login = _open_login(form, browsers, None)
    except Problem:
        login = None
    code = error_code(form["error"])
    log.warning("platform refused", platform=login.platform.name if login else "", code=code)
    said = shown(form.get("error_description", "")) if login and login.browser else ""
    return launch_errors.platform_error(code, said)


def _refused(error: ClaimError, login: _Login) -> Problem:
    more = {"why": error.why} if error.why else {}
    log.warning("launch refused", platform=login.platform.name, part=error.part, **more)
    return launch_errors.unverified(error)
