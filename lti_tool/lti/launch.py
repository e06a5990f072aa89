"""What a launch is above the LTI room: one frozen value, without a claim's name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

from lti_tool.core.ids import is_id
from lti_tool.lti.platforms import family_of
from lti_tool.lti.platforms.tool import ITEM

_READ_OTHERWISE = re.compile(r"[\\\x00-\x1f\x7f-\x9f]|^\s|\s$")
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")


@lru_cache(maxsize=4096)
def origin_of(address: str) -> str | None:
    """Return scheme://host[:port] of a web address; None where it is none.

    Hosts are of plain letters (others in their ``xn--`` form): the result stands in headers. An
    address with a backslash or a control character is none: browsers read it otherwise than
    ``urlsplit`` does, and may find another host in it.
    """
    if _READ_OTHERWISE.search(address):
        return None
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(parts.hostname or ""):
        return None
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else "")


def by_tls(address: str, known: Iterable[str]) -> str:
    """Write https for http where one of these addresses is by https at the same host.

    Behind a proxy that ends TLS there are platforms that do not know how they are asked, or know
    the port alone (``http://lms.example:443``).
    """
    scheme, _, named = (origin_of(address) or "").partition("://")
    host = named.removesuffix(":443")
    if scheme != "http" or f"https://{host}" not in map(origin_of, known):
        return address
    return urlunsplit(urlsplit(address)._replace(scheme="https", netloc=host))


@dataclass(frozen=True)
class Platform:
    """A registration as it stood when it was read."""

    id: str
    institution_id: str
    name: str
    family: str
    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    accept_new_deployments: bool
    registered_frame_origins: tuple[str, ...] = ()
    auth_audience: str | None = None
    """Whom our token requests are addressed to, where it is not the token address."""
    times_switched_off: int = 0

    def signs_as(self, issuer: str) -> bool:
        """Tell whether its messages may name this issuer."""
        return family_of(self.family).signs_as(self.issuer, issuer)

    def by_tls(self, address: str) -> str:
        """Write an address that it names as it can be asked; see ``by_tls``."""
        return by_tls(address, (self.issuer, self.auth_url, self.token_url, self.jwks_url))

    @property
    def stage(self) -> str:
        """Which copy of the real platform it is, made to try things in; "" for the real one."""
        told = (self.issuer, self.auth_url, self.token_url)
        return family_of(self.family).stage(told)

    @property
    def frame_origins(self) -> tuple[str, ...]:
        """Who may show our pages in a frame: what was registered, and the platform's own hosts."""
        own = (origin_of(address) for address in (self.issuer, self.auth_url, self.token_url))
        found = [*self.registered_frame_origins, *(origin for origin in own if origin)]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Services:
    """Where the platform answers questions about the course; an address it did not name is None.

    ``grade_scopes`` are the scopes that the launch announced for line items, scores and results.
    """

    memberships_url: str | None = None
    lineitems_url: str | None = None
    lineitem_url: str | None = None
    grade_scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeepLinking:
    """What the platform's dialog wants to be given (Deep Linking 2.0 §4.4)."""

    return_url: str
    accept_types: tuple[str, ...]
    accept_targets: tuple[str, ...]
    accept_multiple: bool = False
    accept_lineitem: bool = False
    data: str | None = None
    """Goes back as it came; None: the answer holds none."""


@dataclass(frozen=True)
class Launch:
    """One verified message: who came, from where, to what.

    ``sub`` is None for a visitor whom the platform does not name. ``link_id`` is None where no
    link is there yet, which is so while one is chosen (``deep_linking``).
    """

    platform: Platform
    login_key: str
    deployment_id: str
    sub: str | None
    name: str
    given_name: str
    family_name: str
    email: str | None
    roles: tuple[str, ...]
    context_id: str | None
    context_title: str
    link_id: str | None
    link_title: str
    custom: Mapping[str, str] = field(default_factory=dict)
    target_query: Mapping[str, str] = field(default_factory=dict)
    """The parameters of the address that the link was made with, as the message vouches for it."""
    locale: str | None = None
    return_url: str | None = None
    deep_linking: DeepLinking | None = None
    services: Services = field(default_factory=Services)
    placement: str | None = None
    """Where in the platform it was opened, in the platform's word; None where it does not say."""
    earlier_contexts: tuple[str, ...] = ()
    """The courses this one was copied from, by their context ids, latest first."""
    earlier_links: tuple[str, ...] = ()
    """Likewise the links that this one was copied from."""
    acting_for: str | None = None
    """Who really sits there, as the platform names them, when somebody acts as another person."""
    idempotency_key: str = field(default="", repr=False)
    """A secret that is the same for the same form from the same browser, and for no other."""

    @property
    def item(self) -> str:
        """What the link names to be opened, or "".

        There are platforms that keep a link's address and lose its custom parameters, and others
        that keep them alone. Where both came, the custom parameter counts, unless it is no id.
        """
        named, addressed = self.custom.get(ITEM, ""), self.target_query.get(ITEM, "")
        return named if is_id(named) or not addressed else addressed

    @property
    def item_is_only_addressed(self) -> bool:
        """Whether nothing but the address names the item.

        The signature does not say who made that up: Canvas signs the address that anybody of a
        course puts into one of its own (``/external_tools/retrieve?url=``).
        """
        return bool(self.item) and self.item != self.custom.get(ITEM)

    @property
    def frame_origins(self) -> tuple[str, ...]:
        """As the platform's, and the school's own host, known from the return addresses."""
        dialog = self.deep_linking.return_url if self.deep_linking else None
        said = (origin_of(address) for address in (self.return_url, dialog) if address)
        found = [*self.platform.frame_origins, *(origin for origin in said if origin)]
        return tuple(dict.fromkeys(found))
