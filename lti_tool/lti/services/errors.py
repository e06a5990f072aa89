"""What goes wrong when a platform is asked for something, told so that a reader can act."""

from __future__ import annotations

from urllib.parse import urlsplit

from lti_tool.core.http import Answer, FetchError
from lti_tool.lti.rules import shown, text


class ServiceError(Exception):
    """A platform did not do what it was asked.

    ``reason`` is stable and one of: those of ``FetchError``; client-refused, scope-refused,
    token-refused (no access token); forbidden, not-found, rejected, conflict, moved, busy,
    unavailable (an answer's status); unreadable, elsewhere, endless (an answer's content);
    no-service (the platform named none); unapproved, confusable (we sign nothing for it).
    The text is a sentence for the operator. ``said`` is what the platform itself gave as a
    reason, without anything that may be secret; often empty.
    """

    def __init__(self, reason: str, sentence: str, said: str = "") -> None:
        super().__init__(sentence)
        self.reason = reason
        self.said = said


def host_of(address: str) -> str:
    """Name a host in texts: never the path, which may hold what nobody else should read."""
    return urlsplit(address).netloc.rpartition("@")[2]


def safe(said: object) -> str:
    """Clean a platform's own words so that an operator may read them."""
    return shown(said, 300)


_NO_ANSWER = {
    "address": "The address at {host} is not one that Foyer asks: it must begin with https:// and "
    "hold no user name.",
    "private": "{host} leads into a private network. If it is your own LMS, add {name} to "
    "private_hosts in foyer.toml.",
    "unknown-host": "The name {host} is not known. Look for a slip in the address, or ask whoever "
    "runs the name servers of Foyer's machine.",
    "certificate": "The certificate of {host} cannot be trusted from Foyer's machine. It may have "
    "run out, be made for another name, or lack the one between it and the authority.",
    "timeout": "{host} did not answer in time. Try again later; if it stays so, look at the "
    "firewall between Foyer and the LMS.",
    "unreachable": "{host} could not be reached. Look whether it is running, and at the firewall "
    "between Foyer and the LMS.",
    "proxy": "The HTTP proxy (http_proxy) did not connect Foyer to {host}. Look whether it is "
    "running, whether it lets Foyer's machine use it, and whether it may call {host}.",
    "too-large": "{host} gave a larger answer than Foyer takes.",
    "not-json": "{host} answered with something else than JSON. The address may be that of a "
    "page for people.",
}


def no_answer(address: str, error: FetchError) -> ServiceError:
    """Describe a call that brought nothing."""
    said = _NO_ANSWER.get(error.reason, _NO_ANSWER["unreachable"])
    name = urlsplit(address).hostname
    return ServiceError(error.reason, said.format(host=host_of(address), name=name))


def refused(address: str, answer: Answer) -> ServiceError:
    """Describe an answer whose status is none of success."""
    reason, sentence = _by_status(answer.status)
    other = answer.elsewhere(address)
    if other:
        sentence = (
            "{host} sends Foyer on to another host, {other}, where it does not go. If the LMS has "
            "moved there, register its new addresses."
        )
    said = sentence.format(host=host_of(address), other=text(other))
    return ServiceError(reason, f"{said} (status {answer.status})")


def _by_status(status: int) -> tuple[str, str]:
    if status in (401, 403):
        return "forbidden", "{host} does not let Foyer do this, even with a new access token."
    if status in (404, 410):
        return "not-found", "{host} has nothing at the address that it named."
    if status == 409:
        return "conflict", "{host} already has something newer."
    if status == 429:
        return "busy", "{host} asks Foyer to come back later."
    if 300 <= status < 400:
        return "moved", "{host} sends Foyer to another address, where it does not go."
    if status >= 500:
        return "unavailable", "{host} has a fault of its own just now."
    return "rejected", "{host} did not take what Foyer sent."
