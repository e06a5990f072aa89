"""E-mail addresses as people type them, as they are stored, and as they are compared; pure.

Three forms. What is **shown** is what was typed without what stood around it. The **normal** form
tells people apart: in unique indexes, grants, trust in an LMS, and mail. The **match** form
forgives what keyboards do to an address; it answers only whether somebody typed the address that
was meant, and whether somebody has been invited already. No DNS question is asked.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

import idna
from email_validator import EmailNotValidError, validate_email

from lti_tool.core.texts import one_line

LONGEST_ADDRESS = 254  # RFC 5321 §4.5.3.1.3, a path of 256 octets without its angle brackets


class InvalidEmail(ValueError):
    """The text is not an e-mail address that mail could be sent to."""


class SeveralAddresses(InvalidEmail):
    """The text holds more than one e-mail address, and nothing says which is meant."""


@dataclass(frozen=True)
class Mailbox:
    """An address and whose it is, as mail programs write both (RFC 5322 §3.4)."""

    address: str
    """As it is shown."""
    name: str
    """Empty where none came along."""


def read_mailbox(text: str) -> Mailbox:
    """Find the one address in what was typed or pasted, and the name that stands beside it.

    What stands around it goes: a name with brackets, ``mailto:``, quotes, punctuation, spaces of
    every width, and what cannot be seen. Full width becomes ordinary width. Raises InvalidEmail,
    and SeveralAddresses where there are several.
    """
    seen = _seen(text)
    _refuse_several(seen)
    beside = next(filter(None, (form.fullmatch(seen) for form in _WITH_A_NAME)), None)
    address = _without_surroundings(beside["address"] if beside else seen)
    normalise_email(address)
    return Mailbox(address, _name(beside["name"]) if beside else "")


def typed_email(text: str) -> str:
    """Return the normal form of the address that was typed; raises as ``read_mailbox``."""
    return normalise_email(read_mailbox(text).address)


def typed_or_none(text: str) -> str | None:
    """Read as ``typed_email`` does; None for what is no single address."""
    try:
        return typed_email(text)
    except InvalidEmail:
        return None


def normalise_email(text: str) -> str:
    """Return the address trimmed, NFC, in lower case, with its domain in IDNA (A-labels).

    Two texts name the same invitee exactly when their normal forms are equal. Lower case is also
    used for the part before the @: no mail system in use keeps two people apart by case alone.
    Special domains (an institution's ``.local``, a sandbox's ``.test``) are accepted, names without
    a dot are not. Raises InvalidEmail.
    """
    shown = unicodedata.normalize("NFC", text.strip())
    if len(shown) > LONGEST_ADDRESS:
        raise InvalidEmail("the address is too long")
    local, at, domain = shown.lower().rpartition("@")
    if not at:
        raise InvalidEmail("the address has no @")
    normal = f"{_local_part(local)}@{_domain(domain)}"
    if len(normal) > LONGEST_ADDRESS:
        raise InvalidEmail("the address is too long")
    return normal


def normal_or_none(text: str | None) -> str | None:
    """Normalise as ``normalise_email`` does; None for what is no address."""
    try:
        return normalise_email(text) if text else None
    except InvalidEmail:
        return None


def match_form(normal: str) -> str:
    """Return what an address in normal form is compared by.

    In the part before the @ typographic twins are one (the apostrophes, the hyphens), and so are
    the letters i of a Turkish keyboard. The domain stays as it is.
    """
    local, _at, domain = normal.rpartition("@")
    twins = _ordinary_width(local).lower().translate(_TWINS)
    return unicodedata.normalize("NFC", _DOTTED_I.sub("i", twins)) + "@" + domain


def domain_of(email: str) -> str:
    """Return the part after the last @ of an address in normal form."""
    return email.rpartition("@")[2]


def _local_part(local: str) -> str:
    # The validator refuses special domains such as .local outright, so it gets a plain one.
    try:
        checked = validate_email(
            f"{local}@domain.com", check_deliverability=False, allow_quoted_local=False
        )
    except EmailNotValidError as error:
        raise InvalidEmail(str(error)) from error
    return unicodedata.normalize("NFC", checked.local_part.lower())


@lru_cache(maxsize=1024)  # most of a school's people share one
def _domain(domain: str) -> str:
    try:
        name = idna.encode(domain, uts46=True, std3_rules=True).decode("ascii")
    except idna.IDNAError as error:
        raise InvalidEmail("the part after the @ is no domain name") from error
    if "." not in name.removesuffix("."):
        raise InvalidEmail("the part after the @ has no dot")
    return name.removesuffix(".")


# What stands around an address ---------------------------------------------------------------

_APOSTROPHES = "'’‘‛ʼʻʹ′´`"
_HYPHENS = "-‐‑‒–—−"
_QUOTES = _APOSTROPHES + '"“”„‟«»‹›‚'
_TWINS = str.maketrans(
    dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_HYPHENS, "-") | {"ı": "i", "ς": "σ"}
)
_DOTTED_I = re.compile("i\u0307+")

# Each is one character as its narrow twin; what is inside an address is folded afterwards.
_NARROW = str.maketrans("＠﹫＜﹤＞﹥（﹙）﹚［］，﹐；﹔：﹕＂", '@@<<>>(())[],,;;::"')
_HYPHEN_IN_DOMAIN = str.maketrans(dict.fromkeys(_HYPHENS, "-"))
"""No domain name can hold another one."""

_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Characters that show nothing and are not of the category Cf."""

_AROUND = re.escape(_QUOTES)
_LEADING = re.compile(rf"(?:[\s{_AROUND}(\[<,;:]|[-*•·–—]\s)+")
_TRAILING = re.compile(rf"[\s{_AROUND})\]>}},;:.!?…。、！？*_~|]+$")
_LABEL = re.compile(r"[^@<>:/\\]{1,40}:(?!//)\s*")
_MAILTO = re.compile(r"\s*mailto:", re.IGNORECASE)
_PAIRS = {"*": "*", "_": "_", "~": "~", "|": "|", "{": "}"}

_WITH_A_NAME = (
    re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>[^\w<>@]*"),
    re.compile(r"(?P<address>[^\s()]+@[^\s()]+)\s*\((?P<name>[^()]*)\)[^\w@]*"),
    re.compile(r"(?P<name>[^()]*)\((?P<address>[^\s()]+@[^\s()]+)\)[^\w@]*"),
    re.compile(r"(?P<name>[^\[\]]*)\[(?P<address>[^\s\[\]]+@[^\s\[\]]+)\][^\w@]*"),
)
_LIKE_AN_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"“”«»]+@[^\s<>()\[\],;:\"“”«»@]+")


def _seen(text: str) -> str:
    """Return what of the text can be seen, on one line, with the signs around addresses narrow."""
    visible = (char for char in _UNSEEN.sub("", text) if unicodedata.category(char) != "Cf")
    spaced = (" " if unicodedata.category(char) == "Cc" else char for char in visible)
    return " ".join("".join(spaced).translate(_NARROW).split())


def _ordinary_width(text: str) -> str:
    """Fold compatibility characters (NFKC), but none into a space: ``´`` would become one."""
    folded = ((char, unicodedata.normalize("NFKC", char)) for char in text)
    apart = (char if re.search(r"\s", plain) else plain for char, plain in folded)
    return unicodedata.normalize("NFC", "".join(apart))


def _without_surroundings(text: str) -> str:
    text, before = _ordinary_width(text), None
    while text != before:
        before = text
        if mailto := _MAILTO.match(text):
            text = unquote(_until_the_query(text[mailto.end() :]))
        text = text[label.end() :] if (label := _LABEL.match(text)) else text
        if len(text) > 2 and _PAIRS.get(text[0]) == text[-1]:
            text = text[1:-1]
        text = text[lead.end() :] if (lead := _LEADING.match(text)) else text
        text = _TRAILING.sub("", text)
    local, at, domain = text.rpartition("@")
    return local + at + domain.translate(_HYPHEN_IN_DOMAIN)


def _until_the_query(address: str) -> str:
    local, at, rest = address.partition("@")
    return local + at + rest.partition("?")[0]


def _addresses_in(text: str) -> set[str]:
    found = (_without_surroundings(part) for part in _LIKE_AN_ADDRESS.findall(text))
    return {normal for part in found if (normal := normal_or_none(part))}


def _refuse_several(text: str) -> None:
    if len(_addresses_in(text)) > 1:
        raise SeveralAddresses("several addresses")


def _name(text: str) -> str:
    """Return the name beside an address; an address in its place is none."""
    if _addresses_in(text):
        return ""
    named = _LABEL.sub("", text, count=1) if _LABEL.match(text) else text
    return one_line(re.sub(r"\\(.)", r"\1", named).strip(f"{_QUOTES}[],;: "))
