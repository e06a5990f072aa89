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
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from urllib.parse import unquote

from lti_tool.core.texts import visible
from lti_tool.invitations.token import SHAPE, is_well_formed

_SIGN, _LAST = "[A-Za-z0-9_-]", SHAPE.rpartition("}")[2]
_OTHER = re.compile("[^A-Za-z0-9_-]+")
_LEFT_BEHIND = re.compile(
    rf"(?:(?:.*/)?i/)?[^A-Za-z0-9_-]*_*({SHAPE})[_-]*(?:[^A-Za-z0-9_-].*)?", re.DOTALL
)
_BREAK = r"=?[ \t]{0,2}\r?\n[ \t>|]*"
_BROKEN_LINE = re.compile(_BREAK)


def _with_gaps(gap: str) -> re.Pattern[str]:
    """Match a token with gaps; behind low lines without end it would be sought at each of them."""
    token = f"(?:{_SIGN}(?:{gap})?){{42}}{_LAST}"
    return re.compile(rf"/(?:{gap})?i/+(?:{gap})?_{{0,8}}({token})[_-]*(?!{_SIGN})")


# The second only where the first finds nothing: words may follow a link that is cut off.
_BEHIND_I = _with_gaps(_BREAK), _with_gaps(rf"{_BREAK}|[ \t\u00a0]{{1,3}}")
_QUOTED_PRINTABLE = re.compile(r"=(?:\r?\n|3D|5F)", re.IGNORECASE)
# Of Proofpoint's URL Defense, version 2; version 3 and Check Point leave an address as it is.
_PROOFPOINT_2 = re.compile(r"/v2/url\?u=([^&\s]+)")
_VALUE = re.compile(r"[?&;][A-Za-z0-9_.-]{1,20}=([A-Za-z0-9_+/-]{40,}={0,2})")
_LEFT_INSIDE = re.compile(r"<wbr\s?/?>|\\(?=[/_-])", re.IGNORECASE)
_ORDINARY = str.maketrans(
    {chr(char): chr(char - 0xFEE0) for char in range(0xFF01, 0xFF5F)} | dict.fromkeys("‐‑−", "-")
)
"""Full width as some keyboards write it, and the hyphens that a PDF makes of one."""
_DEEPEST = 4
"""How often one checking address may stand around another."""
MOST_READ = 600_000
"""Characters that are looked through for one text, whatever it unfolds into."""
_MOST_LINKS = 20
"""That are looked at of those in one text."""


class NoLink(ValueError):
    """The text holds no link of ours."""


class SeveralLinks(NoLink):
    """The text holds different links, and nothing says which is meant."""


def token_of_path(part: str) -> str | None:
    """Return the one token in the last part of a link's address, whatever was left around it."""
    seen = _seen(part)
    whole = "".join(seen.split())
    # Browsers make a slash of the backslash that Markdown puts before a low line.
    for text in (seen, whole, re.sub("/(?=[_-])", "", whole)):
        found = _LEFT_BEHIND.fullmatch(text)
        if found:
            return found[1]
    return None


def token_in(text: str, worth: Callable[[str], int] = lambda _token: 0) -> str:
    """Find the token in what somebody pasted: a link, a message that holds it, or the token alone.

    Of different ones the token of the greatest ``worth`` counts: links of other tools, and links
    that were replaced, may stand in the same message. Of equal ones, what follows ``/i/`` counts
    before anything that only looks like a token, and what stands there in the open before what is
    wrapped. Raises NoLink, and SeveralLinks where nothing says which is meant.
    """
    groups = [group for group in _behind_i(list(layers_of(text))) if group] or [_alone(text)]
    if len(set().union(*groups)) > _MOST_LINKS:
        raise SeveralLinks
    known = {token: worth(token) for group in groups for token in group}
    most = max(known.values())
    first, *others = next(
        best for group in groups if (best := [one for one in group if known[one] == most])
    )
    if others:
        raise SeveralLinks
    return first


def _behind_i(layers: list[list[str]]) -> Iterator[set[str]]:
    """Give the tokens that follow ``/i/``, those first that count most."""
    for pattern in _BEHIND_I:
        for layer in layers:
            parts = {part for form in layer for part in pattern.findall(form)}
            yield set(filter(is_well_formed, (_OTHER.sub("", part) for part in parts)))


def _alone(text: str) -> set[str]:
    """Return what looks like a token, word by word or all of it; raises NoLink."""
    seen = _seen(text)
    parts = {token for part in seen.split() if (token := token_of_path(part))}
    if parts:
        return parts
    whole = token_of_path(seen)
    if whole is None:
        raise NoLink
    return {whole}


def layers_of(text: str) -> Iterator[list[str]]:
    """Give the text with its signs and lines put right, then what the addresses hold inside.

    Ends where too much would have to be looked through (``MOST_READ``).
    """
    known: set[str] = set()
    left = MOST_READ
    forms = _put_right(text)
    for _times in range(_DEEPEST + 1):
        layer = []
        for form in forms:
            seen = _seen(html.unescape(form))
            if seen not in known and len(seen) <= left:
                known.add(seen)
                left -= len(seen)
                layer.append(seen)
        yield layer
        forms = chain.from_iterable(map(_unwrapped, layer))


def _seen(text: str) -> str:
    return _LEFT_INSIDE.sub("", visible(text).translate(_ORDINARY))


def _put_right(text: str) -> Iterator[str]:
    read = [text]
    if _QUOTED_PRINTABLE.search(text):
        read.append(quopri.decodestring(text.encode()).decode(errors="replace"))
    for form in read:
        yield form
        yield _BROKEN_LINE.sub("", form)


def _unwrapped(text: str) -> Iterator[str]:
    yield unquote(text)
    written = (one.replace("_", "/").replace("-", "%") for one in _PROOFPOINT_2.findall(text))
    yield unquote("\n".join(written))
    yield "\n".join(_decoded(_VALUE.findall(text)))


def _decoded(values: Iterable[str]) -> Iterator[str]:
    """Give the addresses that stand in an address in base64, as Sophos writes them."""
    for value in values:
        plain = value.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            decoded = base64.b64decode(plain + "=" * (-len(plain) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        if decoded.startswith(("https:", "http:")):
            yield decoded
