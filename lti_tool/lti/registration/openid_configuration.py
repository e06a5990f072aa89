"""OpenID configuration: what an LMS says of itself when it registers us, and what it answers.

Dynamic Registration 1.0 §2.1 and §3.5. Pure; none of it is believed further than it can be checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lti_tool.core.http import Policy
from lti_tool.lti.confused_deputy import audience_host
from lti_tool.lti.launch import origin_of
from lti_tool.lti.platforms import family_of, named_by_product
from lti_tool.lti.platforms.hosts import host_of
from lti_tool.lti.registration.request import TOOL_CONFIGURATION
from lti_tool.lti.rules import fits, is_deployment_id, mapping, text

_PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"
_LONGEST_ISSUER, _LONGEST_ADDRESS = 512, 1024


class Unfit(ValueError):
    """What the LMS said cannot be used.

    ``reason`` is "missing", "issuer" or "elsewhere"; ``part`` is the name of the value that is at
    fault.
    """

    def __init__(self, reason: str, part: str) -> None:
        super().__init__(f"{reason}: {part}")
        self.reason = reason
        self.part = part


@dataclass(frozen=True)
class PlatformConfiguration:
    """Where an LMS wants to be asked; ``host`` is the one that said so."""

    host: str
    family: str
    issuer: str
    auth_url: str
    token_url: str
    jwks_url: str
    registration_url: str
    auth_audience: str | None
    school: str
    school_host: str


def read_configuration(told: object, host: str, policy: Policy) -> PlatformConfiguration:
    """Read what the LMS says of itself, or raise Unfit.

    That is raised also for what could not be kept or called, so that the LMS is asked for nothing
    that cannot be used.
    """
    said = mapping(told)
    about = mapping(said.get(_PLATFORM_CONFIGURATION))
    name = named_by_product(text(about.get("product_family_code"), 64))
    family = family_of(name)
    issuer = _address(said, "issuer", _LONGEST_ISSUER)
    if not family.speaks_for(issuer, host):
        raise Unfit("issuer", "issuer")
    school, named = family.school(about, host)
    school_host = host_of(f"https://{named}") if named else ""
    found = {}
    for part in ("authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"):
        found[part] = _address(said, part, _LONGEST_ADDRESS)
        if not policy.allows_scheme(found[part].partition(":")[0].lower()):
            raise Unfit("missing", part)
        if not family.may_name(host, found[part], school_host):
            raise Unfit("elsewhere", part)
    audience = family.audience(said)
    if audience is not None:
        if not fits(audience, _LONGEST_ADDRESS):
            raise Unfit("missing", "authorization_server")
        named = audience_host(audience)
        if not family.may_name(host, f"https://{named}", school_host):
            raise Unfit("elsewhere", "authorization_server")
    return PlatformConfiguration(
        host=host,
        family=name,
        issuer=issuer,
        auth_url=found["authorization_endpoint"],
        token_url=found["token_endpoint"],
        jwks_url=found["jwks_uri"],
        registration_url=found["registration_endpoint"],
        auth_audience=audience,
        school=text(school, 200),
        school_host=school_host,
    )


@dataclass(frozen=True)
class Granted:
    """What the LMS calls us from now on.

    No deployment: it is named by the first launch.
    """

    client_id: str
    deployment_id: str | None


def read_grant(told: object) -> Granted:
    """Read what the LMS answers; raise Unfit for what cannot be kept."""
    said = mapping(told)
    client_id = _id(said.get("client_id"))
    if client_id is None:
        raise Unfit("missing", "client_id")
    named = mapping(said.get(TOOL_CONFIGURATION)).get("deployment_id", said.get("deployment_id"))
    deployment_id = _id(named)
    if deployment_id is not None and not is_deployment_id(deployment_id):
        raise Unfit("missing", "deployment_id")
    return Granted(client_id, deployment_id)


def _address(said: Mapping[str, Any], part: str, longest: int) -> str:
    value = said.get(part)
    if not isinstance(value, str) or not fits(value, longest) or origin_of(value) is None:
        raise Unfit("missing", part)
    return value


def _id(value: object) -> str | None:
    """Read an id; some write a number that is one without quotation marks."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None
