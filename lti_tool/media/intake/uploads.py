"""Resumable uploads: what the tus protocol asks of the server, without HTTP.

A request's body is received in blocks, each into a file of its own. One conditional UPDATE then
moves the offset; only the block whose UPDATE hits a row is renamed into its place, inside that
transaction. Of two requests for the same offset one wins, and neither can spoil the other's bytes.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import delete, or_, select, update
from werkzeug.exceptions import ClientDisconnected

from lti_tool.core import audit, clock
from lti_tool.core.db.session import db, rows_matched, transaction
from lti_tool.core.web.problems import Problem, not_found
from lti_tool.media import formats, rules
from lti_tool.media.delivery.storage import incoming, storage
from lti_tool.media.formats import Refused
from lti_tool.media.intake.concurrency import EXAMINING, RECEIVING
from lti_tool.media.intake.ingest import Particulars, create, examined
from lti_tool.media.models import MediaItem, Upload
from lti_tool.people.sessions import Principal

LIFE = timedelta(hours=24)
"""How long an unfinished upload is kept after its last block."""

CLAIMED = timedelta(minutes=10)
"""After this, an examination that never ended may be begun again."""

BLOCK_BYTES = 8 << 20
COPY_BYTES = 256 << 10
OPEN_UPLOADS = 20


def size_limit() -> int:
    """Return the size of the largest file that may be uploaded, in bytes."""
    megabytes: int = current_app.extensions["foyer.config"].upload_limit_mb
    return megabytes << 20


def require_may_add(principal: Principal) -> str:
    """Return the course the session adds to.

    Raises Problem 403 for those who may not add.
    """
    allowed = rules.may_add(principal.standing, is_guest=principal.kind == "guest")
    if not allowed or principal.course_id is None or principal.person_id is None:
        raise Problem(
            403,
            "may-not-add",
            _("You cannot add media here"),
            _("Instructors and assistants add media from a link in their course."),
        )
    return principal.course_id


def begin(principal: Principal, filename: str, size: int) -> Upload:
    """Begin a new upload of ``size`` bytes.

    Raises Problem 413, 429 or 403.
    """
    course_id = require_may_add(principal)
    if size > size_limit():
        raise too_large()
    with transaction() as session:
        _sweep(principal)
        upload = Upload(
            institution_id=principal.institution_id,
            registration_id=principal.registration_id,
            person_id=principal.person_id,
            course_id=course_id,
            filename=filename[-255:] or "file",
            size=size,
            received=0,
            state="receiving",
            created_at=clock.now(),
            expires_at=clock.now() + LIFE,
        )
        session.add(upload)
        session.flush()
        return upload


def mine(principal: Principal, upload_id: str) -> Upload:
    """Find the person's own upload.

    Raises not_found() for all others, and once it has expired.
    """
    upload = db.session.get(Upload, upload_id)
    if (
        upload is None
        or upload.person_id != principal.person_id
        or upload.institution_id != principal.institution_id
        or upload.expires_at <= clock.now()
    ):
        raise not_found()
    return upload


def receive(principal: Principal, upload_id: str, offset: int, body: BinaryIO) -> int:
    """Take the body in at ``offset`` and return the new offset.

    A body that breaks off counts as far as it came. Raises Problem 409 for a wrong offset, 413
    for more bytes than were announced and 503 while too many bodies are being received.
    """
    upload = mine(principal, upload_id)
    if upload.received != offset or upload.state != "receiving":
        raise wrong_offset()
    with RECEIVING.place(principal.person_id):
        return _receive(upload_id, offset, upload.size, body)


def _receive(upload_id: str, offset: int, size: int, body: BinaryIO) -> int:
    while True:
        part, length, ended = _read_block(upload_id, body, size - offset)
        try:
            if length:
                _settle(upload_id, part, offset, length, size)
                offset += length
        finally:
            part.unlink(missing_ok=True)
        if ended:
            return offset


def _read_block(upload_id: str, body: BinaryIO, room: int) -> tuple[Path, int, bool]:
    """Read up to BLOCK_BYTES into a new part; say how long it is and whether the body ended.

    Raises Problem 413 when more than ``room`` bytes come.
    """
    part = incoming().aside(upload_id)
    length, ended = 0, False
    try:
        with part.open("xb") as out:
            while length < BLOCK_BYTES:
                chunk = _read(body, min(COPY_BYTES, BLOCK_BYTES - length))
                if not chunk:
                    ended = True
                    break
                if length + len(chunk) > room:
                    raise too_large()
                out.write(chunk)
                length += len(chunk)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part, length, ended


def _read(body: BinaryIO, length: int) -> bytes:
    """Read a block; a lost connection is an end like any other: what has come is kept."""
    try:
        return body.read(length)
    except (OSError, ClientDisconnected):
        return b""


def _settle(upload_id: str, part: Path, offset: int, length: int, size: int) -> None:
    with transaction() as session:
        moved = session.execute(
            update(Upload)
            .where(
                Upload.id == upload_id,
                Upload.state == "receiving",
                Upload.received == offset,
                Upload.size == size,
                Upload.received + length <= Upload.size,
                Upload.expires_at > clock.now(),
            )
            .values(received=Upload.received + length, expires_at=clock.now() + LIFE)
        )
        if rows_matched(moved) != 1:
            raise wrong_offset()
        incoming().settle(upload_id, part, offset)


def finish(principal: Principal, upload_id: str, title: str, description: str) -> MediaItem:
    """Make the item of a complete upload; asked again, return the item made before.

    It is published in the course of the session that finishes, whichever began the upload.
    Raises Refused when the file is not taken (the upload is removed then), InvalidText for the
    texts, Problem 409 while bytes are missing or another request is at work, 503 while other
    files are being looked into (nothing has changed then), and not_found() when the upload is
    cancelled meanwhile.
    """
    upload = mine(principal, upload_id)
    if upload.state == "done" and upload.media_id:
        made = db.session.get(MediaItem, upload.media_id)
        if made is not None:
            return made
    course_id = require_may_add(principal)
    title = rules.clean_title(title or formats.title_from_filename(upload.filename))
    description = rules.clean_description(description)
    particulars = Particulars(
        institution_id=principal.institution_id,
        registration_id=principal.registration_id,
        title=title,
        description=description,
        owner_person_id=principal.person_id,
        owner_name=principal.person_name or "",
        course_id=course_id,
    )
    with EXAMINING.place(principal.person_id):
        _claim(upload_id)
        return _examine(principal, mine(principal, upload_id), particulars)


def _examine(principal: Principal, upload: Upload, particulars: Particulars) -> MediaItem:
    upload_id, filename = upload.id, upload.filename
    try:
        joined = storage().keep_joined(incoming().parts(upload_id, upload.size))
        with (
            examined(storage().path(joined), filename, stored=joined) as kept,
            transaction() as session,
        ):
            item = create(kept, particulars, principal.actor)
            finished = session.execute(
                update(Upload)
                .where(Upload.id == upload_id, Upload.state == "examining")
                .values(state="done", media_id=item.id, claimed_at=None)
            )
            if rows_matched(finished) != 1:
                raise not_found()
    except Refused as refusal:
        discard(principal, upload_id, refusal.reason.value)
        raise
    except BaseException:
        _release(upload_id)
        raise
    incoming().remove(upload_id)
    return item


def _claim(upload_id: str) -> None:
    """Claim the examination (a lease): only one request examines a file at a time."""
    now = clock.now()
    with transaction() as session:
        claimed = session.execute(
            update(Upload)
            .where(
                Upload.id == upload_id,
                Upload.received == Upload.size,
                or_(
                    Upload.state == "receiving",
                    (Upload.state == "examining") & (Upload.claimed_at < now - CLAIMED),
                ),
            )
            .values(state="examining", claimed_at=now)
        )
        if rows_matched(claimed) != 1:
            raise Problem(
                409,
                "upload-not-complete",
                _("The file has not fully arrived"),
                _("Keep this page open until it has."),
            )


def _release(upload_id: str) -> None:
    with transaction() as session:
        session.execute(
            update(Upload)
            .where(Upload.id == upload_id, Upload.state == "examining")
            .values(state="receiving", claimed_at=None)
        )


def discard(principal: Principal, upload_id: str, why: str = "cancelled") -> None:
    """End an upload and remove what has come."""
    mine(principal, upload_id)
    with transaction() as session:
        session.execute(delete(Upload).where(Upload.id == upload_id))
        audit.record(
            "upload.discarded",
            institution_id=principal.institution_id,
            actor=principal.actor,
            subject=("upload", upload_id),
            why=why,
        )
    incoming().remove(upload_id)


def _sweep(principal: Principal) -> None:
    """Forget the person's expired uploads; refuse a further one while too many are open."""
    theirs = select(Upload).where(Upload.person_id == principal.person_id, Upload.state != "done")
    open_ones = 0
    for upload in db.session.scalars(theirs).all():
        if upload.expires_at > clock.now():
            open_ones += 1
            continue
        db.session.execute(delete(Upload).where(Upload.id == upload.id))
        incoming().remove(upload.id)
    if open_ones >= OPEN_UPLOADS:
        raise Problem(
            429,
            "too-many-uploads",
            _("Too many uploads are open"),
            _("Finish or cancel one of them first."),
        )


def purge() -> int:
    """Remove all expired uploads; return how many."""
    with transaction() as session:
        ids = session.scalars(select(Upload.id).where(Upload.expires_at <= clock.now())).all()
        session.execute(delete(Upload).where(Upload.id.in_(ids)))
    for upload_id in ids:
        incoming().remove(upload_id)
    return len(ids)


def too_large() -> Problem:
    return Problem(
        413,
        "too-large",
        _("The file is too large for this site"),
        _("At most %(size)d MB.", size=size_limit() // 1_000_000),
    )


def wrong_offset() -> Problem:
    return Problem(
        409,
        "wrong-offset",
        _("The upload is at another position"),
        _("Ask for its position and continue there."),
    )
