"""Orphaned files: clearing away what no row names.

A process that died between the file and its row left them behind.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import islice

from sqlalchemy import select

from lti_tool.core import clock
from lti_tool.core.db.session import db
from lti_tool.media.delivery.storage import storage
from lti_tool.media.models import MediaFile

SPARED = timedelta(days=1)
"""What is younger may be on its way into an item."""

BATCH = 500


def sweep() -> int:
    """Remove stored files older than a day that belong to no item; return how many."""
    before = clock.now() - SPARED
    removed = storage().remove_unfinished(before)
    aged = iter(storage().keys_before(before))
    while batch := list(islice(aged, BATCH)):
        for key in _nameless(batch):
            storage().remove(key)
            removed += 1
    return removed


def _nameless(keys: Iterable[str]) -> set[str]:
    known = select(MediaFile.storage_key).where(MediaFile.storage_key.in_(keys))
    return set(keys) - set(db.session.scalars(known))
