"""Launches every tool must refuse, and unusual ones it must accept, as options for `Platform`.

    @pytest.mark.parametrize("name", KNOWN_BAD)
    def test_refused(name): platform.launch(client, "student-1", **known_bad(name, platform))

The first twelve bad ones and all good ones are those of the LTI Advantage tool certification
(guide 1.3, §6.1), as recorded suites send them; the others are attacks on the signature and on
claims that the certification does not try.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox import claims as c
from sandbox.keys import SigningKey
from sandbox.pending_launches import LaunchOptions

if TYPE_CHECKING:
    from sandbox.platform import Platform

_PERSON = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
_NAMES = ("name", "given_name", "family_name", "middle_name")
_SPARSE = ("launch_presentation", "tool_platform", "custom")

Recipe = LaunchOptions | Callable[["Platform"], LaunchOptions]

CERTIFICATION_BAD: dict[str, Recipe] = {
    "no kid": {"headers": {"badtestonly": "12345"}, "drop_headers": ("kid", "typ")},
    "unknown kid": {"headers": {"kid": "imstester_66067"}},
    "wrong version": {"claims": {"version": "11.3"}},
    "no version": {"drop": ("version",)},
    "not an LTI message": {
        "payload": {"name": "badltilaunch"},
        "drop_headers": ("kid", "typ", "alg"),
    },
    "LTI claims missing": {"drop": ("version", "message_type", "roles")},
    "old timestamps": {"claims": {"iat": 11111, "exp": 22222}},
    "no message type": {"drop": ("message_type",)},
    "no roles claim": {"drop": ("roles",)},
    "no deployment": {"drop": ("deployment_id",)},
    "no resource link": {"drop": ("resource_link",)},
    "empty sub": {"claims": {"sub": ""}},
}


def _seconds_away(platform: Platform, seconds: float) -> LaunchOptions:
    return {"issued_at": platform.now() + timedelta(seconds=seconds)}


def _other_school(platform: Platform) -> str:
    return platform.schools[-1].client_id


_STRANGER = SigningKey.generate()

HOSTILE: dict[str, Recipe] = {
    "alg none": {"alg": "none"},
    "alg none, capital letters": {"alg": "none", "headers": {"alg": "None"}},
    "alg none without kid": {"alg": "none", "drop_headers": ("kid",)},
    "HS256 with the public key": {"alg": "HS256"},
    "HS256 dressed as RS256": {"alg": "HS256", "headers": {"alg": "RS256"}},
    "foreign signature": {"key": _STRANGER},
    "key brought along in the header": {"key": _STRANGER, "headers": {"jwk": _STRANGER.jwk}},
    "key address brought along in the header": {
        "key": _STRANGER,
        "headers": {"jku": "https://attacker.example/jwks", "kid": _STRANGER.kid},
    },
    "RS384 instead of RS256": {"alg": "RS384"},
    "kid is a number": {"headers": {"kid": 7}},
    "no exp": {"drop": ("exp",)},
    "no iat": {"drop": ("iat",)},
    "exp is not a number": {"claims": {"exp": "tomorrow"}},
    "iat is not a number": {"claims": {"iat": "now"}},
    "expired": lambda p: _seconds_away(p, -3600),
    "from the future": lambda p: _seconds_away(p, 3600),
    "issued long ago, lives for ever": {"claims": {"iat": 11111, "exp": 99999999999}},
    "no nonce": {"drop": ("nonce",)},
    "empty nonce": {"claims": {"nonce": ""}},
    "another nonce": {"claims": {"nonce": "a-nonce-nobody-asked-for"}},
    "no iss": {"drop": ("iss",)},
    "foreign issuer": {"claims": {"iss": "https://lms.attacker.example"}},
    "issuer with a tail": lambda p: {"claims": {"iss": p.issuer + "/"}},
    "no aud": {"drop": ("aud",)},
    "foreign audience": {"claims": {"aud": "another-tool"}},
    "audience of the other school": lambda p: {"claims": {"aud": _other_school(p)}},
    "empty audience list": {"claims": {"aud": []}},
    "audience with a stranger": lambda p: {
        "claims": {"aud": [p.schools[0].client_id, "another-tool"]}
    },
    "foreign azp": {"claims": {"azp": "another-tool"}},
    "unknown deployment": {"claims": {"deployment_id": "a-deployment-nobody-made"}},
    "empty deployment": {"claims": {"deployment_id": ""}},
    "deployment too long": {"claims": {"deployment_id": "d" * 256}},
    "message type unknown": {"claims": {"message_type": "LtiSomethingElse"}},
    "no target": {"drop": ("target_link_uri",)},
    "foreign target": {"claims": {"target_link_uri": "https://attacker.example/lti/launch"}},
    "target by another scheme": {"claims": {"target_link_uri": "javascript:alert(1)"}},
    "target that only begins like ours": lambda p: {
        "claims": {"target_link_uri": p.tool_url + ".attacker.example/lti/launch"}
    },
    "resource link is a string": {"claims": {"resource_link": "201-1"}},
    "lists instead of header and payload": {"fields": {"id_token": "W10.W10.W10"}},
    "not a token": {"fields": {"id_token": "hello"}},
    "token of two parts": {"fields": {"id_token": "e30.e30"}},
    "empty token": {"fields": {"id_token": ""}},
    "no token": {"fields": {"id_token": None}},
    "no state": {"fields": {"state": None}},
    "empty state": {"fields": {"state": ""}},
    "unknown state": {"fields": {"state": "a-state-nobody-made"}},
    "the platform says no": {
        "fields": {
            "id_token": None,
            "error": "login_required",
            "error_description": "The session has ended.",
        }
    },
}

# Wrong types where the tool may either refuse or ignore: never an error of the server, and never
# more rights than the same launch without the claim.
MALFORMED: dict[str, Recipe] = {
    "roles is an object": {"claims": {"roles": {c.INSTRUCTOR: True}}},
    "roles holds numbers": {"claims": {"roles": [1, 2, None, {"a": 1}]}},
    "context is a string": {"claims": {"context": "201"}},
    "sub is a number": {"claims": {"sub": 31}},
    "deployment is a number": {"claims": {"deployment_id": 1}},
    "resource link without id": {"claims": {"resource_link": {"title": "No id"}}},
    "resource link with empty id": {"claims": {"resource_link": {"id": ""}}},
    "context id is a number": {"claims": {"context": {"id": 201}}},
    "context title is a list": {"claims": {"context": {"id": "201", "title": ["a"]}}},
    "custom is a list": {"claims": {"custom": ["media"]}},
    "custom media is a number": {"claims": {"custom": {"media": 7}}},
    "custom media is an unresolved variable": {"claims": {"custom": {"media": "$Media.id"}}},
    "name is an object": {"claims": {"name": {"first": "Ada"}}},
    "email is not an address": {"claims": {"email": "not an address"}},
    "locale is nonsense": {"claims": {"locale": "../../etc/passwd"}},
    "return address is a script": {
        "claims": {"launch_presentation": {"return_url": "javascript:alert(1)"}}
    },
    "very long name": {"claims": {"name": "N" * 5000, "given_name": "G" * 5000}},
    "NUL in the name": {"claims": {"name": "A\u0000B"}},
    "markup in the name": {"claims": {"name": "<img src=x onerror=alert(1)>"}},
}

KNOWN_BAD: dict[str, Recipe] = {**CERTIFICATION_BAD, **HOSTILE}


def known_bad(name: str, platform: Platform) -> LaunchOptions:
    """Return the options that make this bad launch on this platform."""
    return _made(KNOWN_BAD[name], platform)


def known_good(name: str, platform: Platform) -> LaunchOptions:
    """Return the options that make this unusual but valid launch on this platform."""
    return _made(KNOWN_GOOD[name], platform)


def malformed(name: str, platform: Platform) -> LaunchOptions:
    """Return the options that make this malformed launch on this platform."""
    return _made(MALFORMED[name], platform)


def _made(recipe: Recipe, platform: Platform) -> LaunchOptions:
    return recipe(platform) if callable(recipe) else recipe


def _good(principal: str, short: str, more: list[str], odd: str) -> dict[str, LaunchOptions]:
    role = c.MEMBERSHIP + short
    base = [c.MEMBERSHIP + principal]
    unknown = [odd] if principal == "Instructor" else [*base, odd]
    launches: dict[str, LaunchOptions] = {
        "launch": {"claims": {"middle_name": "Quincy", "roles": base}},
        "with roles": {"claims": {"roles": [role, *more]}},
        "short role": {"claims": {"roles": [short]}},
        "unknown role": {"claims": {"roles": unknown}},
        "no role": {"claims": {"roles": [""]}},
        "email only": {"claims": {"roles": base}, "drop": _NAMES},
        "names only": {"claims": {"roles": base}, "drop": ("email",)},
        "no name, no email": {"claims": {"roles": base}, "drop": (*_NAMES, "email")},
        "email without context": {"claims": {"roles": base}, "drop": (*_NAMES, "context")},
    }
    for launch in launches.values():
        launch["drop"] = (*launch.get("drop", ()), *_SPARSE)
    return {f"{principal.lower()}: {name}": launch for name, launch in launches.items()}


KNOWN_GOOD: dict[str, Recipe] = {
    **_good(
        "Instructor",
        "Instructor",
        [_PERSON + "Staff", _PERSON + "Other"],
        "http://purl.imsglobal.org/vocab/lis/v2/unknown/unknown#Helper",
    ),
    **_good(
        "Learner",
        "Learner",
        [_PERSON + "Student", _PERSON + "Mentor"],
        "http://purl.imsglobal.org/vocab/lis/v2/uknownrole/unknown#Unknown",
    ),
    "roles is an empty list": {"claims": {"roles": []}},
    "audience is a list of one": lambda p: {"claims": {"aud": [p.schools[0].client_id]}},
    "azp is ours": lambda p: {"claims": {"azp": p.schools[0].client_id}},
    "unknown claims and members": {
        "claims": {
            "errors": {"errors": {}},
            "https://example.org/claim/new": [1, {"a": None}],
            "resource_link": {"id": "201-1", "title": None, "validation_context": None},
        }
    },
    "no locale, no jti": {"drop": ("locale", "jti")},
}
