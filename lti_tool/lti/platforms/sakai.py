"""Sakai: its logins name the server, its messages may name more; its dialogs want advice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lti_tool.lti.platforms.base import Family
from lti_tool.lti.platforms.tool import DEEP_LINKING, RESOURCE_LINK, SOURCE, Tool, message
from lti_tool.lti.rules import DEEP_LINKING_SETTINGS, mapping

_ISSUER = re.compile(
    r"(?P<server>.+?)(?:/deployment/(?P<deployment>[A-Za-z0-9_-]+))?(?:/site/(?P<site>[^/\s]+))?"
)


class Sakai(Family):
    """Sakai, whose messages name the issuer ``{server}[/deployment/{id}][/site/{id}]``.

    It has a deployment where the school does not use the usual id "1", and a site where the tool
    was installed in one.
    """

    product_code = "sakailms.org"
    may_lack_link = True

    def login_issuer(self, registered: str) -> str:
        return _parts(registered)[0]

    def signs_as(self, registered: str, issuer: str) -> bool:
        """Tell whether the parts agree: what was registered binds, one that was not is free.

        The keys and the client id are the registration's own in any case.
        """
        pairs = zip(_parts(registered), _parts(issuer), strict=True)
        return all(wanted is None or wanted == said for wanted, said in pairs)

    def roster_address(self, memberships_url: str) -> str:
        """Ask for the whole site at once.

        Its pages are cut out of a set whose order nothing fixes, so people might be missed between
        them.
        """
        return memberships_url

    def empty_means_none(self) -> bool:
        return True

    def link_filter(self) -> str:
        return "lti_link_id"

    def refusal_detail(self, headers: Mapping[str, str]) -> str:
        return headers.get("X-Tsugi-LTI13-Error-Detail", "")

    def allows_rosters(self) -> str:
        return "In Sakai's External Tools, edit this tool, allow it the site's roster, and save."

    def roster_refused(self, reason: str) -> str:
        if reason == "rejected":
            return "Sakai lists a site's people only where the site holds a link of the tool."
        return super().roster_refused(reason)

    def allows_grades(self) -> str:
        return (
            "In Sakai's External Tools, edit this tool, allow it to send grades and to make "
            "line items, and save."
        )

    def placement(self, claims: Mapping[str, Any]) -> str | None:
        """Read the placement, which is told of dialogs only."""
        settings = mapping(claims.get(DEEP_LINKING_SETTINGS))
        said = settings.get("https://www.sakailms.org/spec/lti-dl/placement")
        return said[:255] if isinstance(said, str) and said else None

    def grades(self, placement: str | None) -> bool:
        return placement == "assignment"

    def content_item(self, item: dict[str, Any]) -> dict[str, Any]:
        """Add advice without which it opens a window of its own, whatever else the item says."""
        if "iframe" not in item:
            return item
        return {**item, "placementAdvice": {"presentationDocumentTarget": "iframe"}}

    def messages(self, tool: Tool) -> list[dict[str, Any]]:
        """Give each message the custom parameters.

        Sakai takes a message's, the last one's, for those of the whole tool; and the tool's own not
        at all.
        """
        custom = {"custom_parameters": self.custom_parameters()}
        return [
            message(tool, RESOURCE_LINK, tool.name, placements=["launch", "coursenav"], **custom),
            message(
                tool,
                DEEP_LINKING,
                tool.add,
                placements=["lessonsselection", "contenteditor", "assessmentselection"],
                **custom,
            ),
        ]

    def client_extras(self, tool: Tool) -> dict[str, Any]:
        """Put the description beside the name, where it looks for it."""
        return {"description": tool.description[SOURCE]}

    def tool_extras(self, _tool: Tool) -> dict[str, Any]:
        return {}


def _parts(issuer: str) -> tuple[str, str | None, str | None]:
    found = _ISSUER.fullmatch(issuer)
    return (found["server"], found["deployment"], found["site"]) if found else (issuer, None, None)
