"""The core launches of the LTI Advantage tool certification (guide 1.3, §6.1), as suites send them.

    platform = Platform(tool, profile=CertifierProfile())
    for case in platform.certification.values():
        answer = platform.launch(client, case.user, **case.options)  # a refusal, unless case.good

The bad ones are sent for the student. What the suite asks of deep linking, names and roles, and
grades is ordinary traffic of the certifier profile, whose messages lack what the suite's lack.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Unpack

from sandbox import claims as c
from sandbox.pending_launches import LaunchOptions

_NAMES = ("name", "given_name", "family_name", "middle_name")
_PERSON = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
_HELPER = "http://purl.imsglobal.org/vocab/lis/v2/unknown/unknown#Helper"
_UNKNOWN = "http://purl.imsglobal.org/vocab/lis/v2/uknownrole/unknown#Unknown"


@dataclass(frozen=True)
class Case:
    """One launch of the suite: its section in the guide, who launches, whether it must work."""

    name: str
    section: str
    good: bool
    user: str
    options: LaunchOptions = field(default_factory=LaunchOptions)


def _bad(name: str, **options: Unpack[LaunchOptions]) -> Case:
    return Case(name, "6.1.1", False, "student-1", options)


_BAD = (
    _bad(
        "No KID Sent in JWT header",
        headers={"badtestonly": "12345"},
        drop_headers=("kid",),
    ),
    _bad("Incorrect KID in JWT header", headers={"kid": "imstester_66067"}),
    _bad("Wrong LTI Version", claims={"version": "11.3"}),
    _bad("No LTI Version", drop=("version",)),
    _bad("Invalid LTI message", payload={"name": "badltilaunch"}, drop_headers=("kid", "alg")),
    _bad("Missing LTI Claims", drop=("version", "message_type", "roles")),
    _bad("Timestamps Incorrect", claims={"iat": 11111, "exp": 22222}),
    _bad("messsage_type Claim Missing", drop=("message_type",)),
    _bad("role Claim Missing", drop=("roles",)),
    _bad("deployment_id Claim Missing", drop=("deployment_id",)),
    _bad("resource_link_id Claim Missing", drop=("resource_link",)),
    _bad("user Claim Missing", claims={"sub": ""}),
)


def _good(kind: str, section: str, user: str, roles: dict[str, list[str]]) -> tuple[Case, ...]:
    def case(name: str, **options: Unpack[LaunchOptions]) -> Case:
        return Case(f"Valid {kind} {name}", section, True, user, options)

    return (
        case("Launch"),
        case("Launch with Roles", claims={"roles": roles["many"]}),
        case("Launch Short Role", claims={"roles": roles["short"]}),
        case("Launch Unknown Role", claims={"roles": roles["unknown"]}),
        case("Launch No Role", claims={"roles": [""]}),
        case("Launch Email Only", drop=_NAMES),
        case("Launch Names Only", drop=("email",)),
        case("Launch No PII", drop=(*_NAMES, "email")),
        case("Launch Email Without Context", drop=(*_NAMES, "context")),
    )


_TEACHER = _good(
    "Instructor",
    "6.1.2",
    "instructor-1",
    {
        "many": [c.INSTRUCTOR, _PERSON + "Staff", _PERSON + "Other"],
        "short": ["Instructor"],
        "unknown": [_HELPER],
    },
)
_STUDENT = _good(
    "Student",
    "6.1.3",
    "student-1",
    {
        "many": [c.LEARNER, _PERSON + "Student", _PERSON + "Mentor"],
        "short": ["Learner"],
        "unknown": [c.LEARNER, _UNKNOWN],
    },
)

CASES: Mapping[str, Case] = MappingProxyType(
    {case.name: case for case in (*_BAD, *_TEACHER, *_STUDENT)}
)
"""The 12 bad and 18 good launches by their names in the guide."""

OTHER_RUNS: Mapping[str, Case] = MappingProxyType(
    {
        case.name: case
        for case in (
            _bad("Missing LTI Claims", drop=("aud", "iss", "sub", "deployment_id", "roles")),
            _bad("Invalid LTI message", payload={"name": "badltilaunch"}),
        )
    }
)
"""What other recorded runs sent under the same names."""
