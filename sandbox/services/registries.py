"""Dynamic Registration 1.0 by product: the configuration (§2.1), checks, and answers."""

from __future__ import annotations

import hashlib
import secrets
import string
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from sandbox.keys import sign
from sandbox.schools import School
from sandbox.services import scopes, service_urls
from sandbox.services.host import HostPlatform
from sandbox.services.registrations import TOOL, Pressed, RegistrationRefused, Tool, as_object

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
CANVAS = "https://canvas.instructure.com/lti/"
_BASIC_OUTCOME = "https://purl.imsglobal.org/spec/lti-bo/scope/basicoutcome"
_TOOL_SETTING = "https://purl.imsglobal.org/spec/lti-ts/scope/toolsetting"
_LARGEST = 300 * 1024
_NAMES = ("name", "given_name", "family_name")

Errors = Iterator[tuple[str, str]]


class Registry:
    """The registration service by the book (Dynamic Registration 1.0)."""

    configuration_path: ClassVar[str] = "/.well-known/openid-configuration"
    endpoint_path: ClassVar[str] = "/register"
    product: ClassVar[str] = "foyer-sandbox"
    version: ClassVar[str] = "1"
    configuration_needs_token: ClassVar[bool] = False
    token_works_once: ClassVar[bool] = True
    plain_errors: ClassVar[bool] = False
    refused_status: ClassVar[int] = 400
    button: ClassVar[str] = "Activate"
    """What the administrator presses in the end."""
    nested: ClassVar[bool] = False
    """The tool's page is in a frame of a frame."""
    checks_origin: ClassVar[bool] = False
    """Only the tool's own origin may say that it is done."""
    hears: ClassVar[str] = "object text"
    """The forms in which that may be said."""

    # What is said of the platform

    def base(self, platform: HostPlatform, school: School) -> str:
        return platform.school_url(school)

    def configuration_url(self, platform: HostPlatform, school: School, pressed: Pressed) -> str:
        return self.base(platform, school) + self.configuration_path

    def endpoint(self, platform: HostPlatform, school: School) -> str:
        return self.base(platform, school) + self.endpoint_path

    def scopes(self) -> list[str]:
        return ["openid", *sorted(scopes.ALL)]

    def claims(self) -> list[str]:
        return ["iss", "sub", "name", "given_name", "family_name", "email", "locale"]

    def messages(self, platform: HostPlatform) -> list[Any]:
        return [
            {"type": "LtiResourceLinkRequest"},
            {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea"]},
        ]

    def configuration(self, platform: HostPlatform, school: School) -> dict[str, Any]:
        told = platform.registration(school)
        return {
            "issuer": told.issuer,
            "authorization_endpoint": told.auth_url,
            "token_endpoint": told.token_url,
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
            "jwks_uri": told.jwks_url,
            "registration_endpoint": self.endpoint(platform, school),
            "scopes_supported": self.scopes(),
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": self.claims(),
            PLATFORM: {
                "product_family_code": self.product,
                "version": self.version,
                "messages_supported": self.messages(platform),
                "variables": sorted(name.removeprefix("$") for name in platform.profile.variables),
            },
        }

    # Tokens and ids

    def new_client_id(self, platform: HostPlatform) -> str:
        return f"client-{secrets.token_hex(6)}"

    def new_token(self, platform: HostPlatform, client_id: str, update: bool) -> str:
        return secrets.token_urlsafe(24)

    def _signed_token(self, platform: HostPlatform, client_id: str, **claims: Any) -> str:
        now = int(platform.now().timestamp())
        body = {"sub": client_id, "iat": now, "exp": now + 3600, "jti": secrets.token_hex(8)}
        key = platform.keys.current
        header = {"typ": "JWT", "alg": "RS256", "kid": platform.profile.kid(key)}
        return sign({**body, **claims}, header, "RS256", key)

    def deployment_id(self, platform: HostPlatform, pressed: Pressed) -> str:
        """Return "", where there is none before somebody installs the tool."""
        return "1"

    # The tool's request

    def read(self, platform: HostPlatform, body: bytes) -> dict[str, Any]:
        """Return the tool's request. Raises RegistrationRefused."""
        request = as_object(body)
        errors = dict(self._errors(request))
        if errors:
            raise RegistrationRefused(self.refused_status, errors)
        return request

    def _errors(self, request: dict[str, Any]) -> Errors:
        yield from _basics(request)
        if "id_token" not in (request.get("response_types") or ()):
            yield "response_types", "response_types must contain id_token"
        if request.get("token_endpoint_auth_method") != "private_key_jwt":
            yield "token_endpoint_auth_method", "it must be private_key_jwt"
        if not request.get("client_name"):
            yield "client_name", "client_name is missing"
        yield from _domain_errors(request)

    def answer(self, platform: HostPlatform, pressed: Pressed, tool: Tool) -> dict[str, Any]:
        configuration = dict(tool.configuration)
        if tool.deployment_id:
            configuration["deployment_id"] = tool.deployment_id
        return {**tool.request, "client_id": tool.client_id, TOOL: configuration}

    # The end

    def installed(self, platform: HostPlatform, tool: Tool) -> Tool:
        return tool

    def privacy(self, tool: Tool) -> str:
        """Tell what the tool is told of people, from the claims that it asks for."""
        asked = set(tool.configuration.get("claims") or ())
        names, email = bool(asked.intersection(_NAMES)), "email" in asked
        wanted = {(True, True): "public", (True, False): "name_only", (False, True): "email_only"}
        return wanted.get((names, email), "anonymous")


class SakaiRegistry(Registry):
    """A configuration address with a query, a token of one use, and a form to be saved."""

    configuration_path = "/imsblis/lti13/well_known"
    endpoint_path = "/imsblis/lti13/registration_endpoint/<key>"
    product = "sakailms.org"
    version = "25.0"
    button = "Save"

    def configuration_url(self, platform: HostPlatform, school: School, pressed: Pressed) -> str:
        query = {
            "key": self._key(platform, school),
            "clientId": pressed.client_id,
            "issuerURL": platform.registration(school).issuer,
            "deploymentId": "1",
        }
        address = super().configuration_url(platform, school, pressed)
        return f"{address}?{urlencode(query)}"

    def endpoint(self, platform: HostPlatform, school: School) -> str:
        return super().endpoint(platform, school).replace("<key>", self._key(platform, school))

    def _key(self, platform: HostPlatform, school: School) -> str:
        return service_urls.number_of_tool(platform, school.key)

    def scopes(self) -> list[str]:
        return ["openid"]

    def claims(self) -> list[str]:
        return ["iss", "aud"]

    def messages(self, platform: HostPlatform) -> list[Any]:
        return [{"type": "LtiResourceLinkRequest"}, {"type": "LtiDeepLinkingRequest"}]

    def new_client_id(self, platform: HostPlatform) -> str:
        return str(uuid.uuid4())

    def read(self, platform: HostPlatform, body: bytes) -> dict[str, Any]:
        if len(body) > _LARGEST:
            raise RegistrationRefused(400, {"body": "the request is larger than 300 KB"})
        return super().read(platform, body)

    def _errors(self, request: dict[str, Any]) -> Errors:
        yield from _basics(request)


class CanvasRegistry(Registry):
    """A configuration for whoever shows the token; a wizard; a deployment only in the end."""

    configuration_path = "/api/lti/security/openid-configuration"
    endpoint_path = "/api/lti/registrations"
    product = "canvas"
    version = "OpenSource"
    configuration_needs_token = True
    token_works_once = False
    refused_status = 422
    button = "Install"
    nested = True
    checks_origin = True

    def base(self, platform: HostPlatform, school: School) -> str:
        return platform.sites.issuer

    def configuration_url(self, platform: HostPlatform, school: School, pressed: Pressed) -> str:
        address = super().configuration_url(platform, school, pressed)
        return f"{address}?{urlencode({'registration_token': pressed.token})}"

    def claims(self) -> list[str]:
        return ["sub", "picture", "email", *_NAMES, "locale"]

    def messages(self, platform: HostPlatform) -> list[Any]:
        dialogs = [CANVAS + placement.key for placement in platform.profile.placements]
        entries = [CANVAS + placement for placement in (platform.profile.navigation,) if placement]
        return [
            {"type": "LtiResourceLinkRequest", "placements": entries},
            {
                "type": "LtiDeepLinkingRequest",
                "placements": [*dialogs, "ContentArea", "RichTextEditor"],
            },
        ]

    def configuration(self, platform: HostPlatform, school: School) -> dict[str, Any]:
        told = super().configuration(platform, school)
        domain = urlsplit(platform.school_url(school)).hostname or ""
        about = {
            **told[PLATFORM],
            "notice_types_supported": [],
            CANVAS + "account_name": school.name,
            CANVAS + "account_lti_guid": hashlib.sha1(  # noqa: S324 (an id)
                school.key.encode()
            ).hexdigest(),
            CANVAS + "account_domain": domain,
        }
        server = urlsplit(platform.sites.issuer).hostname
        return {**told, "authorization_server": server, PLATFORM: about}

    def new_client_id(self, platform: HostPlatform) -> str:
        return str(10**13 + secrets.randbelow(10**6))

    def new_token(self, platform: HostPlatform, client_id: str, update: bool) -> str:
        return self._signed_token(platform, client_id)

    def deployment_id(self, platform: HostPlatform, pressed: Pressed) -> str:
        return ""

    def _errors(self, request: dict[str, Any]) -> Errors:
        yield from super()._errors(request)
        if request.get("application_type") != "web":
            yield "application_type", "application_type must be web"
        granted = set(request.get("grant_types") or ())
        if not {"client_credentials", "implicit"} <= granted:
            yield "grant_types", "grant_types must hold client_credentials and implicit"
        if not isinstance(request.get("scope"), str):
            yield "scope", "scope is missing"
        configuration = request.get(TOOL)
        if not isinstance(configuration, dict):
            return
        for name in ("claims", "messages"):
            if not isinstance(configuration.get(name), list):
                yield name, f"{name} is not a list"
        level = configuration.get(CANVAS + "privacy_level", "public")
        if level not in ("public", "name_only", "email_only", "anonymous"):
            yield "privacy_level", f"{level} is no privacy level"

    def answer(self, platform: HostPlatform, pressed: Pressed, tool: Tool) -> dict[str, Any]:
        answer = super().answer(platform, pressed, tool)
        own = f"{self.endpoint(platform, platform.school(tool.school))}/{tool.client_id}"
        answer[TOOL][CANVAS + "registration_config_url"] = f"{own}/view"
        return {**answer, "registration_client_uri": own}

    def installed(self, platform: HostPlatform, tool: Tool) -> Tool:
        if tool.deployment_id:
            return tool
        return replace(tool, deployment_id=f"{secrets.randbelow(90_000)}:{secrets.token_hex(20)}")

    def privacy(self, tool: Tool) -> str:
        return str(tool.configuration.get(CANVAS + "privacy_level") or super().privacy(tool))


class MoodleRegistry(Registry):
    """A token for one client, errors in plain words, and a tool that waits to be activated."""

    configuration_path = "/mod/lti/openid-configuration.php"
    endpoint_path = "/mod/lti/openid-registration.php"
    product = "moodle"
    version = "4.5.5"
    plain_errors = True
    hears = "object"

    def scopes(self) -> list[str]:
        return [*sorted(scopes.ALL), _BASIC_OUTCOME, _TOOL_SETTING, "openid"]

    def claims(self) -> list[str]:
        return ["sub", "iss", *_NAMES, "email"]

    def new_client_id(self, platform: HostPlatform) -> str:
        letters = string.ascii_letters + string.digits
        return "".join(secrets.choice(letters) for _ in range(15))

    def new_token(self, platform: HostPlatform, client_id: str, update: bool) -> str:
        scope = "reg-update" if update else "reg"
        return self._signed_token(platform, client_id, scope=scope)

    def deployment_id(self, platform: HostPlatform, pressed: Pressed) -> str:
        if pressed.update:
            return platform.school(pressed.school).deployment_id
        return str(10 + pressed.number)

    def _errors(self, request: dict[str, Any]) -> Errors:
        for _, _error in super()._errors(request):
            yield "invalid", _error
            return
        if request.get("application_type", "web") != "web":
            yield "invalid", "invalid_application_type"


def _basics(request: dict[str, Any]) -> Errors:
    for name in ("initiate_login_uri", "jwks_uri"):
        if not isinstance(request.get(name), str) or not urlsplit(request[name]).netloc:
            yield name, f"{name} is missing"
    uris = request.get("redirect_uris")
    if not isinstance(uris, list) or not uris or not all(isinstance(uri, str) for uri in uris):
        yield "redirect_uris", "redirect_uris is not a list of addresses"


def _domain_errors(request: dict[str, Any]) -> Errors:
    configuration = request.get(TOOL)
    if not isinstance(configuration, dict) or not configuration.get("domain"):
        yield "domain", "missing_domain"
        return
    target = urlsplit(str(configuration.get("target_link_uri") or ""))
    if configuration["domain"] not in (target.hostname, target.netloc):
        yield "target_link_uri", "domain_targetlinkuri_mismatch"
