"""The service claims of a launch: where NRPS and AGS are (AGS 2.0 §3.1), if they may be used."""

from __future__ import annotations

from typing import Any

from sandbox import claims as c
from sandbox.profiles.base import LaunchFacts
from sandbox.services import scopes
from sandbox.services.host import HostedServices, HostPlatform
from sandbox.services.product_profiles import ProductProfile


def announced(
    platform: HostPlatform, product: ProductProfile, facts: LaunchFacts
) -> dict[str, Any]:
    """Return the claims of the services that the tool is permitted to use in a course."""
    services = platform.services
    allowed = services.permitted(facts.school)
    claims: dict[str, Any] = {}
    if scopes.MEMBERSHIPS in allowed and _is_used(platform, product, facts):
        address = services.memberships_url(facts.course, facts.school)
        claims[c.NRPS] = product.rosters.claim(address)
    if allowed.intersection(scopes.GRADES):
        claims[c.AGS] = _endpoint(platform.services, product, facts, allowed)
    return claims


def _is_used(platform: HostPlatform, product: ProductProfile, facts: LaunchFacts) -> bool:
    """Whether the course uses the tool already.

    Moodle lists people only then: the tool's first dialog is told of no list.
    """
    if product.name != "moodle" or facts.dialog is None:
        return True
    placed = platform.links(facts.course, facts.school)
    return any(link.kind not in ("picker", "navigation") for link in placed)


def _endpoint(
    services: HostedServices, product: ProductProfile, facts: LaunchFacts, allowed: frozenset[str]
) -> dict[str, Any]:
    granted = [scope for scope in scopes.GRADES if scope in allowed]
    endpoint: dict[str, Any] = {
        "scope": sorted(granted) if product.grades.sorted_scopes else granted,
        "lineitems": services.lineitems_url(facts.course, facts.school),
    }
    columns = services.gradebook(facts.course, facts.school).of_link(facts.link.id)
    if len(columns) == 1:
        endpoint["lineitem"] = services.lineitem_url(columns[0], facts.course, facts.school)
    return endpoint
