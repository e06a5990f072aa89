"""Claim validation: what a launch message must say to be believed; pure.

Sources: 1EdTech Security Framework 1.0 §5.1.3, LTI Core 1.3 §4 and §5, OpenID Connect Core
§3.1.3.7.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lti_tool.lti import target_link

LEEWAY = timedelta(seconds=60)
OLDEST = timedelta(hours=1)
"""How long ago a message may have been issued."""

GALLERY = {"show": "gallery"}
"""The custom parameter by which an entry in a course's menu shows the course's media."""
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
RESOURCE_LINK = "LtiResourceLinkRequest"
DEEP_LINKING = "LtiDeepLinkingRequest"
DEEP_LINKING_SETTINGS = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
LONGEST_ID = 255
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
MOST_ROLES = 50

_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, which a database may not take and an operator's terminal may obey, and halves
of a pair: JSON can carry both."""
_WEB_ADDRESS = re.compile(r"(?i)https?://[^\\\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,2040}")
_LANGUAGE = re.compile(r"([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*)(?:[-_]?[#.@].*)?")
"""A language tag (``en-AU-x-unimelb``), and what Java and POSIX may put behind one."""


class ClaimError(Exception):
    """A part of the message is missing or wrong.

    ``untrusted``: the sender is not who it says.
    """

    def __init__(self, part: str, *, untrusted: bool = False, why: str = "") -> None:
        super().__init__(part)
        self.part = part
        self.untrusted = untrusted
        self.why = why
        """A word more, for the log."""


@dataclass(frozen=True)
class Expected:
    """What the login that this message answers has fixed."""

    signs_as: Callable[[str], bool]
    """Whether the platform may name this issuer."""
    client_id: str
    origin: str
    target_link_uri: str
    """As ``target_link.kept`` writes it; empty where the login named none."""
    deployment_hint: str | None
    may_lack_link: bool = False
    """Whether the platform's messages may name no resource link."""
    former_origins: tuple[str, ...] = ()
    """Where the tool was before: links that were made then name it there."""


def check_header(header: Mapping[str, Any]) -> str:
    """Return the key id of a header that is fit (RS256, with a kid).

    Raises ClaimError.
    """
    if header.get("alg") != "RS256":
        raise ClaimError("alg", untrusted=True)
    kid = platform_id(header.get("kid"))
    if kid is None:
        raise ClaimError("kid", untrusted=True)
    return kid


def check_claims(claims: Mapping[str, Any], expected: Expected, now: datetime) -> None:
    """Check everything about a message whose signature holds.

    Raises ClaimError naming the part.
    """
    _check_sender(claims, expected)
    _check_times(claims, now)
    if not isinstance(claims.get("nonce"), str) or not claims["nonce"]:
        raise ClaimError("nonce", untrusted=True)
    if claims.get(CLAIM + "version") != "1.3.0":
        raise ClaimError("version")
    if claims.get(CLAIM + "message_type") not in (RESOURCE_LINK, DEEP_LINKING):
        raise ClaimError("message_type")
    _check_deployment(claims, expected)
    _check_target(claims, expected)
    _check_subject(claims)
    _check_context(claims)
    if not isinstance(claims.get(CLAIM + "roles"), list | str):
        raise ClaimError("roles")
    if claims[CLAIM + "message_type"] == DEEP_LINKING:
        _check_deep_linking(claims.get(DEEP_LINKING_SETTINGS))
        return
    _check_link(claims, expected)


def _check_context(claims: Mapping[str, Any]) -> None:
    """Refuse a course that cannot be told from others; one that is not named at all is none.

    (Without its course a launch would open other things, and other people would see them.)
    """
    context = claims.get(CLAIM + "context")
    if context is None or context == []:  # as PHP writes an object that is empty
        return
    if not isinstance(context, dict):
        raise ClaimError("context", why="no object")
    named = context.get("id")
    if named not in (None, "") and platform_id(named) is None:
        long = isinstance(named, str) and len(named) > LONGEST_ID
        raise ClaimError("context", why="id too long" if long else "id unfit")


def _check_link(claims: Mapping[str, Any], expected: Expected) -> None:
    """Refuse a link that is named by what is no id, or by nothing where that breaks the rules.

    LTI Core 1.3 §5.3.5 asks for the claim with an id. Some products leave it out, or the id, where
    they open the tool from a menu: then there is no link, and the course's media are shown.
    """
    link = claims.get(CLAIM + "resource_link")
    if link is None and (expected.may_lack_link or is_gallery(claims)):
        return
    if link == []:  # as PHP writes an object that is empty
        return
    if not isinstance(link, dict):
        raise ClaimError("resource_link")
    named = link.get("id")
    if named not in (None, "") and platform_id(named) is None:
        raise ClaimError("resource_link", why="id unfit")


def is_gallery(claims: Mapping[str, Any]) -> bool:
    """Tell whether a message comes from the entry in a course's menu that we asked for."""
    custom = mapping(claims.get(CLAIM + "custom"))
    return all(custom.get(name) == value for name, value in GALLERY.items())


def _check_deep_linking(settings: Any) -> None:
    """Check the parts that every request must have (Deep Linking 2.0 §4.4.1)."""
    if not isinstance(settings, dict):
        raise ClaimError("deep_linking_settings")
    address = settings.get("deep_link_return_url")
    if (
        not isinstance(address, str)
        or not re.match(r"(?i)https?://", address)
        or len(address) > 2048
    ):
        raise ClaimError("deep_link_return_url")
    for name in ("accept_types", "accept_presentation_document_targets"):
        if not isinstance(settings.get(name), list | str):
            raise ClaimError(name)


def _check_sender(claims: Mapping[str, Any], expected: Expected) -> None:
    issuer = claims.get("iss")
    if not isinstance(issuer, str) or not expected.signs_as(issuer):
        raise ClaimError("iss", untrusted=True)
    audience = claims.get("aud")
    # Any other audience is one that we have no reason to trust.
    if not _names_alone(audience, expected.client_id):
        raise ClaimError("aud", untrusted=True)
    party = claims.get("azp")
    if party is not None and not _names_alone(party, expected.client_id):
        raise ClaimError("azp", untrusted=True)


def _names_alone(value: Any, client_id: str) -> bool:
    """Tell whether a value is this client id, or a list of nothing else; it may be a number."""
    values = value if isinstance(value, list) else [value]
    return {platform_id(one) for one in values} == {client_id}


def _moment(value: Any) -> float | None:
    """Read a number of seconds; some write it as a text."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isinstance(value, int) or math.isfinite(value) else None


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    moments = {}
    for name in ("exp", "iat"):
        value = _moment(claims.get(name))
        if value is None:
            raise ClaimError(name, untrusted=True)
        moments[name] = value
    present, leeway = now.timestamp(), LEEWAY.total_seconds()
    if not moments["exp"] > present - leeway:
        raise ClaimError("exp", untrusted=True)
    if not present - OLDEST.total_seconds() - leeway <= moments["iat"] <= present + leeway:
        raise ClaimError("iat", untrusted=True)
    _check_not_before(claims.get("nbf"), present + leeway)


def _check_not_before(said: Any, latest: float) -> None:
    """Refuse a message that is not good yet (RFC 7519 §4.1.5); most say nothing of it."""
    if said is None:
        return
    value = _moment(said)
    if value is None or not value <= latest:
        raise ClaimError("nbf", untrusted=True)


def _check_deployment(claims: Mapping[str, Any], expected: Expected) -> None:
    deployment = platform_id(claims.get(CLAIM + "deployment_id"))
    if not is_deployment_id(deployment):
        raise ClaimError("deployment_id")
    if expected.deployment_hint is not None and deployment != expected.deployment_hint:
        raise ClaimError("deployment_id", untrusted=True)


def _check_target(claims: Mapping[str, Any], expected: Expected) -> None:
    target = claims.get(CLAIM + "target_link_uri")
    if target is None and claims[CLAIM + "message_type"] == DEEP_LINKING:
        return  # Deep Linking 2.0 §4.4 lists it among the optional ones
    if not isinstance(target, str):
        raise ClaimError("target_link_uri")
    ours = (expected.origin, *expected.former_origins)
    if not any(target_link.leads_to(target, one) for one in ours):
        raise ClaimError("target_link_uri", untrusted=True)
    if expected.target_link_uri and target_link.kept(target) != expected.target_link_uri:
        raise ClaimError("target_link_uri", untrusted=True)


def _check_subject(claims: Mapping[str, Any]) -> None:
    """Check who comes: without a subject a visitor opens a link (LTI Core 1.3 §5.3.6.1).

    Who chooses links must be somebody. An empty subject is none: the certification suite wants it
    refused.
    """
    if "sub" not in claims:
        if claims[CLAIM + "message_type"] == DEEP_LINKING:
            raise ClaimError("sub-absent")
    elif platform_id(claims["sub"]) is None:
        raise ClaimError("sub")


def fits(value: str, longest: int) -> bool:
    """Tell whether a text may be kept as it is where there is room for so many characters."""
    return len(value) <= longest and not _UNFIT.search(value)


def is_id(value: Any) -> bool:
    """Tell whether a value may be kept as an id of the platform's."""
    return isinstance(value, str) and value != "" and fits(value, LONGEST_ID)


def is_deployment_id(value: Any) -> bool:
    """Tell whether a value may be a deployment's id (LTI Core 1.3 §3.1.3: ASCII, at most 255)."""
    return is_id(value) and str(value).isascii()


def platform_id(value: Any) -> str | None:
    """Read an id of the platform's, which some give as a JSON number; None if it is none."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**LONGEST_ID:
        value = str(value)
    return value if is_id(value) else None


def label(value: Any) -> str:
    """Clean a name of a thing; some platforms write one of digits alone as a number."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    try:
        return text(str(value) if number else value)
    except ValueError:  # more digits than Python writes
        return ""


def text(value: Any, longest: int = 255) -> str:
    """Clean a text of the platform's as we keep it: one line, cut; empty for what is no text."""
    if not isinstance(value, str):
        return ""
    return _UNFIT.sub(" ", value).strip()[:longest]


def language(*values: Any) -> str | None:
    """Choose the first value that is a language tag, in BCP 47 spelling (``es_mx``: ``es-mx``)."""
    for value in values:
        if isinstance(value, str) and len(value) <= 35:
            found = _LANGUAGE.fullmatch(value)
            if found is not None:
                return found[1].replace("_", "-")
    return None


def locale_of(claims: Mapping[str, Any]) -> str | None:
    """Read the language in which the platform speaks to whoever comes."""
    presentation = mapping(claims.get(CLAIM + "launch_presentation"))
    return language(claims.get("locale"), presentation.get("locale"))


def texts(values: Any) -> tuple[str, ...]:
    """List the texts of a list, in which there may be others; of one text, what commas part."""
    listed = values.split(",") if isinstance(values, str) else values
    if not isinstance(listed, list):
        return ()
    return tuple(value for value in listed if isinstance(value, str))


def role_uris(values: Any) -> tuple[str, ...]:
    """List roles of the platform's, each once, in the order they came.

    A short name stands for the membership role of that name (LTI Core 1.3 §A.2.3.1).
    """
    roles = []
    for role in map(str.strip, texts(values)):
        if is_id(role):
            short = "/" not in role and ":" not in role
            roles.append(f"{MEMBERSHIP}#{role}" if short else role)
    return tuple(dict.fromkeys(roles))[:MOST_ROLES]


_SECRET = re.compile(r"[\w.\-]{40,}")


def shown(said: object, longest: int = 200) -> str:
    """Clean a platform's own words so that they may be shown.

    One line, cut, without anything long enough to be a secret.
    """
    return _SECRET.sub("…", text(said, longest))


def error_code(value: str) -> str:
    """Clean an OAuth error code for log and page: cut, and of its own letters alone.

    Anybody can write one: no digits, so that none holds a telephone number.
    """
    return re.sub(r"[^a-z]+", "_", value.lower())[:64].strip("_")


def mapping(value: Any) -> Mapping[str, Any]:
    """Return the value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


@dataclass(frozen=True)
class SigningKey:
    """A key of ours, by its id and the moment it was made."""

    id: str
    made_at: datetime


ANNOUNCE = timedelta(hours=1)
"""A new key stands in our key set this long before it signs, so that caches have seen it."""
RETIRE = timedelta(days=2)
"""A replaced key stays in our key set this long after its successor began to sign."""


def signing_key(keys: list[SigningKey], now: datetime) -> SigningKey:
    """Choose the key to sign with: the newest announced long enough, else the oldest.

    Raises ValueError when there is none.
    """
    announced = [key for key in keys if key.made_at <= now - ANNOUNCE]
    if announced:
        return max(announced, key=lambda key: (key.made_at, key.id))
    return min(keys, key=lambda key: (key.made_at, key.id))


def published_keys(keys: list[SigningKey], now: datetime) -> list[SigningKey]:
    """List the keys that stand in our key set now, newest first."""
    ordered = sorted(keys, key=lambda key: (key.made_at, key.id), reverse=True)
    shown = []
    for newer, key in zip([None, *ordered], ordered, strict=False):
        if newer is None or newer.made_at + ANNOUNCE + RETIRE > now:
            shown.append(key)
    return shown
