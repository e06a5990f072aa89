"""Scenes in another language. They are written in English; what they look for is looked up in the
catalogues, so the same scenes are played wherever Foyer is spoken.

A whole sentence is found as its translation, a part of one as any translation of a sentence that
has this part. What stands in no catalogue (a name, a title) is looked for as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import wraps
from typing import Any
from unittest.mock import patch

from catalogues import PLACEHOLDER, said
from playwright.sync_api import Frame, FrameLocator, Locator, LocatorAssertions, Page

from .world import ROOT, World

_BY_TEXT = ("get_by_text", "get_by_label", "get_by_placeholder", "get_by_title")


class Phrases:
    """What Foyer and its player say in one language."""

    def __init__(self, language: str) -> None:
        static = ROOT / "lti_tool" / "static"
        names = json.loads((static / "manifest.json").read_text(encoding="utf-8"))
        words = names.get(f"player.{language.replace('_', '-')}.json")
        player = json.loads((static / words).read_text(encoding="utf-8")) if words else {}
        self.said = {source: (text,) for source, text in player.items()} | said(language)

    def of(self, english: str) -> str | re.Pattern[str]:
        whole = self.said.get(english)
        if whole is not None and len(whole) == 1 and not PLACEHOLDER.search(whole[0]):
            # By whole words: "Nom" is not "Prénom".
            return re.compile(rf"(?<!\w){_spaced(whole[0])}(?!\w)")
        part = english.lower()
        found = [
            text for source, texts in self.said.items() if part in source.lower() for text in texts
        ]
        return re.compile("|".join(map(_pattern, found))) if found else english


def _pattern(text: str) -> str:
    return r"\s*.*?\s*".join(map(_spaced, PLACEHOLDER.split(text)))


def _spaced(text: str) -> str:
    """With any space where there is one: French has several kinds, a page's tree only one."""
    return r"\s+".join(map(re.escape, text.split()))


@contextmanager
def everybody_speaks(world: World, language: str) -> Iterator[None]:
    """The people of the LMS have chosen this language in their profiles."""
    platform = world.platform
    before = platform.schools
    platform.schools = tuple(
        replace(school, people=tuple(replace(one, locale=language) for one in school.people))
        for school in before
    )
    try:
        yield
    finally:
        platform.schools = before


@contextmanager
def looked_up(phrases: Phrases) -> Iterator[None]:
    """What is looked for in pages meanwhile is looked for in this language."""

    def by_name(real: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(real)
        def found(self: Any, role: Any, **how: Any) -> Any:
            if isinstance(how.get("name"), str):
                how["name"] = phrases.of(how["name"])
            return real(self, role, **how)

        return found

    def by_text(real: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(real)
        def found(self: Any, text: Any, *more: Any, **how: Any) -> Any:
            return real(self, phrases.of(text) if isinstance(text, str) else text, *more, **how)

        return found

    with ExitStack() as patches:
        for place in (Page, Frame, FrameLocator, Locator):
            patches.enter_context(patch.object(place, "get_by_role", by_name(place.get_by_role)))
            for name in _BY_TEXT:
                patches.enter_context(patch.object(place, name, by_text(getattr(place, name))))
        for name in ("to_contain_text", "to_have_text"):
            real = getattr(LocatorAssertions, name)
            patches.enter_context(patch.object(LocatorAssertions, name, by_text(real)))
        yield
