"""What counts as one client of the network, where people are not known; pure."""

from __future__ import annotations

import ipaddress


def client_of(address: str | None) -> str:
    """Return what counts as one client: an IPv4 address, or an IPv6 network of 64 bits.

    One household or phone holds a whole /64, so single addresses in it would be free tries.
    """
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
    return str(parsed)
