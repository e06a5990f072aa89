"""Canvas: many schools under one issuer, each at an address of its own, and a third for logins."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt

from sandbox import claims as c
from sandbox.courses import FIRST_COURSE, SECOND_COURSE, Course, Link, enrolled
from sandbox.dialogs import Dialog
from sandbox.keys import SigningKey
from sandbox.people import Role, User
from sandbox.profiles.base import AuthFault, LaunchFacts, Paths, Profile, Sites
from sandbox.profiles.canvas_placements import PLACEMENTS
from sandbox.profiles.spelling import as_hex, as_uuid
from sandbox.schools import NORTHFIELD, SOUTHGATE, School

_IN_COURSE = {
    Role.INSTRUCTOR: [c.INSTRUCTOR],
    Role.ASSISTANT: [c.TEACHING_ASSISTANT, c.INSTRUCTOR],
    Role.STUDENT: [c.LEARNER],
    Role.DESIGNER: [c.CONTENT_DEVELOPER],
    Role.OBSERVER: [c.MENTOR],
    Role.TEST_STUDENT: [c.LEARNER, c.TEST_USER],
}
_IN_SCHOOL = {
    Role.INSTRUCTOR: c.INSTITUTION_INSTRUCTOR,
    Role.ASSISTANT: c.INSTITUTION_INSTRUCTOR,
    Role.DESIGNER: c.INSTITUTION_INSTRUCTOR,
    Role.STUDENT: c.INSTITUTION_STUDENT,
    Role.CONCLUDED: c.INSTITUTION_STUDENT,
}
_ENROLLED = {
    "designer": Role.DESIGNER,
    "observer": Role.OBSERVER,
    "test-student": Role.TEST_STUDENT,
    "elsewhere": Role.STUDENT,
    "concluded": Role.CONCLUDED,
}
_REQUIRED = (
    *("client_id", "login_hint", "lti_message_hint", "nonce", "prompt", "redirect_uri"),
    *("response_mode", "response_type", "scope"),
)
PLACEMENT = "https://www.instructure.com/placement"


def _more_people(domain: str) -> tuple[User, ...]:
    return (
        User("designer", "51", "Iris", "Vogel", f"iris.vogel@{domain}"),
        User("observer", "52", "Bela", "Kovacs", f"bela.kovacs@{domain}", observes="student-1"),
        User("elsewhere", "53", "Noor", "Aziz", f"noor.aziz@{domain}", elsewhere=Role.INSTRUCTOR),
        User("concluded", "54", "Jonas", "Weber", f"jonas.weber@{domain}"),
        User("test-student", "55", "Test", "Student", ""),
        User("visitor", "", "A", "Visitor", ""),
    )


class CanvasProfile(Profile):
    """Strict; launches are used once; errors are posted to the tool."""

    name = "canvas"
    title = "Canvas"
    family = "canvas"
    paths = Paths(auth="/api/lti/authorize_redirect", jwks="/api/lti/security/jwks")
    key_count = 3
    launch_life = timedelta(minutes=5)
    storage_target = "post_message_forwarding"
    frame_script = "frame-canvas.js"
    frame_allow = (
        "geolocation *; microphone *; camera *; midi *; encrypted-media *; autoplay *; "
        "clipboard-write *; display-capture *"
    )
    privacies = MappingProxyType(
        {
            "public": "Public: names, email, picture",
            "name_only": "Name only",
            "email_only": "Email only",
            "anonymous": "Anonymous",
        }
    )
    faults = MappingProxyType(
        {
            "login required": "Nobody is logged in: the tool gets login_required",
            "launch no longer valid": "The launch is over: the tool gets launch_no_longer_valid",
            "key off": "The developer key is off: the tool gets unauthorized_client",
            "unregistered redirect": "The tool’s redirect address is not registered",
            "stray members": "Claims hold stray “errors” and empty titles, as older builds do",
            "parent storage": "Storage is offered in the page itself, as older builds do",
            "no storage": "No storage is offered, as in the mobile app",
            "both deployment ids": "The login names the deployment by the standard’s name, too",
            "cookie page": "The Canvas cookie does not come along: one more page",
        }
    )
    placements = PLACEMENTS
    navigation = "course_navigation"
    tool_custom = MappingProxyType(
        {
            "context_history": "$Context.id.history",
            "link_history": "$ResourceLink.id.history",
            "masquerading_user": "$Canvas.masqueradingUser.userId",
        }
    )
    variables = frozenset(
        {
            *("$Context.id", "$Context.title", "$Context.id.history", "$ResourceLink.id"),
            *("$ResourceLink.title", "$ResourceLink.id.history", "$User.id"),
            *("$Person.name.full", "$Person.name.given", "$Person.name.family"),
            *("$Person.email.primary", "$Canvas.course.id", "$Canvas.user.id"),
            *("$Canvas.masqueradingUser.id", "$Canvas.masqueradingUser.userId"),
        }
    )
    over = AuthFault("launch_no_longer_valid", "The launch has either expired or been consumed")
    stranger = AuthFault("login_required", "Must have an active user session")

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def sites(self, port: int, scheme: str = "http") -> Sites:
        base = [f"{scheme}://127.0.0.{number}:{port}" for number in (3, 4, 5, 6)]
        return Sites(issuer=base[0], auth=base[1], schools=(base[2], base[3]))

    def schools(self) -> tuple[School, ...]:
        clients = ("10000000000001", "170000000000123")
        return tuple(
            replace(
                school,
                client_id=client,
                deployment_id=f"{number}:{as_hex('deployment', school.key)}",
                people=(*school.people, *_more_people(f"{school.key}.example")),
            )
            for number, (school, client) in enumerate(
                zip((NORTHFIELD, SOUTHGATE), clients, strict=True), 10408
            )
        )

    def courses(self) -> tuple[Course, ...]:
        return enrolled(FIRST_COURSE, _ENROLLED), SECOND_COURSE

    # Ids

    def sub(self, base_url: str, user: User, faults: frozenset[str] = frozenset()) -> str:
        return as_uuid("person", user.sub) if user.sub else ""

    def context_id(self, course: Course) -> str:
        return as_hex("course", course.id)

    def link_id(self, link: Link, course: Course) -> str:
        """All navigation launches of a course share one link, which is called like the course."""
        return self.context_id(course) if link.kind == "navigation" else as_uuid("link", link.id)

    def kid(self, key: SigningKey) -> str:
        return f"2026-11-01T00:00:{int(key.kid[:4], 16) % 60:02}Z_{key.kid[:12]}"

    # Login

    def login_fields(self, facts: LaunchFacts, hint: str) -> dict[str, str]:
        deployment = facts.school.deployment_id
        fields = {
            "iss": facts.issuer,
            "login_hint": as_hex("login", facts.user.sub or "nobody"),
            "client_id": facts.school.client_id,
            "deployment_id": deployment,
            "target_link_uri": facts.target_link_uri,
            "lti_message_hint": self._message_hint(facts, hint),
            "canvas_environment": "prod",
            "canvas_region": "us-east-1",
            "lti_storage_target": self.storage(facts.faults),
        }
        if "both deployment ids" in facts.faults:
            fields["lti_deployment_id"] = deployment
        return {name: value for name, value in fields.items() if value}

    def storage(self, faults: frozenset[str]) -> str:
        if "no storage" in faults:
            return ""
        return "_parent" if "parent storage" in faults else self.storage_target

    def _message_hint(self, facts: LaunchFacts, hint: str) -> str:
        payload = {
            "verifier": hint,
            "canvas_domain": urlsplit(facts.base_url).netloc,
            "context_type": "Course",
            "context_id": facts.course.id,
            "iat": facts.issued_at,
            "exp": facts.issued_at + int(self.launch_life.total_seconds()),
        }
        return jwt.encode(payload, self._secret, "HS256")

    def hint_of(self, params: Mapping[str, str]) -> str:
        hint = params.get("lti_message_hint", "")
        # The pending launch knows its own age, by the platform's clock.
        try:
            read = jwt.decode(
                hint, self._secret, ["HS256"], options={"verify_exp": False, "verify_iat": False}
            )
            return str(read["verifier"])
        except (jwt.PyJWTError, KeyError):
            return ""

    def check_auth(self, params: Mapping[str, str]) -> AuthFault | None:
        missing = [name for name in _REQUIRED if not params.get(name)]
        if missing:
            said = f"The following parameters are missing: {', '.join(missing)}"
            return AuthFault("invalid_request_object", said)
        if params["scope"] != "openid":
            return AuthFault("invalid_request_object", "The 'scope' must be 'openid'")
        return None

    def broken(self, faults: frozenset[str]) -> AuthFault | None:
        if "key off" in faults:
            return AuthFault("unauthorized_client", "Client not authorized in requested context")
        if "login required" in faults:
            return self.stranger
        return self.over if "launch no longer valid" in faults else None

    def redirect_uri(self, asked: str, registered: tuple[str, ...], launch_url: str) -> str | None:
        """Equal but for the query; a query that was registered must be there."""
        address, _, query = asked.partition("?")
        given = set(parse_qsl(query, keep_blank_values=True))
        for one in registered:
            known, _, wanted = one.partition("?")
            if known == address and given >= set(parse_qsl(wanted, keep_blank_values=True)):
                return asked
        return None

    # Launch

    def launch_fields(self) -> dict[str, str]:
        return {
            "utf8": "✓",
            "authenticity_token": secrets.token_urlsafe(32),
            "lti_storage_target": self.storage_target,
        }

    def person_claims(self, user: User, privacy: str) -> dict[str, str]:
        if not user.sub:
            return {}
        claims = {n: value for n, value in super().person_claims(user, privacy).items() if value}
        if privacy == "public":
            claims["picture"] = f"https://school.example/images/thumbnails/{user.sub}"
        return claims

    def claims(self, facts: LaunchFacts, nonce: str) -> dict[str, Any]:
        school, user, course = facts.school, facts.user, facts.course
        sub, shows_lis = self.sub(facts.base_url, user), facts.privacy in ("public", "name_only")
        presentation: dict[str, Any] = {
            "document_target": facts.document_target,
            "height": 400,
            "width": 800,
            "return_url": facts.return_url,
            "locale": _locale(facts.locale),
        }
        claims: dict[str, Any] = {
            "iss": facts.issuer,
            "aud": school.client_id,
            "azp": school.client_id,
            "sub": sub,
            "iat": facts.issued_at,
            "exp": facts.issued_at + 3600,
            "nonce": nonce,
            "locale": _locale(facts.locale),
            **self.person_claims(user, facts.privacy),
            c.VERSION: "1.3.0",
            **self.message(facts),
            c.DEPLOYMENT_ID: school.deployment_id,
            c.TARGET_LINK_URI: facts.target_link_uri,
            c.ROLES: self.roles(facts),
            c.CONTEXT: {
                "id": self.context_id(course),
                "label": course.label,
                "title": course.title,
                "type": [c.COURSE_OFFERING],
            },
            c.TOOL_PLATFORM: {
                "guid": f"{as_hex('account', school.key)}:canvas-lms",
                "name": school.name,
                "version": "cloud",
                "product_family_code": "canvas",
            },
            c.LAUNCH_PRESENTATION: presentation,
            c.LIS: {"person_sourcedid": user.id, "course_offering_sourcedid": course.label}
            if shows_lis and sub
            else None,
            c.CUSTOM: dict(facts.custom),
            "https://purl.imsglobal.org/spec/lti/claim/lti11_legacy_user_id": sub
            and as_hex("legacy", user.sub),
            PLACEMENT: facts.placement,
        }
        if user.observes and facts.privacy == "public":
            observed = school.user(user.observes)
            claims[c.ROLE_SCOPE_MENTOR] = [self.sub(facts.base_url, observed)]
        if "stray members" in facts.faults:
            claims |= _stray(claims)
        return {name: value for name, value in claims.items() if value not in ("", None, {})}

    def roles(self, facts: LaunchFacts) -> list[str]:
        """Those of this course, those anywhere in the school, and that of everybody."""
        user = facts.user
        if not user.sub:
            return [c.SYSTEM_NONE]
        everywhere = [course.role_of(user.id) for course in (*self.courses(), facts.course)]
        roles = {_IN_SCHOOL[role] for role in (*everywhere, user.elsewhere) if role in _IN_SCHOOL}
        roles |= {c.SYSTEM_USER, *(_IN_COURSE.get(facts.role, ()) if facts.role else ())}
        if user.administrator:
            roles.add(c.INSTITUTION_ADMINISTRATOR)
        return sorted(roles)

    def return_path(self, course: Course, link: Link) -> str:
        return f"/courses/{course.id}/external_content/success/external_tool_redirect"

    def deep_link_return_url(self, base_url: str, dialog: Dialog) -> str:
        query = urlencode({"modal": "true", "placement": dialog.placement.key, "data": dialog.id})
        return f"{super().deep_link_return_url(base_url, dialog)}?{query}"


def _locale(tag: str) -> str:
    return "en" if tag == "en-US" else tag


def _stray(claims: Mapping[str, Any]) -> dict[str, Any]:
    """Tell what a validation leaves behind in older builds."""
    stray: dict[str, Any] = {"errors": {"errors": {}}, "validation_context": None}
    changed = dict(stray)
    for name in (c.CONTEXT, c.TOOL_PLATFORM, c.RESOURCE_LINK):
        if name in claims:
            changed[name] = {**claims[name], **stray}
    if c.RESOURCE_LINK in changed:
        changed[c.RESOURCE_LINK]["title"] = None
    return changed
