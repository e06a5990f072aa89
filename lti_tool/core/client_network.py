"""What counts as one client of the network, where people are not known; pure."""

from __future__ import annotations

import ipaddress
import re

from lti_tool.core.outgoing_policy import carried_ipv4

_WITH_PORT = re.compile(r"(?:\[([^\]]*)\]|([0-9.]+))(?::[0-9]{1,5})?")
"""Some proxies put the port beside the address (RFC 7239 §6), another one with each connection."""


def client_of(address: str | None) -> str:
    """Return what counts as one client: an IPv4 address, or an IPv6 network of 64 bits.

    One household or phone holds a whole /64, so single addresses in it would be free tries.
    """
    return _network_of(address, 64)


def site_of(address: str | None) -> str:
    """Return what one subscriber may hold at most: an IPv4 address, or an IPv6 network of 48 bits.

    That is 65,536 clients (RFC 6177), for nothing; or the many clients of a university.
    """
    return _network_of(address, 48)


def _network_of(address: str | None, bits: int) -> str:
    written = (address or "").strip()
    port = _WITH_PORT.fullmatch(written)
    try:
        parsed = ipaddress.ip_address((port[1] or port[2] or "") if port else written)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = carried_ipv4(parsed)
        if inner is not None:
            return str(inner)
        return str(ipaddress.ip_network((parsed, bits), strict=False).network_address)
    return str(parsed)
