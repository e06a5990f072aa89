"""A person in the tool: the launch that brought them in, and the headers of their browser."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from lab import client
from lab.client import Answer
from lab.lms import Lms

BROWSER = "__Host-foyer_browser-1767225600-aaaaaaaaaa"
"""The cookie by which Foyer knows between login and launch a browser that was here before."""


@dataclass
class Visitor:
    """A launched session. ``address`` is the path of the page that the launch led to."""

    address: str
    cookies: dict[str, str]

    @property
    def media_id(self) -> str:
        return urlsplit(self.address).path.rsplit("/", 1)[-1]

    @property
    def handle(self) -> str:
        return parse_qs(urlsplit(self.address).query)["as"][0]

    def headers(self, accept: str = "text/html") -> dict[str, str]:
        return {
            "Sec-Fetch-Site": "same-origin",
            "Accept": accept,
            "Accept-Encoding": "gzip",
            **client.cookie_header(self.cookies),
        }


def arrived(answer: Answer) -> bool:
    """Whether a launch or a link led to the page of an item."""
    return answer.status == 303 and "/media/" in answer.header("location")


def see(port: int, visitor: Visitor, words: str) -> str:
    """Open the page that somebody came to, as their browser does next; it must show ``words``."""
    headers = visitor.headers() | {"Accept-Encoding": "identity"}
    page = client.one(port, client.get(visitor.address, port, headers))
    shown = page.body.decode()
    client.expect([page], lambda one: one.status == 200 and words in shown, visitor.address)
    return shown


def launch(lms: Lms, port: int, number: int) -> Visitor:
    """Bring person ``number`` of the LMS into a running Foyer."""
    target = f"http://127.0.0.1:{port}/lti/launch"
    cookies = {BROWSER: f"browser-{number:032d}"}
    headers = {"Sec-Fetch-Site": "cross-site", **client.cookie_header(cookies)}
    begun = client.one(
        port, client.post("/lti/login", port, lms.login_fields(number, target), headers)
    )
    client.expect([begun], lambda answer: answer.status == 302, "a login")
    form = lms.answer(begun.header("location"), number, target)
    entered = client.one(port, client.post("/lti/launch", port, form, headers))
    client.expect([entered], arrived, "a launch")
    return Visitor(entered.header("location"), cookies | entered.cookies())
