"""The log of requests to the services: what came in, and with which status it was answered."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True)
class Call:
    """One request to a service and the status of its answer."""

    service: str
    method: str
    url: str
    accept: str
    content_type: str
    client_id: str
    scopes: frozenset[str]
    status: int


def call_log() -> deque[Call]:
    """Return an empty log; of very many calls it keeps the latest."""
    return deque(maxlen=2000)
