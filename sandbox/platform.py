"""The platform side of LTI 1.3 as plain Python, for the web pages and for tests in-process.

Begin a launch, answer the tool's authentication request, or make any token at all:

    platform = Platform("http://127.0.0.1:8000")
    with running(platform):                                   # sandbox.serve: real JWKS address
        register_in_tool(platform.registration())             # issuer, client id, addresses
        platform.launch(tool_client, "instructor-1")          # honest, all steps, a test client
        platform.launch(tool_client, "student-1", drop=["exp"])            # refused by the tool
        platform.launch(tool_client, "student-1", alg="none")              # refused
        platform.launch(tool_client, "student-1", claims={"roles": [""]})  # accepted

        login = platform.login_params("student-1")            # or step by step:
        answer = tool_client.get("/lti/login", query_string=login)
        form = platform.answer(answer.location)               # FormPost(action, fields)
        tool_client.post("/lti/launch", data=form.fields)

`sandbox.payloads` names every bad and good launch that a tool must know.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests

from sandbox import browser
from sandbox import claims as c
from sandbox.campus import Campus
from sandbox.courses import Link
from sandbox.keys import KeyRing, sign
from sandbox.people import User
from sandbox.profiles import AuthFault, LaunchFacts, PlainProfile, Profile
from sandbox.schools import School
from sandbox.services import Services
from sandbox.waiting import LaunchOptions, TokenOptions, Waiting, WaitingRoom

if TYPE_CHECKING:
    from werkzeug.test import Client, TestResponse

DEFAULT_BASE_URL = "http://localhost:9000"
DEFAULT_TOOL_URL = "http://127.0.0.1:8000"


class AuthRefused(Exception):
    """An authentication request that must not be sent back to anybody: shown as a page (400)."""


@dataclass(frozen=True)
class FormPost:
    """A form the browser is to post: to the tool's redirect_uri, with these fields."""

    action: str
    fields: dict[str, str]


@dataclass(frozen=True)
class Registration:
    """What a tool must know of one school of this platform (`dict()` gives it by these names)."""

    name: str
    issuer: str
    client_id: str
    deployment_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    frame_origin: str

    def dict(self) -> dict[str, str]:
        return asdict(self)


class Platform(Campus):
    """Two schools, two courses each, under one issuer.

    tool_url   where the tool is; its login, launch and JWKS addresses follow from it
    base_url   where this platform is; `sandbox.serve.running` sets it to the real address
    issuer     the `iss`; follows base_url unless given
    schools    School objects; the first is the one meant when none is named
    state      folder for keys.pem and links.json; None keeps everything in memory
    profile    how this platform behaves (sandbox.profiles)
    keys       a key ring to use; making one takes 0.1 s, so tests may share one
    now        the clock: gives an aware datetime. Give it the tool's clock to travel in time.

    People are named by their id ("instructor-1", "instructor-2", "assistant", "student-1" to
    "student-3", "admin") or given as User. Activities are named by link id or given as Link;
    without one the first course's picker is meant. A Link knows its school, and so decides it.
    """

    def __init__(
        self,
        tool_url: str = DEFAULT_TOOL_URL,
        *,
        base_url: str = DEFAULT_BASE_URL,
        issuer: str | None = None,
        schools: Iterable[School] | None = None,
        state: Path | None = None,
        profile: Profile | None = None,
        keys: KeyRing | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(schools, state)
        self.tool_url = tool_url.rstrip("/")
        self.base_url = base_url.rstrip("/")
        self._issuer = issuer
        self.profile: Profile = profile or PlainProfile()
        self.now = now
        self.keys = keys or KeyRing(state)
        self.waiting = WaitingRoom()
        self.auth_requests: deque[dict[str, str]] = deque(maxlen=50)
        """The latest authentication requests, newest last: what the tool really sent."""
        self.access_tokens: dict[str, tuple[str, frozenset[str]]] = {}
        """Granted access tokens: client id and scopes of each."""
        self.services = Services(self)
        """Tokens, rosters, grades, dialogs and registration (sandbox.services)."""
        self._used_jtis: set[str] = set()
        self._lock = threading.Lock()

    # Addresses

    @property
    def issuer(self) -> str:
        return self._issuer or self.base_url

    @property
    def login_url(self) -> str:
        return f"{self.tool_url}/lti/login"

    @property
    def launch_url(self) -> str:
        """The tool's launch address: target_link_uri and the only registered redirect_uri."""
        return f"{self.tool_url}/lti/launch"

    @property
    def tool_jwks_url(self) -> str:
        return f"{self.tool_url}/lti/jwks.json"

    @property
    def token_url(self) -> str:
        return self.services.token_url()

    def registration(self, school: str | School | None = None) -> Registration:
        """What the tool's operator would copy from this platform's settings page."""
        chosen = self.school(school)
        parts = urlsplit(self.base_url)
        return Registration(
            name=chosen.name,
            issuer=self.issuer,
            client_id=chosen.client_id,
            deployment_id=chosen.deployment_id,
            auth_url=f"{self.base_url}/auth",
            token_url=self.services.token_url(chosen),
            jwks_url=f"{self.base_url}/jwks.json",
            frame_origin=f"{parts.scheme}://{parts.netloc}",
        )

    # Step 1: the third-party login

    def login_params(
        self,
        user: str | User,
        link: str | Link | None = None,
        *,
        school: str | School | None = None,
        document_target: str = "iframe",
        **overrides: str | None,
    ) -> dict[str, str]:
        """The fields sent to the tool's /lti/login; the launch then waits, for one answer.

        Overrides replace a field, None takes it out: login_params("student-1", iss="https://x",
        lti_message_hint=None).
        """
        return self._begin(user, self.link(link, school), document_target, overrides)

    def _begin(
        self,
        user: str | User,
        link: Link,
        document_target: str,
        overrides: Mapping[str, str | None],
    ) -> dict[str, str]:
        school = self.school(link.school)
        waiting = Waiting(
            school=school,
            user=self.user(user, school),
            link=link,
            target_link_uri=overrides.get("target_link_uri") or self.launch_url,
            document_target=document_target,
            begun=self.now(),
        )
        fields = self.profile.login_fields(self._facts(waiting), self.waiting.put(waiting))
        return _changed(fields, overrides)

    # Step 2: the authentication request and its answer

    def authorize(self, params: Mapping[str, str], **options: Unpack[LaunchOptions]) -> FormPost:
        """What /auth does with the tool's request: an id_token, or an OpenID error, to be posted.

        Raises AuthRefused where nothing may be posted: unknown client or redirect_uri.
        The hint is spent by this call, whether or not all else is right.
        """
        self.auth_requests.append(dict(params))
        school = self._client(params)
        redirect_uri = params.get("redirect_uri", "")
        if redirect_uri != self.launch_url:
            raise AuthRefused("The redirect_uri is not one that is registered for this tool.")
        error = self.profile.check_auth(params)
        waiting = self.waiting.take(self.profile.hint_of(params), self.now())
        if error is None:
            error = self._check_person(params, waiting, school)
        state = {"state": params["state"]} if "state" in params else {}
        if error or waiting is None:
            fields = {"error": error.code, "error_description": error.description} if error else {}
            return FormPost(redirect_uri, {**fields, **state})
        chosen: LaunchOptions = {**self.waiting.next_options(), **options}
        changes = chosen.pop("fields", {})
        token = self._token(self._facts(waiting), params["nonce"], chosen)
        fields = {"id_token": token, **state, **self.profile.launch_fields()}
        return FormPost(redirect_uri, _changed(fields, changes))

    def answer(self, location: str, **options: Unpack[LaunchOptions]) -> FormPost:
        """`authorize` for the address that the tool redirected the browser to."""
        expected = self.registration().auth_url
        if not location.startswith(f"{expected}?"):
            raise AssertionError(f"the tool redirected to {location}, not to {expected}")
        query = dict(parse_qsl(urlsplit(location).query, keep_blank_values=True))
        return self.authorize(query, **options)

    def prepare_next(self, **options: Unpack[LaunchOptions]) -> None:
        """Let the next launch in a browser differ from an honest one; calls queue up."""
        self.waiting.prepare(options)

    # Any token at all

    def id_token(
        self,
        nonce: str,
        user: str | User,
        link: str | Link | None = None,
        *,
        school: str | School | None = None,
        **options: Unpack[TokenOptions],
    ) -> str:
        """An id_token, honest unless told otherwise (see TokenOptions for every way to lie)."""
        placed = self.link(link, school)
        owner = self.school(placed.school)
        waiting = Waiting(
            owner, self.user(user, owner), placed, self.launch_url, "iframe", self.now()
        )
        return self._token(self._facts(waiting), nonce, options)

    # All steps at once, with a Flask test client of the tool

    def launch(
        self,
        client: Client,
        user: str | User,
        link: str | Link | None = None,
        *,
        school: str | School | None = None,
        method: str = "POST",
        login: Mapping[str, str | None] | None = None,
        **options: Unpack[LaunchOptions],
    ) -> TestResponse:
        """Launch into the tool like a browser: login, redirect, answer; gives the tool's answer.

        `method` is how the login is sent, `login` overrides its fields, `options` the token.
        If the tool does not redirect from its login in the end, that answer is given.
        """
        params = self._begin(user, self.link(link, school), "iframe", login or {})
        begun = self.open_login(client, params, method)
        if begun.status_code not in (302, 303) or not begun.location:
            return begun
        return self.post(client, self.answer(begun.location, **options))

    def open_login(
        self, client: Client, params: Mapping[str, str], method: str = "POST"
    ) -> TestResponse:
        """Send login fields to the tool, as a browser does from this platform's page.

        A page of the tool that looks whether its cookie comes back is passed through.
        """
        origin = self.registration().frame_origin
        return browser.send_login(client, self.login_url, params, method, origin)

    def post(self, client: Client, form: FormPost) -> TestResponse:
        """Post a launch form to the tool, as a browser does from this platform's page."""
        origin = self.registration().frame_origin
        return browser.send(client, form.action, form.fields, "POST", origin)

    # The tool's keys and assertions (sandbox.services)

    def fetch_tool_keys(self) -> dict[str, Any]:
        """The tool's JWKS, fetched each time. Raises requests.RequestException, ValueError.

        A test without a running tool may put its own function in this place.
        """
        answer = requests.get(self.tool_jwks_url, timeout=5, allow_redirects=False)
        answer.raise_for_status()
        keys = answer.json()
        if not isinstance(keys, dict):
            raise ValueError("the key set is not an object")
        return keys

    def first_use(self, jti: str) -> bool:
        """Whether an assertion's jti is new; it is not, from now on."""
        with self._lock:
            if jti in self._used_jtis:
                return False
            self._used_jtis.add(jti)
            return True

    # Inside

    def _client(self, params: Mapping[str, str]) -> School:
        for school in self.schools:
            if school.client_id == params.get("client_id"):
                return school
        raise AuthRefused("No tool is registered with this client_id.")

    def _check_person(
        self, params: Mapping[str, str], waiting: Waiting | None, school: School
    ) -> AuthFault | None:
        if waiting is None:
            return AuthFault("invalid_request", "This launch is over. Start it again.")
        if waiting.school.key != school.key:
            return AuthFault("unauthorized_client", "This launch belongs to another tool.")
        expected = self.profile.login_fields(self._facts(waiting), "")["login_hint"]
        if params.get("login_hint") != expected:
            return AuthFault("login_required", "login_hint is not the person who is launching.")
        return None

    def _facts(self, waiting: Waiting) -> LaunchFacts:
        course = self.course(waiting.link.course)
        who = urlencode({"user": waiting.user.id, "school": waiting.school.key})
        return LaunchFacts(
            base_url=self.base_url,
            issuer=self.issuer,
            school=waiting.school,
            user=waiting.user,
            course=course,
            link=waiting.link,
            target_link_uri=waiting.target_link_uri,
            document_target=waiting.document_target,
            return_url=f"{self.base_url}/courses/{course.id}?{who}",
            issued_at=int(self.now().timestamp()),
        )

    def _token(self, facts: LaunchFacts, nonce: str, options: TokenOptions) -> str:
        if "issued_at" in options:
            facts = replace(facts, issued_at=int(options["issued_at"].timestamp()))
        honest = options.get("payload", self.profile.claims(facts, nonce))
        payload = c.apply(honest, options.get("claims", {}), options.get("drop", ()))
        alg = options.get("alg", "RS256")
        headers = {**self.profile.headers(self.keys.current.kid), "alg": alg}
        headers |= options.get("headers", {})
        for name in options.get("drop_headers", ()):
            headers.pop(name, None)
        return sign(payload, headers, alg, options.get("key", self.keys.current))


def _changed(fields: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    merged = {**fields, **changes}
    return {name: value for name, value in merged.items() if value is not None}
