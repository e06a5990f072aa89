"""Names of LTI 1.3 claims, roles and context types, and short spellings for tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"

VERSION = CLAIM + "version"
MESSAGE_TYPE = CLAIM + "message_type"
DEPLOYMENT_ID = CLAIM + "deployment_id"
TARGET_LINK_URI = CLAIM + "target_link_uri"
ROLES = CLAIM + "roles"
CONTEXT = CLAIM + "context"
RESOURCE_LINK = CLAIM + "resource_link"
LAUNCH_PRESENTATION = CLAIM + "launch_presentation"
TOOL_PLATFORM = CLAIM + "tool_platform"
CUSTOM = CLAIM + "custom"
LIS = CLAIM + "lis"
ROLE_SCOPE_MENTOR = CLAIM + "role_scope_mentor"
DEEP_LINKING_SETTINGS = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"

RESOURCE_LINK_REQUEST = "LtiResourceLinkRequest"
DEEP_LINKING_REQUEST = "LtiDeepLinkingRequest"

_SHORT = {
    name.removeprefix(CLAIM): name
    for name in (
        VERSION,
        MESSAGE_TYPE,
        DEPLOYMENT_ID,
        TARGET_LINK_URI,
        ROLES,
        CONTEXT,
        RESOURCE_LINK,
        LAUNCH_PRESENTATION,
        TOOL_PLATFORM,
        CUSTOM,
        LIS,
        ROLE_SCOPE_MENTOR,
    )
} | {"deep_linking_settings": DEEP_LINKING_SETTINGS}

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
INSTRUCTOR = MEMBERSHIP + "Instructor"
LEARNER = MEMBERSHIP + "Learner"
TEACHING_ASSISTANT = (
    "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"
)
_VOCABULARY = "http://purl.imsglobal.org/vocab/lis/v2/"
CONTENT_DEVELOPER = MEMBERSHIP + "ContentDeveloper"
MENTOR = MEMBERSHIP + "Mentor"
INSTITUTION_ADMINISTRATOR = _VOCABULARY + "institution/person#Administrator"
INSTITUTION_INSTRUCTOR = _VOCABULARY + "institution/person#Instructor"
INSTITUTION_STUDENT = _VOCABULARY + "institution/person#Student"
SYSTEM_ADMINISTRATOR = _VOCABULARY + "system/person#Administrator"
SYSTEM_USER = _VOCABULARY + "system/person#User"
SYSTEM_NONE = _VOCABULARY + "system/person#None"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
COURSE_OFFERING = "http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"


def full_name(claim: str) -> str:
    """Return the claim's name in the token: "roles" becomes ROLES; others stay as they are."""
    return _SHORT.get(claim, claim)


def apply(
    claims: Mapping[str, Any], overrides: Mapping[str, Any], drop: Iterable[str]
) -> dict[str, Any]:
    """Copy `claims` with `overrides` put in and `drop` taken out (short names allowed)."""
    changed = dict(claims)
    changed.update({full_name(name): value for name, value in overrides.items()})
    for name in drop:
        changed.pop(full_name(name), None)
    return changed
