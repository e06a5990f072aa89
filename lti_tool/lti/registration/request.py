"""What we ask an LMS for when it registers us (Dynamic Registration 1.0 §3.4); pure."""

from __future__ import annotations

from typing import Any

from lti_tool.lti.platforms.base import Family
from lti_tool.lti.platforms.tool import SOURCE, Tool

ROSTER_SCOPES = ("https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",)
GRADE_SCOPES = tuple(
    f"https://purl.imsglobal.org/spec/lti-ags/scope/{name}"
    for name in ("lineitem", "result.readonly", "score")
)
SCOPES = ROSTER_SCOPES + GRADE_SCOPES
CLAIMS = ("iss", "sub", "name", "given_name", "family_name", "email", "locale")
TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"


def registration_request(tool: Tool, family: Family) -> dict[str, Any]:
    """Write the whole request, in the shape that this family understands."""
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["client_credentials", "implicit"],
        "initiate_login_uri": tool.login_url,
        "redirect_uris": [tool.launch_url],
        "client_name": tool.name[SOURCE],
        "client_uri": tool.home_url,
        "logo_uri": tool.icon_url,
        "jwks_uri": tool.jwks_url,
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(SCOPES),
        **family.client_extras(tool),
        TOOL_CONFIGURATION: {
            "domain": tool.domain,
            "description": tool.description[SOURCE],
            "target_link_uri": tool.launch_url,
            "custom_parameters": family.custom_parameters(),
            "claims": list(CLAIMS),
            "messages": family.messages(tool),
            **family.tool_extras(tool),
        },
    }
