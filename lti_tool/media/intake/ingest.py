"""Taking a file in: look into it, keep it, make the item."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lti_tool.core import audit, clock
from lti_tool.core.audit import Actor
from lti_tool.core.db.session import db, transaction
from lti_tool.media import rules
from lti_tool.media.delivery.storage import storage
from lti_tool.media.formats import Reason, Refused
from lti_tool.media.intake import webvtt
from lti_tool.media.intake.probe import Probed, probe
from lti_tool.media.models import MediaFile, MediaItem
from lti_tool.media.publishing import publish
from lti_tool.media.rules import FileRole, Kind


@dataclass(frozen=True)
class Captions:
    """A WebVTT file somebody handed in, its language as a tag ("en") and its name in the menu."""

    data: bytes
    language: str
    label: str


@dataclass(frozen=True)
class Particulars:
    """What is said about a new item.

    Without an owner it is the operator's.
    """

    institution_id: str
    registration_id: str
    title: str
    owner_person_id: str | None = None
    owner_name: str = ""
    course_id: str | None = None
    description: str = ""
    tags: tuple[str, ...] = ()
    download_allowed: bool = False
    open_to_links: bool = False
    captions: tuple[Captions, ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class Kept:
    """What was found in a file, and the keys its pieces are stored under."""

    found: Probed
    original: str
    original_size: int
    poster: str | None
    poster_size: int
    captions: tuple[tuple[Captions, str, int], ...]


def add_file(source: Path, filename: str, particulars: Particulars, actor: Actor) -> MediaItem:
    """Add the file as a new item.

    ``source`` stays where it is; ``filename`` is its given name. Raises Refused when the file is
    not taken and InvalidText for title, description or tags.
    """
    with examined(source, filename, particulars.captions) as kept, transaction():
        return create(kept, particulars, actor)


@contextmanager
def examined(
    source: Path,
    filename: str,
    given_captions: tuple[Captions, ...] = (),
    stored: str | None = None,
) -> Iterator[Kept]:
    """Look into the file and store its pieces; if the block fails, they are removed again.

    ``stored`` is the source's key when it lies in the storage already. It is then taken over:
    used as it is, or removed when something else is kept in its place.
    """
    keys = [stored] if stored else []
    try:
        with tempfile.TemporaryDirectory(prefix="foyer-probe-") as folder:
            found = probe(source, filename, Path(folder))
            clean = _clean_captions(found, given_captions, Path(folder))
            reused = (
                stored if found.media.is_whole_source and found.media.source == source else None
            )
            yield _store(found, clean, keys, reused)
    except BaseException:
        for key in keys:
            storage().remove(key)
        raise
    if stored and not reused:
        storage().remove(stored)


def create(kept: Kept, particulars: Particulars, actor: Actor) -> MediaItem:
    """Add the rows of a new item, inside the running transaction.

    Raises InvalidText.
    """
    item = MediaItem(
        institution_id=particulars.institution_id,
        registration_id=particulars.registration_id,
        owner_person_id=particulars.owner_person_id,
        owner_name=particulars.owner_name[:255],
        kind=kept.found.kind,
        title=rules.clean_title(particulars.title),
        description=rules.clean_description(particulars.description),
        tags=rules.clean_tags(particulars.tags),
        created_at=clock.now(),
        duration_ms=kept.found.duration_ms,
        width=kept.found.width,
        height=kept.found.height,
        pages=kept.found.pages,
        download_allowed=particulars.download_allowed,
        open_to_links=particulars.open_to_links,
    )
    db.session.add(item)
    db.session.flush()
    db.session.add_all(_files(item, kept))
    db.session.flush()
    audit.record(
        "media.added",
        institution_id=item.institution_id,
        actor=actor,
        subject=("media", item.id),
        kind=item.kind,
    )
    if particulars.course_id is not None:
        publish(item, particulars.course_id, actor, "added in the course")
    return item


def _clean_captions(
    found: Probed, given: tuple[Captions, ...], folder: Path
) -> list[tuple[Captions, Path]]:
    if given and found.kind not in (Kind.VIDEO, Kind.AUDIO):
        raise Refused(Reason.CAPTIONS_NOT_HERE)
    written = []
    for number, one in enumerate(given):
        path = folder / f"captions-{number}.vtt"
        path.write_bytes(webvtt.clean(one.data, one.language))
        written.append((one, path))
    return written


def _store(
    found: Probed, clean: list[tuple[Captions, Path]], keys: list[str], reused: str | None
) -> Kept:
    def keep(path: Path) -> str:
        keys.append(storage().keep(path))
        return keys[-1]

    def keep_blocks(blocks: Iterable[bytes]) -> str:
        keys.append(storage().keep_blocks(blocks))
        return keys[-1]

    return Kept(
        found=found,
        original=reused or keep_blocks(found.media.blocks()),
        original_size=found.media.size,
        poster=keep(found.poster) if found.poster else None,
        poster_size=found.poster.stat().st_size if found.poster else 0,
        captions=tuple((one, keep(path), path.stat().st_size) for one, path in clean),
    )


def _files(item: MediaItem, kept: Kept) -> list[MediaFile]:
    now = clock.now()
    found = kept.found
    files = [
        MediaFile(
            media_id=item.id,
            role=FileRole.ORIGINAL,
            storage_key=kept.original,
            content_type=found.content_type,
            size=kept.original_size,
            width=found.width,
            height=found.height,
            created_at=now,
        )
    ]
    if kept.poster:
        files.append(
            MediaFile(
                media_id=item.id,
                role=FileRole.POSTER,
                storage_key=kept.poster,
                content_type="image/webp",
                size=kept.poster_size,
                width=found.poster_width,
                height=found.poster_height,
                created_at=now,
            )
        )
    files.extend(
        MediaFile(
            media_id=item.id,
            role=FileRole.CAPTIONS,
            storage_key=key,
            content_type="text/vtt",
            size=size,
            language=one.language,
            label=one.label,
            created_at=now,
        )
        for one, key, size in kept.captions
    )
    return files
