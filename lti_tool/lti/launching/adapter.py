"""PyLTI1p3, with every step that it leaves open closed.

The library drives the order of a launch's checks; each step that it does loosely
(``docs/security.md`` lists them) is overridden here. Two steps do what their names do not say: the
signature is checked with the format, and the claims where the library checks the signature. The
names used are those that PyLTI1p3 2.0.0 and pylti1p3next share; a contract test fails when one
disappears.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn, cast

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.utils import base64url_decode
from pylti1p3.cookie import CookieService
from pylti1p3.deployment import Deployment as LibraryDeployment
from pylti1p3.message_launch import MessageLaunch
from pylti1p3.registration import Registration as LibraryRegistration
from pylti1p3.request import Request
from pylti1p3.session import SessionService
from pylti1p3.tool_config.abstract import ToolConfAbstract

from lti_tool.core.ids import digest
from lti_tool.core.web.pages import speak
from lti_tool.lti.launch import Platform
from lti_tool.lti.launching.platform_keys import platform_keys
from lti_tool.lti.rules import (
    ClaimError,
    Expected,
    check_claims,
    check_header,
    locale_of,
    platform_id,
)

_NO_NETWORK = requests.Session()
"""The library wants one; nothing of ours lets it be used."""


class _Form(Request):
    """The launch form, as the library reads it."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self.form = form

    def is_secure(self) -> bool:
        return True

    def get_param(self, key: str) -> str:
        return self.form.get(key, "")


class _NoCookies(CookieService):
    """The browser was recognised before the library is asked; it sets and reads no cookie."""

    def get_cookie(self, name: str) -> str | None:
        raise LookupError(name)

    def set_cookie(self, name: str, value: str | int, exp: int | None = 3600) -> NoReturn:
        raise LookupError(name)


class _NoStorage(SessionService):
    """The library keeps nothing: neither nonce nor launch data."""

    def __init__(self) -> None:
        """Leave out the library's storage in the Flask session, deliberately."""


class _OnePlatform(ToolConfAbstract[Request]):
    """The registration that the login was made for, and no other."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def check_iss_has_one_client(self, iss: str) -> bool:
        return False

    def check_iss_has_many_clients(self, iss: str) -> bool:
        return True

    def find_registration_by_issuer(self, iss: str, *_a: Any, **_k: Any) -> NoReturn:
        raise LookupError(iss)

    def find_registration_by_params(
        self, iss: str, client_id: str, *_args: Any, **_kwargs: Any
    ) -> LibraryRegistration:
        if not self.platform.signs_as(iss):
            raise ClaimError("iss", untrusted=True)
        registration = LibraryRegistration()
        registration.set_issuer(self.platform.issuer).set_client_id(self.platform.client_id)
        return registration

    def find_deployment(self, iss: str, deployment_id: str) -> NoReturn:
        raise LookupError(iss)

    def find_deployment_by_params(
        self, iss: str, deployment_id: str, client_id: str, *_args: Any, **_kwargs: Any
    ) -> LibraryDeployment:
        # Whether the deployment is known is decided in the transaction that records the launch.
        return LibraryDeployment().set_deployment_id(deployment_id)


def _first_part(token: str) -> bytes:
    """Decode the header, to find the key by; PyJWT reads it again, strictly, with the key."""
    try:
        return base64url_decode(token.partition(".")[0])
    except ValueError as error:
        raise ClaimError("id_token", untrusted=True) from error


def _object(text: bytes) -> dict[str, Any]:
    """Read a JSON object.

    Raises ClaimError.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ClaimError("id_token", untrusted=True) from error
    if not isinstance(found, dict):
        raise ClaimError("id_token", untrusted=True)
    return found


class _Jws(jwt.PyJWS):
    def _validate_kid(self, kid: object) -> None:
        """Pass: ``check_header`` has read it, also where it is a number."""


_JWS = _Jws(algorithms=["RS256"])
"""Knows no other algorithm."""


def _signed(token: str, keys: Sequence[RSAPublicKey]) -> bytes:
    """Return what one of the keys has signed (RFC 7515 §5.2); a platform may give several one id.

    Raises ClaimError.
    """
    refusal: jwt.InvalidTokenError | None = None
    for key in keys:
        try:
            return cast(bytes, _JWS.decode(token, key, algorithms=["RS256"]))
        except jwt.InvalidTokenError as error:
            refusal = error
    raise ClaimError("signature", untrusted=True) from refusal


class FoyerLaunch(MessageLaunch[Request, _OnePlatform, _NoStorage, _NoCookies]):
    """One launch message, checked against the login it answers."""

    def __init__(
        self,
        form: Mapping[str, str],
        platform: Platform,
        expected: Expected,
        nonce_hash: str,
        moment: datetime,
    ) -> None:
        self._expected = expected
        self._nonce_hash = nonce_hash
        self._moment = moment
        super().__init__(
            _Form(form),
            _OnePlatform(platform),
            session_service=_NoStorage(),
            cookie_service=_NoCookies(),
            requests_session=_NO_NETWORK,
        )

    def _get_request_param(self, key: str) -> str:
        return self._request.get_param(key)

    def claims(self) -> Mapping[str, Any]:
        """Return the verified claims.

        Raises ClaimError, KeysUnavailable or the library's exceptions.
        """
        return self.get_launch_data()

    def get_client_id(self) -> str:
        audience = self._get_jwt_body().get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if self._expected.client_id not in map(platform_id, audiences):
            raise ClaimError("aud", untrusted=True)
        return self._expected.client_id

    def validate_state(self) -> FoyerLaunch:
        """Pass: state, browser and age were checked with the login; see ``receive.py``."""
        return self

    def validate_jwt_format(self) -> FoyerLaunch:
        """Check the signature (RFC 7515 §5.2) and read what was signed.

        The library would first read, and leniently, what nobody has vouched for.
        """
        token = self._get_id_token()
        header = _object(_first_part(token))
        keys = platform_keys(self._tool_config.platform, check_header(header))
        if not keys:
            raise ClaimError("kid", untrusted=True)
        body = _object(_signed(token, keys))
        self.set_jwt(cast(Any, {"header": header, "body": body}))
        speak(locale_of(body))
        return self

    def validate_nonce(self) -> FoyerLaunch:
        nonce = self._get_jwt_body().get("nonce")
        if not isinstance(nonce, str) or not hmac.compare_digest(digest(nonce), self._nonce_hash):
            raise ClaimError("nonce", untrusted=True)
        return self

    def validate_jwt_signature(self) -> FoyerLaunch:
        """Check the claims; the signature was checked before any of them was read."""
        check_claims(self._jwt["body"], self._expected, self._moment)
        return self

    def validate_message(self) -> FoyerLaunch:
        """Pass: ``check_claims`` has asked for more.

        But for two messages which the library refuses and which have an answer here: an anonymous
        launch, and a dialog that takes no resource link.
        """
        return self

    def save_launch_data(self) -> FoyerLaunch:
        """Keep nothing; the login is consumed in the transaction that records the launch."""
        return self
