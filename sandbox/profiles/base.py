"""What a profile decides: the looks of login, token and strictness, never who may be launched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sandbox.courses import Course, Link
from sandbox.people import Role, User
from sandbox.schools import School


@dataclass(frozen=True)
class LaunchFacts:
    """Everything about one launch that a profile puts into words. Times are seconds since 1970."""

    base_url: str
    issuer: str
    school: School
    user: User
    course: Course
    link: Link
    target_link_uri: str
    document_target: str
    return_url: str
    issued_at: int

    @property
    def role(self) -> Role | None:
        return self.course.role_of(self.user.id)


@dataclass(frozen=True)
class AuthFault:
    """An OpenID Connect error that is sent to the tool's redirect_uri."""

    code: str
    description: str


class Profile(Protocol):
    """One kind of platform."""

    name: str
    login_method: str
    """"GET" or "POST": how the login form is sent unless the page's reader chooses."""

    def login_fields(self, facts: LaunchFacts, hint: str) -> dict[str, str]:
        """The fields of the third-party login; `hint` names the waiting launch."""
        ...

    def hint_of(self, params: Mapping[str, str]) -> str:
        """The waiting launch that an authentication request speaks of ("" when it does not)."""
        ...

    def check_auth(self, params: Mapping[str, str]) -> AuthFault | None:
        """What is wrong with the shape of an authentication request, if anything."""
        ...

    def claims(self, facts: LaunchFacts, nonce: str) -> dict[str, Any]:
        """The payload of the id_token."""
        ...

    def headers(self, kid: str) -> dict[str, Any]:
        """The header of the id_token."""
        ...

    def launch_fields(self) -> dict[str, str]:
        """Fields of the launch form besides id_token and state."""
        ...
