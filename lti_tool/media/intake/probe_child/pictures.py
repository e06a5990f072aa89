"""Pictures: decoded and written anew, so that of the file itself, place and all, nothing stays."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, BinaryIO

from PIL import ExifTags, Image, ImageFile, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile

from . import boxes, jpeg, png
from .colours import in_srgb
from .pieces import Pieced
from .poster import save_poster
from .refusal import Refused

MAX_PIXELS = 250_000_000
MAX_KEPT_PIXELS = 64_000_000
MAX_ANIMATION_PIXELS = 100_000_000
WEBP_SIDE = 16_383
JPEG_SIDE = 65_500
JPEG_BLOCK = 16
NEW_SUBFILE_TYPE = 254
ANIMATED = ("GIF", "PNG", "WEBP", "AVIF")
TOO_SHORT_MS, USUAL_MS = 10, 100
"""Browsers show a frame of up to 10 ms for 100."""

_TRANSPOSED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_WITHOUT_METADATA = {"JPEG": jpeg.without_metadata, "PNG": png.without_metadata}


def look_at(source: BinaryIO, form: str, begin: int, end: int, folder: Path) -> dict[str, Any]:
    """Decode the picture and write it anew; what is said about it never keeps it from that."""
    Image.MAX_IMAGE_PIXELS = None  # our own, smaller limit is checked before any pixel is read
    stream: Any = Pieced(source, [(begin, end - begin)])
    try:
        return _rewritten(stream, form, folder)
    except MemoryError as problem:
        raise Refused("too_many_pixels") from problem
    except Refused:
        raise
    except Exception as problem:
        # Whatever a decoder says of damaged bytes: Pillow names no base class of its own.
        return _second_try(stream, form, folder, problem)


def _second_try(stream: Any, form: str, folder: Path, problem: Exception) -> dict[str, Any]:
    """Try again without metadata, then without the mark at a JPEG's end."""
    stream.seek(0)
    data = stream.read()
    orientation = _orientation_of(data)
    truncated = "truncated" in str(problem).lower() or not boxes.is_whole(data)
    if truncated and form == "JPEG":
        _require_all_rows(data)
        data += b"\xff\xd9"
    elif form in _WITHOUT_METADATA:
        data = _WITHOUT_METADATA[form](data)
    try:
        return _rewritten(io.BytesIO(data), form, folder, orientation)
    except (Refused, MemoryError):
        raise
    except Exception as again:
        truncated = truncated or "truncated" in str(again).lower()
        raise Refused("truncated" if truncated else "broken") from again


def _rewritten(stream: Any, form: str, folder: Path, orientation: int = 0) -> dict[str, Any]:
    try:
        image = Image.open(stream, formats=[form])
    except UnidentifiedImageError as problem:
        raise ValueError("unidentified") from problem
    with image:
        if isinstance(image, TiffImageFile) and image.tag_v2.get(NEW_SUBFILE_TYPE, 0) & 1:
            raise Refused("picture_format", "RAW")  # only the small preview of one
        # A camera's JPEG may hold previews beside the picture; that is no animation.
        frames = getattr(image, "n_frames", 1) if form in ANIMATED else 1
        pixels = image.width * image.height
        if pixels > MAX_PIXELS or (frames > 1 and pixels * frames > MAX_ANIMATION_PIXELS):
            raise Refused("too_many_pixels")
        profile = image.info.get("icc_profile")
        if frames > 1:
            return _animation(image, frames, profile, folder)
        times = _times_too_large(pixels)
        if form == "JPEG" and times > 1:
            image.draft(None, (image.width // times, image.height // times))
        image.load()
        upright = _TRANSPOSED.get(orientation or _orientation(image))
        return _still(image, upright, profile, form, folder)


def _still(
    image: Any, upright: Any, profile: bytes | None, form: str, folder: Path
) -> dict[str, Any]:
    times = _times_too_large(image.width * image.height)
    if times > 1:
        info = image.info
        image = (image if image.mode in ("L", "RGB", "CMYK", "RGBA") else _plain(image)).reduce(
            times
        )
        image.info = info
    image = in_srgb(image, profile)
    if upright is not None:
        image = image.transpose(upright)
    clean = Image.frombytes(image.mode, image.size, image.tobytes())
    target = _target(clean, form)
    options: dict[str, Any] = {"compress_level": 3} if target == "PNG" else {"quality": 90}
    clean.save(folder / "picture", target, **options)
    return {
        "width": clean.width,
        "height": clean.height,
        "picture_format": target,
    } | save_poster(_on_white(clean), folder)


def _plain(image: Any) -> Any:
    see_through = "A" in image.getbands() or "transparency" in image.info
    return image.convert("RGBA" if see_through else "RGB")


def _times_too_large(pixels: int) -> int:
    """Say by how much the sides are to shrink: a power of two, which JPEG decodes at once."""
    times = 1
    while pixels > MAX_KEPT_PIXELS * times * times:
        times *= 2
    return times


def _target(image: Any, form: str) -> str:
    side = max(image.size)
    if form in ("PNG", "GIF") or side > JPEG_SIDE:
        return "PNG"
    if form == "JPEG" or (side > WEBP_SIDE and image.mode == "RGB"):
        return "JPEG"
    return "PNG" if side > WEBP_SIDE else "WEBP"


def _orientation(image: Any) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:
        # Pillow reads all of it and raises many things; only this one number is wanted.
        return _orientation_of(image.info.get("exif", b""))


def _orientation_of(data: bytes) -> int:
    """Find the orientation in EXIF by its own entry: tag 0x0112, type SHORT, one value."""
    at = data.find(b"Exif\0\0")
    begin = at + 6 if at >= 0 else 0
    order = {b"II": "little", b"MM": "big"}.get(data[begin : begin + 2])
    if order is None:
        return 1
    entry = (0x0112).to_bytes(2, order) + (3).to_bytes(2, order) + (1).to_bytes(4, order)  # type: ignore[arg-type]
    at = data.find(entry, begin, begin + (64 << 10))
    return int.from_bytes(data[at + 8 : at + 10], order) if at >= 0 else 1  # type: ignore[arg-type]


def _require_all_rows(data: bytes) -> None:
    """Raise Refused unless only the last marks of a JPEG are missing, not rows of its pixels."""
    if jpeg.is_progressive(data):
        if not jpeg.has_all_scans(data):
            raise Refused("truncated")
        return
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        stream = io.BytesIO(data)
        image: Any = Image.open(stream, formats=["JPEG"])
        with image:
            image.load_read = stream.read  # without the mark that Pillow would add by itself
            image.load()
            height, box = image.height, image.getbbox()
            read = box[3] if box and image.mode != "CMYK" else 0
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    # Until it sees the mark, the decoder holds the last row of blocks back and two lines more.
    if read < (height - 1) // JPEG_BLOCK * JPEG_BLOCK - 2:
        raise Refused("truncated")


def _animation(image: Any, frames: int, profile: bytes | None, folder: Path) -> dict[str, Any]:
    loops = _times_played(image)
    pictures, times = [], []
    for number in range(frames):
        image.seek(number)
        shown = image.convert("RGBA") if image.mode in ("P", "L") else image
        converted = in_srgb(shown, profile).convert("RGBA")
        pictures.append(Image.frombytes("RGBA", converted.size, converted.tobytes()))
        length = int(image.info.get("duration", USUAL_MS) or USUAL_MS)
        times.append(USUAL_MS if length <= TOO_SHORT_MS else length)
    pictures[0].save(
        folder / "picture",
        "WEBP",
        save_all=True,
        append_images=pictures[1:],
        duration=times,
        loop=loops,
        quality=85,
    )
    return {
        "width": image.width,
        "height": image.height,
        "picture_format": "WEBP",
    } | save_poster(_on_white(pictures[0]), folder)


def _times_played(image: Any) -> int:
    """Say how often it plays, 0: for ever, as WebP and APNG count. GIF tells the repetitions."""
    told = image.info.get("loop")
    if image.format != "GIF":
        return int(told or 0)
    if told is None:
        return 1
    return min(int(told) + 1, 0xFFFF) if told else 0


def _on_white(image: Any) -> Any:
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image)
    return ground
