"""How operators are told of an LMS: by its hosts first, without being tricked (spoofing).

Its words could trick them by homographs, bidirectional overrides, terminal escapes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from lti_tool.lti.models import Registration
from lti_tool.lti.platforms.hosts import host_of

_ADDRESSES = ("auth_url", "token_url", "jwks_url")


def plain(said: str) -> str:
    """Write a word of an LMS's for a terminal or a page, in visible letters of ASCII alone.

    All else is written as a number. No letter looks like another one, and none moves the others
    about.
    """
    return "".join(
        letter if "!" <= letter <= "~" and letter != "\\" else _number(letter) for letter in said
    )


def legible(said: str) -> str:
    """Write a text in any language, without what steers a terminal or the direction of writing."""
    return "".join(
        _number(letter) if unicodedata.category(letter) in _STEERING else letter for letter in said
    )


_STEERING = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


def hosts(asked: str | None, row: Registration) -> tuple[str, ...]:
    """List each host once: the one that was asked, and those that its addresses lead to."""
    found = [asked or "", *(host_of(getattr(row, name)) for name in _ADDRESSES)]
    return tuple(dict.fromkeys(plain(host) for host in found if host))


def portrait(asked: str | None, row: Registration) -> Iterator[str]:
    """Describe one in lines: who it is, as far as that is known, before what it says of itself."""
    if asked:
        yield f"host that was asked: {plain(asked)}"
    for name in _ADDRESSES:
        yield f"host of {name}: {plain(host_of(getattr(row, name)))}"
    yield f"issuer: {plain(row.issuer)}"
    margin = ""
    if row.self_registered:
        yield "it says of itself:"
        margin = "  "
    for name in ("family", "client_id", *_ADDRESSES):
        yield f"{margin}{name}: {plain(getattr(row, name))}"
    if row.auth_audience:
        margin = "" if row.audience_by_operator else margin
        yield f"{margin}auth_audience: {plain(row.auth_audience)}"


def _number(letter: str) -> str:
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{{{code:x}}}"
