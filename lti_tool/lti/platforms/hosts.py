"""Which hosts belong together; pure."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def host_of(address: str) -> str:
    """Read the host of a web address in small letters, without the root's dot.

    "" where it has none.
    """
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""


def related(host: str, other: str) -> bool:
    """Tell whether they are the same host, one below the other, or neighbours.

    Neighbours are below the same domain of two parts or more.
    """
    if not host or not other:
        return False
    if host == other or (_is_this_machine(host) and _is_this_machine(other)):
        return True
    if _is_address(host) or _is_address(other):
        return False
    return other.endswith(f".{host}") or _domain(host) == _domain(other)


def below(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _domain(host: str) -> str:
    """Return what the host's own name stands before; the host itself if that has one part."""
    rest = host.partition(".")[2]
    return rest if "." in rest else host


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_this_machine(host: str) -> bool:
    if below(host, ("localhost",)):
        return True
    return _is_address(host) and ipaddress.ip_address(host).is_loopback
