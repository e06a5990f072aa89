"""Addresses of a platform's services, which may have a query of their own; pure."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit


def with_parameter(address: str, name: str, value: str) -> str:
    """Add this parameter to the address, all else as it is; as it is when it has one."""
    parts = urlsplit(address)
    if name in dict(parse_qsl(parts.query, keep_blank_values=True)):
        return address
    added = f"{name}={quote(value, safe='')}"
    query = f"{parts.query}&{added}" if parts.query else added
    return urlunsplit(parts._replace(query=query))


def beneath(address: str, last: str) -> str:
    """Add one more part at the end of the address's path, before any query."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{last}"))
