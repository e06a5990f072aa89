"""Pagination: where the next page of an answer is (RFC 8288); pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from lti_tool.lti.launch import by_tls, origin_of

LONGEST = 4096
_FIT = re.compile(r"[!-\[\]-~]+")
"""Visible ASCII without the backslash, which programs read differently."""


class Elsewhere(ValueError):
    """The next page would be at another host, which must not get the access token."""


def next_page(header: str | None, address: str) -> str | None:
    """Return the address that a ``Link`` header of the answer names as the next one.

    The answer came from ``address``. Raises Elsewhere.
    """
    for target, relations in _links(header or ""):
        if "next" in relations:
            return _joined(address, target)
    return None


def _joined(address: str, target: str) -> str:
    if not target or len(target) > LONGEST or not _FIT.fullmatch(target):
        raise Elsewhere(address)
    try:
        joined = urljoin(address, target)
    except ValueError as error:
        raise Elsewhere(address) from error
    joined = by_tls(joined, [address])
    if origin_of(joined) is None or origin_of(joined) != origin_of(address):
        raise Elsewhere(address)
    if "@" in urlsplit(joined).netloc:  # a user name would go out in place of the token
        raise Elsewhere(address)
    return joined.partition("#")[0]


def _links(header: str) -> Iterator[tuple[str, list[str]]]:
    """Read each target with its relations.

    What cannot be read is passed over.
    """
    for link in _split(header, ","):
        parts = [part.strip() for part in _split(link, ";")]
        if not parts[0].startswith("<") or not parts[0].endswith(">"):
            continue
        relations: list[str] = []
        for parameter in parts[1:]:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "rel" and not relations:  # RFC 8288 §3.3: the first counts
                relations = value.strip().strip('"').lower().split()
        yield parts[0][1:-1].strip(), relations


def _split(text: str, separator: str) -> list[str]:
    """Split at separators that stand neither in <…> nor in "…"."""
    parts, begin, closes, escaped = [], 0, "", False
    for place, sign in enumerate(text):
        if escaped:
            escaped = False
        elif closes == '"' and sign == "\\":
            escaped = True
        elif closes:
            closes = "" if sign == closes else closes
        elif sign in '<"':
            closes = ">" if sign == "<" else '"'
        elif sign == separator:
            parts.append(text[begin:place])
            begin = place + 1
    return [*parts, text[begin:]]
