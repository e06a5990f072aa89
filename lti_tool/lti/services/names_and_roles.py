"""Names and Role Provisioning Services 2.0 (NRPS): who is in a course, by the platform's list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lti_tool.lti.launch import Platform
from lti_tool.lti.platforms import family_of
from lti_tool.lti.rules import MOST_ROLES, fits, platform_id, role_uris, text
from lti_tool.lti.services import client
from lti_tool.lti.services.access_tokens import ROSTER_SCOPE
from lti_tool.lti.services.errors import ServiceError, host_of

MOST_PEOPLE = 200_000
"""Of one course: they are all kept in memory while they are read."""
MEDIA_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


@dataclass(frozen=True)
class Member:
    """Somebody in a course.

    ``roles`` are those of the course, as URIs that ``people.rules.standing`` understands; of names
    and e-mail what the platform's privacy settings let through.
    """

    sub: str
    name: str
    given_name: str
    family_name: str
    email: str | None
    roles: tuple[str, ...]
    active: bool


def members(platform: Platform, memberships_url: str) -> Iterator[list[Member]]:
    """List the people of a course, a page at a time.

    Raises ServiceError. Each ``sub`` comes once in a page. One that a later page names again is
    given again there, with what all pages said together.
    """
    known: dict[str, Member] = {}
    first = family_of(platform.family).roster_address(memberships_url)
    for answer in client.pages(platform, ROSTER_SCOPE, first, MEDIA_TYPE):
        changed: dict[str, Member] = {}
        for item in client.listed(platform, first, answer, "members"):
            sub = platform_id(item.get("user_id"))
            if sub is None:
                continue
            member, before = _member(sub, item), known.get(sub)
            if before is not None:
                member = _together(before, member)
            if member != before:
                known[sub] = changed[sub] = member
        if len(known) > MOST_PEOPLE:
            raise ServiceError("too-large", f"{host_of(first)} lists too many people to be read.")
        yield list(changed.values())


def _member(sub: str, item: Mapping[str, Any]) -> Member:
    given, family_name = text(item.get("given_name")), text(item.get("family_name"))
    email = item.get("email")
    return Member(
        sub=sub,
        name=text(item.get("name")) or f"{given} {family_name}".strip(),
        given_name=given,
        family_name=family_name,
        email=(email.strip() or None) if isinstance(email, str) and fits(email, 320) else None,
        roles=role_uris(item.get("roles")),
        active=_is_active(item.get("status")),
    )


def _is_active(status: Any) -> bool:
    """Tell whether a membership holds (NRPS 2.0 §2.3); some write the status as a URI."""
    if status is None:
        return True
    return isinstance(status, str) and re.split(r"[#/:]", status)[-1].strip().lower() == "active"


def _together(one: Member, other: Member) -> Member:
    """Unite what two entries for the same person say.

    Roles that are no longer active do not count beside those that are.
    """
    if one.active != other.active:
        first, second = (one, other) if one.active else (other, one)
        roles = first.roles
    else:
        first, second = one, other
        roles = tuple(dict.fromkeys((*one.roles, *other.roles)))[:MOST_ROLES]
    return replace(
        first,
        name=first.name or second.name,
        given_name=first.given_name or second.given_name,
        family_name=first.family_name or second.family_name,
        email=first.email or second.email,
        roles=roles,
    )
