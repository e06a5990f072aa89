"""Looks into a file that somebody handed in and says what it is, or why it is not taken.

The bytes are told apart in ``sniffing.py``; everything that decodes them runs in ``probe_child``, a
process with limits on memory, CPU and time, and without access to other files, connections and
processes, so that a hostile file can at most waste one of those.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from lti_tool.core.logs import log
from lti_tool.media import formats
from lti_tool.media.formats import Reason, Refused, Streams
from lti_tool.media.intake.probe_child import landlock, seccomp
from lti_tool.media.intake.probe_child.main import READY
from lti_tool.media.intake.sniffing import Found, locate
from lti_tool.media.rules import Kind

WALL_SECONDS = 90
MAX_SECONDS = 60 * 60 * 48
MAX_PIECES_BYTES = 64 << 20
MAX_PIECES = 500_000
MAX_ANSWER_BYTES = 64 << 10
COPY_BYTES = 1 << 20
INTAKE = Path(__file__).parent
PIECES = "pieces.json"
_START = "import sys; sys.path.append(sys.argv.pop(1)); from probe_child.main import main; main()"
_WRITTEN = {"pdf": "document", "picture": "picture"}

Piece = tuple[Annotated[int, Field(ge=-1)], Annotated[int, Field(ge=1)]] | str
_PIECES = TypeAdapter(list[Piece])


@dataclass(frozen=True)
class Served:
    """The bytes to keep: stretches of a file, zeros (which begin at -1), and bytes in base 16."""

    source: Path
    pieces: tuple[Piece, ...]

    @property
    def size(self) -> int:
        return sum(len(one) // 2 if isinstance(one, str) else one[1] for one in self.pieces)

    @property
    def is_whole_source(self) -> bool:
        return self.pieces == ((0, self.source.stat().st_size),)

    def blocks(self) -> Iterator[bytes]:
        with self.source.open("rb") as stream:
            for one in self.pieces:
                if isinstance(one, str):
                    yield bytes.fromhex(one)
                    continue
                begin, left = one
                stream.seek(max(0, begin))
                while left:
                    length = min(left, COPY_BYTES)
                    yield bytes(length) if begin < 0 else stream.read(length)
                    left -= length


@dataclass(frozen=True)
class Probed:
    """What a file is: ``media`` is what to keep of it (a picture is written anew)."""

    kind: Kind
    content_type: str
    media: Served
    poster: Path | None
    duration_ms: int | None
    width: int | None
    height: int | None
    pages: int | None
    poster_width: int | None = None
    poster_height: int | None = None


class CannotExamine(Exception):
    """The child could not begin: that is this machine's fault, and says nothing of the file."""


class _Answer(BaseModel):
    """The child has met the file, so its words are checked like a stranger's."""

    model_config = ConfigDict(extra="forbid", strict=True)

    ok: bool
    code: Reason | None = Field(default=None, strict=False)
    found: str = Field(default="", max_length=40, pattern=r"^[\w .+-]*$")
    video_codec: str | None = Field(default=None, max_length=40)
    pixel_format: str | None = Field(default=None, max_length=40)
    audio_codecs: list[Annotated[str, Field(max_length=40)]] = Field(default=[], max_length=100)
    duration: float | None = Field(default=None, ge=0, le=MAX_SECONDS)
    width: int | None = Field(default=None, ge=1, le=100_000)
    height: int | None = Field(default=None, ge=1, le=100_000)
    pages: int | None = Field(default=None, ge=1, le=100_000)
    poster_width: int | None = Field(default=None, ge=1, le=4096)
    poster_height: int | None = Field(default=None, ge=1, le=4096)
    picture_format: str | None = None


def probe(path: Path, filename: str, folder: Path) -> Probed:
    """Examine ``path``; what is written on the way goes into ``folder``, which the caller removes.

    ``filename`` is the name it came with, which helps to say what it is not. Raises Refused with
    the reason, and CannotExamine.
    """
    with path.open("rb") as stream:
        try:
            found = locate(stream, path.stat().st_size)
        except Refused as refusal:
            raise formats.named(refusal, filename) from refusal
    answer = _ask_child(path, found, folder)
    if not answer.ok:
        if answer.video_codec or answer.audio_codecs:
            _verdict(found, answer)
        raise Refused(answer.code or Reason.BROKEN, answer.found)
    kind, content_type = _verdict(found, answer)
    poster = folder / "poster.webp"
    return Probed(
        kind=kind,
        content_type=content_type,
        media=_served(path, found.form.family, folder),
        poster=poster if answer.poster_width and poster.is_file() else None,
        duration_ms=None if answer.duration is None else round(answer.duration * 1000),
        width=answer.width,
        height=answer.height,
        pages=answer.pages,
        poster_width=answer.poster_width,
        poster_height=answer.poster_height,
    )


def _verdict(found: Found, answer: _Answer) -> tuple[Kind, str]:
    if found.form.family == "pdf":
        return Kind.DOCUMENT, "application/pdf"
    if found.form.family == "picture":
        content_type = formats.PICTURE_MIME.get(answer.picture_format or "")
        if content_type is None:
            raise Refused(Reason.BROKEN)
        return Kind.IMAGE, content_type
    streams = Streams(answer.video_codec, answer.pixel_format, tuple(answer.audio_codecs))
    return formats.playable(found.form, streams)


def _served(path: Path, family: str, folder: Path) -> Served:
    written = folder / _WRITTEN.get(family, PIECES)
    if not written.is_file() or written.is_symlink():
        raise Refused(Reason.BROKEN)
    size = written.stat().st_size
    if family in _WRITTEN:
        return Served(written, ((0, size),))
    if size > MAX_PIECES_BYTES:
        raise Refused(Reason.TOO_HARD)
    told = written.read_bytes()
    if told.count(b"[") > MAX_PIECES:  # read, each takes ten times as much
        raise Refused(Reason.TOO_HARD)
    try:
        pieces = tuple(_PIECES.validate_json(told))
        served = Served(path, pieces)
        _require_within(served)
    except (ValueError, ValidationError) as nonsense:
        raise Refused(Reason.BROKEN) from nonsense
    return served


def _require_within(served: Served) -> None:
    size = served.source.stat().st_size
    for one in served.pieces:
        if isinstance(one, str):
            bytes.fromhex(one)
        elif one[0] >= 0 and one[0] + one[1] > size:
            raise ValueError("beyond the end")
    if served.size > 2 * size + COPY_BYTES:
        raise ValueError("more than came")


def unconfined() -> str | None:
    """Say so where the kernel cannot keep the child to its file; see ``docs/security.md``."""
    lacking = []
    if not landlock.abi():
        lacking.append(
            "has no Landlock: files are examined with limits, but not shut off from others"
        )
    if not seccomp.is_there():
        lacking.append(
            "has no seccomp: what examines files could open connections and start processes"
        )
    return "; ".join(f"this kernel {one}" for one in lacking) or None


def command(path: Path, found: Found, folder: Path) -> list[str]:
    """Return the command that starts the child, isolated (-I)."""
    arguments = (
        found.form.family,
        found.form.reader,
        path.resolve(),
        found.begin,
        found.end,
        folder.resolve(),
        os.getpid(),
    )
    return [sys.executable, "-I", "-c", _START, str(INTAKE), *map(str, arguments)]


def _ask_child(path: Path, found: Found, folder: Path) -> _Answer:
    try:
        status, said = answer_of(command(path, found, folder), folder)
    except subprocess.TimeoutExpired as slow:
        raise Refused(Reason.TOO_HARD) from slow
    if not said.startswith(READY):
        log.error(
            "media.cannot_examine",
            status=status,
            why=re.sub(r"[^\w .:<>-]", "?", said[:200].decode("ascii", "replace")),
        )
        raise CannotExamine
    if status < 0:
        raise Refused(Reason.TOO_HARD)
    try:
        return _Answer.model_validate(json.loads(said))
    except (ValueError, RecursionError, ValidationError) as nonsense:
        raise Refused(Reason.BROKEN) from nonsense


def answer_of(program: list[str], folder: Path) -> tuple[int, bytes]:
    """Run the child; return its status and the beginning of what it wrote.

    It writes into a file, which its limits hold to a size: what comes through a pipe would have to
    be taken in here, however much it is.
    """
    with tempfile.TemporaryFile(dir=folder) as written:
        done = subprocess.run(  # noqa: S603 - fixed program, no shell, our own absolute paths
            program,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.DEVNULL,
            env={"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"},
            timeout=WALL_SECONDS,
            check=False,
        )
        written.seek(0)
        return done.returncode, written.read(MAX_ANSWER_BYTES)
