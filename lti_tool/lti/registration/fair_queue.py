"""Fair queue: a newcomer to a full queue takes a place of the most crowded domain; pure.

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
    """One that waits, by its id and the host that described it."""

    id: str
    host: str


def who_leaves(queue: Sequence[Waiting], newcomer: str) -> Waiting | None:
    """Choose the newest of the most crowded domain to leave, if the queue is fairer then.

    The queue comes the oldest first. It returns None where the newcomer in that place would make it
    no fairer.
    """
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
    """Return the last labels of a host, so many of them.

    For an address it is the network around it, then the address.
    """
    try:
        address = ip_address(host)
    except ValueError:
        return ".".join(host.split(".")[-depth:])
    if depth > 2:
        return host
    return str(ip_network(f"{address}/{_WIDEST[address.version]}", strict=False))
