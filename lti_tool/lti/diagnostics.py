"""Walks one registration as launches and services will, and says of each step what is wrong.

Nothing that it finds holds a token or an answer's body.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import islice
from shlex import quote
from urllib.parse import urlsplit

from flask import current_app

from lti_tool.config import Config
from lti_tool.core.clock import now
from lti_tool.core.http import Answer, FetchError, HttpClient, Policy
from lti_tool.core.web.urls import external_url
from lti_tool.lti.keys import tool_keys
from lti_tool.lti.launch import Platform
from lti_tool.lti.launching.platform_keys import usable_keys
from lti_tool.lti.models import Registration
from lti_tool.lti.platforms import family_of
from lti_tool.lti.published_issuer import is_doubtful, mistaken_issuer, published_issuer
from lti_tool.lti.registrations import as_platform, deployments_of
from lti_tool.lti.rules import mapping, signing_key
from lti_tool.lti.services.access_tokens import ROSTER_SCOPE, AccessTokens
from lti_tool.lti.services.errors import ServiceError, host_of, no_answer, refused
from lti_tool.lti.services.names_and_roles import Member, members

TOLERANCE = timedelta(seconds=30)
"""What the strictest platform forgives a clock."""
OWN_KEYS = "/lti/jwks.json"


@dataclass(frozen=True)
class KnownRoster:
    """A course whose list of people the LMS has told the address of."""

    title: str
    memberships_url: str


@dataclass(frozen=True)
class Finding:
    """One step of the walk, and what was found.

    ``fault`` is a sentence: what is wrong, and what to do; None: nothing is.
    """

    step: str
    told: str = ""
    fault: str | None = None
    tried: bool = True
    notes: tuple[str, ...] = ()


def walk(row: Registration, roster: KnownRoster | None) -> Iterator[Finding]:
    """Try each step, in an order in which the first fault explains the most.

    Each is given when it has been tried.
    """
    platform = as_platform(row)
    yield _registration(row, platform)
    yield _own_keys(platform)
    began = now()
    answer, keys = _platform_keys(platform)
    yield keys
    yield _clocks(platform, began, answer)
    token = _token(row, platform)
    yield token
    yield _roster(platform, roster, has_token=token.tried and token.fault is None)


def _registration(row: Registration, platform: Platform) -> Finding:
    """Look at what stands here: is it on, does it name the LMS as that names itself."""
    client: HttpClient = current_app.extensions["foyer.http"]
    found = _switched_on(row)
    mistake = mistaken_issuer(platform, published := published_issuer(platform, client))
    if mistake and found.fault is None:
        found = Finding(found.step, fault=mistake)
    notes = (*_way_out(platform, client.policy), *_sign_in(platform, client), *_places(row))
    if published is None and is_doubtful(platform.issuer):
        notes += ("The issuer ends with a slash, and the LMS does not say what it calls itself.",)
    if platform.stage:
        notes += (f"It is a copy of the real platform (“{platform.stage}”).",)
    return replace(found, notes=notes)


def _way_out(platform: Platform, policy: Policy) -> tuple[str, ...]:
    """Tell by which way the LMS is called."""
    if not policy.proxy:
        named = [name for name in _PROXY_VARIABLES if os.environ.get(name)]
        return tuple(
            f"The environment names a proxy ({name}); Foyer obeys http_proxy only."
            for name in named[:1]
        )
    proxy = urlsplit(policy.proxy)
    hosts = dict.fromkeys(
        urlsplit(one).hostname or "" for one in (platform.token_url, platform.jwks_url)
    )
    past = [host for host in hosts if not policy.leads_through_proxy(host)]
    through = f"The LMS is called through the proxy {proxy.hostname}:{proxy.port} (http_proxy)"
    return (f"{through}, but not {', '.join(past)} (no_proxy)." if past else f"{through}.",)


_PROXY_VARIABLES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY")


def _sign_in(platform: Platform, client: HttpClient) -> tuple[str, ...]:
    """Try the address to which browsers are sent; that they can reach it is not to be seen here.

    It may send them on to another host, to sign in there.
    """
    try:
        answer = client.ask("GET", platform.auth_url, {"Accept": "text/html"})
    except FetchError as error:
        return (f"Where people are sent to sign in: {no_answer(platform.auth_url, error)}",)
    if answer.status in (404, 410):
        return (f"Where people are sent to sign in: {refused(platform.auth_url, answer)}",)
    return ()


def _places(row: Registration) -> tuple[str, ...]:
    """Tell of deployments that are not let in: their people read why, and ask."""
    known = deployments_of(row.id)
    waiting = sum(one.waiting for one in known)
    off = sum(not one.enabled and not one.waiting for one in known)
    told = ((waiting, "wait to be let in"), (off, "are switched off"))
    return tuple(
        f"Deployments that {what}: {many}. platform show {row.name}" for many, what in told if many
    )


def _switched_on(row: Registration) -> Finding:
    step = "Registration"
    if row.awaiting_approval:
        return Finding(step, fault="Nobody has approved it yet, so every launch is refused.")
    if not row.enabled:
        return Finding(step, fault=f"It is switched off: platform enable {quote(row.name)}")
    let_in = [one for one in deployments_of(row.id) if one.enabled]
    if not let_in and not row.accept_new_deployments:
        return Finding(
            step,
            fault="No deployment is let in, so every launch is refused: "
            f"platform add-deployment {quote(row.name)} ID",
        )
    count = "every deployment" if row.accept_new_deployments else f"{len(let_in)} let in"
    return Finding(step, f"{row.family}, {count}")


def _own_keys(platform: Platform) -> Finding:
    step, address = "Foyer's public keys", external_url(OWN_KEYS)
    doubt = family_of(platform.family).doubts(external_url(""))
    notes = (doubt,) if doubt else ()
    try:
        answer = _own_client().ask("GET", address, {"Accept": "application/json"})
    except FetchError as error:
        hint = "The LMS reads Foyer's keys there; is FOYER_BASE_URL the address that it uses?"
        return Finding(step, fault=f"{no_answer(address, error)} {hint}", notes=notes)
    if answer.status != 200:
        fault = (
            f"{address} answers with status {answer.status}. The web server must pass all of "
            "/lti/ on to Foyer, and FOYER_BASE_URL must be its address."
        )
        return Finding(step, fault=fault, notes=notes)
    keys = tool_keys()
    if signing_key(keys.ensure(), now()).id not in _kids(answer):
        fault = (
            f"{address} does not hold the key that Foyer signs with here. Another Foyer may "
            "answer there, or its machines do not share the keys folder."
        )
        return Finding(step, fault=fault, notes=notes)
    return Finding(step, address, notes=notes)


def _own_client() -> HttpClient:
    """Make a client that may call Foyer's own address.

    It may lead to a private one, seen from Foyer's machine.
    """
    config: Config = current_app.extensions["foyer.config"]
    own = urlsplit(config.base_url).hostname or ""
    client: HttpClient = current_app.extensions["foyer.http"]
    hosts = (*client.policy.private_hosts, own)
    return HttpClient(replace(client.policy, private_hosts=hosts))


def _kids(answer: Answer) -> list[object]:
    try:
        listed = mapping(answer.json()).get("keys")
    except FetchError:
        return []
    return [mapping(key).get("kid") for key in listed] if isinstance(listed, list) else []


def _platform_keys(platform: Platform) -> tuple[Answer | None, Finding]:
    step, address = "The LMS's public keys", platform.jwks_url
    client: HttpClient = current_app.extensions["foyer.http"]
    try:
        answer = client.ask("GET", address, {"Accept": "application/json"})
    except FetchError as error:
        return None, Finding(step, fault=str(no_answer(address, error)))
    if answer.status != 200:
        return answer, Finding(step, fault=str(refused(address, answer)))
    try:
        keys = usable_keys(answer.json())
    except FetchError as error:
        return answer, Finding(step, fault=str(no_answer(address, error)))
    if not keys:
        why = "is no key set" if keys is None else "holds no RS256 key of 2048 bits with a kid"
        fault = f"What {host_of(address)} gives at {address} {why}. Compare the address."
        return answer, Finding(step, fault=fault)
    usable, all_of_them = sum(map(len, keys.values())), len(answer.json()["keys"])
    unfit = all_of_them - usable
    told = f"{unfit} more cannot be used: no RS256 key of 2048 bits with a kid of its own."
    return answer, Finding(step, f"{usable} at {address}", notes=(told,) if unfit else ())


def _clocks(platform: Platform, began: datetime, answer: Answer | None) -> Finding:
    step, host = "The clocks", host_of(platform.jwks_url)
    told = _moment(answer.headers) if answer is not None else None
    if told is None:
        return Finding(step, "the LMS did not tell the time", tried=False)
    apart = _apart(told, began, now())
    if abs(apart) > TOLERANCE:
        seconds = abs(round(apart.total_seconds()))
        way = "ahead of" if apart < timedelta(0) else "behind"
        fault = (
            f"Foyer's clock is {seconds} seconds {way} that of {host}, so messages look too old "
            "or too new. Let both machines follow a time server (NTP)."
        )
        return Finding(step, fault=fault)
    return Finding(step, f"less than {TOLERANCE.seconds} seconds apart")


def _moment(headers: Mapping[str, str]) -> datetime | None:
    """Read when an answer was given, also one that a cache has kept for a while."""
    try:
        given = parsedate_to_datetime(headers.get("Date", ""))
        age = timedelta(seconds=int(headers.get("Age", "0")))
        return given + age if given.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _apart(told: datetime, began: datetime, ended: datetime) -> timedelta:
    """Measure how far the LMS's clock is ahead of ours, at least.

    The answer was given in between, and its moment is cut to the second.
    """
    if told > ended:
        return told - ended
    return min(told + timedelta(seconds=1) - began, timedelta(0))


def _token(row: Registration, platform: Platform) -> Finding:
    step = "An access token for the list of people"
    if row.awaiting_approval:
        return Finding(step, "nothing is signed for an LMS that nobody has approved", tried=False)
    tokens = AccessTokens(current_app.extensions["foyer.http"])
    try:
        tokens.get(platform, ROSTER_SCOPE)
    except ServiceError as error:
        return Finding(step, fault=_sentence(error))
    return Finding(step, f"granted by {host_of(platform.token_url)}")


def _roster(platform: Platform, known: KnownRoster | None, *, has_token: bool) -> Finding:
    step = "The list of people of a course"
    if known is None:
        untried = (
            "no course has told where its list is. Open a link of Foyer's in a course, then run "
            "this again"
        )
        return Finding(step, untried, tried=False)
    if not has_token:
        return Finding(step, "it needs an access token", tried=False)
    try:
        # With a second one, since the way there may be what is wrong.
        page, *_second = islice(members(platform, known.memberships_url), 2)
    except ServiceError as error:
        hint = family_of(platform.family).roster_refused(error.reason)
        return Finding(step, fault=f"{_sentence(error)} {hint}".strip())
    course = f"“{known.title}”" if known.title else "the course that was opened last"
    return Finding(step, f"{len(page)} on the first page of {course}", notes=_missing(page))


def _missing(page: list[Member]) -> tuple[str, ...]:
    """Note what the LMS's privacy settings keep back."""
    if not page:
        return ()
    notes = []
    if not any(member.name for member in page):
        notes.append("It tells no names: allow the tool to see them in the LMS.")
    if not any(member.email for member in page):
        notes.append("It tells no e-mail addresses: allow the tool to see them in the LMS.")
    return tuple(notes)


def _sentence(error: ServiceError) -> str:
    return f"{error} The LMS says: {error.said}" if error.said else str(error)
