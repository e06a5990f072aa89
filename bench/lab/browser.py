"""A person in the tool: the launch that brought them in, and the headers of their browser."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from lab import client
from lab.lms import Lms

BROWSER = "__Host-foyer_browser-1767225600-aaaaaaaaaa"


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
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }


def launch(lms: Lms, port: int, number: int) -> Visitor:
    """Bring person ``number`` of the LMS into a running Foyer."""
    target = f"http://127.0.0.1:{port}/lti/launch"
    cookies = {BROWSER: f"browser-{number:032d}"}
    headers = {"Sec-Fetch-Site": "cross-site", "Cookie": f"{BROWSER}={cookies[BROWSER]}"}
    begun = client.one(
        port, client.post("/lti/login", port, lms.login_fields(number, target), headers)
    )
    form = lms.answer(begun.header("location"), number, target)
    entered = client.one(port, client.post("/lti/launch", port, form, headers))
    if entered.status != 303:
        raise SystemExit(f"a launch was refused: {entered.head.decode('latin-1')}")
    return Visitor(entered.header("location"), cookies | entered.cookies())
