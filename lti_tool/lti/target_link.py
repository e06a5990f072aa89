"""The target link (LTI Core 1.3 §5.3.4): one address, however it is spelled; pure.

A platform names it in the login and again in the signed message, and may write it another way
there: ``%20``, ``+`` or a space, ``HTTP://``, the usual port, dots in the path (RFC 3986 §6.2), a
host in letters of its own or by IDNA (RFC 5891), with or without the root's dot.
"""

from __future__ import annotations

import hashlib
import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import idna

LONGEST = 2048
_LONGEST_READ = 16_384
"""Of a longer one each spelling is another address: anybody may send one, and to read it costs."""
_USUAL_PORTS = {"http": 80, "https": 443}
_ODD = re.compile(r"[\\\x00-\x1f\x7f]")
"""What browsers read otherwise than we do, or leave out: it is compared as it stands."""


def canonical(address: str) -> str:
    """Write an address as all spellings of it are written; as it is where it is no web address."""
    stripped = address.strip()
    if len(address) > _LONGEST_READ:
        return address
    try:
        parts = urlsplit(stripped)
        port = parts.port
    except ValueError:
        return address
    usual = _USUAL_PORTS.get(parts.scheme)
    host = _host(parts.hostname or "")
    if usual is None or not host or "@" in parts.netloc or _ODD.search(stripped):
        return address
    host += f":{port}" if port and port != usual else ""
    query = urlencode(parse_qsl(parts.query, keep_blank_values=True))
    return f"{parts.scheme}://{host}{_path(parts.path)}" + (f"?{query}" if query else "")


def _host(name: str) -> str:
    """Write a host as name servers know it; "" for what is none."""
    if ":" in name:
        return f"[{name}]"
    try:
        plain = name if name.isascii() else idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        return ""
    return "" if " " in plain else plain.removesuffix(".")


def _path(written: str) -> str:
    kept: list[str] = []
    for segment in written.split("/")[1:]:
        plain = unquote(segment, errors="surrogateescape")
        if plain == "..":
            kept[-1:] = []
        elif plain != ".":
            kept.append(quote(plain, safe="!$&'()*+,;=:@", errors="surrogateescape"))
    return ("/" + "/".join(kept)).rstrip("/")


def kept(address: str) -> str:
    """Write the target of a login as it is kept, however long it is: to be compared, not opened."""
    plain = canonical(address) if address else ""
    if len(plain) <= LONGEST:
        return plain
    return f"sha256:{hashlib.sha256(plain.encode('utf-8', 'replace')).hexdigest()}"


def leads_to(address: str, origin: str) -> bool:
    """Tell whether an address is one of this origin's."""
    plain, ours = canonical(address), canonical(origin)
    return plain == ours or plain.startswith((ours + "/", ours + "?"))
