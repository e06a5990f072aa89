"""What a platform is told of this tool when it registers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lti_tool.lti.rules import GALLERY as GALLERY

Words = Mapping[str, str]
"""A sentence by language; the one of ``SOURCE`` is always there."""
SOURCE = "en"

RESOURCE_LINK = "LtiResourceLinkRequest"
DEEP_LINKING = "LtiDeepLinkingRequest"

ITEM = "media"
"""The parameter, custom or of the link's address, that names the item which a link opens."""
HISTORIES = {
    "context_history": "$Context.id.history",
    "link_history": "$ResourceLink.id.history",
}
"""The custom parameters that say what a course and a link were copied from."""


@dataclass(frozen=True)
class Tool:
    """The tool's addresses and words, as a platform is told them.

    ``domain`` is the host of all of them, with its port if it has one.
    """

    login_url: str
    launch_url: str
    jwks_url: str
    icon_url: str
    home_url: str
    domain: str
    name: Words
    description: Words
    gallery: Words
    """What the entry in a course's menu is called."""
    add: Words
    """What the button is called that adds a medium to a page or a list of links."""


def message(tool: Tool, kind: str, label: Words, **more: Any) -> dict[str, Any]:
    """Write one kind of message that the platform may send, as a registration has it."""
    return {
        "type": kind,
        "target_link_uri": tool.launch_url,
        "label": label[SOURCE],
        "icon_uri": tool.icon_url,
        **more,
    }


def translations(name: str, words: Words) -> dict[str, str]:
    """Write the further languages of a value, as ``name#de`` (OpenID Connect Registration §2.1)."""
    return {
        f"{name}#{language.replace('_', '-')}": said
        for language, said in sorted(words.items())
        if language != SOURCE and said != words[SOURCE]
    }
