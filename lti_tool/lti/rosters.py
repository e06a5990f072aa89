"""Who is in a course, as the platform lists them (Names and Role Provisioning Services 2.0)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lti_tool.core.http import Answer
from lti_tool.lti import bearer
from lti_tool.lti.access_tokens import ROSTER_SCOPE
from lti_tool.lti.launch import Platform
from lti_tool.lti.paging import Elsewhere, next_page
from lti_tool.lti.platforms import family_of
from lti_tool.lti.rules import MOST_ROLES, fits, is_id, role_uris, text
from lti_tool.lti.services import ServiceError, host_of

MEDIA_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
MOST_PAGES = 4000
"""The smallest pages that we know hold 50 people."""


@dataclass(frozen=True)
class Member:
    """Somebody in a course. ``roles`` are those of the course, as URIs that
    ``people.rules.standing`` understands; of names and e-mail what the platform's privacy
    settings let through."""

    sub: str
    name: str
    given_name: str
    family_name: str
    email: str | None
    roles: tuple[str, ...]
    active: bool


def members(platform: Platform, memberships_url: str) -> Iterator[list[Member]]:
    """The people of a course, a page at a time. Raises ServiceError.

    Each ``sub`` comes once in a page. One that a later page names again is given again there, with
    what all pages said together.
    """
    known: dict[str, Member] = {}
    for answer in _pages(platform, memberships_url):
        changed: dict[str, Member] = {}
        for member in _members(platform, memberships_url, answer):
            before = known.get(member.sub)
            now = member if before is None else _together(before, member)
            if now != before:
                known[member.sub] = changed[member.sub] = now
        yield list(changed.values())


def _pages(platform: Platform, memberships_url: str) -> Iterator[Answer]:
    family = family_of(platform.family)
    address: str | None = family.roster_address(memberships_url)
    asked: set[str] = set()
    while address is not None:
        if address in asked or len(asked) == MOST_PAGES:
            raise ServiceError(
                "endless", f"The list of people at {host_of(address)} does not come to an end."
            )
        asked.add(address)
        answer = bearer.ask(platform, ROSTER_SCOPE, "GET", address, {"Accept": MEDIA_TYPE})
        yield answer
        try:
            address = next_page(family.link_header(answer.headers.get("Link", "")), address)
        except Elsewhere as error:
            raise ServiceError(
                "elsewhere",
                f"{host_of(memberships_url)} says that the list of people goes on at another "
                "address, where Foyer must not show its access token. The LMS may not know its "
                "own address behind a proxy.",
            ) from error


def _members(platform: Platform, address: str, answer: Answer) -> list[Member]:
    if not answer.content.strip() and family_of(platform.family).empty_means_nobody():
        return []
    page = bearer.document(address, answer)
    listed = page.get("members") if isinstance(page, dict) else None
    if not isinstance(listed, list):
        raise ServiceError(
            "unreadable", f"The answer of {host_of(address)} is no list of a course's people."
        )
    return [
        _member(item) for item in listed if isinstance(item, dict) and is_id(item.get("user_id"))
    ]


def _member(item: Mapping[str, Any]) -> Member:
    given, family_name = text(item.get("given_name")), text(item.get("family_name"))
    email = item.get("email")
    status = item.get("status")
    return Member(
        sub=item["user_id"],
        name=text(item.get("name")) or f"{given} {family_name}".strip(),
        given_name=given,
        family_name=family_name,
        email=(email.strip() or None) if isinstance(email, str) and fits(email, 320) else None,
        roles=role_uris(item.get("roles")),
        active=status is None or (isinstance(status, str) and status.lower() == "active"),
    )


def _together(one: Member, other: Member) -> Member:
    """What two entries for the same person say. Roles that are no longer active do not count
    beside those that are."""
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
