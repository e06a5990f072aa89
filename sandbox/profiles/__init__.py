"""How different makers' platforms differ, one strategy object each."""

from sandbox.profiles.base import (
    AuthFault,
    LaunchFacts,
    Paths,
    Placement,
    Profile,
    Sites,
)
from sandbox.profiles.plain import PlainProfile

PROFILES: dict[str, type[Profile]] = {kind.name: kind for kind in (PlainProfile,)}


def profile(name: str) -> Profile:
    """A profile by its name. Raises KeyError."""
    return PROFILES[name]()


__all__ = [
    "PROFILES",
    "AuthFault",
    "LaunchFacts",
    "Paths",
    "Placement",
    "PlainProfile",
    "Profile",
    "Sites",
    "profile",
]
