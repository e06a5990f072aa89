"""Films and sounds: what browsers are to know of them, and a poster."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import av
from av.sidedata.sidedata import Type as SideData
from av.video.reformatter import Colorspace
from PIL import Image, ImageStat

from . import cicp, matroska, mp4, ogg, sounds
from .colours import in_srgb
from .frames import HEADER, mp3_length
from .pieces import Piece, Pieced, zeros_behind
from .poster import SIDE, save_poster
from .refusal import Refused

MAX_FRAME_PIXELS = 8192 * 4320
TAIL_SECONDS = 3.0
FIRST_FRAME_BYTES = 4096
HDTV_HEIGHT = 720
UNTOLD = (0, 2)
"""What stands for a matrix that nobody tells (ITU-T H.273): FFmpeg writes 2."""
ROOM = 64
"""So many zeros at the end are room that was kept for what has not come."""

LARGEST_PAUSE = 8
"""A pause in speech may be coded in so many bytes (RFC 6716 §2.1.9)."""

CLEAN: dict[str, Callable[[BinaryIO, int, int], list[Piece]]] = {
    "mov": mp4.clean,
    "matroska": matroska.clean,
    "ogg": ogg.clean,
    "mp3": sounds.clean_mp3,
    "aac": sounds.clean_aac,
    "flac": sounds.clean_flac,
    "wav": sounds.clean_wav,
}

# Where the display matrix (ISO/IEC 14496-12 §8.3.2) sends the two axes of the picture.
_TURNS = {
    (0, 1, -1, 0): Image.Transpose.ROTATE_270,
    (-1, 0, 0, -1): Image.Transpose.ROTATE_180,
    (0, -1, 1, 0): Image.Transpose.ROTATE_90,
    (-1, 0, 0, 1): Image.Transpose.FLIP_LEFT_RIGHT,
    (1, 0, 0, -1): Image.Transpose.FLIP_TOP_BOTTOM,
    (0, 1, 1, 0): Image.Transpose.TRANSPOSE,
    (0, -1, -1, 0): Image.Transpose.TRANSVERSE,
}
_SIDEWAYS = frozenset(
    {
        Image.Transpose.ROTATE_90,
        Image.Transpose.ROTATE_270,
        Image.Transpose.TRANSPOSE,
        Image.Transpose.TRANSVERSE,
    }
)


def look_at(source: BinaryIO, demuxer: str, begin: int, end: int, folder: Path) -> dict[str, Any]:
    """Look into the file as it will be served, without its tags."""
    pieces = CLEAN[demuxer](source, begin, end)
    served = Pieced(source, pieces)
    tells_duration = _tells_duration(served, demuxer)
    served.seek(0)
    try:
        container = av.open(
            served,
            format=demuxer,
            options={"protocol_whitelist": "file", "format_whitelist": demuxer},
            metadata_errors="ignore",
        )
    except (av.FFmpegError, ValueError) as problem:
        raise Refused("broken") from problem
    with container:
        found = _look(container, tells_duration, folder) | {"pieces": pieces}
    if found.get("code") == "broken" and zeros_behind(source, begin, end) >= ROOM:
        found["code"] = "truncated"
    return found


def _look(container: Any, tells_duration: bool, folder: Path) -> dict[str, Any]:
    attached = av.stream.Disposition.attached_pic
    videos = [s for s in container.streams.video if not s.disposition & attached]
    heard = list(container.streams.audio)
    if not videos and not heard:
        raise Refused("nothing_inside")
    found = _describe(container, videos, heard)
    if not tells_duration:
        found["duration"] = None
    try:
        return found | _examine(container, (videos or heard)[0], found["duration"], folder)
    except (Refused, av.FFmpegError) as problem:
        # The codecs are told all the same: what cannot be decoded here may just be no browser's.
        return found | {"ok": False, "code": getattr(problem, "code", "broken")}


def _examine(container: Any, stream: Any, promised: float | None, folder: Path) -> dict[str, Any]:
    context = stream.codec_context
    if context is None:
        raise Refused("broken")
    is_film = stream.type == "video"
    if is_film and context.width * context.height > MAX_FRAME_PIXELS:
        raise Refused("too_many_pixels")
    if promised is None and not is_film and container.format.name == "ogg":
        return {"duration": _length_of_chain(container, stream)}
    duration = _length(container, promised)
    if is_film:
        return {"duration": duration} | _picture_of(container, stream, duration, folder)
    _first_sound(container, stream)
    return {"duration": duration}


def _describe(container: Any, videos: list[Any], heard: list[Any]) -> dict[str, Any]:
    return {
        "video_codec": _codec(videos[0]) if videos else None,
        "audio_codecs": [_codec(stream) for stream in heard],
        "duration": container.duration / 1_000_000 if container.duration else None,
    }


def _codec(stream: Any) -> str:
    context = stream.codec_context
    return str(context.codec.canonical_name) if context is not None else "unknown"


def _tells_duration(served: Any, demuxer: str) -> bool:
    """Tell whether the duration stands in the file.

    Where it does not, the demuxer guesses it from the size and the bit rate of the beginning, which
    is far too long for what begins quietly. Of a chain it tells that of the first link.
    """
    if demuxer == "aac":
        return False
    if demuxer == "ogg":
        return not ogg.is_chained(served, 0, served.size)
    return demuxer != "mp3" or _has_frame_count(served)


def _has_frame_count(served: Any) -> bool:
    """Tell whether an MP3's first frame counts the others, in a tag named Xing, Info or VBRI."""
    frame = served.read(FIRST_FRAME_BYTES)
    frame = frame[: mp3_length(frame[:HEADER]) or FIRST_FRAME_BYTES]
    # The lowest bit of Xing's flags says that the count is there.
    return bool(re.search(rb"(?:Xing|Info)...[\x01\x03\x05\x07\x09\x0b\x0d\x0f]|VBRI", frame, re.S))


def _length(container: Any, promised: float | None) -> float:
    """Refuse a file without the last seconds that its header promises.

    Without a promise, measure how long the file is.
    """
    if promised and promised > TAIL_SECONDS:
        container.seek(int((promised - TAIL_SECONDS) * 1_000_000))
    end = max(_packet_ends(container), default=0.0)
    if promised is None:
        promised = end
    elif end < promised - max(min(TAIL_SECONDS, 0.5 + promised * 0.1), promised * 0.05):
        raise Refused("truncated")
    if promised <= 0:
        raise Refused("nothing_inside")
    return promised


def _length_of_chain(container: Any, stream: Any) -> float:
    """Add up what the packets last, for in each link the clock begins anew.

    The first sound is sought on the way: the demuxer cannot go back in a chain of three.
    """
    length, is_heard = 0.0, False
    for packet in _packets(container):
        if packet.stream.index == stream.index:
            length += float((packet.duration or 0) * packet.time_base)
            is_heard = is_heard or bool(packet.decode())
    if not is_heard or not length:
        raise Refused("broken")
    return length


def _packet_ends(container: Any) -> Iterator[float]:
    for packet in _packets(container):
        if packet.pts is not None:
            yield float((packet.pts + (packet.duration or 0)) * packet.time_base)


def _packets(container: Any) -> Iterator[Any]:
    """Go through the packets that have a time. Raise Refused("broken") at one that is blank."""
    for packet in container.demux():
        if _is_blank(packet):
            raise Refused("broken")
        if packet.time_base is not None:
            yield packet


def _is_blank(packet: Any) -> bool:
    """Tell whether nothing is where a packet should be: no codec writes nothing but zeros."""
    is_coded = packet.size > LARGEST_PAUSE and not _codec(packet.stream).startswith("pcm_")
    return is_coded and not any(bytes(packet))


def _first_sound(container: Any, stream: Any) -> None:
    container.seek(0)
    if next(iter(container.decode(stream)), None) is None:
        raise Refused("broken")


def _picture_of(container: Any, stream: Any, duration: float, folder: Path) -> dict[str, Any]:
    """Choose the most telling of a few frames: a dark or even one says little about a film."""
    stream.thread_count = 1
    best: Any = None
    best_spread = -1.0
    for share in (0.1, 0.3, 0.6, 0.0):
        container.seek(int(duration * share * 1_000_000))
        frame = next(iter(container.decode(stream)), None)
        if frame is None:
            continue
        spread = ImageStat.Stat(frame.to_image(width=64, height=64).convert("L")).stddev[0]
        if spread > best_spread:
            best, best_spread = frame, spread
        if spread > 30:
            break
    if best is None:
        raise Refused("broken")
    aspect = float(stream.sample_aspect_ratio or 1) or 1.0
    width, height = max(1, round(best.width * aspect)), best.height
    shrink = min(1.0, SIDE / max(width, height))
    image = best.to_image(
        width=max(2, round(width * shrink) & ~1),
        height=max(2, round(height * shrink) & ~1),
        src_colorspace=matrix_of(best, stream),
    )
    image = in_srgb(image, _profile(best))
    matrix = best.side_data.get(SideData.DISPLAYMATRIX)
    turn = turn_of(bytes(matrix)) if matrix is not None else None
    if turn is not None:
        image = image.transpose(turn)
    if turn in _SIDEWAYS:
        width, height = height, width
    # Without loss, 4:2:0 comes in the profile of 4:4:4 too: the colours alone do not tell.
    is_lossless = (
        str(stream.codec_context.profile).startswith("High 4:4:4") and "444" not in best.format.name
    )
    return {
        "pixel_format": best.format.name + " lossless" * is_lossless,
        "width": width,
        "height": height,
    } | save_poster(image, folder)


def matrix_of(frame: Any, stream: Any) -> Colorspace | None:
    """Take a large film that does not tell its matrix for HDTV's, as browsers do with H.264."""
    told = frame.colorspace not in UNTOLD
    is_large = frame.height >= HDTV_HEIGHT and _codec(stream) == "h264"
    return Colorspace.ITU709 if is_large and not told else None


def _profile(frame: Any) -> bytes | None:
    """Make the profile of colours that a screen of sRGB would show pale, HDR's among them."""
    primaries, transfer = int(frame.color_primaries), int(frame.color_trc)
    is_hdr = transfer in cicp.HDR_CURVES
    if not is_hdr and primaries not in cicp.WIDE_PRIMARIES:
        return None
    return cicp.profile(primaries, transfer if is_hdr else cicp.SRGB_CURVE)


def turn_of(matrix: bytes) -> Image.Transpose | None:
    """Read how a player turns or mirrors the picture; one that only tilts it stays as it is."""
    numbers = memoryview(matrix).cast("i")
    along, across, down, below = numbers[0], numbers[1], numbers[3], numbers[4]
    largest = max(abs(one) for one in (along, across, down, below)) or 1
    along, across, down, below = (round(one / largest) for one in (along, across, down, below))
    return _TURNS.get((along, across, down, below))
