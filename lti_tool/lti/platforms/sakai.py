"""Sakai: its logins name the server, its messages may name more."""

from __future__ import annotations

import re

from lti_tool.lti.platforms.addresses import with_parameter
from lti_tool.lti.platforms.base import Family

PAGE = "1000"

_ISSUER = re.compile(
    r"(?P<server>.+?)(?:/deployment/(?P<deployment>[A-Za-z0-9_-]+))?(?:/site/(?P<site>[^/\s]+))?"
)


class Sakai(Family):
    """A message's issuer is ``{server}[/deployment/{id}][/site/{id}]``: with a deployment where
    the school does not use the usual id "1", with a site where the tool was installed in one."""

    def login_issuer(self, registered: str) -> str:
        return _parts(registered)[0]

    def signs_as(self, registered: str, issuer: str) -> bool:
        """What was registered binds; a part that was not registered is free. The keys and the
        client id are the registration's own in any case."""
        pairs = zip(_parts(registered), _parts(issuer), strict=True)
        return all(wanted is None or wanted == said for wanted, said in pairs)

    def roster_address(self, memberships_url: str) -> str:
        """Without a limit the whole site comes at once."""
        return with_parameter(memberships_url, "limit", PAGE)

    def empty_means_nobody(self) -> bool:
        return True

    def allows_rosters(self) -> str:
        return "In Sakai's External Tools, edit this tool, allow it the site's roster, and save."

    def allows_grades(self) -> str:
        return (
            "In Sakai's External Tools, edit this tool, allow it to send grades and to make "
            "line items, and save."
        )


def _parts(issuer: str) -> tuple[str, str | None, str | None]:
    found = _ISSUER.fullmatch(issuer)
    return (found["server"], found["deployment"], found["site"]) if found else (issuer, None, None)
