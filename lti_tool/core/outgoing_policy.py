"""Which hosts may be called, and by which way: nothing of our own network (SSRF); pure."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

import idna

_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052, 2.1


@dataclass(frozen=True)
class Policy:
    """What may be called: https to public addresses; more in development or by host name."""

    development: bool = False
    private_hosts: tuple[str, ...] = ()
    proxy: str = ""
    """The address of the HTTP proxy that the way out leads through; empty: there is none."""
    no_proxy: tuple[str, ...] = ()
    """Hosts that are called without it, and all below them."""

    def allows_scheme(self, scheme: str) -> bool:
        return scheme == "https" or (scheme == "http" and self.development)

    def allows_address(self, host: str, address: str) -> bool:
        if self._trusts(host):
            return True
        return _is_public(ipaddress.ip_address(address.split("%")[0]))

    def allows_name(self, host: str) -> bool:
        """Tell whether a proxy may be told to connect to a host, by its name alone.

        One that only a machine's own network knows may be resolved there to anything, and what is
        no name may be read as any address.
        """
        if self._trusts(host):
            return True
        name = plain_name(host)
        return _is_public_name(name) and not _is_below(name, _LOCAL_NAMES)

    def _trusts(self, host: str) -> bool:
        return self.development or plain_name(host) in map(plain_name, self.private_hosts)

    def leads_through_proxy(self, host: str) -> bool:
        return bool(self.proxy) and not _is_below(plain_name(host), self.no_proxy)


def plain_name(host: str) -> str:
    """Write a host as it is asked for: in small letters, by IDNA, without the root's dot."""
    try:
        name = host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        name = host
    return name.lower().rstrip(".")


_LOCAL_NAMES = (
    *("localhost", "localdomain", "local", "internal", "home.arpa", "test", "invalid"),
    *("lan", "home", "corp", "private", "intra", "intranet"),
)
"""RFC 6761, 6762, 8375 and what is used like them."""
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


def _is_public_name(name: str) -> bool:
    """Tell whether a name is one of the name service's (RFC 1123 §2.1), below a domain.

    One that ends in a number is read as an address, in whatever way it is written (URL Standard,
    "ends in a number").
    """
    labels = name.split(".")
    named = len(labels) > 1 and len(name) <= 253 and all(map(_LABEL.fullmatch, labels))
    return bool(named) and not _NUMBER.fullmatch(labels[-1])


def _is_below(name: str, domains: tuple[str, ...]) -> bool:
    return any(name == domain or name.endswith(f".{domain}") for domain in domains)


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        carried = carried_ipv4(address)
        if carried is not None:
            return _is_public(carried)
        if address not in _GLOBAL_UNICAST:
            return False
    return address.is_global and not address.is_multicast


def carried_ipv4(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that a gateway would turn this one into.

    (Teredo's count as private.)
    """
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
