"""The deep linking response: what goes back into a dialog of the LMS.

Deep Linking 2.0 §3 and §4.5. Pure. The message is built here and not by the library, which sends
``data`` and fields that are null, knows resource links only, and no hints how they are to be shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from html import escape
from typing import Any

from lti_tool.lti.platforms.base import Family
from lti_tool.lti.rules import CLAIM

LIFE = timedelta(minutes=5)
"""How long the message is good: it is sent on at once. (Canvas takes none that is older.)"""

DIALOG_LIFE = timedelta(hours=6)
"""How long a dialog waits: long enough to upload a film meanwhile."""

MOST_ITEMS = 50

_DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/"


class ItemType(StrEnum):
    """What we can answer with, the best first."""

    RESOURCE_LINK = "ltiResourceLink"
    LINK = "link"
    HTML = "html"


@dataclass(frozen=True)
class Wanted:
    """What a dialog takes."""

    accept_types: Sequence[str]
    accept_targets: Sequence[str]
    accept_multiple: bool
    accept_lineitem: bool
    data: str | None

    @property
    def item_type(self) -> ItemType | None:
        """What it is answered with; None: it takes nothing that we have."""
        return next((one for one in ItemType if one in self.accept_types), None)

    @property
    def takes_line_item(self) -> bool:
        """Whether a gradebook column can come with a link."""
        return self.accept_lineitem and self.item_type is ItemType.RESOURCE_LINK


@dataclass(frozen=True)
class Chosen:
    """One thing that was chosen.

    ``points``: the most that its gradebook column can hold.
    """

    id: str
    title: str
    text: str
    launch_url: str
    page_url: str
    """Where it is shown to whoever has a session already: a link without a launch leads there."""
    width: int
    height: int
    points: int | None = None
    icon_url: str | None = None
    custom: Mapping[str, str] = field(default_factory=dict)


def content_items(chosen: Iterable[Chosen], wanted: Wanted, family: Family) -> list[dict[str, Any]]:
    """Write the items as the dialog takes them.

    Raises ValueError for more or others than it takes.
    """
    made = [_item(one, wanted, family) for one in chosen]
    if len(made) > (MOST_ITEMS if wanted.accept_multiple else 1):
        raise ValueError("the dialog takes fewer items")
    return made


def _item(chosen: Chosen, wanted: Wanted, family: Family) -> dict[str, Any]:
    if wanted.item_type is ItemType.RESOURCE_LINK:
        return family.content_item(_resource_link(chosen, wanted))
    if wanted.item_type is ItemType.LINK:
        return _described(chosen, {"type": "link", "url": chosen.page_url})
    if wanted.item_type is ItemType.HTML:
        link = f'<a href="{escape(chosen.page_url)}">{escape(chosen.title)}</a>'
        return {"type": "html", "title": chosen.title, "html": f"<p>{link}</p>"}
    raise ValueError("the dialog takes nothing that we have")


def _resource_link(chosen: Chosen, wanted: Wanted) -> dict[str, Any]:
    item = _described(chosen, {"type": "ltiResourceLink", "url": chosen.launch_url})
    item["custom"] = {name: str(value) for name, value in chosen.custom.items()}
    if "iframe" in wanted.accept_targets:
        item["iframe"] = {"width": chosen.width, "height": chosen.height}
    elif "window" in wanted.accept_targets:
        # Only where no frame is taken: beside one, some platforms open a window all the same.
        item["window"] = {"targetName": "_blank"}
    if wanted.takes_line_item and chosen.points is not None:
        item["lineItem"] = {
            "label": chosen.title,
            "scoreMaximum": chosen.points,
            "resourceId": chosen.id,
        }
    return item


def _described(chosen: Chosen, item: dict[str, Any]) -> dict[str, Any]:
    item["title"] = chosen.title
    if chosen.text:
        item["text"] = chosen.text
    if chosen.icon_url:
        item["icon"] = {"url": chosen.icon_url, "width": 128, "height": 128}
    return item


@dataclass(frozen=True)
class Sender:
    """Between whom the message goes: our client id, the platform's issuer, the deployment."""

    client_id: str
    issuer: str
    deployment_id: str


def response_claims(
    sender: Sender,
    items: Sequence[Mapping[str, Any]],
    data: str | None,
    *,
    nonce: str,
    message_id: str,
    now: datetime,
) -> dict[str, Any]:
    """Write the message that answers a dialog; an empty list answers it with nothing."""
    issued = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": sender.client_id,
        "aud": sender.issuer,
        "azp": sender.client_id,
        "iat": issued,
        "exp": issued + int(LIFE.total_seconds()),
        "nonce": nonce,
        "jti": message_id,
        CLAIM + "deployment_id": sender.deployment_id,
        CLAIM + "message_type": "LtiDeepLinkingResponse",
        CLAIM + "version": "1.3.0",
        _DEEP_LINKING + "content_items": [dict(item) for item in items],
    }
    if data is not None:
        claims[_DEEP_LINKING + "data"] = data
    return claims
