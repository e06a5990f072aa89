"""Placements: the buttons of an LMS from which a tool's deep linking is opened."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Placement:
    """A button of the LMS that opens a dialog of the tool (Deep Linking 2.0 §4.4.1)."""

    key: str
    title: str
    accept_types: tuple[str, ...] = ("ltiResourceLink",)
    targets: tuple[str, ...] = ("iframe", "window")
    multiple: bool = False
    auto_create: bool = False
    media_types: str = ""
    lineitem: bool | None = None
