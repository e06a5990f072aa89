"""E-mail addresses as people type them, as they are stored, and as they are compared; pure.

Three forms. What is **shown** is what was typed without what stood around it. The **normal** form
tells people apart: in unique indexes, grants, trust in an LMS, and mail. The **match** form
forgives what keyboards do to an address; it answers only whether somebody typed the address that
was meant, and whether somebody has been invited already. No DNS question is asked.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

import idna
from email_validator import EmailNotValidError, validate_email

from lti_tool.core.texts import APOSTROPHES, HYPHENS, TWINS, one_line, visible

LONGEST_ADDRESS = 254  # RFC 5321 §4.5.3.1.3, a path of 256 octets without its angle brackets
LONGEST_LOCAL_PART = 64  # RFC 5321 §4.5.3.1.1, octets
_LONGEST_READ = 4_000
"""Characters that an address is looked for in: more than a letter's head, less than costs time."""


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

    What stands around it goes: a name with brackets, ``mailto:``, quotes, punctuation, signs of
    emphasis, spaces of every width, and what cannot be seen. Full width becomes ordinary width. Of
    any other text its one address is taken, with what stands before as the name. Raises
    InvalidEmail, and SeveralAddresses where there are several.
    """
    seen = _seen(text[:_LONGEST_READ])
    _refuse_several(seen)
    if len(text) > _LONGEST_READ:
        raise InvalidEmail("too long")
    beside = next(filter(None, (form.fullmatch(seen) for form in _WITH_A_NAME)), None)
    address = _without_surroundings(beside["address"] if beside else seen)
    if normal_or_none(address) is None:
        return _only_one_in(seen)
    return Mailbox(address, _name(_BULLET.sub("", beside["name"], count=1)) if beside else "")


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

    In the part before the @ typographic twins are one (the apostrophes, the hyphens), and on both
    sides of it the letters i of a Turkish keyboard, and the sigmas, which are one in capitals.
    """
    local, _at, domain = normal.rpartition("@")
    twins = _ordinary_width(local).lower().translate(TWINS)
    return unicodedata.normalize("NFC", _one_letter(twins)) + "@" + _domain_to_match(domain)


def _domain_to_match(domain: str) -> str:
    if "xn--" not in domain:
        return domain
    try:
        return _domain(_one_letter(idna.decode(domain)))
    except (idna.IDNAError, InvalidEmail):
        return domain


def _one_letter(text: str) -> str:
    return re.sub("i\u0307+", "i", text.replace("ı", "i").replace("ς", "σ"))


def as_people_write_it(address: str) -> str:
    """Return the address with its domain in letters: browsers send that of IDNA as A-labels."""
    local, at, domain = address.rpartition("@")
    try:
        return local + at + (idna.decode(domain) if "xn--" in domain.lower() else domain)
    except idna.IDNAError:
        return address


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
    normal = unicodedata.normalize("NFC", checked.local_part.lower())
    if len(normal.encode()) > LONGEST_LOCAL_PART:
        raise InvalidEmail("the part before the @ is too long")
    return normal


@lru_cache(maxsize=1024)  # most of a school's people share one
def _domain(domain: str) -> str:
    try:
        name = idna.encode(domain, uts46=True, std3_rules=True).decode("ascii")
    except idna.IDNAError as error:
        raise InvalidEmail("the part after the @ is no domain name") from error
    plain = name.removesuffix(".")
    if "." not in plain:
        raise InvalidEmail("the part after the @ has no dot")
    if plain.rpartition(".")[2].isdigit():
        raise InvalidEmail("the part after the @ is a number, as that of a machine is")
    return plain


# What stands around an address ---------------------------------------------------------------

# Each is one character as its narrow twin; what is inside an address is folded afterwards.
_NARROW = str.maketrans("＠﹫＜﹤＞﹥（﹙）﹚［］，﹐；﹔：﹕＂", '@@<<>>(())[],,;;::"')
_IN_DOMAIN = str.maketrans(dict.fromkeys(HYPHENS, "-") | dict.fromkeys("。．｡", "."))
"""No domain name can hold another hyphen or full stop."""
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,8});", re.IGNORECASE)
_ESCAPES = "(?:%(?:20|0[9AD]|3[CE]|22))+"
_ESCAPED_AROUND = re.compile(rf"(?<![^\s<(\[]){_ESCAPES}|{_ESCAPES}(?![^\s>)\]])", re.IGNORECASE)
_ESCAPED_AT = re.compile("%40")
_ESCAPED_BY_MARKDOWN = re.compile(r"\\(?=[_.*~+-])")
_MAILTO = re.compile(r"mailto:/*([^\s<>()\[\]\"?]*)(?:\?[^\s<>()\[\]\"]*)?", re.IGNORECASE)
_LABEL = re.compile(r"[^@<>:/\\]{1,40}:(?!//)\s*")
_BULLET = re.compile(r"(?:[-*+#•·–—]+|\d{1,3}[.)])\s+")
_BEFORE_IN_ASCII = APOSTROPHES + '"(<[,;: '
"""The other signs of ASCII may begin an address."""
_EMPHASIS = "*_~|{}"
_MOST_AROUND = 20
"""So many bullets and labels are taken off one after another; each costs a look at all the rest."""
_AROUND_A_NAME = APOSTROPHES + HYPHENS + _EMPHASIS + '"“”„‟«»‹›‚[]<>,;:•· '

_WITH_A_NAME = (
    re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>[^\w<>@]*"),
    re.compile(r"(?P<address>[^\s()]+@[^\s()]+)\s*\((?P<name>[^()]*)\)[^\w@]*"),
    re.compile(r"(?P<name>[^()]*)\((?P<address>[^\s()]+@[^\s()]+)\)[^\w@]*"),
    re.compile(r"(?P<name>[^\[\]]*)\[(?P<address>[^\s\[\]]+@[^\s\[\]]+)\][^\w@]*"),
)
_APART = r"\s<>()\[\],;\"“”„«»‹›،؛、「」『』【】《》"
_LIKE_AN_ADDRESS = re.compile(f"[^{_APART}]*@[^{_APART}]*")
_MOST_WORDS = 6
"""Of a name that stands before an address without brackets."""


def _seen(text: str) -> str:
    """Return what of the text can be seen, on one line, with the signs around addresses narrow."""
    meant = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    meant = _MAILTO.sub(lambda found: unquote(found[1]), meant)
    meant = _ESCAPED_AROUND.sub(" ", meant) if "@" in meant else _ESCAPED_AT.sub("@", meant)
    spaced = (" " if unicodedata.category(char) == "Cc" else char for char in visible(meant))
    return " ".join("".join(spaced).translate(_NARROW).split())


def _ordinary_width(text: str) -> str:
    """Fold compatibility characters (NFKC), but none into a space: ``´`` would become one."""
    folded = ((char, unicodedata.normalize("NFKC", char)) for char in text)
    apart = (char if re.search(r"\s", plain) else plain for char, plain in folded)
    return unicodedata.normalize("NFC", "".join(apart))


def _without_surroundings(text: str) -> str:
    text, before = _ordinary_width(_without_marks(text)), ""
    for _layer in range(_MOST_AROUND):
        if text == before:
            break
        before = text
        for around in (_BULLET, _LABEL):
            text = text[found.end() :] if (found := around.match(text)) else text
        text = _inside(text)
    local, at, domain = text.rpartition("@")
    return local + at + domain.translate(_IN_DOMAIN).partition("?")[0]


def _without_marks(text: str) -> str:
    """Take off the signs that would fold into letters and digits: of footnotes, ``™``, ``①``."""
    inside = [at for at, char in enumerate(text) if unicodedata.category(char) not in ("No", "So")]
    text = text[inside[0] : inside[-1] + 1] if inside else ""
    return _ESCAPED_BY_MARKDOWN.sub("", text)


def _inside(text: str) -> str:
    """Take off the signs on both sides.

    Those of emphasis before an address go only where their partners stand behind it: alone they
    may be a part of it. Where they do not fit together the text stays, and is no address.
    """
    start = next((at for at, char in enumerate(text) if not _stands_before(char)), len(text))
    end = next((at for at in range(len(text), 0, -1) if _ends_a_domain(text[at - 1])), 0)
    opening = [at for at in range(start) if text[at] in _EMPHASIS]
    closing = [char for char in reversed(text[end:]) if char in _EMPHASIS]
    paired = ["{" if char == "}" else char for char in closing]
    if not opening:
        return text[start:end]
    if not closing:
        return text[opening[0] : end]
    alone = opening[len(paired) :]
    if [text[at] for at in opening[: len(paired)]] != paired:
        return text
    if not alone:
        return text[start:end]
    return text if text[alone[0]] in paired else text[alone[0] : end]


def _stands_before(char: str) -> bool:
    strange = not char.isascii() and unicodedata.category(char)[0] in "PSZ"
    return strange or char in _BEFORE_IN_ASCII or char in _EMPHASIS


def _ends_a_domain(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN"


def _addresses_in(text: str) -> set[str]:
    found = (_without_surroundings(part) for part in _LIKE_AN_ADDRESS.findall(text))
    return {normal for part in found if (normal := normal_or_none(part))}


def _refuse_several(text: str) -> None:
    if len(_addresses_in(text)) > 1:
        raise SeveralAddresses("several addresses")


def _only_one_in(text: str) -> Mailbox:
    """Find the one address that any other text holds; whatever has an @ in it must be that one."""
    text = re.sub(r"\s*@\s*", "@", text)
    parts = list(_LIKE_AN_ADDRESS.finditer(text))
    addresses = [_without_surroundings(part[0]) for part in parts]
    if len({normalise_email(address) for address in addresses}) != 1:
        raise InvalidEmail("there is no one address")
    before, after = text[: parts[0].start()], text[parts[-1].end() :]
    apart = not _begins_it(before) and not _may_belong(before, before[-1:])
    if not apart or _may_belong(after, after[:1]) or after[:1] == ".":
        raise InvalidEmail("a space inside the address, perhaps")
    return Mailbox(addresses[0], _name_before(before))


def _may_belong(beside: str, between: str) -> bool:
    """Tell whether a space may have come into the address: ``ada lovelace@``, ``@uni.co m``."""
    word = beside.strip()
    return between.isspace() and (
        word.startswith(".") or bool(re.fullmatch(r"\S*[^\s:]", word) and word[0].islower())
    )


def _begins_it(before: str) -> bool:
    """Tell whether more than one space may have come in: ``j . smith@``, ``a d a@``."""
    closest = "".join(before.split()[-1:])
    broken_off = closest[:1].islower() and (len(closest) == 1 or closest[-1] in "._")
    return before[-1:].isspace() and (broken_off or closest == ".")


def _name_before(text: str) -> str:
    """Return the name at the end of a text, if it may be one: ``On 5 May, Ada Lovelace <…``."""
    name = _name(text)
    if any(char.isdigit() for char in name):
        name = name.rpartition(",")[2].strip()
    short = len(name.split()) <= _MOST_WORDS and not any(char.isdigit() for char in name)
    return name if short and any(char.isalpha() for char in name) else ""


def _name(text: str) -> str:
    """Return the name beside an address; an address in its place, or code of a letter, is none."""
    if "=" in text or _addresses_in(text):
        return ""
    named = _LABEL.sub("", text, count=1) if _LABEL.match(text) else text
    bare = re.sub(r"\\(.)", r"\1", named).strip(_AROUND_A_NAME).removesuffix("(")
    return one_line(bare.removeprefix("(").removesuffix(")") if bare.startswith("(") else bare)
