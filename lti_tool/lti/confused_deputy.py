"""Which LMS may have us sign, so that it holds for no other one: the confused deputy.

Pure. A client assertion (RFC 7523 §3) says who we are (``iss`` and ``sub``: the client id) and whom
it is for (``aud``). One key signs for all registrations, so what keeps an assertion that one LMS
gets from being good at another is these two alone; and some products look at the first only.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import unquote, urlsplit

from lti_tool.lti.platforms import family_of
from lti_tool.lti.platforms.hosts import host_of

_WITH_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_UNHEEDED = frozenset({"Cf", "Mn", "Mc", "Me", "Zs"})
_USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Tenant:
    """A registration, as far as it decides at whom our assertions are good.

    ``since``: when it was made, and its id for two of one moment; None: it says so only now.
    ``waiting``: nobody has let it in. It trusts our keys already, so its client id is its own; of
    anything else that it says nothing counts.
    """

    name: str
    family: str
    issuer: str
    client_id: str
    token_url: str
    jwks_url: str
    auth_audience: str | None
    self_registered: bool
    audience_by_operator: bool
    since: tuple[datetime, str] | None
    waiting: bool = False


@dataclass(frozen=True)
class Confusion:
    """What would be good at another one; ``part`` is the word of the specifications for it."""

    part: Literal["client_id", "authorization_server"]
    other: Tenant


def confusion(tenant: Tenant, others: Iterable[Tenant]) -> Confusion | None:
    """Say why nothing may be signed for it, if so.

    Of two that are confused it is one of them that is refused, and never one for what somebody says
    who came later and has less ground to say it.
    """
    for other in others:
        if _borrows_client(tenant, other):
            return Confusion("client_id", other)
        if not other.waiting and _borrows_audience(tenant, other):
            return Confusion("authorization_server", other)
    return None


def canonical(address: str) -> str:
    """Write host[:port]/path[?query] alike for all spellings a platform may take for one.

    An address without a scheme begins with its host.
    """
    split = _split(address)
    if split is None:
        return unicodedata.normalize("NFKC", address.strip()).casefold()
    host, port, path, query = split
    path = posixpath.normpath("/" + _decoded(path).lstrip("/")).lstrip("/")
    return f"{host}{port}/{path}" + (f"?{_decoded(query)}" if query else "")


def audience_host(audience: str) -> str:
    """Return the host of an audience, whether with a scheme or a host alone.

    "" where it names none, or is written so that readers may differ about it.
    """
    written = _with_scheme(audience)
    if re.search(r"[\s\\]", written) or "@" in written.split("/")[2]:
        return ""
    return host_of(written)


def same_address(one: str, other: str) -> bool:
    """Tell whether what is posted to either comes to the same place.

    Path and query count to the letter.
    """
    return _split(one) == _split(other) is not None and _scheme(one) == _scheme(other)


def _borrows_client(tenant: Tenant, other: Tenant) -> bool:
    """Tell whether its assertions name a client id that is the other's, who would take them.

    What an operator has written down is meant.
    """
    if not tenant.self_registered or plain_id(tenant.client_id) != plain_id(other.client_id):
        return False
    if other.waiting and _at_vendor(tenant):
        return False  # its vendor gives out the ids; anybody can guess one
    one_issuer = _borrows_issuer(tenant) and _of_vendor(tenant, other)
    if one_issuer and not _borrows_issuer(other):
        return True
    checked = _checks_audience(tenant) and _checks_audience(other)
    if checked and not one_issuer and _host(tenant.token_url) != _host(other.token_url):
        return False
    return _yields(tenant, other)


def plain_id(client_id: str) -> str:
    """Write a client id as a database may compare it.

    Such a one heeds neither case nor accents nor what cannot be seen (MySQL's usual collations).
    """
    letters = unicodedata.normalize("NFKD", client_id).casefold()
    return "".join(one for one in letters if unicodedata.category(one) not in _UNHEEDED)


def _at_vendor(tenant: Tenant) -> bool:
    family = family_of(tenant.family)
    return tenant.issuer in family.vendor_issuers and not _borrows_issuer(tenant)


def _yields(tenant: Tenant, other: Tenant) -> bool:
    return not other.self_registered or _is_later(tenant, other)


def _is_later(tenant: Tenant, other: Tenant) -> bool:
    if tenant.since is None or other.since is None:
        return tenant.since is None
    return tenant.since > other.since


def _checks_audience(tenant: Tenant) -> bool:
    return family_of(tenant.family).checks_audience


def _borrows_issuer(tenant: Tenant) -> bool:
    """Tell whether it signs with its product's vendor's issuer without being at the vendor's.

    Answers to its dialogs are addressed to that issuer.
    """
    return family_of(tenant.family).borrows(tenant.issuer, tenant.jwks_url)


def _of_vendor(tenant: Tenant, other: Tenant) -> bool:
    return other.issuer in family_of(tenant.family).vendor_issuers


def _borrows_audience(tenant: Tenant, other: Tenant) -> bool:
    """Tell whether its assertions are addressed to the other, and sent to somebody else.

    What it says by itself may not even name the other's host, unless that is its own too.
    """
    said = tenant.auth_audience
    if said is None or same_address(said, tenant.token_url):
        return False
    if same_address(tenant.token_url, other.token_url):
        return False  # whoever gets them is whom they are for
    same = _same_host if _is_hearsay(tenant, said) else _same_spelling
    return any(
        same(said, address) and _has_less_ground(tenant, said, other, address)
        for address in (other.token_url, other.auth_audience)
        if address is not None
    )


def _is_hearsay(tenant: Tenant, said: str) -> bool:
    return not tenant.audience_by_operator and not _same_host(said, tenant.token_url)


def _has_less_ground(tenant: Tenant, said: str, other: Tenant, address: str) -> bool:
    """Tell whether the tenant has less ground to name the address than the other.

    An address is whose home it is; else that of the one who has it from an operator, and of whoever
    named it first. Now even an operator may not name what is another's.
    """
    mine = (_at_home(tenant, said), tenant.audience_by_operator and tenant.since is not None)
    theirs = (_at_home(other, address), other.audience_by_operator)
    return mine < theirs or (mine == theirs and _is_later(tenant, other))


def _at_home(tenant: Tenant, address: str) -> int:
    """Measure how near an address is to where the tenant takes assertions."""
    return _same_spelling(address, tenant.token_url) + _same_host(address, tenant.token_url)


def _same_spelling(one: str, other: str) -> bool:
    return canonical(one) == canonical(other)


def _same_host(one: str, other: str) -> bool:
    return _host(one) == _host(other) != ""


def _host(address: str) -> str:
    split = _split(address)
    return split[0] if split is not None else ""


def _split(address: str) -> tuple[str, str, str, str] | None:
    """Split an address into host, port, path and query; None where there is no host.

    The port is given where it is not the usual one.
    """
    try:
        parts = urlsplit(_with_scheme(address.strip().replace("\\", "/")))
        host, port = _plain(parts.hostname or ""), parts.port
    except ValueError:
        return None
    if not host:
        return None
    unusual = f":{port}" if port and port != _USUAL_PORTS.get(parts.scheme) else ""
    return host, unusual, parts.path, parts.query


def _scheme(address: str) -> str:
    return _with_scheme(address.strip()).partition(":")[0].lower()


def _with_scheme(address: str) -> str:
    return address if _WITH_SCHEME.match(address) else f"https://{address.lstrip('/')}"


def _plain(host: str) -> str:
    """Write a host as name servers know it."""
    host = unquote(host).rstrip(".")
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return host.casefold()


def _decoded(part: str) -> str:
    """Undo percent-encoding, however often it was put on, and write it in one case."""
    while (shorter := unquote(part)) != part:
        part = shorter
    return unicodedata.normalize("NFKC", part).casefold()
