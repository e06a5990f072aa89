"""Profiles: how the products of different makers differ, one strategy object each."""

from sandbox.profiles.base import (
    AuthFault,
    LaunchFacts,
    Paths,
    Profile,
    Sites,
)
from sandbox.profiles.canvas import CanvasProfile
from sandbox.profiles.certifier import CertifierProfile
from sandbox.profiles.moodle import MoodleProfile
from sandbox.profiles.plain import PlainProfile
from sandbox.profiles.sakai import SakaiProfile

PROFILES: dict[str, type[Profile]] = {
    kind.name: kind
    for kind in (PlainProfile, SakaiProfile, CanvasProfile, MoodleProfile, CertifierProfile)
}


def profile(name: str) -> Profile:
    """Return a profile by its name. Raises KeyError."""
    return PROFILES[name]()


__all__ = [
    "PROFILES",
    "AuthFault",
    "CanvasProfile",
    "CertifierProfile",
    "LaunchFacts",
    "MoodleProfile",
    "Paths",
    "PlainProfile",
    "Profile",
    "SakaiProfile",
    "Sites",
    "profile",
]
