"""How one product differs from another, chosen by its family; pure."""

from __future__ import annotations

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


def copied(issuer: str, environment: str) -> tuple[str, str] | None:
    """Tell which copy a login comes from, and the issuer of the real platform; None: from none."""
    return next(filter(None, (one.copied(issuer, environment) for one in _FAMILIES.values())), None)


def named_by_product(code: str) -> str:
    """Name the family whose products call themselves so; "other" for the rest."""
    for name, family in _FAMILIES.items():
        if family.product_code and family.product_code == code:
            return name
    return "other"
