"""Registrations of tools (Dynamic Registration 1.0), those made by hand among them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"


class RegistrationRefused(Exception):
    """Why a request was not taken; `errors` are all reasons, by what they are about."""

    def __init__(self, status: int, errors: dict[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.status = status
        self.errors = errors


@dataclass(frozen=True)
class Tool:
    """A registration of a school: by hand (`request` is empty), or made by the tool itself.

    `granted` are the scopes that an administrator left to it; None: those of the product.
    """

    school: str
    client_id: str
    deployment_id: str
    request: dict[str, Any] = field(default_factory=dict)
    granted: list[str] | None = None

    @property
    def name(self) -> str:
        return str(self.request.get("client_name") or "Foyer, registered by hand")

    @property
    def configuration(self) -> dict[str, Any]:
        return dict(self.request.get(TOOL) or {})

    @property
    def placements(self) -> list[str]:
        """Each once, in the order in which the messages name them."""
        named = [
            placement
            for message in self.configuration.get("messages", ())
            for placement in message.get("placements", ())
        ]
        return list(dict.fromkeys(named))


@dataclass
class Pressed:
    """One press of "Register a tool".

    number  counts the presses on this platform
    url     what is opened in the frame
    token   what the tool shows; `spent` once it did its work, where it works once
    tool    what the tool registered; None as long as it did not
    state   "open", "registered", "in use"
    refusals  what was wrong with its requests
    """

    id: str
    number: int
    school: str
    client_id: str
    token: str
    until: datetime
    address: str
    url: str = ""
    update: bool = False
    spent: bool = False
    tool: Tool | None = None
    state: str = "open"
    refusals: list[str] = field(default_factory=list)


def as_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a body. Raises RegistrationRefused."""
    try:
        request = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RegistrationRefused(400, {"body": "the body is not JSON"}) from error
    if not isinstance(request, dict):
        raise RegistrationRefused(400, {"body": "the body is not an object"})
    return request
