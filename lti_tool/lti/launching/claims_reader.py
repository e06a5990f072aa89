"""From verified claims to one ``Launch``: the only place that knows where a claim stands; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lti_tool.lti.launch import DeepLinking, Launch, Platform, Services, origin_of
from lti_tool.lti.platforms import family_of
from lti_tool.lti.rules import (
    CLAIM,
    DEEP_LINKING,
    DEEP_LINKING_SETTINGS,
    fits,
    is_id,
    label,
    locale_of,
    mapping,
    platform_id,
    text,
    texts,
)

_AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
_NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
_LONGEST_ADDRESS = 1024
_MOST = 20
"""Values kept of a list that the platform may make as long as it likes."""


def read_launch(
    claims: Mapping[str, Any], platform: Platform, login_key: str, idempotency_key: str = ""
) -> Launch:
    """Read the launch that verified claims tell of (``rules.check_claims`` has passed them)."""
    family = family_of(platform.family)
    context = mapping(claims.get(CLAIM + "context"))
    link = mapping(claims.get(CLAIM + "resource_link"))
    presentation = mapping(claims.get(CLAIM + "launch_presentation"))
    given, family_name = text(claims.get("given_name")), text(claims.get("family_name"))
    written = mapping(claims.get(CLAIM + "custom"))
    read = {key: _custom(value) for key, value in written.items()}
    custom = {key: value for key, value in read.items() if value is not None}
    return Launch(
        platform=platform,
        login_key=login_key,
        deployment_id=platform_id(claims[CLAIM + "deployment_id"]) or "",
        sub=platform_id(claims.get("sub")),
        name=text(claims.get("name")) or f"{given} {family_name}".strip(),
        given_name=given,
        family_name=family_name,
        email=text(claims.get("email"), 320) or None,
        roles=texts(claims[CLAIM + "roles"]),
        context_id=platform_id(context.get("id")),
        context_title=label(context.get("title")) or label(context.get("label")),
        link_id=platform_id(link.get("id")),
        link_title=label(link.get("title")),
        custom=custom,
        target_query=_query(claims.get(CLAIM + "target_link_uri")),
        locale=locale_of(claims),
        return_url=_address(presentation.get("return_url"), platform, 2048),
        deep_linking=_deep_linking(claims, platform),
        services=_services(claims, platform),
        placement=family.placement(claims),
        earlier_contexts=_history(custom.get("context_history")),
        earlier_links=_history(custom.get("link_history")),
        acting_for=family.acting_for(custom),
        idempotency_key=idempotency_key,
    )


def _query(address: Any) -> dict[str, str]:
    """Read the parameters of an address; of several with one name the first."""
    try:
        found = parse_qsl(urlsplit(address).query) if isinstance(address, str) else []
    except ValueError:
        return {}
    return {name: text(value, 4096) for name, value in reversed(found[:_MOST])}


def _deep_linking(claims: Mapping[str, Any], platform: Platform) -> DeepLinking | None:
    if claims[CLAIM + "message_type"] != DEEP_LINKING:
        return None
    settings = claims[DEEP_LINKING_SETTINGS]
    return DeepLinking(
        return_url=platform.by_tls(settings["deep_link_return_url"]),
        accept_types=_texts(settings["accept_types"]),
        accept_targets=_texts(settings["accept_presentation_document_targets"]),
        accept_multiple=settings.get("accept_multiple") in (True, "true"),
        accept_lineitem=family_of(platform.family).takes_line_items(
            _flag(settings.get("accept_lineitem"))
        ),
        data=_data(settings.get("data")),
    )


def _data(value: Any) -> str | None:
    """Read what goes back as it came: a text; some send a number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return label(value) or None
    return value if isinstance(value, str) else None


def _flag(value: Any) -> bool | None:
    """Read a flag that some send as text; None where it is missing or no flag."""
    return {True: True, False: False, "true": True, "false": False}.get(
        value if isinstance(value, bool | str) else ""
    )


def _services(claims: Mapping[str, Any], platform: Platform) -> Services:
    rosters, grades = mapping(claims.get(_NRPS)), mapping(claims.get(_AGS))
    return Services(
        memberships_url=_address(rosters.get("context_memberships_url"), platform),
        lineitems_url=_address(grades.get("lineitems"), platform),
        lineitem_url=_address(grades.get("lineitem"), platform),
        grade_scopes=_words(grades.get("scope")),
    )


def _address(value: Any, platform: Platform, longest: int = _LONGEST_ADDRESS) -> str | None:
    if not isinstance(value, str) or not fits(value, longest) or origin_of(value) is None:
        return None
    address = platform.by_tls(value)
    return None if "@" in urlsplit(value).netloc or len(address) > longest else address


def _custom(value: Any) -> str | None:
    """Read a custom parameter (LTI Core 1.3 §5.4.6: texts; some send numbers and booleans)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return text(value, 4096)
    return label(value) or None


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(text, texts(value)))[:_MOST]


def _words(value: Any) -> tuple[str, ...]:
    """Read a list of words, or of texts that are such lists themselves (RFC 6749 §3.3)."""
    return tuple(text(word) for one in texts(value) for word in one.split())[:_MOST]


def _history(value: str | None) -> tuple[str, ...]:
    """Read ``$Context.id.history`` or ``$ResourceLink.id.history`` (LTI Core 1.3 §E.2).

    The ids are a list with commas; a variable that the platform does not know stays as it was
    written.
    """
    if not value or value.startswith("$"):
        return ()
    parts = (part.strip() for part in value.split(","))
    return tuple(part for part in parts if is_id(part))[:_MOST]
