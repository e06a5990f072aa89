"""What an LMS calls itself (OpenID Connect Discovery 1.0 §4), against what an operator wrote.

A slash too many at the end is enough for every login to be refused (Security Framework §5.1.3: the
issuer is compared exactly), and a human eye passes over it.
"""

from __future__ import annotations

from lti_tool.core.http import FetchError, HttpClient, Limits
from lti_tool.lti.launch import Platform
from lti_tool.lti.platforms import family_of
from lti_tool.lti.rules import mapping, shown

_LIMITS = Limits(read=5, whole=8)


def published_issuer(platform: Platform, client: HttpClient) -> str | None:
    """Ask the LMS what it calls itself; None where it tells nobody."""
    family = family_of(platform.family)
    for address in family.configuration_addresses(platform.issuer, platform.token_url):
        try:
            told = mapping(client.get_json(address, limits=_LIMITS)).get("issuer")
        except FetchError:
            continue
        if isinstance(told, str) and told:
            return told
    return None


def mistaken_issuer(platform: Platform, published: str | None) -> str:
    """Say what is wrong with the registered issuer, and what to do; "" if nothing is known."""
    family = family_of(platform.family)
    doubt = family.doubts_issuer(platform.issuer, platform.token_url)
    if doubt or published is None or family.signs_as(platform.issuer, published):
        return doubt
    slash = platform.issuer.rstrip("/") == published.rstrip("/")
    differ = "They differ by a slash at the end. " if slash else ""
    return (
        f"The LMS calls itself “{shown(published)}”, but is registered as “{platform.issuer}”. "
        f"{differ}Every login is refused until it is registered by its own name."
    )


def is_doubtful(issuer: str) -> bool:
    """Tell whether an issuer is written as hardly any LMS calls itself: with a slash at its end."""
    return issuer.endswith("/")
