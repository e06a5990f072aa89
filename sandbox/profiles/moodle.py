"""Moodle: strict, tokens of one minute, short numbers and short names, and no storage."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from sandbox import claims as c
from sandbox.courses import Course, Link
from sandbox.dialogs import Dialog
from sandbox.people import Role, User
from sandbox.placements import Placement
from sandbox.profiles.base import AuthFault, LaunchFacts, Paths, Profile, Sites
from sandbox.profiles.spelling import as_number
from sandbox.schools import SOUTHGATE, School

_LIFETIME_SECONDS = 60
# A teacher who may not edit is an Instructor in a launch (and a Learner in the roster).
_MANAGES = (Role.INSTRUCTOR, Role.ASSISTANT)
_EXTENSION = c.CLAIM + "ext"
_CLOCKS = {"clock ahead": 45, "clock far ahead": 900, "clock behind": -45, "clock far behind": -900}


class MoodleProfile(Profile):
    """One server, one school."""

    name = "moodle"
    title = "Moodle"
    family = "moodle"
    paths = Paths(auth="/mod/lti/auth.php", jwks="/mod/lti/certs.php")
    key_count = 1
    frame_script = ""
    frame_allow = (
        "microphone {tool}; camera {tool}; geolocation {tool}; midi {tool}; "
        "encrypted-media {tool}; autoplay {tool}"
    )
    privacies = MappingProxyType(
        {
            "public": "Share name and email: always",
            "name_only": "Share name: always, email: never",
            "email_only": "Share name: never, email: always",
            "anonymous": "Share name and email: never",
        }
    )
    faults = MappingProxyType(
        {
            "access denied": "Somebody else is logged in: the tool gets access_denied",
            "unregistered redirect": "The tool’s redirect address is not registered",
            "clock ahead": "The server’s clock is 45 seconds ahead",
            "clock far ahead": "The server’s clock is 15 minutes ahead",
            "clock behind": "The server’s clock is 45 seconds behind",
            "clock far behind": "The server’s clock is 15 minutes behind",
        }
    )
    placements = (
        Placement(
            "ContentArea",
            "External tool: select content",
            targets=("frame", "iframe", "window"),
            multiple=True,
            lineitem=True,
        ),
    )
    tool_custom = MappingProxyType(
        {"context_history": "$Context.id.history", "link_history": "$ResourceLink.id.history"}
    )
    variables = frozenset(
        {
            *("$Context.id", "$Context.title", "$Context.label", "$Context.id.history"),
            *("$ResourceLink.id", "$ResourceLink.title", "$User.id", "$User.username"),
            *("$Person.name.full", "$Person.name.given", "$Person.name.family"),
            "$Person.email.primary",
        }
    )
    over = AuthFault("invalid_request", "This launch is over")
    stranger = AuthFault("access_denied", "The login_hint is not the user who is logged in")

    def sites(self, port: int, scheme: str = "http") -> Sites:
        return Sites.one(f"{scheme}://127.0.0.7:{port}")

    def schools(self) -> tuple[School, ...]:
        return (replace(SOUTHGATE, client_id="uQ4zLmWbHd7xTvF", deployment_id="2"),)

    def link_id(self, link: Link, course: Course) -> str:
        return str(as_number(link.id))

    # Login

    def login_fields(self, facts: LaunchFacts, hint: str) -> dict[str, str]:
        return {
            "iss": facts.issuer,
            "target_link_uri": facts.target_link_uri,
            "login_hint": facts.user.sub,
            "lti_message_hint": self._message_hint(facts, hint),
            "client_id": facts.school.client_id,
            "lti_deployment_id": facts.school.deployment_id,
        }

    def _message_hint(self, facts: LaunchFacts, hint: str) -> str:
        if facts.dialog:
            return json.dumps({"launchid": f"ltilaunch_dl_{hint}"}, separators=(",", ":"))
        cmid = as_number(facts.link.id)
        said = {"cmid": cmid, "launchid": f"ltilaunch{cmid}_{hint}"}
        return json.dumps(said, separators=(",", ":"))

    def hint_of(self, params: Mapping[str, str]) -> str:
        try:
            launch_id = json.loads(params.get("lti_message_hint", ""))["launchid"]
        except (ValueError, KeyError, TypeError):
            return ""
        found = re.fullmatch(r"ltilaunch(?:\d+|_dl)_(.+)", str(launch_id))
        return found[1] if found else ""

    def check_auth(self, params: Mapping[str, str]) -> AuthFault | None:
        needed = (
            *("scope", "response_type", "client_id", "redirect_uri", "login_hint", "nonce"),
            *("response_mode", "lti_message_hint"),
        )
        if missing := [name for name in needed if not params.get(name)]:
            return AuthFault("invalid_request", f"Missing: {', '.join(missing)}")
        if params["scope"] != "openid":
            return AuthFault("invalid_scope", "scope must be openid")
        if params["response_type"] != "id_token":
            return AuthFault("unsupported_response_type", "response_type must be id_token")
        if params["response_mode"] != "form_post":
            return AuthFault("invalid_request", "response_mode must be form_post")
        if params.get("prompt", "none") != "none":
            return AuthFault("invalid_request", "prompt must be none")
        if not self.hint_of(params):
            return AuthFault("invalid_request", "lti_message_hint holds no launchid")
        return None

    def broken(self, faults: frozenset[str]) -> AuthFault | None:
        return self.stranger if "access denied" in faults else None

    # Launch

    def person_claims(self, user: User, privacy: str) -> dict[str, str]:
        claims = super().person_claims(user, privacy)
        order = ("given_name", "family_name", "name", "email")
        return {name: claims[name] for name in order if name in claims}

    def claims(self, facts: LaunchFacts, nonce: str) -> dict[str, Any]:
        user, course, school = facts.user, facts.course, facts.school
        issued = facts.issued_at + sum(_CLOCKS.get(fault, 0) for fault in facts.faults)
        presentation = {"locale": facts.locale.lower().replace("-", "_").replace("en_us", "en")}
        presentation["document_target"] = facts.document_target
        if not facts.dialog:
            presentation["return_url"] = f"{facts.return_url}&sesskey={secrets.token_hex(5)}"
        personal = self.person_claims(user, facts.privacy)
        extension = {"lms": "moodle-2"}
        if "name" in personal:
            extension["user_username"] = user.id
        return {
            "nonce": nonce,
            "iat": issued,
            "exp": issued + _LIFETIME_SECONDS,
            "iss": facts.issuer,
            "aud": school.client_id,
            "sub": user.sub,
            c.DEPLOYMENT_ID: school.deployment_id,
            c.TARGET_LINK_URI: facts.target_link_uri,
            c.LIS: {"person_sourcedid": "", "course_section_sourcedid": ""},
            c.ROLES: self.roles(facts),
            c.CONTEXT: {
                "id": course.id,
                "label": course.label,
                "title": course.title,
                "type": ["CourseSection"],
            },
            **self.message(facts),
            **personal,
            _EXTENSION: extension,
            c.LAUNCH_PRESENTATION: presentation,
            c.TOOL_PLATFORM: {
                "product_family_code": "moodle",
                "version": "2024100700",
                "guid": hashlib.sha256(facts.base_url.encode()).hexdigest()[:32],
                "name": school.name,
                "description": school.name,
            },
            c.VERSION: "1.3.0",
            c.CUSTOM: _twice(facts.custom),
        }

    def roles(self, facts: LaunchFacts) -> list[str]:
        """By what somebody may do, not by the name of the role."""
        if facts.user.administrator:
            return sorted([c.SYSTEM_ADMINISTRATOR, c.INSTITUTION_ADMINISTRATOR, c.INSTRUCTOR])
        return [c.INSTRUCTOR if facts.role in _MANAGES else c.LEARNER]

    def settings(self, facts: LaunchFacts, dialog: Dialog) -> dict[str, Any]:
        settings = super().settings(facts, dialog)
        settings |= {
            "accept_copy_advice": False,
            "accept_unsigned": False,
            "can_confirm": False,
            "text": "",
            "title": "Foyer",
        }
        settings.pop("accept_lineitem", None)
        return dict(sorted(settings.items()))

    def return_path(self, course: Course, link: Link) -> str:
        query = {"course": course.id, "launch_container": "3", "instanceid": as_number(link.id)}
        return f"/mod/lti/return.php?{urlencode(query)}"

    def deep_link_return_url(self, base_url: str, dialog: Dialog) -> str:
        query = {"course": dialog.course.id, "id": "2", "sesskey": secrets.token_hex(5)}
        return f"{super().deep_link_return_url(base_url, dialog)}?{urlencode(query)}"


def _twice(custom: Mapping[str, str]) -> dict[str, str]:
    """Keys with capitals or punctuation come as they are, and in small letters."""
    plain = {re.sub(r"[^a-z0-9]", "_", name.lower()): value for name, value in custom.items()}
    return {**plain, **custom}
