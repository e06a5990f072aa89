"""Examining again what was stored before files were kept without their private data.

Pictures are left out: they have always been made anew.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from sqlalchemy import select, true, update

from lti_tool.core import audit
from lti_tool.core.audit import OPERATOR, AuditRecord
from lti_tool.core.db.session import db, rows_matched, transaction
from lti_tool.media.delivery.storage import storage
from lti_tool.media.formats import Refused
from lti_tool.media.intake.probe import Served, probe
from lti_tool.media.models import MediaFile, MediaItem
from lti_tool.media.rules import FileRole, Kind

CLEANED = "media.cleaned"


class Outcome(StrEnum):
    """What became of a stored file."""

    CLEANED = "cleaned"
    CLEAN = "clean"
    LEFT = "left"
    """It would not be taken today, is not there, or was changed meanwhile: it stays as it is."""


def clean(*, again: bool = False) -> Iterator[tuple[str, Outcome]]:
    """Keep a clean copy of each stored film, sound and document in its place; yield item ids.

    May be interrupted and begun again: what has been looked into is skipped, unless all is wanted
    ``again``. Raises CannotExamine.
    """
    done = select(AuditRecord.subject_id).where(AuditRecord.action == CLEANED)
    wanted = (
        select(MediaFile.id)
        .join(MediaItem, MediaItem.id == MediaFile.media_id)
        .where(
            MediaFile.role == FileRole.ORIGINAL,
            MediaItem.kind != Kind.IMAGE,
            true() if again else MediaItem.id.not_in(done),
        )
        .order_by(MediaFile.created_at)
    )
    for file_id in db.session.scalars(wanted).all():
        file = db.session.get(MediaFile, file_id, populate_existing=True)
        if file is not None:
            yield file.media_id, _clean(file)


def _clean(file: MediaFile) -> Outcome:
    file_id, old = file.id, file.storage_key
    item = db.session.get_one(MediaItem, file.media_id)
    with tempfile.TemporaryDirectory(prefix="foyer-probe-") as folder:
        try:
            found = probe(storage().path(old), "", Path(folder))
        except (Refused, FileNotFoundError):
            return Outcome.LEFT
        if found.kind != item.kind or found.content_type != file.content_type:
            return Outcome.LEFT
        new = (
            old
            if _is_the_same(found.media, storage().path(old))
            else storage().keep_blocks(found.media.blocks())
        )
        return _put(file_id, item, old, new, found.media)


def _is_the_same(served: Served, stored: Path) -> bool:
    if served.size != stored.stat().st_size:
        return False
    with stored.open("rb") as stream:
        return all(block == stream.read(len(block)) for block in served.blocks())


def _put(file_id: str, item: MediaItem, old: str, new: str, served: Served) -> Outcome:
    """Let the row name the new file, if it still names the old one; the other one goes."""
    try:
        with transaction() as session:
            changed = session.execute(
                update(MediaFile)
                .where(MediaFile.id == file_id, MediaFile.storage_key == old)
                .values(storage_key=new, size=served.size)
            )
            is_put = rows_matched(changed) == 1
            if is_put:
                audit.record(
                    CLEANED,
                    institution_id=item.institution_id,
                    actor=OPERATOR,
                    subject=("media", item.id),
                    changed=new != old,
                )
    except BaseException:
        if new != old:
            storage().remove(new)
        raise
    if new == old:
        return Outcome.CLEAN if is_put else Outcome.LEFT
    storage().remove(old if is_put else new)
    return Outcome.CLEANED if is_put else Outcome.LEFT
