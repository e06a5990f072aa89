"""How one product differs from another, chosen by its family; pure."""

from __future__ import annotations

from collections.abc import Iterable

from lti_tool.lti.platforms.base import Family
from lti_tool.lti.platforms.canvas import Canvas
from lti_tool.lti.platforms.moodle import Moodle
from lti_tool.lti.platforms.sakai import Sakai

_FAMILIES: dict[str, Family] = {
    "sakai": Sakai(),
    "canvas": Canvas(),
    "moodle": Moodle(),
    "other": Family(),
}
FAMILIES = tuple(_FAMILIES)


def family_of(name: str) -> Family:
    """Return the family of this name; raise KeyError for one that is not among FAMILIES."""
    return _FAMILIES[name]


def issuers_of_copies(issuer: str) -> tuple[str, ...]:
    """List the issuers under which one platform and the copies of it stand, if it has any."""
    return next(filter(None, (one.issuers_of_copies(issuer) for one in _FAMILIES.values())), ())


def stage_of(addresses: Iterable[str]) -> str:
    """Name which copy of a real platform stands at these addresses, of whichever family."""
    known = tuple(addresses)
    return next(filter(None, (one.stage(known) for one in _FAMILIES.values())), "")


def named_by_product(code: str) -> str:
    """Name the family whose products call themselves so; "other" for the rest."""
    for name, family in _FAMILIES.items():
        if family.product_code and family.product_code == code:
            return name
    return "other"
