"""The HTTP client for platforms: bounded in time and size, blind to our own network (SSRF).

Every address a host name resolves to is checked at the moment of connecting
(outgoing_connections.py), so a name that changes its answer between check and use gains nothing.
Where the way out leads through an HTTP proxy, that connects: then the name is checked before it is
told to the proxy.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager, ProxyManager

from lti_tool.core.outgoing_connections import Call, pools, within
from lti_tool.core.outgoing_connections import Limits as Limits
from lti_tool.core.outgoing_policy import Policy as Policy
from lti_tool.core.outgoing_policy import plain_name

USER_AGENT = "Foyer LTI tool"


class FetchError(Exception):
    """A platform could not be reached or answered unfit; the text holds no answer body.

    ``reason`` is one of: address, private, unknown-host, certificate, timeout, unreachable, proxy,
    too-large, status, unavailable (a status of a fault of its own, or of too much at once), moved
    (it sends to another place), not-json. The text does not tell a private host from one that is
    not there, so that a stranger who makes us ask learns nothing of our network.
    """

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text)
        self.reason = reason


def _check_before_proxy(host: str, port: int | None, policy: Policy) -> None:
    """Refuse a host that leads into a private network, as far as that can be known from here.

    Raises FetchError. A name that is not known here may be known to the proxy.
    """
    try:
        addresses = [str(ipaddress.ip_address(plain_name(host)))]
    except ValueError:
        if not policy.allows_name(host):
            raise _private() from None
        try:
            found = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
        except OSError:
            return
        addresses = [str(address[0]) for *_kind, address in found]
    if not all(policy.allows_address(host, address) for address in addresses):
        raise _private()


def _private() -> FetchError:
    return FetchError("it could not be reached (refused)", "private")


_ANYWHERE = Policy(development=True)


class _GuardedAdapter(HTTPAdapter):
    def __init__(self, policy: Policy, limits: Limits) -> None:
        self._policy = policy
        self._limits = limits
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager: PoolManager
        self.poolmanager.pool_classes_by_scheme = pools(self._policy, self._limits)

    def proxy_manager_for(self, proxy: str, **more: Any) -> ProxyManager:
        """Make the connections to the proxy, which may stand in our own network."""
        manager: ProxyManager = super().proxy_manager_for(proxy, **more)
        manager.pool_classes_by_scheme = pools(_ANYWHERE, self._limits)
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Accept an authority of the campus's own, which its machines know."""
        super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]
        known_here = ssl.get_default_verify_paths()
        conn.ca_certs = known_here.cafile or conn.ca_certs
        conn.ca_cert_dir = known_here.capath


_REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_HOPS = 3


@dataclass(frozen=True)
class Answer:
    """What a platform answered.

    Names of ``headers`` are found in any case.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes

    def elsewhere(self, asked: str) -> str:
        """Name the host that a redirect leads to, where it is not that of the address asked.

        "" for all else.
        """
        if self.status not in _REDIRECTS:
            return ""
        try:
            host = urlsplit(urljoin(asked, self.headers.get("Location", ""))).hostname or ""
        except ValueError:
            return ""
        return "" if host == urlsplit(asked).hostname else host

    def json(self) -> Any:
        """Parse the body; raise FetchError when it is no JSON."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError) as error:
            raise FetchError("it did not answer with JSON", "not-json") from error


class HttpClient:
    """Calls platforms."""

    def __init__(self, policy: Policy, limits: Limits | None = None) -> None:
        self.policy = policy
        self.limits = limits or Limits()
        self._session = requests.Session()
        self._session.headers["User-Agent"] = USER_AGENT
        self._session.headers["Connection"] = "close"
        self._session.trust_env = False
        # One LMS may serve several schools; what it left for one must not go out for another.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _GuardedAdapter(policy, self.limits))

    def get_json(
        self, address: str, accept: str = "application/json", *, limits: Limits | None = None
    ) -> Any:
        """Fetch an address and parse the JSON that it answers.

        Raises FetchError; keeps to the limits.
        """
        answer = self.ask("GET", address, {"Accept": accept}, limits=limits)
        if answer.status in _REDIRECTS:
            to = answer.elsewhere(address) or "another address"
            raise FetchError(f"it has moved to {to}", "moved")
        if answer.status != 200:
            passing = answer.status == 429 or answer.status >= 500
            reason = "unavailable" if passing else "status"
            raise FetchError(f"it answered with status {answer.status}", reason)
        return answer.json()

    def ask(
        self,
        method: str,
        address: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        limits: Limits | None = None,
    ) -> Answer:
        """Make a call and return what was answered, with whatever status.

        Raises FetchError when there is no whole answer; keeps to the limits (those for connecting
        are always ours). A redirect is followed only by GET, and only to where the address itself
        is: what goes along, such as an access token, is for nobody else.
        """
        _check_address(address, self.policy)
        kept = limits or self.limits
        asked = [address]
        with within(kept.whole) as call:
            try:
                answer = self._answer(method, address, headers, body, kept)
                while method == "GET" and len(asked) <= MOST_HOPS:
                    following = _at_same_origin(asked[-1], answer)
                    if following is None or following in asked:
                        break
                    asked.append(following)
                    answer = self._answer(method, following, headers, body, kept)
            except (requests.RequestException, ValueError) as error:
                raise _told(error, call) from error
            if call.over:  # What was cut may look like a whole answer.
                raise _too_late()
        return answer

    def _answer(
        self,
        method: str,
        address: str,
        headers: Mapping[str, str],
        body: bytes | None,
        limits: Limits,
    ) -> Answer:
        host, port = _place(address)
        proxies = {}
        if self.policy.leads_through_proxy(host):
            _check_before_proxy(host, port, self.policy)
            proxies = {"http": self.policy.proxy, "https": self.policy.proxy}
        with self._session.request(
            method,
            address,
            proxies=proxies,
            headers=dict(headers),
            data=body,
            timeout=(limits.connect, limits.read),
            allow_redirects=False,
            stream=True,
        ) as response:
            content = _read(response.iter_content(65_536), limits.answer)
            return Answer(response.status_code, response.headers, content)


def _check_address(address: str, policy: Policy) -> None:
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise FetchError("the address is none", "address") from error
    if not policy.allows_scheme(parts.scheme):
        raise FetchError("the address must begin with https://", "address")
    if "@" in parts.netloc:  # It would go out in place of the credentials that were given.
        raise FetchError("the address must not hold a user name", "address")


def _place(address: str) -> tuple[str, int | None]:
    parts = urlsplit(address)
    return parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _at_same_origin(asked: str, answer: Answer) -> str | None:
    """Return where a redirect leads, if that is at the origin that was asked.

    Behind a proxy that ends TLS there are programs that name their own host by http, some with the
    port of https: it is asked by https all the same.
    """
    location = answer.headers.get("Location", "")
    if answer.status not in _REDIRECTS or not location.isprintable() or "\\" in location:
        return None
    origin, to = urlsplit(asked), urlsplit(urljoin(asked, location))
    if (origin.scheme, to.scheme) == ("https", "http"):
        own = origin.netloc.lower().removesuffix(":443")
        if to.netloc.lower() in (own, f"{own}:80", f"{own}:443"):
            to = to._replace(scheme="https", netloc=origin.netloc)
    same = to.scheme == origin.scheme and _place(to.geturl()) == _place(asked)
    return to.geturl() if same and "@" not in to.netloc else None


def _told(error: Exception, call: Call) -> FetchError:
    if call.over or isinstance(error, requests.Timeout):
        return _too_late()
    reason = call.hindrance
    if isinstance(error, requests.exceptions.ProxyError):
        reason = "proxy"
    if isinstance(error, requests.exceptions.SSLError):
        reason = "certificate"
    return FetchError(f"it could not be reached ({type(error).__name__})", reason)


def _too_late() -> FetchError:
    return FetchError("it did not answer in time", "timeout")


def _read(chunks: Iterable[bytes], largest: int) -> bytes:
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > largest:
            raise FetchError("its answer is too large", "too-large")
    return bytes(content)
