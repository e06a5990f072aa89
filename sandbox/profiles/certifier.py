"""The LTI Advantage certification suite as a platform: its issuer, its two people, its messages."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

from sandbox import claims as c
from sandbox.courses import FIRST_COURSE, Course, Link
from sandbox.people import Role, User
from sandbox.placements import Placement
from sandbox.profiles.base import LaunchFacts, Paths, Sites
from sandbox.profiles.plain import PlainProfile
from sandbox.schools import School

ISSUER = "https://ltiadvantagevalidator.imsglobal.org"
_SCHOOL = School(
    key="certification",
    name="Certification suite",
    client_id="imstester_4ba76ab",
    deployment_id="testdeploy",
    people=(
        User("instructor-1", "cert-instructor", "Rae", "Whitlock", "rae.whitlock@cert.example"),
        User("student-1", "cert-student", "Tobi", "Lindgren", "tobi.lindgren@cert.example"),
    ),
)
_COURSE = replace(
    FIRST_COURSE,
    label="CERT 101",
    title="Introduction to Certification",
    about="Launches that every tool must accept, and launches that every tool must refuse.",
    roles=MappingProxyType({"instructor-1": Role.INSTRUCTOR, "student-1": Role.STUDENT}),
)


class CertifierProfile(PlainProfile):
    """Strict like the plain platform; its messages are those of the recorded suites."""

    name = "certifier"
    title = "Certification suite"
    paths = Paths(auth="/ltitool/oidcauthurl.html", jwks="/jwks")
    placements = (
        Placement(
            "certification",
            "Deep linking: send the request payload",
            accept_types=("link", "file", "html", "ltiResourceLink"),
            targets=("iframe", "window", "embed"),
            multiple=True,
            auto_create=True,
            media_types="image/*,text/html",
        ),
    )

    def sites(self, port: int, scheme: str = "http") -> Sites:
        base = f"{scheme}://127.0.0.8:{port}"
        return Sites(issuer=ISSUER, auth=base, schools=(base,))

    def schools(self) -> tuple[School, ...]:
        return (_SCHOOL,)

    def courses(self) -> tuple[Course, ...]:
        return (_COURSE,)

    def headers(self, kid: str) -> dict[str, Any]:
        return {"alg": "RS256", "kid": kid}

    def claims(self, facts: LaunchFacts, nonce: str) -> dict[str, Any]:
        """Return the payload as the suites send it.

        It has a middle name, but no platform, no presentation, and nothing custom except what the
        tool gave a link of its own.
        """
        user, course = facts.user, facts.course
        claims = super().claims(facts, nonce)
        claims[c.CONTEXT]["type"] = ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseSection"]
        of_the_suite = () if facts.link.custom else (c.CUSTOM,)
        for name in ("jti", c.TOOL_PLATFORM, c.LAUNCH_PRESENTATION, *of_the_suite):
            claims.pop(name, None)
        claims["middle_name"] = "Quincy"
        claims["name"] = f"{user.given_name} Quincy {user.family_name}"
        if facts.dialog:
            for name in ("locale", c.TARGET_LINK_URI):
                claims.pop(name)
            return claims
        claims[c.RESOURCE_LINK]["description"] = f"About {course.title}"
        return claims

    def link_id(self, link: Link, course: Course) -> str:
        return f"resource-{link.id}"

    def dialog_data(self, placement: Placement) -> str | None:
        return "909708"
