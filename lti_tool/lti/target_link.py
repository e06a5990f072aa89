"""The target link (LTI Core 1.3 §5.3.4): one address, however it is spelled; pure.

A platform names it in the login and again in the signed message, and may write it another way
there: ``%20`` or ``+``, ``HTTP://``, the usual port, dots in the path (RFC 3986 §6.2).
"""

from __future__ import annotations

import hashlib
import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

LONGEST = 2048
_USUAL_PORTS = {"http": 80, "https": 443}
_ODD = re.compile(r"[\\\x00-\x20\x7f]")
"""What browsers read otherwise than we do, or leave out: it is compared as it stands."""


def canonical(address: str) -> str:
    """Write an address as all spellings of it are written; as it is where it is no web address."""
    stripped = address.strip()
    try:
        parts = urlsplit(stripped)
        port = parts.port
    except ValueError:
        return address
    usual = _USUAL_PORTS.get(parts.scheme)
    if usual is None or not parts.hostname or "@" in parts.netloc or _ODD.search(stripped):
        return address
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    host += f":{port}" if port and port != usual else ""
    query = urlencode(parse_qsl(parts.query, keep_blank_values=True))
    return f"{parts.scheme}://{host}{_path(parts.path)}" + (f"?{query}" if query else "")


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
    plain = canonical(address)
    return plain == origin or plain.startswith((origin + "/", origin + "?"))
