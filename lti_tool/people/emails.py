"""E-mail addresses in the one form in which they are compared and stored; pure, no look-ups."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import idna
from email_validator import EmailNotValidError, validate_email

LONGEST_ADDRESS = 254  # RFC 5321 §4.5.3.1.3, a path of 256 octets without its angle brackets


class InvalidEmail(ValueError):
    """The text is not an e-mail address that mail could be sent to."""


def shown_email(text: str) -> str:
    """Return the address as it was typed, trimmed and in NFC.

    Never longer than its normal form may be, if it has one.
    """
    return unicodedata.normalize("NFC", text.strip())


def normalise_email(text: str) -> str:
    """Return the address trimmed, NFC, in lower case, with its domain in IDNA (A-labels).

    Two texts name the same invitee exactly when their normal forms are equal. Lower case is also
    used for the part before the @: no mail system in use keeps two people apart by case alone.
    Special domains (an institution's ``.local``, a sandbox's ``.test``) are accepted, names without
    a dot are not. No DNS question is asked. Raises InvalidEmail.
    """
    shown = shown_email(text)
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
