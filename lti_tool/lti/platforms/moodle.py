"""Moodle: its gradebook writes the address of the next page with quotation marks of its own."""

from __future__ import annotations

from lti_tool.lti.platforms.addresses import with_parameter
from lti_tool.lti.platforms.base import Family

PAGE = "1000"


class Moodle(Family):
    """See ``docs/register-in-moodle.md`` for what its administrator sets up."""

    product_code = "moodle"

    def roster_address(self, memberships_url: str) -> str:
        """Without a limit the whole course comes at once."""
        return with_parameter(memberships_url, "limit", PAGE)

    def link_header(self, written: str) -> str:
        """Some versions put the relation in typographic quotation marks, and those of UTF-8."""
        try:
            read = written.encode("latin-1").decode("utf-8")
        except UnicodeError:
            read = written
        return read.translate({0x201C: '"', 0x201D: '"', 0x201E: '"'})

    def allows_rosters(self) -> str:
        return (
            "In Moodle, edit the tool's preconfigured settings: under Services, let it retrieve "
            "the members of a course (IMS LTI Names and Role Provisioning), and save."
        )

    def allows_grades(self) -> str:
        return (
            "In Moodle, edit the tool's preconfigured settings: under Services, let it use grade "
            "sync and column management (IMS LTI Assignment and Grade Services), and save."
        )
