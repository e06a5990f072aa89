"""Looks into one untrusted file, in a process of its own (a sandbox).

Run as a script by ``probe.py``, never imported: it must not load the application, and it gives up
memory, CPU time and file sizes before it touches the file. It prints one line of JSON: what it
found, or a reason code. Pictures it makes go into the output folder under fixed names.

    python -I probe_child.py av|picture|pdf DEMUXER INPUT OUTPUT_FOLDER
"""

import json
import os
import re
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

MEMORY_BYTES = 2 << 30
CPU_SECONDS = 40
WRITTEN_BYTES = 256 << 20
POSTER_SIDE = 1280
MAX_PIXELS = 50_000_000
MAX_FRAME_PIXELS = 8192 * 4320
MAX_ANIMATION_PIXELS = 100_000_000
MAX_PAGES = 5_000
MAX_PROFILE_BYTES = 64 << 10
TAIL_SECONDS = 3.0
ANIMATED = ("GIF", "PNG", "WEBP")
SIXTEEN_BIT_GREY = "I;16"
MAPPED_MODES = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"})
ID3_HEAD = 10
FIRST_FRAME_BYTES = 4096


class Refused(Exception):
    """The file cannot be taken; the first argument is the reason code."""


def give_up_resources() -> None:
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, WRITTEN_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        # Refused where the system knows no such limit, or holds us to a lower one already.
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))


def save_poster(image: Any, folder: Path) -> dict[str, int]:
    """Write poster.webp, its longer side at most POSTER_SIDE px, with nothing but the pixels."""
    from PIL import Image

    poster = image.convert("RGB")
    poster.thumbnail((POSTER_SIDE, POSTER_SIDE), Image.Resampling.LANCZOS)
    clean = Image.frombytes("RGB", poster.size, poster.tobytes())
    clean.save(folder / "poster.webp", "WEBP", quality=82, method=4)
    return {"poster_width": clean.width, "poster_height": clean.height}


# Video and audio


def look_at_av(path: Path, demuxer: str, folder: Path) -> dict[str, Any]:
    import av

    try:
        container = av.open(
            f"file:{path}",
            format=demuxer,
            options={"protocol_whitelist": "file", "format_whitelist": demuxer},
            metadata_errors="ignore",
        )
    except (av.FFmpegError, ValueError) as problem:
        raise Refused("broken") from problem
    with container:
        attached = av.stream.Disposition.attached_pic
        videos = [s for s in container.streams.video if not s.disposition & attached]
        sounds = list(container.streams.audio)
        if not videos and not sounds:
            raise Refused("nothing_inside")
        try:
            found = _describe(container, videos, sounds)
            if not _tells_duration(path, demuxer):
                found["duration"] = None
            _check_end(container, found)
            if videos:
                found |= _picture_of(container, videos[0], found["duration"], folder)
            else:
                _first_sound(container, sounds[0])
        except av.FFmpegError as problem:
            raise Refused("broken") from problem
    return found


def _describe(container: Any, videos: list[Any], sounds: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "video_codec": None,
        "pixel_format": None,
        "audio_codec": sounds[0].codec_context.codec.canonical_name if sounds else None,
        "duration": container.duration / 1_000_000 if container.duration else None,
    }
    if videos:
        context = videos[0].codec_context
        found["video_codec"] = context.codec.canonical_name
        found["pixel_format"] = context.pix_fmt
        if context.width * context.height > MAX_FRAME_PIXELS:
            raise Refused("too_many_pixels")
    return found


def _tells_duration(path: Path, demuxer: str) -> bool:
    """Tell whether the duration stands in the file.

    Where it does not, the demuxer guesses it from the size and the bit rate of the beginning, which
    is far too long for what begins quietly.
    """
    if demuxer == "aac":
        return False
    return demuxer != "mp3" or _has_frame_count(path)


def _has_frame_count(path: Path) -> bool:
    """Tell whether an MP3's first frame counts the others, in a tag named Xing, Info or VBRI."""
    with path.open("rb") as stream:
        position, head = 0, stream.read(ID3_HEAD)
        while head[:3] == b"ID3" and len(head) == ID3_HEAD:
            # ID3v2.4 §3.1: the tag's length without its head, in four times seven bits.
            length = sum(
                (part & 0x7F) << shift for part, shift in zip(head[6:], (21, 14, 7, 0), strict=True)
            )
            position += ID3_HEAD + length
            stream.seek(position)
            head = stream.read(ID3_HEAD)
        stream.seek(position)
        frame = stream.read(FIRST_FRAME_BYTES)
    # The lowest bit of Xing's flags says that the count is there.
    return bool(re.search(rb"(?:Xing|Info)...[\x01\x03\x05\x07\x09\x0b\x0d\x0f]|VBRI", frame, re.S))


def _check_end(container: Any, found: dict[str, Any]) -> None:
    """Refuse a file without the last seconds that its header promises.

    Without a promise, it measures how long the file is.
    """
    promised = found["duration"]
    if promised and promised > TAIL_SECONDS:
        container.seek(int((promised - TAIL_SECONDS) * 1_000_000))
    end = max(_packet_ends(container), default=0.0)
    if promised is None:
        found["duration"] = end
    elif end < promised - max(TAIL_SECONDS, promised * 0.05):
        raise Refused("truncated")
    if not found["duration"] or found["duration"] <= 0:
        raise Refused("nothing_inside")


def _packet_ends(container: Any) -> Iterator[float]:
    for packet in container.demux():
        if packet.pts is not None and packet.time_base is not None:
            yield float((packet.pts + (packet.duration or 0)) * packet.time_base)


def _first_sound(container: Any, stream: Any) -> None:
    container.seek(0)
    if next(iter(container.decode(stream)), None) is None:
        raise Refused("broken")


def _picture_of(container: Any, stream: Any, duration: float, folder: Path) -> dict[str, Any]:
    """Choose the most telling of a few frames: a dark or even one says little about a film."""
    from PIL import ImageStat

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
    shrink = min(1.0, POSTER_SIDE / max(width, height))
    image = best.to_image(
        width=max(2, round(width * shrink) & ~1), height=max(2, round(height * shrink) & ~1)
    )
    turn = int(best.rotation or 0) % 360
    if turn:
        image = image.rotate(turn, expand=True)
    if turn in (90, 270):
        width, height = height, width
    return {"width": width, "height": height} | save_poster(image, folder)


# Pictures


def look_at_picture(path: Path, form: str, folder: Path) -> dict[str, Any]:
    """Decode the picture and write it anew: of the file itself, place and all, nothing stays."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # our own, smaller limit is checked before any pixel is read
    try:
        with Image.open(path, formats=[form]) as image:
            # A camera's JPEG may hold previews beside the picture; that is no animation.
            frames = getattr(image, "n_frames", 1) if form in ANIMATED else 1
            pixels = image.width * image.height
            if pixels > MAX_PIXELS or pixels * frames > MAX_ANIMATION_PIXELS:
                raise Refused("too_many_pixels")
            profile = image.info.get("icc_profile")
            if frames > 1:
                return _animation(image, frames, folder)
            image.load()
            upright = ImageOps.exif_transpose(image)
    except UnidentifiedImageError as problem:
        raise Refused("broken") from problem
    except (OSError, SyntaxError, ValueError, EOFError) as problem:
        raise Refused("truncated" if "truncated" in str(problem) else "broken") from problem
    return _rewrite(upright, form, profile, folder)


def _rewrite(image: Any, form: str, profile: bytes | None, folder: Path) -> dict[str, Any]:
    from PIL import Image

    image = _in_eight_bits(image)
    see_through = "A" in image.getbands() or "transparency" in image.info
    target = "JPEG" if form == "JPEG" else "PNG" if form in ("PNG", "GIF") else "WEBP"
    mode = "RGBA" if see_through and target != "JPEG" else "RGB"
    converted = image.convert(mode)
    if image.mode not in ("RGB", "RGBA"):
        profile = None
    clean = Image.frombytes(mode, converted.size, converted.tobytes())
    options: dict[str, Any] = {"compress_level": 3} if target == "PNG" else {"quality": 90}
    if profile and len(profile) <= MAX_PROFILE_BYTES:
        options["icc_profile"] = profile
    clean.save(folder / "picture", target, **options)
    return {
        "width": clean.width,
        "height": clean.height,
        "picture_format": target,
    } | save_poster(_on_white(clean), folder)


def _animation(image: Any, frames: int, folder: Path) -> dict[str, Any]:
    from PIL import Image

    pictures, times = [], []
    for number in range(frames):
        image.seek(number)
        converted = _in_eight_bits(image).convert("RGBA")
        pictures.append(Image.frombytes("RGBA", converted.size, converted.tobytes()))
        times.append(max(20, int(image.info.get("duration", 100) or 100)))
    pictures[0].save(
        folder / "picture",
        "WEBP",
        save_all=True,
        append_images=pictures[1:],
        duration=times,
        loop=0,
        quality=85,
    )
    return {
        "width": image.width,
        "height": image.height,
        "picture_format": "WEBP",
    } | save_poster(_on_white(pictures[0]), folder)


def _in_eight_bits(image: Any) -> Any:
    """Reduce 16-bit grey to eight bits.

    Pillow would cut it off at 255, that is, make nearly all of it white.
    """
    from PIL import Image

    if image.mode == SIXTEEN_BIT_GREY:
        upper_bytes = image.tobytes()[1::2]
        return Image.frombytes("L", image.size, upper_bytes)
    if image.mode not in MAPPED_MODES:
        raise Refused("unsupported")
    return image


def _on_white(image: Any) -> Any:
    from PIL import Image

    if image.mode != "RGBA":
        return image
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image)
    return ground


# Documents


def look_at_pdf(path: Path, _form: str, folder: Path) -> dict[str, Any]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as problem:
        locked = "password" in str(problem).lower()
        raise Refused("encrypted" if locked else "broken") from problem
    try:
        pages = len(document)
        if not pages:
            raise Refused("nothing_inside")
        if pages > MAX_PAGES:
            raise Refused("too_many_pages")
        page = document[0]
        width, height = page.get_size()
        if width <= 0 or height <= 0:
            raise Refused("broken")
        scale = POSTER_SIDE / max(width, height)
        image = page.render(scale=scale, may_draw_forms=False).to_pil()
    except pypdfium2.PdfiumError as problem:
        raise Refused("broken") from problem
    finally:
        document.close()
    return {
        "pages": pages,
        "width": max(1, round(width)),
        "height": max(1, round(height)),
    } | save_poster(image, folder)


FAMILIES: dict[str, Callable[[Path, str, Path], dict[str, Any]]] = {
    "av": look_at_av,
    "picture": look_at_picture,
    "pdf": look_at_pdf,
}


def main() -> None:
    family, form, source, folder = sys.argv[1:5]
    # Libraries print what they think of a broken file; only our one line may reach the reader.
    answer = os.dup(1)
    os.dup2(2, 1)
    give_up_resources()
    try:
        result = {"ok": True} | FAMILIES[family](Path(source), form, Path(folder))
    except Refused as refusal:
        result = {"ok": False, "code": str(refusal)}
    except MemoryError:
        result = {"ok": False, "code": "too_hard"}
    os.write(answer, json.dumps(result).encode())


if __name__ == "__main__":
    main()
