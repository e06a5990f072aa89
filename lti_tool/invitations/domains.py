"""Which e-mail domains may be invited; pure."""

from __future__ import annotations

from collections.abc import Iterable

import idna


class InvalidDomain(ValueError):
    """``text`` is not a domain name."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def normalise_domain(text: str) -> str:
    """Return a domain name in lower-case A-labels; a leading ``@``, ``*@``, ``*.`` or dot goes.

    Raises InvalidDomain.
    """
    name = text.strip().lower()
    for prefix in ("*@", "@", "*.", "."):
        name = name.removeprefix(prefix)
    name = name.removesuffix(".")
    try:
        return idna.encode(name, uts46=True, std3_rules=True).decode("ascii")
    except idna.IDNAError as error:
        raise InvalidDomain(text.strip()) from error


def domain_permitted(domain: str, allowed: Iterable[str], blocked: Iterable[str]) -> bool:
    """Tell whether an address of this domain may be invited and may redeem.

    All names are in normal form. A rule covers its own name and every sub-domain, by whole labels:
    ``uni.edu`` covers ``mail.uni.edu`` and not ``myuni.edu``. A blocked name wins over an allowed
    one, and an empty allow list allows every domain that is not blocked.
    """
    if _covered(domain, blocked):
        return False
    permitted = list(allowed)
    return not permitted or _covered(domain, permitted)


def _covered(domain: str, names: Iterable[str]) -> bool:
    return any(domain == name or domain.endswith("." + name) for name in names)
