"""The media of a course, behind an entry in its menu."""

from __future__ import annotations

from dataclasses import dataclass

from lti_tool.core.web.urls import url
from lti_tool.entrance import picker
from lti_tool.entrance.picker import Asked, Card, Purpose
from lti_tool.lti.launch import Launch
from lti_tool.lti.platforms.tool import GALLERY
from lti_tool.media import listing
from lti_tool.media.rules import may_add
from lti_tool.people.sessions import Principal

PUBLISH = Purpose("gallery", "entrance.to_publish", "entrance.publish")


@dataclass(frozen=True)
class GalleryPage:
    """One page of what a course shows, and what its reader was invited to elsewhere.

    The last two are empty for those who add nothing.
    """

    course_title: str
    search: str
    items: list[Card]
    invited: list[Card]
    """Items of elsewhere on which the person holds a role; on the first page only."""
    more_href: str
    upload_href: str
    publish_href: str


def is_shown_by(launch: Launch) -> bool:
    """Tell whether the link is an entry in a course's menu, or no link is named.

    A link to an item is none, even where the platform sends the tool's own parameters with every
    link.
    """
    if launch.item or launch.deep_linking is not None:
        return False
    if launch.link_id is None:
        return launch.context_id is not None
    return all(launch.custom.get(name) == value for name, value in GALLERY.items())


def gallery_page(principal: Principal, wanted: Asked) -> GalleryPage:
    """Collect what is published in the session's course, the newest first."""
    found = listing.course_media(
        principal, search=wanted.search, offset=wanted.start, limit=listing.PAGE + 1
    )
    whole = not wanted.search and not wanted.start
    invited = listing.invited_to(principal) if whole else []
    adds = principal.course_id is not None and may_add(principal.standing, is_guest=False)
    query = {"q": wanted.search or None, "from": wanted.start + listing.PAGE}
    return GalleryPage(
        course_title=principal.course_title,
        search=wanted.search,
        items=picker.make_cards(principal, found[: listing.PAGE], with_owner=True),
        invited=picker.make_cards(principal, invited, with_owner=True) if invited else [],
        more_href=url("entrance.course_gallery", **query) if len(found) > listing.PAGE else "",
        upload_href=url("media.new") if adds else "",
        publish_href=url("entrance.to_publish") if adds else "",
    )
