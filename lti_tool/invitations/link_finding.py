"""Finding the token of a link in what mail programs and people made of it; pure.

A mail program takes the full stop behind a link for a part of it, breaks long lines, or puts a
checking address of its own around each link (SafeLinks, URL Defense and their like); people paste
half of the message along.
"""

from __future__ import annotations

import base64
import binascii
import html
import quopri
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

from lti_tool.invitations.token import SHAPE, is_well_formed

_NO_MORE = "(?![A-Za-z0-9_-])"
_LEFT_BEHIND = re.compile(rf"[^A-Za-z0-9_-]*({SHAPE})(?:[^A-Za-z0-9_-].*|[_-]*)", re.DOTALL)
_BREAK = r"=?[ \t]{0,2}\r?\n[ \t>|]*"
_BROKEN_LINE = re.compile(_BREAK)
_BEHIND_I = re.compile(rf"/i/+((?:[A-Za-z0-9_-](?:{_BREAK})?){{42}}[A-Za-z0-9_-]){_NO_MORE}")
_QUOTED_PRINTABLE = re.compile(r"=(?:\r?\n|3D)", re.IGNORECASE)
# Proofpoint's URL Defense, version 2 and 3; Check Point writes as the latter does.
_PROOFPOINT_2 = re.compile(r"/v2/url\?u=([^&\s]+)")
_BETWEEN_MARKS = re.compile(r"/v[23]/_{2,3}(https?:.{1,2000}?)_{2,3}[;.]")
_VALUE = re.compile(r"[?&;][A-Za-z0-9_.-]{1,20}=([A-Za-z0-9_+/-]{40,}={0,2})")
_DEEPEST = 4
"""How often one checking address may stand around another."""


class NoLink(ValueError):
    """The text holds no link of ours."""


class SeveralLinks(NoLink):
    """The text holds different links, and nothing says which is meant."""


def token_of_path(part: str) -> str | None:
    """Return the one token in the last part of a link's address, whatever was left around it."""
    seen = _visible(part)
    for text in (seen, "".join(seen.split())):
        found = _LEFT_BEHIND.fullmatch(text)
        if found:
            return found[1]
    return None


def token_in(text: str) -> str:
    """Find the token in what somebody pasted: a link, a message that holds it, or the token alone.

    What follows ``/i/`` counts before anything that only looks like a token. Raises NoLink, and
    SeveralLinks where two different ones follow it.
    """
    seen = _visible(text)
    parts = {part for form in _forms(seen) for part in _BEHIND_I.findall(form)}
    found = set(filter(is_well_formed, (_BROKEN_LINE.sub("", part) for part in parts)))
    found = found or {token for token in map(token_of_path, seen.split()) if token}
    if len(found) == 1:
        return found.pop()
    raise SeveralLinks if found else NoLink


def _visible(text: str) -> str:
    return "".join(char for char in text if unicodedata.category(char) != "Cf")


def _forms(text: str) -> Iterator[str]:
    """Give the text as it came, with whole lines, and with each address that stands in another."""
    whole = [text, _BROKEN_LINE.sub("", text)]
    if _QUOTED_PRINTABLE.search(text):
        decoded = quopri.decodestring(text.encode()).decode(errors="replace")
        whole += [decoded, _BROKEN_LINE.sub("", decoded)]
    for form in dict.fromkeys(whole):
        for read in dict.fromkeys((form, html.unescape(form))):
            yield from _unwrapped(read, _DEEPEST)


def _unwrapped(text: str, times: int) -> Iterator[str]:
    yield text
    if not times:
        return
    inside = [unquote(text), *_BETWEEN_MARKS.findall(text), *_decoded_values(text)]
    inside += [
        unquote(address.replace("_", "/").replace("-", "%"))
        for address in _PROOFPOINT_2.findall(text)
    ]
    for form in dict.fromkeys(inside):
        if form != text:
            yield from _unwrapped(form, times - 1)


def _decoded_values(text: str) -> Iterator[str]:
    """Give the addresses that stand in an address in base64, as Sophos writes them."""
    for value in _VALUE.findall(text):
        plain = value.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            decoded = base64.b64decode(plain + "=" * (-len(plain) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        if decoded.startswith(("https:", "http:")):
            yield decoded
