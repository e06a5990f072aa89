"""Calls to a platform's services, with an access token."""

from __future__ import annotations

from typing import Any

from flask import current_app

from lti_tool.core.http import Answer, FetchError, HttpClient, Limits
from lti_tool.lti.access_tokens import access_tokens
from lti_tool.lti.launch import Platform
from lti_tool.lti.services import no_answer, refused

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
    """An answer of success. Raises ServiceError.

    A token that the platform takes no more (it may have been restarted) is replaced, once.
    """
    token = access_tokens().get(platform, scope)
    answer = _ask(method, address, headers, body, token)
    if answer.status in (401, 403):
        token = access_tokens().get(platform, scope, spent=token)
        answer = _ask(method, address, headers, body, token)
    if not 200 <= answer.status < 300:
        raise refused(address, answer)
    return answer


def _ask(
    method: str, address: str, headers: dict[str, str], body: bytes | None, token: str
) -> Answer:
    client: HttpClient = current_app.extensions["foyer.http"]
    sent = {**headers, "Authorization": f"Bearer {token}"}
    try:
        return client.ask(method, address, sent, body, limits=LARGE)
    except FetchError as error:
        raise no_answer(address, error) from error


def document(address: str, answer: Answer) -> Any:
    """The JSON of an answer. Raises ServiceError."""
    try:
        return answer.json()
    except FetchError as error:
        raise no_answer(address, error) from error
