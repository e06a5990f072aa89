"""The plain profile: a platform that follows the LTI 1.3 texts and adds nothing."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

from sandbox import claims as c
from sandbox.people import Role
from sandbox.placements import Placement
from sandbox.profiles.base import AuthFault, LaunchFacts, Profile

_ROLES = {
    Role.INSTRUCTOR: [c.INSTRUCTOR],
    Role.ASSISTANT: [c.INSTRUCTOR, c.TEACHING_ASSISTANT],
    Role.STUDENT: [c.LEARNER],
}

# Security Framework 1.0 §5.1.1.2: the values every authentication request must carry.
_FIXED = {
    "scope": ("openid", "invalid_scope"),
    "response_type": ("id_token", "unsupported_response_type"),
    "response_mode": ("form_post", "invalid_request"),
    "prompt": ("none", "invalid_request"),
}


class PlainProfile(Profile):
    """Strict where the standard is strict; tokens live five minutes."""

    name = "plain"
    title = "A platform by the book"
    lifetime_seconds = 300
    placements: ClassVar[tuple[Placement, ...]] = (
        Placement(
            "content",
            "Add content",
            accept_types=("ltiResourceLink", "link", "html"),
            multiple=True,
            lineitem=True,
        ),
        Placement("one", "Add one thing", lineitem=False),
        Placement("files", "Attach files", accept_types=("file",)),
    )
    variables = frozenset({"$Context.id.history", "$ResourceLink.id.history", "$Context.id"})

    def login_fields(self, facts: LaunchFacts, hint: str) -> dict[str, str]:
        return {
            "iss": facts.issuer,
            "login_hint": facts.user.sub,
            "target_link_uri": facts.target_link_uri,
            "client_id": facts.school.client_id,
            "lti_deployment_id": facts.school.deployment_id,
            "lti_message_hint": hint,
        }

    def check_auth(self, params: Mapping[str, str]) -> AuthFault | None:
        for name, (expected, code) in _FIXED.items():
            if params.get(name) != expected:
                return AuthFault(code, f"{name} must be {expected}")
        for name in ("nonce", "state", "login_hint"):
            if not params.get(name):
                return AuthFault("invalid_request", f"{name} is missing")
        return None

    def claims(self, facts: LaunchFacts, nonce: str) -> dict[str, Any]:
        user, school, course = facts.user, facts.school, facts.course
        claims: dict[str, Any] = {
            "iss": facts.issuer,
            "aud": school.client_id,
            "sub": user.sub,
            "iat": facts.issued_at,
            "exp": facts.issued_at + self.lifetime_seconds,
            "nonce": nonce,
            "jti": secrets.token_urlsafe(16),
            **self.person_claims(user, facts.privacy),
            "locale": facts.locale,
            c.VERSION: "1.3.0",
            **self.message(facts),
            c.DEPLOYMENT_ID: school.deployment_id,
            c.TARGET_LINK_URI: facts.target_link_uri,
            c.ROLES: self.roles(facts),
            c.CONTEXT: {
                "id": course.id,
                "label": course.label,
                "title": course.title,
                "type": [c.COURSE_OFFERING],
            },
            c.LAUNCH_PRESENTATION: {
                "document_target": facts.document_target,
                "return_url": facts.return_url,
                "locale": facts.locale,
            },
            c.TOOL_PLATFORM: {
                "guid": f"{school.key}.sandbox",
                "name": school.name,
                "product_family_code": "foyer-sandbox",
                "version": "1",
            },
        }
        if facts.custom:
            claims[c.CUSTOM] = dict(facts.custom)
        return claims

    def dialog_data(self, placement: Placement) -> str | None:
        return "csrf:" + secrets.token_urlsafe(9)

    def roles(self, facts: LaunchFacts) -> list[str]:
        """Course roles as the vocabulary spells them, and the school's administrator."""
        roles = list(_ROLES.get(facts.role, ())) if facts.role else []
        if facts.user.administrator:
            roles.append(c.INSTITUTION_ADMINISTRATOR)
        return roles
