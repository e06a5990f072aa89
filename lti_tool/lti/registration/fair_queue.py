"""Whose place in a full queue a newcomer takes: that of the most crowded domain. Pure.

Strangers have as many hosts as they like below a domain, and pay for each further domain. So hosts
are counted by their last two labels first; where many share those as a public suffix
(``edu.au``), by three of them within, and so on. Whoever owns very many domains still fills it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

_WIDEST = {4: 24, 6: 48}
"""What one holder of addresses has at least."""
_LABELS = 127


@dataclass(frozen=True)
class Waiting:
    id: str
    host: str


def who_leaves(queue: Sequence[Waiting], newcomer: str) -> Waiting | None:
    """The newest of the most crowded domain, if the queue (the oldest first) is fairer when the
    newcomer has its place; else None."""
    crowd = list(queue)
    for depth in range(2, _LABELS):
        domains = Counter(domain(one.host, depth) for one in crowd)
        own = domain(newcomer, depth)
        most = max(domains.values(), default=0)
        if domains[own] + 2 <= most:
            return [one for one in crowd if domains[domain(one.host, depth)] == most][-1]
        if own == newcomer:
            return None
        crowd = [one for one in crowd if domain(one.host, depth) == own]
    return None


def domain(host: str, depth: int) -> str:
    """The last labels of a host, so many of them; of an address the network around it, then the
    address."""
    try:
        address = ip_address(host)
    except ValueError:
        return ".".join(host.split(".")[-depth:])
    if depth > 2:
        return host
    return str(ip_network(f"{address}/{_WIDEST[address.version]}", strict=False))
