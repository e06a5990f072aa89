"""Moodle: its gradebook writes the address of the next page with quotation marks of its own."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from lti_tool.lti.platforms.addresses import with_parameter
from lti_tool.lti.platforms.base import Family

PAGE = "1000"


class Moodle(Family):
    """See ``docs/register-in-moodle.md`` for what its administrator sets up."""

    product_code = "moodle"
    may_lack_link = True

    def roster_address(self, memberships_url: str) -> str:
        """Ask for pages: without a limit the whole course comes at once."""
        return with_parameter(memberships_url, "limit", PAGE)

    def configuration_addresses(self, issuer: str, token_url: str) -> tuple[str, ...]:
        own = f"{issuer.rstrip('/')}/mod/lti/openid-configuration.php"
        return (own, *super().configuration_addresses(issuer, token_url))

    def link_header(self, written: str) -> str:
        """Undo typographic quotation marks, and those of UTF-8, around the relation.

        Some versions put it in them.
        """
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

    def roster_refused(self, reason: str) -> str:
        hint = super().roster_refused(reason)
        if reason != "forbidden":
            return hint
        return (
            f"{hint} If it is allowed already, Moodle's web server may keep the Authorization "
            "header to itself; in Apache's configuration: "
            'SetEnvIf Authorization "(.*)" HTTP_AUTHORIZATION=$1'
        )

    def allows_grades(self) -> str:
        return (
            "In Moodle, edit the tool's preconfigured settings: under Services, let it use grade "
            "sync and column management (IMS LTI Assignment and Grade Services), and save."
        )

    def takes_line_items(self, said: bool | None) -> bool:
        """Take silence for a yes: Moodle never says it, and reads the column of an answer.

        It makes one where the tool's settings accept grades, and else leaves it out.
        """
        return said is not False

    def doubts(self, base_url: str) -> str:
        """Say why Moodle may refuse to read from the tool.

        Its own HTTP client is careful, unless its administrator changed that.
        """
        parts = urlsplit(base_url)
        if parts.port in (None, 80, 443) and not _is_near(parts.hostname or ""):
            return ""
        return (
            "Moodle reads from no machine of a private network and from no port but 80 and 443, "
            "unless its administrator allows it under Site administration, HTTP security."
        )


def _is_near(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".localhost") or "." not in host
