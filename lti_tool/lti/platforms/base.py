"""What the specifications say, which most platforms do."""

from __future__ import annotations


class Family:
    """A platform without peculiarities."""

    def login_issuer(self, registered: str) -> str:
        """The issuer that a login names, for the issuer that was registered."""
        return registered

    def signs_as(self, registered: str, issuer: str) -> bool:
        """Whether a message may name this issuer (Security Framework §5.1.3 rule 2: exactly
        the registered one)."""
        return issuer == registered
