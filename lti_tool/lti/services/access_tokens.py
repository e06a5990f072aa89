"""OAuth access tokens for a platform's services, kept in the process, one a registration and scope.

Never shared between registrations: one issuer, and one token address, may stand for many schools.
Never for two scopes at once, because one platform refuses all for one that it does not allow.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app

from lti_tool.core.clock import now
from lti_tool.core.http import Answer, FetchError, HttpClient
from lti_tool.core.ids import new_secret
from lti_tool.lti.launch import Platform
from lti_tool.lti.platforms import family_of
from lti_tool.lti.rules import error_code, mapping
from lti_tool.lti.services.errors import ServiceError, host_of, no_answer, refused, safe
from lti_tool.lti.signing import sign
from lti_tool.lti.tenants import NotSigned, may_sign

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE = timedelta(minutes=4)
BEHIND = timedelta(seconds=5)
"""So far back we date an assertion, for a platform whose clock is a little behind ours."""
MARGIN = timedelta(minutes=1)
USUAL_LIFE = timedelta(minutes=5)
"""Of a token whose life the platform does not tell."""
LONGEST_LIFE = timedelta(days=1)
QUICK = timedelta(seconds=3)
_PASSING = frozenset({502, 503, 504})
"""What a gateway says while the program behind it starts."""
ROSTER_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"

_FIT = re.compile(r"[\x21-\x7e]{1,16384}")


@dataclass
class _Held:
    """A token for one scope of one registration, as that stood then."""

    asked_of: tuple[str, str, str | None]
    token: str | None = field(default=None, repr=False)
    until: datetime | None = None
    answers: int = 0
    failure: ServiceError | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def usable(self, spent: str | None) -> str | None:
        good = self.until is not None and now() < self.until and self.token != spent
        return self.token if good else None


class AccessTokens:
    """The access tokens in hand, one a registration and scope; asks for others."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client
        self._held: dict[tuple[str, str], _Held] = {}
        self._lock = threading.Lock()

    def get(self, platform: Platform, scope: str, spent: str | None = None) -> str:
        """Return a token, but not the ``spent`` one, which the platform took no more.

        Raises ServiceError. One thread at a time asks; who waited for it shares what came of it,
        also a failure.
        """
        held = self._of(platform, scope)
        answers = held.answers
        token = held.usable(spent)
        if token is not None:
            return token
        with held.lock:
            token = held.usable(spent)
            if token is not None:
                return token
            if held.answers == answers or held.failure is None:
                self._ask(held, platform, scope)
            if held.failure is not None:
                raise ServiceError(held.failure.reason, str(held.failure), held.failure.said)
            assert held.token is not None
            return held.token

    def _of(self, platform: Platform, scope: str) -> _Held:
        asked_of = (platform.client_id, platform.token_url, platform.auth_audience)
        with self._lock:
            held = self._held.get((platform.id, scope))
            if held is None or held.asked_of != asked_of:
                held = self._held[platform.id, scope] = _Held(asked_of)
            return held

    def _ask(self, held: _Held, platform: Platform, scope: str) -> None:
        held.token = held.until = held.failure = None
        asked_at = now()
        try:
            answer = past_hiccup(lambda: self._answer(platform, scope))
            held.token, life = _granted(platform, scope, answer)
            held.until = asked_at + life - min(MARGIN, life / 2)
        except ServiceError as error:
            held.failure = error
        held.answers += 1

    def _answer(self, platform: Platform, scope: str) -> Answer:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": _assertion(platform),
            "scope": scope,
        }
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        sent = urlencode(form).encode("ascii")
        try:
            return self._client.ask("POST", platform.token_url, headers, sent)
        except FetchError as error:
            raise no_answer(platform.token_url, error) from error


def past_hiccup(ask: Callable[[], Answer]) -> Answer:
    """Ask, and once more where a gateway says no at once; what took longer is over for now.

    Only for what may be asked twice.
    """
    began = now()
    answer = ask()
    return ask() if answer.status in _PASSING and now() - began <= QUICK else answer


def _assertion(platform: Platform) -> str:
    """Sign a client assertion of who we are (RFC 7523 §3; Security Framework 1.0 §4.1.1).

    Raises ServiceError where that would be good at another LMS as well.
    """
    try:
        may_sign(platform)
    except NotSigned as refusal:
        raise ServiceError(refusal.reason, str(refusal)) from refusal
    dated = now() - BEHIND
    return sign(
        {
            "iss": platform.client_id,
            "sub": platform.client_id,
            "aud": platform.auth_audience or platform.token_url,
            "iat": int(dated.timestamp()),
            "exp": int((dated + ASSERTION_LIFE).timestamp()),
            "jti": new_secret(),
        }
    )


def _granted(platform: Platform, scope: str, answer: Answer) -> tuple[str, timedelta]:
    """Read the token and its life.

    Raises ServiceError.
    """
    if answer.status not in (200, 201):
        raise _refusal(platform, scope, answer)
    try:
        told = mapping(answer.json())
    except FetchError as error:
        raise no_answer(platform.token_url, error) from error
    token, kind, scopes = told.get("access_token"), told.get("token_type"), told.get("scope")
    if not isinstance(token, str) or not _FIT.fullmatch(token):
        raise _unreadable(platform)
    if kind not in (None, "") and str(kind).lower() != "bearer":
        raise _unreadable(platform)
    if isinstance(scopes, str) and scopes and scope not in re.split(r"[\s,]+", scopes):
        raise _scope_refused(platform, scope)
    return token, _life(told.get("expires_in"))


def _life(told: Any) -> timedelta:
    """Read how long a token lives; some write the number as a text."""
    digits = str(told) if isinstance(told, str | int) and not isinstance(told, bool) else ""
    if not re.fullmatch(r"[0-9]{1,9}", digits):
        return USUAL_LIFE
    return min(timedelta(seconds=int(digits)), LONGEST_LIFE)


def _refusal(platform: Platform, scope: str, answer: Answer) -> ServiceError:
    if answer.status not in (400, 401, 403):
        return refused(platform.token_url, answer)
    try:
        told = mapping(answer.json())
    except FetchError:
        told = {}
    written = told.get("error")
    code = error_code(written) if isinstance(written, str) else ""
    detail = family_of(platform.family).refusal_detail(answer.headers)
    said = safe(told.get("error_description")) or safe(detail) or code
    host = host_of(platform.token_url)
    if code == "invalid_scope":
        return _scope_refused(platform, scope, said)
    if code in ("invalid_client", "unauthorized_client", "invalid_grant"):
        return ServiceError(
            "client-refused",
            f"{host} does not believe that it is Foyer who asks. Compare the client id and the "
            "address of Foyer's public keys with what the LMS has.",
            said,
        )
    return ServiceError(
        "token-refused",
        f"{host} gives Foyer no access token (status {answer.status}). Compare the client id, "
        "the token address and the audience with what the LMS shows.",
        said,
    )


def _scope_refused(platform: Platform, scope: str, said: str = "") -> ServiceError:
    family = family_of(platform.family)
    hint = family.allows_rosters() if scope == ROSTER_SCOPE else family.allows_grades()
    return ServiceError("scope-refused", f"The LMS does not allow Foyer this. {hint}", said)


def _unreadable(platform: Platform) -> ServiceError:
    host = host_of(platform.token_url)
    return ServiceError("unreadable", f"The answer of {host} holds no access token.")


def install(app: Flask, client: HttpClient) -> None:
    app.extensions["foyer.access_tokens"] = AccessTokens(client)


def access_tokens() -> AccessTokens:
    tokens: AccessTokens = current_app.extensions["foyer.access_tokens"]
    return tokens
