"""Open deep-linking dialogs: the platform has asked for content (Deep Linking 2.0 §4.4)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from sandbox.courses import Course
from sandbox.people import User
from sandbox.placements import Placement
from sandbox.schools import School


@dataclass
class Dialog:
    """One press of a button like "Add content": who, where, and what is wanted.

    `items` is what came back: None as long as nothing did, an empty list when it was cancelled.
    """

    school: School
    user: User
    course: Course
    placement: Placement
    data: str | None = None
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    items: list[dict[str, Any]] | None = None
