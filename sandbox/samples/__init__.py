"""Sample media for the courses, made here and not downloaded, so that nobody else owns them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.samples import film, guide, picture, sounds


@dataclass(frozen=True)
class Sample:
    """One media file in the samples folder; `captions` names its WebVTT file, if it has one."""

    file: str
    title: str
    kind: str
    about: str
    captions: str | None = None
    downloadable: bool = False


SAMPLES = (
    Sample(
        file="river-morning.mp4",
        title="A morning on the river",
        kind="video",
        about="Half a minute from night to day. With captions.",
        captions="river-morning.en.vtt",
    ),
    Sample(
        file="river-sounds.m4a",
        title="Sounds by the water",
        kind="audio",
        about="Twenty seconds of quiet tones.",
    ),
    Sample(
        file="stream-guide.pdf",
        title="Measuring a stream: a short guide",
        kind="document",
        about="Four pages to take along on the first field day.",
        downloadable=True,
    ),
    Sample(
        file="valley-at-dawn.jpg",
        title="The valley at dawn",
        kind="picture",
        about="Where the stream of this course begins.",
        downloadable=True,
    ),
)

_MAKERS: dict[str, Callable[[Path], None]] = {
    "river-morning.mp4": film.make,
    "river-morning.en.vtt": film.make_captions,
    "river-sounds.m4a": sounds.make,
    "stream-guide.pdf": guide.make,
    "valley-at-dawn.jpg": picture.make,
}


def make(folder: Path) -> list[str]:
    """Make what is missing in `folder`; gives the names of what was made (nothing next time).

    A file appears under its name only when it is complete, so an interrupted start leaves none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, maker in _MAKERS.items():
        final = folder / name
        if final.exists():
            continue
        draft = folder / f"unfinished-{os.getpid()}-{name}"
        try:
            maker(draft)
            draft.replace(final)
        finally:
            draft.unlink(missing_ok=True)
        made.append(name)
    return made
