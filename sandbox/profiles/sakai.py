"""Sakai: lax at its authentication endpoint, with long issuers and subs, one server a school."""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sandbox import claims as c
from sandbox.courses import FIRST_COURSE, SECOND_COURSE, Course, Link, enrolled
from sandbox.dialogs import Dialog
from sandbox.keys import SigningKey
from sandbox.people import Role, User
from sandbox.placements import Placement
from sandbox.profiles.base import AuthFault, LaunchFacts, Paths, Profile, Sites
from sandbox.profiles.spelling import as_number, as_uuid, java_hash
from sandbox.schools import NORTHFIELD, School

_ROLES = {
    Role.INSTRUCTOR: ("Instructor", [c.INSTRUCTOR]),
    Role.MAINTAINER: ("maintain", [c.INSTRUCTOR]),
    Role.STUDENT: ("Student", [c.LEARNER]),
    Role.ACCESS: ("access", [c.LEARNER]),
    # Not a role of the vocabulary, and without the plain Instructor beside it.
    Role.ASSISTANT: ("Teaching Assistant", [c.INSTRUCTOR + "#TeachingAssistant"]),
    Role.DESIGNER: ("ContentDeveloper", [c.CONTENT_DEVELOPER]),
}
_ADMIN = [c.INSTRUCTOR, c.INSTITUTION_ADMINISTRATOR, c.SYSTEM_ADMINISTRATOR]
_EXTENSION = "https://www.sakailms.org/spec/lti/claim/extension"
_PLACEMENT = "https://www.sakailms.org/spec/lti-dl/placement"
_CAPABILITIES = (
    "org.imsglobal.lti.capabilities,org.imsglobal.lti.put_data,org.imsglobal.lti.get_data"
)
_FORBIDDEN = re.compile(r"""["'<> ;]""")
_PEOPLE = (
    User("maintainer", "41", "Hugo", "Lang", "hugo.lang@northfield.example"),
    User("access", "42", "Mira", "Olsen", "mira.olsen@northfield.example"),
)
_OTHER_SERVER = "campus-2"
"""The server-wide deployment id of a school that does not use the usual "1"."""


class SakaiProfile(Profile):
    """See the faults for what differs from school to school."""

    name = "sakai"
    title = "Sakai"
    family = "sakai"
    login_method = "GET"
    paths = Paths(auth="/imsoidc/lti13/oidc_auth", jwks="/imsblis/lti13/keyset")
    one_use = False
    lax = True
    storage_target = "_parent"
    frame_script = "frame-sakai.js"
    frame_allow = "camera; fullscreen; microphone; local-network-access *"
    privacies = MappingProxyType(
        {
            "public": "Send names, send email",
            "name_only": "Send names only",
            "email_only": "Send email only",
            "anonymous": "Send neither (the login name goes along all the same)",
        }
    )
    faults = MappingProxyType(
        {
            "site issuer": "The tool was installed in a site: messages name a longer issuer",
            "server deployment": "The whole server has a deployment id of its own",
            "many deployments": "Each course sends a deployment id of its own",
            "unregistered redirect": "The tool’s redirect address is not registered",
            "cookie page": "The Sakai cookie does not come along: one more page",
        }
    )
    placements = (
        Placement("lessons", "Lessons: add a learning app", auto_create=True, lineitem=False),
        Placement("editor", "Editor: insert a learning app", auto_create=True, lineitem=False),
        Placement("assignment", "Assignments: choose a tool", auto_create=True, lineitem=True),
    )
    navigation = "coursenav"
    tool_custom = MappingProxyType(
        {"context_history": "$Context.id.history", "link_history": "$ResourceLink.id.history"}
    )
    variables = frozenset(
        {
            *("$Context.id", "$Context.title", "$Context.id.history"),
            *("$ResourceLink.title", "$ResourceLink.id.history"),
            *("$User.id", "$User.username", "$Person.email.primary", "$Person.name.full"),
            *("$Person.name.given", "$Person.name.family"),
        }
    )

    def sites(self, port: int, scheme: str = "http") -> Sites:
        return Sites.one(f"{scheme}://127.0.0.2:{port}")

    def schools(self) -> tuple[School, ...]:
        school = replace(
            NORTHFIELD,
            client_id=as_uuid("sakai client"),
            people=(*NORTHFIELD.people, *_PEOPLE),
        )
        return (school,)

    def courses(self) -> tuple[Course, ...]:
        more = {"maintainer": Role.MAINTAINER, "access": Role.ACCESS}
        return enrolled(FIRST_COURSE, more), SECOND_COURSE

    # Ids

    def sub(self, base_url: str, user: User, faults: frozenset[str] = frozenset()) -> str:
        return f"{_server(base_url, faults)}/user/{as_uuid('person', user.sub)}"

    def context_id(self, course: Course) -> str:
        return as_uuid("site", course.id)

    def link_id(self, link: Link, course: Course) -> str:
        return f"content:{as_number(link.id)}"

    def kid(self, key: SigningKey) -> str:
        """Return a hash as Java makes it, which may be below zero; here it always is."""
        return str(-abs(java_hash(key.public_pem.decode())))

    def issuer(self, server: str, school: School, faults: frozenset[str]) -> str:
        long = _server(server, faults)
        return f"{long}/site/{self.context_id(FIRST_COURSE)}" if "site issuer" in faults else long

    def deployment_id(self, school: School, course: Course, faults: frozenset[str]) -> str:
        if "many deployments" in faults:
            return f"course-{course.id}"
        return _OTHER_SERVER if "server deployment" in faults else school.deployment_id

    # Login

    def login_fields(self, facts: LaunchFacts, hint: str) -> dict[str, str]:
        return {
            "iss": facts.issuer,
            "login_hint": self.login_hint(self.content_path(facts), hint),
            "target_link_uri": facts.target_link_uri,
            "client_id": facts.school.client_id,
            "lti_deployment_id": self.deployment_id(facts.school, facts.course, facts.faults),
            "lti_storage_target": self.storage_target,
            "sakai_base_capabilities": _CAPABILITIES,
        }

    def login_hint(self, path: str, launch: str) -> str:
        """Return the address to come back to, in code."""
        return _encode(f"{path}?launch={launch}")

    def content_path(self, facts: LaunchFacts) -> str:
        """Return the address inside Sakai to which the browser comes back for its launch."""
        site = self.context_id(facts.course)
        content = "tool:1" if facts.dialog else self.link_id(facts.link, facts.course)
        return f"/access/lti/site/{site}/{content}"

    def hint_of(self, params: Mapping[str, str]) -> str:
        address = self.address_of(params)
        return (parse_qs(urlsplit(address).query).get("launch") or [""])[0]

    def address_of(self, params: Mapping[str, str]) -> str:
        """Return the address in a login_hint; "" when it is none of this server."""
        address = _decode(params.get("login_hint", ""))
        fits = address.startswith("/access/lti/site/") and not _FORBIDDEN.search(address)
        return address if fits else ""

    def check_auth(self, params: Mapping[str, str]) -> AuthFault | None:
        for name in ("state", "nonce", "login_hint", "redirect_uri"):
            if not params.get(name):
                return AuthFault("invalid_request", f"{name} is missing")
        if not self.address_of(params):
            return AuthFault("invalid_request", "login_hint is no address of this server")
        return None

    def redirect_uri(self, asked: str, registered: tuple[str, ...], launch_url: str) -> str | None:
        """Look for the address inside the comma list, and without it takes the launch address."""
        return asked if asked and asked in ",".join(registered) else launch_url

    # Launch

    def headers(self, kid: str) -> dict[str, Any]:
        return {"alg": "RS256", "kid": kid}

    def launch_fields(self) -> dict[str, str]:
        return {"lti_storage_target": self.storage_target}

    def claims(self, facts: LaunchFacts, nonce: str) -> dict[str, Any]:
        user, course, faults = facts.user, facts.course, facts.faults
        site = self.context_id(course)
        sakai_role, roles = self.roles(facts)
        presentation = {"document_target": "iframe"}
        if not facts.dialog:
            presentation["return_url"] = facts.return_url
        return {
            "iss": self.issuer(facts.issuer, facts.school, faults),
            "aud": facts.school.client_id,
            "sub": self.sub(facts.base_url, user, faults),
            "iat": facts.issued_at,
            "exp": facts.issued_at + 3600,
            "jti": secrets.token_urlsafe(16),
            "nonce": nonce,
            "locale": facts.locale.replace("-", "_"),
            **self.person_claims(user, facts.privacy),
            c.VERSION: "1.3.0",
            **self.message(facts),
            c.DEPLOYMENT_ID: self.deployment_id(facts.school, course, faults),
            c.TARGET_LINK_URI: facts.target_link_uri,
            c.ROLES: list({*roles}),  # a set: no order
            c.ROLE_SCOPE_MENTOR: [],
            c.CONTEXT: {
                "id": site,
                "label": course.title,
                "title": course.title,
                "type": [c.COURSE_OFFERING],
            },
            c.LAUNCH_PRESENTATION: presentation,
            c.TOOL_PLATFORM: {
                "name": "Sakai",
                "guid": urlsplit(facts.base_url).hostname,
                "version": "25.0",
                "product_family_code": "sakai",
                "url": facts.base_url,
                "description": facts.school.name,
            },
            c.LIS: {
                "person_sourcedid": user.id,
                "course_offering_sourcedid": site,
                "course_section_sourcedid": site,
                "version": ["1.0.0", "1.1.0"],
            },
            c.CUSTOM: {_key(name): value for name, value in facts.custom.items()},
            _EXTENSION: {
                "sakai_role": sakai_role,
                "sakai_server": facts.base_url,
                "sakai_serverid": "sandbox",
                "sakai_eid": user.id,
            },
        }

    def roles(self, facts: LaunchFacts) -> tuple[str, list[str]]:
        """Sakai's own name of the role, and what the map for tools makes of it."""
        if facts.user.administrator:
            return "admin", _ADMIN
        return _ROLES.get(facts.role, ("access", [c.LEARNER])) if facts.role else ("", [])

    def settings(self, facts: LaunchFacts, dialog: Dialog) -> dict[str, Any]:
        grades = bool(dialog.placement.lineitem)
        return {
            **super().settings(facts, dialog),
            _PLACEMENT: dialog.placement.key,
            "https://www.sakailms.org/spec/lti-dl/accept_lineitem": grades,
            "https://www.sakailms.org/spec/lti-dl/accept_available": grades,
            "https://www.sakailms.org/spec/lti-dl/accept_submission": grades,
        }

    def dialog_data(self, placement: Placement) -> str | None:
        return json.dumps({"placement": placement.key, "token": secrets.token_hex(6)})

    def return_path(self, course: Course, link: Link) -> str:
        return f"/imsoidc/lti11/return-url/site/{course.id}"


def _server(server: str, faults: frozenset[str]) -> str:
    return f"{server}/deployment/{_OTHER_SERVER}" if "server deployment" in faults else server


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "_", name.lower())


def _encode(text: str) -> str:
    once = base64.urlsafe_b64encode(text.encode())
    return base64.urlsafe_b64encode(once).decode()


def _decode(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(base64.urlsafe_b64decode(text)).decode()
    except (binascii.Error, ValueError):
        return ""
