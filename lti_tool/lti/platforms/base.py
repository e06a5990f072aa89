"""What the specifications say, which most platforms do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from lti_tool.lti.platforms.hosts import host_of, related
from lti_tool.lti.platforms.tool import (
    DEEP_LINKING,
    HISTORIES,
    RESOURCE_LINK,
    Tool,
    message,
    translations,
)


class Family:
    """A platform without peculiarities."""

    product_code: ClassVar[str] = ""
    """What the product calls itself in its configuration (Dynamic Registration 1.0 §2.1)."""
    checks_audience: ClassVar[bool] = False
    """Whether it takes no client assertion that is addressed to somebody else (RFC 7523 §3)."""
    vendor_issuers: ClassVar[tuple[str, ...]] = ()
    """Issuers that stand for the product itself, and not for one platform."""
    may_lack_link: ClassVar[bool] = False
    """Whether it may open the tool from a menu without naming a resource link, against LTI Core 1.3
    §5.3.5 (the certification suite wants that refused of a platform that nobody knows)."""
    goes_on_by_itself: ClassVar[bool] = False
    """Whether its next page, once ours is closed, tells its administrator all that is left."""

    def login_issuer(self, registered: str) -> str:
        """Return the issuer that a login names, for the issuer that was registered."""
        return registered

    def signs_as(self, registered: str, issuer: str) -> bool:
        """Tell whether a message may name this issuer.

        Security Framework §5.1.3 rule 2: exactly the registered one.
        """
        return issuer == registered

    def stage(self, _addresses: Iterable[str]) -> str:
        """Name which copy of the real platform stands at these addresses; "" for the real one."""
        return ""

    def copied(self, _issuer: str, _environment: str) -> tuple[str, str] | None:
        """Tell of a copy of a real platform which one it is, and the issuer of the real one.

        By what a login says: its issuer, and the platform's own word for it. None: it is no copy.
        """
        return None

    def placement(self, _claims: Mapping[str, Any]) -> str | None:
        """Tell where in the platform a message was sent from, in its own word.

        None: it does not say.
        """
        return None

    def acting_for(self, _custom: Mapping[str, str]) -> str | None:
        """Tell who really sits there when somebody acts as another person.

        None: it does not say.
        """
        return None

    def roster_address(self, memberships_url: str) -> str:
        """Return where to ask for the first page of a course's list of people."""
        return memberships_url

    def empty_means_none(self) -> bool:
        """Tell whether a list without a body is an empty list, and not a fault."""
        return False

    def link_filter(self) -> str:
        """Name the parameter that asks for the line items of one resource link."""
        return "resource_link_id"

    def link_header(self, written: str) -> str:
        """Write the ``Link`` header of an answer as RFC 8288 would have it."""
        return written

    def refusal_detail(self, _headers: Mapping[str, str]) -> str:
        """Read what an answer without success says of its reason beside its body."""
        return ""

    def allows_rosters(self) -> str:
        """Say what to do in the platform so that it lets the tool read who is in a course."""
        return "In the LMS, allow the tool to read the names and roles of a course."

    def roster_refused(self, reason: str) -> str:
        """Say what to look at when a list of people is refused, by the ServiceError's reason."""
        return self.allows_rosters() if reason in ("forbidden", "rejected", "not-found") else ""

    def allows_grades(self) -> str:
        """Say what to do in the platform so that it lets the tool write grades."""
        return "In the LMS, allow the tool to use the course's gradebook."

    def grades(self, _placement: str | None) -> bool:
        """Tell whether what is placed there is work that will be graded."""
        return False

    def takes_line_items(self, said: bool | None) -> bool:
        """Tell whether a gradebook column may come with a link; None: the dialog does not say.

        Then nothing can be assumed (Deep Linking 2.0 §4.4.1, ``accept_lineitem``), and no field
        is offered that may come to nothing.
        """
        return said is True

    def content_item(self, item: dict[str, Any]) -> dict[str, Any]:
        """Write a resource link for one of its dialogs, as the platform reads it."""
        return item

    # Registration

    def speaks_for(self, issuer: str, host: str) -> bool:
        """Tell whether a configuration read from this host may name the issuer.

        Dynamic Registration 1.0 §3.5.1: hosts must match.
        """
        return host_of(issuer) == host

    def borrows(self, _issuer: str, _jwks_url: str) -> bool:
        """Tell whether it signs with an issuer of its vendor's without being there itself."""
        return False

    def may_name(self, host: str, address: str, _school_host: str) -> bool:
        """Tell whether a configuration read from this host may send us to an address.

        ``_school_host`` is what it names as the school's.
        """
        return related(host, host_of(address))

    def audience(self, configuration: Mapping[str, Any]) -> str | None:
        """Name whom token requests are addressed to, where that is not the token address."""
        said = configuration.get("authorization_server")
        return said if isinstance(said, str) and said else None

    def school(self, _about: Mapping[str, Any], _host: str) -> tuple[str, str]:
        """Name the school and its host, where a host told it that speaks for others than itself.

        "" elsewhere: what a stranger calls itself names nobody.
        """
        return "", ""

    def custom_parameters(self) -> dict[str, str]:
        """Name the custom parameters that are asked for with every launch."""
        return dict(HISTORIES)

    def messages(self, tool: Tool) -> list[dict[str, Any]]:
        """List the messages that we take, and where in the platform they shall be sent from."""
        return [
            message(tool, RESOURCE_LINK, tool.name, **translations("label", tool.name)),
            message(
                tool,
                DEEP_LINKING,
                tool.add,
                placements=["ContentArea", "RichTextEditor"],
                **translations("label", tool.add),
            ),
        ]

    def client_extras(self, tool: Tool) -> dict[str, Any]:
        """Add what else the request says of the tool."""
        return translations("client_name", tool.name)

    def tool_extras(self, tool: Tool) -> dict[str, Any]:
        """Add what else the LTI part of the request says."""
        return translations("description", tool.description)

    def configuration_addresses(self, issuer: str, _token_url: str) -> tuple[str, ...]:
        """List where it may say what it calls itself (OpenID Connect Discovery 1.0 §4.1)."""
        return (f"{issuer.rstrip('/')}/.well-known/openid-configuration",)

    def doubts_issuer(self, _issuer: str, _token_url: str) -> str:
        """Say why this cannot be what it calls itself; "" if nothing is known against it."""
        return ""

    def doubts(self, _base_url: str) -> str:
        """Say why the platform may not be able to read from the tool at this address.

        "" if nothing is known against it.
        """
        return ""
