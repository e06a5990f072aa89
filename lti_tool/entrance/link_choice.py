"""What a course link shows by a choice made here: the choice, and what a copy was made from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from lti_tool.core.db.session import db
from lti_tool.core.web.urls import url
from lti_tool.entrance import picker
from lti_tool.entrance.picker import Card
from lti_tool.media import listing, opening
from lti_tool.media.access import Capability, capabilities, find
from lti_tool.media.models import LinkChoice
from lti_tool.media.rules import STAFF
from lti_tool.people.models import ResourceLink
from lti_tool.people.sessions import Principal

MOST_OFFERED = 3
_MOST_LINKS = 200
"""So many links of a course are looked at, those chosen for last."""
_ADDED = re.compile(r"(.*\S)\s*(?:\([^()]*\)|\[[^\[\]]*\]|（[^（）]*）)$", re.DOTALL)
"""A title and what an LMS adds for a copy, in whatever language: (copy), (Kopie) …"""


@dataclass(frozen=True)
class Original:
    """A link for which an item was chosen, and which another one may be a copy of."""

    link_id: str
    title: str
    media_id: str


@dataclass(frozen=True)
class Offer:
    """An item to choose at once, because the link of this title shows it."""

    card: Card
    link_title: str


@dataclass(frozen=True)
class Present:
    """What the link of a session shows now: an item that the session may see, or a lost one."""

    card: Card | None
    deleted: bool


def chooses(principal: Principal) -> bool:
    """Tell whether the session's person may choose what its link shows.

    So for a link of their course that does not name its item in the LMS itself.
    """
    return (
        principal.link_shows is None
        and principal.resource_link_id is not None
        and principal.course_id is not None
        and principal.standing in STAFF
    )


def present(principal: Principal) -> Present | None:
    """Find what the session's link shows; None where nothing is chosen."""
    chosen = opening.chosen_here(principal.resource_link_id)
    item = find(chosen) if chosen is not None else None
    if item is None:
        return None
    if Capability.VIEW not in capabilities(principal, item):
        return Present(None, item.deleted_at is not None)
    (card,) = picker.make_cards(principal, [item], with_owner=False)
    return Present(card, False)


def back_to(principal: Principal, media_id: str) -> str:
    """Give the address of the item whose page led here, or "" where the session may not see it."""
    item = find(media_id)
    if item is None or Capability.VIEW not in capabilities(principal, item):
        return ""
    return url("media.page", media_id=item.id)


def offers(principal: Principal) -> list[Offer]:
    """List what the session's link was perhaps made from, the likeliest first.

    Not every LMS says what a link was copied from. Then the other links of the course are looked
    at; what they show is published in it, hence whoever may choose may choose it.
    """
    own = db.session.get(ResourceLink, principal.resource_link_id)
    if own is None:
        return []
    found = db.session.execute(
        select(ResourceLink.link_id, ResourceLink.title, LinkChoice.media_id)
        .join(LinkChoice, LinkChoice.resource_link_id == ResourceLink.id)
        .where(
            ResourceLink.course_id == principal.course_id,
            ResourceLink.id != own.id,
            LinkChoice.media_id.is_not(None),
        )
        .order_by(LinkChoice.chosen_at.desc(), ResourceLink.id)
        .limit(_MOST_LINKS)
    )
    others = [Original(link_id, title, media) for link_id, title, media in found if media]
    likely = likely_originals(own.link_id, own.title, others)
    titles = {one.media_id: one.title for one in reversed(likely)}
    wanted = dict.fromkeys(one.media_id for one in likely)
    items = listing.named(principal, wanted)[:MOST_OFFERED]
    cards = picker.make_cards(principal, items, with_owner=False)
    return [Offer(card, titles[card.id]) for card in cards]


def likely_originals(link_id: str, title: str, others: Iterable[Original]) -> list[Original]:
    """Put first what a link of this title may be a copy of: of the same title, else the next older.

    A copy is called like its original, perhaps with an addition, of which some LMSs make no more
    than a word ("Copy of Owls"). Ids that are numbers tell the order in which an LMS has made its
    links, so that what was copied together stays in order.
    """
    before, whole = _names_of_copied(title), _plain(title)

    def unlikely(one: Original) -> tuple[int, int, int]:
        named, distance = _plain(one.title), _distance(link_id, one.link_id)
        if named in before:
            return before.index(named), 0, distance
        if named and re.search(rf"(?<!\w){re.escape(named)}(?!\w)", whole):
            return len(before), -len(named), distance
        return len(before) + 1, 0, distance

    return sorted(others, key=unlikely)


def _names_of_copied(title: str) -> list[str]:
    """List the titles of which this one may be a copy's: itself, then without one addition more."""
    names, rest = [], title
    while _plain(rest):
        names.append(_plain(rest))
        added = _ADDED.fullmatch(rest.strip())
        rest = added[1] if added else ""
    return names


def _plain(title: str) -> str:
    return " ".join(title.split()).casefold()


def _distance(link_id: str, other: str) -> int:
    if not (link_id.isdecimal() and other.isdecimal()):
        return 0
    far = int(link_id) - int(other)
    return far if far > 0 else 10 ** len(link_id) - far
