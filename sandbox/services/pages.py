"""Pagination: long lists in pages, as each product cuts and links them (RFC 8288)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from sandbox.services.refusals import ServiceRefused

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some of the items, and the Link header that leads to the others ("" for none)."""

    items: Sequence[Item]
    links: str


@dataclass(frozen=True)
class Paging:
    """The way one product pages a list.

    start  the parameter that says where a page begins
    usual   the size of a page when none is asked for; None: all at once
    most    the largest page
    quotes  stand around the relation
    """

    start: str = "from"
    usual: int | None = None
    most: int | None = None
    quotes: tuple[str, str] = ('"', '"')

    def page(
        self, items: Sequence[Item], query: Mapping[str, str], address: str, size: int | None
    ) -> Page[Item]:
        """Return the page that the query asks for; `size` is the platform's limit of the moment."""
        usual = size or self.usual
        limit = _number(query, "limit") or usual or len(items) or 1
        for most in (self.most, size):
            limit = min(limit, most) if most else limit
        at = self._begin(query)
        links = self._links(len(items), at, limit, query, address)
        return Page(items[at : at + limit], links)

    def _begin(self, query: Mapping[str, str]) -> int:
        return _number(query, self.start)

    def _links(
        self, total: int, at: int, limit: int, query: Mapping[str, str], address: str
    ) -> str:
        if at + limit >= total:
            return ""
        return self._link("next", at + limit, limit, query, address)

    def _mark(self, at: int) -> str:
        return str(at)

    def _link(self, relation: str, at: int, limit: int, query: Mapping[str, str], url: str) -> str:
        parameters = {**query, "limit": str(limit), self.start: self._mark(at)}
        opening, closing = self.quotes
        return f"<{url}?{urlencode(parameters)}>; rel={opening}{relation}{closing}"


@dataclass(frozen=True)
class BookmarkPaging(Paging):
    """Canvas: every relation is linked, and a page begins at a bookmark that must keep its case."""

    start: str = "page"

    def _begin(self, query: Mapping[str, str]) -> int:
        mark = query.get(self.start, "")
        if not mark:
            return 0
        kind, _, coded = mark.partition(":")
        try:
            begin = int(
                base64.b64decode(coded, altchars=b"-_", validate=True).removeprefix(b"row ")
            )
        except (ValueError, binascii.Error) as error:
            raise ServiceRefused(400, "there is no such page") from error
        if kind != "bookmark":
            raise ServiceRefused(400, "there is no such page")
        return begin

    def _mark(self, at: int) -> str:
        return "bookmark:" + base64.urlsafe_b64encode(f"row {at:08}".encode()).decode()

    def _links(
        self, total: int, at: int, limit: int, query: Mapping[str, str], address: str
    ) -> str:
        last = (total - 1) // limit * limit if total else 0
        starts = {"current": at, "next": at + limit, "prev": at - limit, "first": 0, "last": last}
        return ",".join(
            self._link(relation, start, limit, query, address)
            for relation, start in starts.items()
            if 0 <= start <= last
        )


def _number(query: Mapping[str, str], name: str) -> int:
    given = query.get(name, "")
    if not given:
        return 0
    if not given.isdigit():
        raise ServiceRefused(400, f"{name} must be a number")
    return int(given)
