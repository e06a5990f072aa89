"""What the specifications say, which most platforms do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Family:
    """A platform without peculiarities."""

    def login_issuer(self, registered: str) -> str:
        """The issuer that a login names, for the issuer that was registered."""
        return registered

    def signs_as(self, registered: str, issuer: str) -> bool:
        """Whether a message may name this issuer (Security Framework §5.1.3 rule 2: exactly
        the registered one)."""
        return issuer == registered

    def placement(self, _claims: Mapping[str, Any]) -> str | None:
        """Where in the platform a message was sent from, in its own word; None: it does not say."""
        return None

    def acting_for(self, _custom: Mapping[str, str]) -> str | None:
        """Who really sits there when somebody acts as another person; None: it does not say."""
        return None

    def roster_address(self, memberships_url: str) -> str:
        """Where to ask for the first page of a course's list of people."""
        return memberships_url

    def empty_means_nobody(self) -> bool:
        """Whether a roster without a body is one without people, and not a fault."""
        return False

    def link_header(self, written: str) -> str:
        """The ``Link`` header of an answer as RFC 8288 would have it written."""
        return written

    def allows_rosters(self) -> str:
        """What to do in the platform so that it lets the tool read who is in a course."""
        return "In the LMS, allow the tool to read the names and roles of a course."

    def allows_grades(self) -> str:
        """What to do in the platform so that it lets the tool write grades."""
        return "In the LMS, allow the tool to use the course's gradebook."

    def grades(self, _placement: str | None) -> bool:
        """Whether what is placed there is work that will be graded."""
        return False

    def content_item(self, item: dict[str, Any]) -> dict[str, Any]:
        """A resource link for one of its dialogs, as the platform reads it."""
        return item
