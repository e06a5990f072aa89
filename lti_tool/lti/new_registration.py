"""What is said of an LMS that is to be registered, and whether it can be kept and used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from lti_tool.core.http import Policy
from lti_tool.core.institutions import Institution
from lti_tool.lti.launch import origin_of
from lti_tool.lti.models import Registration
from lti_tool.lti.platforms import FAMILIES
from lti_tool.lti.rules import fits, is_deployment_id


class RegistrationError(ValueError):
    """The registration cannot be made or found; the text tells the operator why."""


class AlreadyRegistered(RegistrationError):
    """The name, or the issuer with the client id, belongs to another registration."""


@dataclass(frozen=True)
class NewRegistration:
    """What an operator says of an LMS, or it of itself."""

    name: str
    family: str
    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    auth_audience: str | None = None
    institution: str = ""
    deployments: tuple[str, ...] = ()
    accept_new_deployments: bool = False
    frame_origins: tuple[str, ...] = field(default_factory=tuple)
    asked_host: str | None = None
    """The host that described it; None: an operator did."""
    audience_by_operator: bool = True
    """Whether an operator wrote the audience, if there is one."""

    @property
    def self_registered(self) -> bool:
        return self.asked_host is not None


def checked(written: NewRegistration, policy: Policy) -> NewRegistration:
    """Return what is written, without white space around it, if it can be kept and used."""
    new = _trimmed(written)
    if not 0 < len(new.name) <= 64:
        raise RegistrationError("the name must have 1 to 64 characters")
    if new.family not in FAMILIES:
        raise RegistrationError(f"the family must be one of {', '.join(FAMILIES)}")
    if not new.client_id or not new.issuer:
        raise RegistrationError("issuer and client id must not be empty")
    for label, value, column in (
        ("name", new.name, Registration.name),
        ("issuer", new.issuer, Registration.issuer),
        ("client id", new.client_id, Registration.client_id),
        ("auth address", new.auth_url, Registration.auth_url),
        ("token address", new.token_url, Registration.token_url),
        ("jwks address", new.jwks_url, Registration.jwks_url),
        ("auth audience", new.auth_audience or "", Registration.auth_audience),
        ("institution", new.institution, Institution.name),
    ):
        _check_text(label, value, column)
    if not (new.client_id.isascii() and new.client_id.isprintable()):  # RFC 6749 §A.1
        raise RegistrationError("the client id must be of ASCII characters that can be seen")
    if origin_of(new.issuer) is None:
        raise RegistrationError(f"the issuer “{new.issuer}” is no web address")
    for label, address in (
        ("auth", new.auth_url),
        ("token", new.token_url),
        ("jwks", new.jwks_url),
        *(("frame origin", origin.replace("://*.", "://", 1)) for origin in new.frame_origins),
    ):
        _check_address(label, address, policy)
    for deployment_id in new.deployments:
        if not is_deployment_id(deployment_id):
            raise RegistrationError(f"“{deployment_id}” is no deployment id")
    return new


def _trimmed(written: NewRegistration) -> NewRegistration:
    return replace(
        written,
        name=written.name.strip(),
        family=written.family.strip(),
        issuer=written.issuer.strip(),
        client_id=written.client_id.strip(),
        auth_url=written.auth_url.strip(),
        token_url=written.token_url.strip(),
        jwks_url=written.jwks_url.strip(),
        auth_audience=(written.auth_audience or "").strip() or None,
        institution=written.institution.strip(),
        deployments=_each_once(written.deployments),
        frame_origins=_each_once(written.frame_origins),
    )


def _each_once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.strip() for value in values))


def _check_text(label: str, value: str, column: InstrumentedAttribute[Any]) -> None:
    longest = column.type.length
    if not fits(value, longest):
        raise RegistrationError(
            f"the {label} must have at most {longest} characters and no control characters"
        )


def _check_address(label: str, address: str, policy: Policy) -> None:
    origin = origin_of(address)
    if origin is None:
        raise RegistrationError(f"the {label} address “{address}” is no web address")
    if not policy.allows_scheme(origin.partition(":")[0]):
        raise RegistrationError(
            f"the {label} address “{address}” must begin with https:// "
            "(http is for development: FOYER_DEVELOPMENT=1)"
        )
