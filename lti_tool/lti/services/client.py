"""Calls to a platform's services, with an access token."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask import current_app

from lti_tool.core.clock import now
from lti_tool.core.http import Answer, FetchError, HttpClient, Limits
from lti_tool.lti.launch import Platform
from lti_tool.lti.platforms import family_of
from lti_tool.lti.rules import mapping
from lti_tool.lti.services.access_tokens import access_tokens, past_hiccup
from lti_tool.lti.services.errors import ServiceError, host_of, no_answer, refused
from lti_tool.lti.services.paging import Elsewhere, next_page

MOST_PAGES = 4000
"""The smallest pages that we know hold 50 people."""
LONGEST = timedelta(minutes=15)
"""For a whole list: others wait for their turn."""
LARGE = Limits(read=30, whole=90, answer=33_554_432)
"""A platform that knows no pages gives a large course at once, and takes its time for it."""


def ask(
    platform: Platform,
    scope: str,
    method: str,
    address: str,
    headers: dict[str, str],
    body: bytes | None = None,
) -> Answer:
    """Ask, and return an answer of success.

    Raises ServiceError. A token that the platform takes no more (it may have been restarted) is
    replaced, once.
    """
    token = access_tokens().get(platform, scope)
    answer = _ask(method, address, headers, body, token)
    if answer.status in (401, 403):
        token = access_tokens().get(platform, scope, spent=token)
        answer = _ask(method, address, headers, body, token)
    if not 200 <= answer.status < 300:
        raise refused(address, answer)
    return answer


def pages(platform: Platform, scope: str, address: str, accept: str) -> Iterator[Answer]:
    """Read the pages of a list, each when it is wanted.

    Raises ServiceError. The next page is where the platform says, but never on another host: the
    access token would go with the request.
    """
    family = family_of(platform.family)
    asked: set[str] = set()
    began = now()
    following: str | None = address
    while following is not None:
        if following in asked or len(asked) == MOST_PAGES:
            raise ServiceError("endless", f"The list at {host_of(address)} comes to no end.")
        if now() - began > LONGEST:
            raise ServiceError("timeout", f"{host_of(address)} takes too long for a whole list.")
        asked.add(following)
        answer = ask(platform, scope, "GET", following, {"Accept": accept})
        yield answer
        try:
            following = next_page(family.link_header(answer.headers.get("Link", "")), following)
        except Elsewhere as error:
            raise elsewhere(address) from error


def elsewhere(address: str) -> ServiceError:
    return ServiceError(
        "elsewhere",
        f"{host_of(address)} names another address, to which Foyer must not send its access "
        "token. The LMS may not know its own address behind a proxy.",
    )


def _ask(
    method: str, address: str, headers: dict[str, str], body: bytes | None, token: str
) -> Answer:
    client: HttpClient = current_app.extensions["foyer.http"]
    sent = {**headers, "Authorization": f"Bearer {token}"}

    def call() -> Answer:
        return client.ask(method, address, sent, body, limits=LARGE)

    try:
        return past_hiccup(call) if method == "GET" else call()
    except FetchError as error:
        raise no_answer(address, error) from error


def listed(platform: Platform, address: str, answer: Answer, member: str | None) -> list[Any]:
    """Return the objects of a page that is a list, or an object whose ``member`` is one.

    Raises ServiceError.
    """
    if not answer.content.strip() and family_of(platform.family).empty_means_none():
        return []
    page = document(address, answer)
    found = page if member is None else mapping(page).get(member)
    if not isinstance(found, list):
        raise ServiceError(
            "unreadable", f"The answer of {host_of(address)} is not the list asked for."
        )
    return [item for item in found if isinstance(item, dict)]


def document(address: str, answer: Answer) -> Any:
    """Parse the JSON of an answer.

    Raises ServiceError.
    """
    try:
        return answer.json()
    except FetchError as error:
        raise no_answer(address, error) from error
