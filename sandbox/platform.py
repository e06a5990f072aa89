"""The platform side of the LTI launch (Security Framework 1.0 §5.1.1) as plain Python.

The web pages use it, and tests do in-process. Begin a launch, answer the tool's authentication
request, or make any token at all:

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

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Unpack
from urllib.parse import parse_qsl, urlencode, urlsplit

from sandbox import browser, variables
from sandbox import claims as c
from sandbox.certification import CASES, Case
from sandbox.courses import Course, Link
from sandbox.dialogs import Dialog
from sandbox.endpoints import DEFAULT_TOOL_URL, Endpoints, Registration, origin_of
from sandbox.keys import KeyRing, sign
from sandbox.pending_launches import (
    LaunchOptions,
    Occasion,
    PendingLaunch,
    PendingLaunches,
    TokenOptions,
)
from sandbox.people import Unknown, User
from sandbox.profiles import AuthFault, LaunchFacts, PlainProfile, Profile
from sandbox.schools import School
from sandbox.services import Services

if TYPE_CHECKING:
    from werkzeug.test import Client, TestResponse


__all__ = ["DEFAULT_TOOL_URL", "AuthRefused", "FormPost", "Platform", "Registration"]


UNREGISTERED = "unregistered redirect"
"""The fault by which the tool's redirect address is not among the registered ones."""


class AuthRefused(Exception):
    """An authentication request that must not be sent back to anybody: shown as a page (400)."""


@dataclass(frozen=True)
class FormPost:
    """A form the browser is to post: to the tool's redirect_uri, with these fields."""

    action: str
    fields: dict[str, str]


class Platform(Endpoints):
    """Schools with the same courses, under one issuer: two schools unless the profile has one.

    tool_url   where the tool is; its login, launch and JWKS addresses follow from it
    base_url   where this platform is, when all of it is in one place; the profile says otherwise.
               `sandbox.serve.running` sets it to the real addresses
    issuer     the `iss`; follows the address unless given
    schools    School objects; the first is the one meant when none is named
    state      folder for keys.pem and links.json; None keeps everything in memory
    profile    how this platform behaves (sandbox.profiles)
    keys       a key ring to use; making one takes 0.1 s, so tests may share one
    now        the clock: gives an aware datetime. Give it the tool's clock to travel in time.

    People are named by their id ("instructor-1", "instructor-2", "assistant", "student-1" to
    "student-3", "admin"; products have more) or given as User. Activities are named by link id or
    given as Link; without one the first course's picker is meant. A Link knows its school, and so
    decides it.

    Switches, which hold until they are changed:
    faults        names of the profile's faults that are on; `turn` switches one
    privacy       what the tool is told of people, one of the profile's
    tool_custom   custom parameters that the tool asks for in every launch
    redirect_uris the registered ones; the tool's launch address unless set
    """

    def __init__(
        self,
        tool_url: str = DEFAULT_TOOL_URL,
        *,
        base_url: str | None = None,
        issuer: str | None = None,
        schools: Iterable[School] | None = None,
        state: Path | None = None,
        profile: Profile | None = None,
        keys: KeyRing | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(tool_url, profile or PlainProfile(), base_url, issuer, schools, state)
        self.now = now
        self.keys = keys or KeyRing(state, self.profile.key_count)
        self.pending_launches = PendingLaunches(self.profile.launch_life)
        self.auth_requests: deque[dict[str, str]] = deque(maxlen=50)
        """The latest authentication requests, newest last: what the tool really sent."""
        self.access_tokens: dict[str, tuple[str, frozenset[str]]] = {}
        """Granted access tokens: client id and scopes of each."""
        self.dialogs: dict[str, Dialog] = {}
        """Deep-linking dialogs by their id, which stands in the return address."""
        self.privacy = next(iter(self.profile.privacies))
        self.tool_custom: dict[str, str] = dict(self.profile.tool_custom)
        self.redirect_uris: tuple[str, ...] | None = None
        self.services: Services = Services(self)
        """Tokens, rosters, grades, dialogs and registration (sandbox.services)."""

    # What a tool is told at its registration

    @property
    def token_url(self) -> str:
        return self.services.token_url()

    def registration(self, school: str | School | None = None) -> Registration:
        """Tell what the tool's operator would copy from this platform's settings page."""
        chosen = self.school(school)
        faults = frozenset(self.faults)
        return Registration(
            name=chosen.name,
            issuer=self.profile.issuer(self.issuer, chosen, faults),
            client_id=chosen.client_id,
            deployment_id=self.profile.deployment_id(chosen, self.course(), faults),
            auth_url=self.sites.auth + self.profile.paths.auth,
            token_url=self.services.token_url(chosen),
            jwks_url=self.sites.auth + self.profile.paths.jwks,
            frame_origin=origin_of(self.school_url(chosen)),
            family=self.profile.family,
        )

    # Step 1: the third-party login

    def login_params(
        self,
        user: str | User,
        link: str | Link | None = None,
        *,
        school: str | School | None = None,
        how: Occasion | None = None,
        document_target: str = "iframe",
        **overrides: str | None,
    ) -> dict[str, str]:
        """Return the fields sent to the tool's /lti/login; the launch then waits, for one answer.

        Overrides replace a field, None takes it out: login_params("student-1", iss="https://x",
        lti_message_hint=None). `how` tells of dialogs, menus, languages: see Occasion.
        """
        occasion: Occasion = {"document_target": document_target, **(how or {})}
        return self._begin(user, self.link(link, school), occasion, overrides)

    def _begin(
        self,
        user: str | User,
        link: Link,
        how: Occasion,
        overrides: Mapping[str, str | None],
    ) -> dict[str, str]:
        pending = self._pending_launch(user, link, how)
        target = overrides.get("target_link_uri") or pending.target_link_uri
        pending = replace(pending, target_link_uri=target)
        fields = self.profile.login_fields(self._facts(pending), self.pending_launches.put(pending))
        return _changed(fields, overrides)

    def _pending_launch(self, user: str | User, link: Link, how: Occasion) -> PendingLaunch:
        school = self.school(link.school)
        person = self.user(user, school)
        dialog = None
        placement = how.get("placement", "")
        if placement and placement != self.profile.navigation:
            dialog = self.open_dialog(person, placement, how.get("course"), school)
            link = Link(id="", title="", course=dialog.course.id, school=school.key)
        elif link.kind == "navigation":
            placement = self.profile.navigation
        acting = how.get("acting")
        return PendingLaunch(
            school=school,
            user=person,
            link=link,
            target_link_uri=link.url or self.launch_url,
            document_target=how.get("document_target", "iframe"),
            begun=self.now(),
            placement=placement,
            dialog=dialog,
            locale=how.get("locale", ""),
            acting=self.user(acting, school) if acting else None,
            options=how.get("options", {}),
        )

    def open_dialog(
        self,
        user: str | User,
        placement: str,
        course: str | Course | None = None,
        school: str | School | None = None,
    ) -> Dialog:
        """Press one of the profile's buttons: the platform now waits for content."""
        owner = self.school(school)
        for button in self.profile.placements:
            if button.key == placement:
                break
        else:
            raise Unknown(f"there is no button called {placement}")
        data = self.profile.dialog_data(button)
        dialog = Dialog(owner, self.user(user, owner), self.course(course), button, data)
        self.dialogs[dialog.id] = dialog
        return dialog

    # Step 2: the authentication request and its answer

    def authorize(self, params: Mapping[str, str], **options: Unpack[LaunchOptions]) -> FormPost:
        """Answer the tool's request at /auth: an id_token, or an OpenID error, to be posted.

        Raises AuthRefused where nothing may be posted: unknown client or redirect_uri.
        The hint is spent by this call, whether or not all else is right.
        """
        self._check_client(params)
        asked = params.get("redirect_uri", "")
        target = self.profile.redirect_uri(asked, self._registered(), self.launch_url)
        if target is None:
            raise AuthRefused("The redirect_uri is not one that is registered for this tool.")
        error = self.profile.check_auth(params) or self.profile.broken(frozenset(self.faults))
        hint = self.profile.hint_of(params)
        pending = self.pending_launches.take(hint, self.now(), once=self.profile.one_use)
        if error is None:
            error = self._check_person(params, pending, hint)
        if error and self.profile.lax:
            raise AuthRefused(error.description)
        state = {"state": params["state"]} if "state" in params else {}
        if error or pending is None:
            fields = {"error": error.code, "error_description": error.description} if error else {}
            return FormPost(target, {**fields, **state})
        chosen: LaunchOptions = {
            **pending.options,
            **self.pending_launches.next_options(),
            **options,
        }
        changes = chosen.pop("fields", {})
        token = self._token(self._facts(pending), params["nonce"], chosen)
        fields = {"id_token": token, **state, **self.profile.launch_fields()}
        return FormPost(target, _changed(fields, changes))

    def answer(self, location: str, **options: Unpack[LaunchOptions]) -> FormPost:
        """`authorize` for the address that the tool redirected the browser to."""
        expected = self.registration().auth_url
        if not location.startswith(f"{expected}?"):
            raise AssertionError(f"the tool redirected to {location}, not to {expected}")
        query = dict(parse_qsl(urlsplit(location).query, keep_blank_values=True))
        self.auth_requests.append(query)
        return self.authorize(query, **options)

    def prepare_next(self, **options: Unpack[LaunchOptions]) -> None:
        """Let the next launch in a browser differ from an honest one; calls queue up."""
        self.pending_launches.prepare(options)

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """Return the public keys as this product publishes and names them."""
        keys = self.keys.all[:1] if self.profile.key_count == 1 else self.keys.all
        return {"keys": [{**key.jwk, "kid": self.profile.kid(key)} for key in keys]}

    def turn(self, fault: str, on: bool = True) -> None:
        """Switch one of the profile's faults. Raises Unknown."""
        if fault not in self.profile.faults:
            raise Unknown(f"{self.profile.title} has no fault called {fault}")
        (self.faults.add if on else self.faults.discard)(fault)

    @property
    def certification(self) -> Mapping[str, Case]:
        """The suite's core launches by name; none where the profile is another."""
        return CASES if self.profile.name == "certifier" else {}

    # Any token at all

    def id_token(
        self,
        nonce: str,
        user: str | User,
        link: str | Link | None = None,
        *,
        school: str | School | None = None,
        how: Occasion | None = None,
        **options: Unpack[TokenOptions],
    ) -> str:
        """Make an id_token, honest unless told otherwise (see TokenOptions for all ways to lie)."""
        pending = self._pending_launch(user, self.link(link, school), how or {})
        return self._token(self._facts(pending), nonce, options)

    def custom_of(self, user: User, link: Link) -> dict[str, str]:
        """Return the custom parameters that a launch of this person would have."""
        return dict(self._facts(self._pending_launch(user, link, {})).custom)

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
        how: Occasion | None = None,
        **options: Unpack[LaunchOptions],
    ) -> TestResponse:
        """Launch into the tool like a browser: login, redirect, answer; gives the tool's answer.

        `method` is how the login is sent, `login` overrides its fields, `options` the token; `how`
        tells of dialogs, menus and languages, e.g. {"placement": "editor_button"}.
        If the tool does not redirect from its login in the end, that answer is given.
        """
        params = self._begin(user, self.link(link, school), how or {}, login or {})
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

    # Inside

    def _registered(self) -> tuple[str, ...]:
        if UNREGISTERED in self.faults:
            return ()
        return (self.launch_url,) if self.redirect_uris is None else self.redirect_uris

    def _check_client(self, params: Mapping[str, str]) -> None:
        known = {school.client_id for school in self.schools}
        if not self.profile.lax and params.get("client_id") not in known:
            raise AuthRefused("No tool is registered with this client_id.")

    def _check_person(
        self, params: Mapping[str, str], pending: PendingLaunch | None, hint: str
    ) -> AuthFault | None:
        if pending is None:
            return self.profile.over
        if not self.profile.lax and pending.school.client_id != params.get("client_id"):
            return AuthFault("unauthorized_client", "This launch belongs to another tool.")
        expected = self.profile.login_fields(self._facts(pending), hint)["login_hint"]
        return None if params.get("login_hint") == expected else self.profile.stranger

    def _facts(self, pending: PendingLaunch) -> LaunchFacts:
        faults = frozenset(self.faults)
        course = pending.dialog.course if pending.dialog else self.course(pending.link.course)
        base_url = self.school_url(pending.school)
        back = self.profile.return_path(course, pending.link)
        who = urlencode({"user": pending.user.id, "school": pending.school.key})
        facts = LaunchFacts(
            base_url=base_url,
            issuer=self.issuer,
            school=pending.school,
            user=pending.user,
            course=course,
            link=pending.link,
            target_link_uri=pending.target_link_uri,
            document_target=pending.document_target,
            return_url=f"{base_url}{back}{'&' if '?' in back else '?'}{who}",
            issued_at=int(self.now().timestamp()),
            placement=pending.placement,
            dialog=pending.dialog,
            locale=pending.locale or pending.user.locale,
            acting=pending.acting,
            custom={**self.tool_custom, **pending.link.custom},
            privacy=self.privacy,
            faults=faults,
        )
        facts = replace(facts, custom=variables.replaced(facts, self.profile))
        return replace(facts, services=self.services.claims(facts))

    def _token(self, facts: LaunchFacts, nonce: str, options: TokenOptions) -> str:
        if "issued_at" in options:
            facts = replace(facts, issued_at=int(options["issued_at"].timestamp()))
        honest = options.get("payload", {**self.profile.claims(facts, nonce), **facts.services})
        payload = c.apply(honest, options.get("claims", {}), options.get("drop", ()))
        alg = options.get("alg", "RS256")
        kid = self.profile.kid(self.keys.current)
        headers = {**self.profile.headers(kid), "alg": alg}
        headers |= options.get("headers", {})
        for name in options.get("drop_headers", ()):
            headers.pop(name, None)
        return sign(payload, headers, alg, options.get("key", self.keys.current))


def _changed(fields: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    merged = {**fields, **changes}
    return {name: value for name, value in merged.items() if value is not None}
