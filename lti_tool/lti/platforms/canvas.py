"""Canvas: says from which placement it launches, and whether an administrator acts as somebody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urljoin

from lti_tool.lti.platforms.base import Family
from lti_tool.lti.platforms.hosts import below, host_of
from lti_tool.lti.platforms.tool import (
    DEEP_LINKING,
    GALLERY,
    HISTORIES,
    RESOURCE_LINK,
    SOURCE,
    Tool,
    message,
)

MASQUERADING = "masquerading_user"
"""The custom parameter that our registration asks for, with the variable
``$Canvas.masqueradingUser.userId``; Canvas leaves the variable as it is when nobody does."""

ENVIRONMENT = "canvas_environment"
"""The parameter of a login that names the copy it comes from; its issuer may be the real one's."""

_GRADED = frozenset(
    {"assignment_selection", "submission_type_selection", "course_assignments_menu"}
)


DIALOGS = ("editor_button", "link_selection", "assignment_selection")
"""The placements that open a dialog to choose a medium."""
DIALOG_SIZE = (800, 640)

_OURS = "https://canvas.instructure.com/lti"
_HOSTED = ("instructure.com", "canvaslms.com")
_STAGES = ("beta", "test")
_ISSUERS = tuple(f"https://canvas.{stage}instructure.com" for stage in ("", "beta.", "test."))


class Canvas(Family):
    """See ``docs/register-in-canvas.md`` for what its administrator sets up."""

    product_code = "canvas"
    may_lack_link = True
    checks_audience = True
    vendor_issuers = _ISSUERS
    goes_on_by_itself = True

    def stage(self, addresses: Iterable[str]) -> str:
        """Tell beta and test, which are copied from production every week or every month."""
        for host in map(host_of, addresses):
            for stage in _STAGES:
                if f".{stage}." in host and below(host, _HOSTED):
                    return stage
        return ""

    def copied(self, issuer: str, environment: str) -> tuple[str, str] | None:
        if issuer not in _ISSUERS:
            return None
        stage = environment if environment in _STAGES else self.stage([issuer])
        return (stage, _ISSUERS[0]) if stage else None

    def placement(self, claims: Mapping[str, Any]) -> str | None:
        said = claims.get("https://www.instructure.com/placement")
        return said[:255] if isinstance(said, str) and said else None

    def acting_for(self, custom: Mapping[str, str]) -> str | None:
        said = custom.get(MASQUERADING, "")
        return said[:255] if said and not said.startswith("$") else None

    def allows_rosters(self) -> str:
        return (
            "In Canvas, edit the developer key, switch on the scope that retrieves the users of "
            "the place where the tool is installed, and save."
        )

    def allows_grades(self) -> str:
        return (
            "In Canvas, edit the developer key, switch on the scopes for line items, scores and "
            "results, and save."
        )

    def grades(self, placement: str | None) -> bool:
        return placement in _GRADED

    def speaks_for(self, issuer: str, host: str) -> bool:
        """Tell whether the host may name the issuer: every Canvas names the vendor's own.

        So does a school's own server whose operator has not changed that (canvas-lms issue 1935).
        """
        return issuer in _ISSUERS or super().speaks_for(issuer, host)

    def borrows(self, issuer: str, jwks_url: str) -> bool:
        return issuer in _ISSUERS and not below(host_of(jwks_url), _HOSTED)

    def configuration_addresses(self, issuer: str, token_url: str) -> tuple[str, ...]:
        """List the school's own: the issuer is the vendor's, where nothing is said of this one."""
        own = urljoin(token_url, "/api/lti/security/openid-configuration")
        return (own, *super().configuration_addresses(issuer, token_url))

    def doubts_issuer(self, issuer: str, token_url: str) -> str:
        if issuer in _ISSUERS or not below(host_of(token_url), _HOSTED):
            return ""
        wanted = f"canvas.{self.stage([token_url])}.instructure.com".replace("..", ".")
        return (
            "A Canvas that its vendor runs calls itself by the vendor's name, whatever its school's"
            f" address is: its issuer is https://{wanted}, not “{issuer}”."
        )

    def may_name(self, host: str, address: str, school_host: str) -> bool:
        """Tell whether a hosted school's configuration may send us to the address.

        It is read from the vendor, which knows the school's own domain; that is where the
        registration goes.
        """
        if not below(host, _HOSTED):
            return super().may_name(host, address, school_host)
        named = host_of(address)
        return below(named, _HOSTED) or named == school_host != ""

    def audience(self, _configuration: Mapping[str, Any]) -> str | None:
        """Return None: it names a host there, but wants the token address."""
        return None

    def school(self, about: Mapping[str, Any], host: str) -> tuple[str, str]:
        if not below(host, _HOSTED):
            return "", ""
        name, own = (about.get(f"{_OURS}/{part}") for part in ("account_name", "account_domain"))
        return (name if isinstance(name, str) else "", own if isinstance(own, str) else "")

    def custom_parameters(self) -> dict[str, str]:
        return {**HISTORIES, MASQUERADING: "$Canvas.masqueradingUser.userId"}

    def messages(self, tool: Tool) -> list[dict[str, Any]]:
        width, height = DIALOG_SIZE
        dialog = {f"{_OURS}/launch_width": width, f"{_OURS}/launch_height": height}
        navigation: dict[str, Any] = {
            "custom_parameters": dict(GALLERY),
            f"{_OURS}/course_navigation/default_enabled": True,
            f"{_OURS}/visibility": "members",
        }
        return [
            message(
                tool, RESOURCE_LINK, tool.gallery, placements=["course_navigation"], **navigation
            ),
            *(
                message(tool, DEEP_LINKING, tool.add, placements=[name], **dialog)
                for name in DIALOGS
            ),
        ]

    def client_extras(self, _tool: Tool) -> dict[str, Any]:
        return {}

    def tool_extras(self, _tool: Tool) -> dict[str, Any]:
        return {f"{_OURS}/privacy_level": "public", f"{_OURS}/tool_id": "foyer"}


def configuration(tool: Tool, scopes: tuple[str, ...]) -> dict[str, Any]:
    """Write what a Canvas administrator pastes or lets Canvas fetch, to register it by hand."""
    width, height = DIALOG_SIZE
    navigation: dict[str, Any] = {
        "placement": "course_navigation",
        "message_type": RESOURCE_LINK,
        "text": tool.gallery[SOURCE],
        "default": "enabled",
        "visibility": "members",
        "custom_fields": dict(GALLERY),
    }
    dialogs: list[dict[str, Any]] = [
        {
            "placement": name,
            "message_type": DEEP_LINKING,
            "text": tool.add[SOURCE],
            "selection_width": width,
            "selection_height": height,
        }
        for name in DIALOGS
    ]
    everywhere = {
        "enabled": True,
        "target_link_uri": tool.launch_url,
        "icon_url": tool.icon_url,
    }
    return {
        "title": tool.name[SOURCE],
        "description": tool.description[SOURCE],
        "oidc_initiation_url": tool.login_url,
        "target_link_uri": tool.launch_url,
        "public_jwk_url": tool.jwks_url,
        "redirect_uris": [tool.launch_url],
        "scopes": list(scopes),
        "custom_fields": Canvas().custom_parameters(),
        "extensions": [
            {
                "platform": "canvas.instructure.com",
                "domain": tool.domain,
                "tool_id": "foyer",
                "privacy_level": "public",
                "settings": {
                    "text": tool.name[SOURCE],
                    "icon_url": tool.icon_url,
                    "selection_width": width,
                    "selection_height": height,
                    "placements": [{**one, **everywhere} for one in (navigation, *dialogs)],
                },
            }
        ],
    }
