"""The claims by which a launch names the services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import claims as c
from sandbox.services import scopes

if TYPE_CHECKING:
    from sandbox.platform import Platform
    from sandbox.profiles.base import LaunchFacts
    from sandbox.services.hub import Services


def announced(services: Services, platform: Platform, facts: LaunchFacts) -> dict[str, Any]:
    """Those that the tool is permitted to use, in a course."""
    allowed = services.permitted(facts.school)
    claims: dict[str, Any] = {}
    if scopes.MEMBERSHIPS in allowed and _is_used(services, platform, facts):
        address = services.memberships_url(facts.course, facts.school)
        claims[c.NRPS] = services.habits.rosters.claim(address)
    if allowed.intersection(scopes.GRADES):
        claims[c.AGS] = _endpoint(services, facts, allowed)
    return claims


def _is_used(services: Services, platform: Platform, facts: LaunchFacts) -> bool:
    """Moodle lists people only to a tool that the course uses already: its first dialog is told
    of no list."""
    if services.habits.name != "moodle" or facts.dialog is None:
        return True
    placed = platform.links(facts.course, facts.school)
    return any(link.kind not in ("picker", "navigation") for link in placed)


def _endpoint(services: Services, facts: LaunchFacts, allowed: frozenset[str]) -> dict[str, Any]:
    granted = [scope for scope in scopes.GRADES if scope in allowed]
    endpoint: dict[str, Any] = {
        "scope": sorted(granted) if services.habits.grades.sorted_scopes else granted,
        "lineitems": services.lineitems_url(facts.course, facts.school),
    }
    columns = services.gradebook(facts.course, facts.school).of_link(facts.link.id)
    if len(columns) == 1:
        endpoint["lineitem"] = services.lineitem_url(columns[0], facts.course, facts.school)
    return endpoint
