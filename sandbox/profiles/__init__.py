"""How different makers' platforms differ, one strategy object each."""

from sandbox.profiles.base import AuthFault, LaunchFacts, Profile
from sandbox.profiles.plain import PlainProfile

__all__ = ["AuthFault", "LaunchFacts", "PlainProfile", "Profile"]
