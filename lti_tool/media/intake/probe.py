"""Looks into a file that somebody handed in and says what it is, or why it is not taken.

The bytes are told apart here; everything that decodes them runs in ``probe_child.py``, a process
with limits on memory, CPU and time, so that a hostile file can at most waste one of those.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lti_tool.media import formats
from lti_tool.media.formats import Format, Reason, Refused
from lti_tool.media.intake.truncation import check_whole
from lti_tool.media.rules import Kind

WALL_SECONDS = 90
MAX_SECONDS = 60 * 60 * 48
CHILD = Path(__file__).with_name("probe_child.py")


@dataclass(frozen=True)
class Probed:
    """What a file is: ``media`` is the file to keep (a picture is written anew)."""

    kind: Kind
    content_type: str
    media: Path
    poster: Path | None
    duration_ms: int | None
    width: int | None
    height: int | None
    pages: int | None
    poster_width: int | None = None
    poster_height: int | None = None


class _Answer(BaseModel):
    """The child has met the file, so its words are checked like a stranger's."""

    model_config = ConfigDict(extra="forbid", strict=True)

    ok: bool
    code: Reason | None = Field(default=None, strict=False)
    video_codec: str | None = Field(default=None, max_length=40)
    pixel_format: str | None = Field(default=None, max_length=40)
    audio_codec: str | None = Field(default=None, max_length=40)
    duration: float | None = Field(default=None, ge=0, le=MAX_SECONDS)
    width: int | None = Field(default=None, ge=1, le=100_000)
    height: int | None = Field(default=None, ge=1, le=100_000)
    pages: int | None = Field(default=None, ge=1, le=100_000)
    poster_width: int | None = Field(default=None, ge=1, le=4096)
    poster_height: int | None = Field(default=None, ge=1, le=4096)
    picture_format: str | None = None


def probe(path: Path, filename: str, folder: Path) -> Probed:
    """Examine ``path``; pictures made on the way go into ``folder``, which the caller removes.

    ``filename`` is the name it came with. Raises Refused with the reason.
    """
    with path.open("rb") as stream:
        form = formats.sniff(stream.read(formats.HEAD_BYTES))
    formats.check_ending(filename, form)
    check_whole(path, form)
    answer = _ask_child(path, form, folder)
    if not answer.ok:
        raise Refused(answer.code or Reason.BROKEN)
    kind, content_type, media = _verdict(form, answer, path, folder)
    poster = folder / "poster.webp"
    return Probed(
        kind=kind,
        content_type=content_type,
        media=media,
        poster=poster if answer.poster_width and poster.is_file() else None,
        duration_ms=None if answer.duration is None else round(answer.duration * 1000),
        width=answer.width,
        height=answer.height,
        pages=answer.pages,
        poster_width=answer.poster_width,
        poster_height=answer.poster_height,
    )


def _verdict(form: Format, answer: _Answer, path: Path, folder: Path) -> tuple[Kind, str, Path]:
    if form.family == "pdf":
        return Kind.DOCUMENT, "application/pdf", path
    if form.family == "picture":
        content_type = formats.PICTURE_MIME.get(answer.picture_format or "")
        picture = folder / "picture"
        if content_type is None or not picture.is_file():
            raise Refused(Reason.BROKEN)
        return Kind.IMAGE, content_type, picture
    kind, content_type = formats.playable(
        form, answer.video_codec, answer.pixel_format, answer.audio_codec
    )
    return kind, content_type, path


def _ask_child(path: Path, form: Format, folder: Path) -> _Answer:
    """Run the child isolated (-I).

    Neither the environment nor the working folder can lend it any code.
    """
    command = [
        sys.executable,
        "-I",
        str(CHILD),
        form.family,
        form.reader,
        str(path.resolve()),
        str(folder.resolve()),
    ]
    try:
        done = subprocess.run(  # noqa: S603 - fixed program, no shell, our own absolute paths
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"},
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as slow:
        raise Refused(Reason.TOO_HARD) from slow
    if done.returncode < 0:
        raise Refused(Reason.TOO_HARD)
    try:
        return _Answer.model_validate(json.loads(done.stdout))
    except (ValueError, ValidationError) as nonsense:
        raise Refused(Reason.BROKEN) from nonsense
