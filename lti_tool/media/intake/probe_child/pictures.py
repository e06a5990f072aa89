"""Pictures: decoded and written anew, so that of the file itself, place and all, nothing stays."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any, BinaryIO

from PIL import ExifTags, Image, ImageFile, UnidentifiedImageError
from PIL.TiffImagePlugin import IMAGEWIDTH, TiffImageFile

from . import boxes, jpeg, png, png_colours
from .colours import in_eight_bits, in_srgb
from .pieces import Pieced, zeros_behind
from .poster import save_poster
from .refusal import Refused

MAX_PIXELS = 250_000_000
MAX_KEPT_PIXELS = 64_000_000
MAX_ANIMATION_PIXELS = 500_000_000
MAX_KEPT_ANIMATION_PIXELS = 200_000_000
WEBP_SIDE = 16_383
JPEG_SIDE = 65_500
JPEG_BLOCK = 16
# Tags of TIFF 6.0 that say what a page is: bits of a reduced copy and of a mask, or a number.
NEW_SUBFILE_TYPE, SUBFILE_TYPE = 254, 255
REDUCED, MASK, OLD_REDUCED = 1, 4, 2
ANIMATED = ("GIF", "PNG", "WEBP", "AVIF")
TOO_SHORT_MS, USUAL_MS = 10, 100
"""Browsers show a frame of up to 10 ms for 100."""
# Modes whose values can be averaged as they are.
_AVERAGED = frozenset({"L", "LA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I", "F"})

_TRANSPOSED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
GIF_HEAD = 64 << 10
_ANIMEXTS = re.compile(rb"!\xff\x0bANIMEXTS1\.0\x03\x01(..)", re.DOTALL)
_TIFF_HEAD = re.compile(rb"(II\*\0|MM\0\*)")
# As JPEG's segment begins; PNG's chunk has it bare.
_EXIF_HEAD = re.compile(rb"(?:Exif\0\0|eXIf)(II\*\0|MM\0\*)")
# Zeros behind it are room that was kept for what has not come; to a JPEG they would be pixels.
_ENDS_WITH_A_MARK = ("JPEG", "PNG")
_WITHOUT_METADATA = {"JPEG": jpeg.without_metadata, "PNG": png.without_metadata}


def look_at(source: BinaryIO, form: str, begin: int, end: int, folder: Path) -> dict[str, Any]:
    """Decode the picture and write it anew; what is said about it never keeps it from that."""
    Image.MAX_IMAGE_PIXELS = None  # our own, smaller limit is checked before any pixel is read
    if form in _ENDS_WITH_A_MARK:
        end -= zeros_behind(source, begin, end)
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
    code_points = png.code_points(stream) if form == "PNG" else None
    stream.seek(0)
    try:
        image = Image.open(stream, formats=[form])
    except UnidentifiedImageError as problem:
        raise ValueError("unidentified") from problem
    with image:
        if isinstance(image, TiffImageFile):
            _require_one_page(image)
        # A camera's JPEG may hold previews beside the picture; that is no animation.
        frames = getattr(image, "n_frames", 1) if form in ANIMATED else 1
        pixels = image.width * image.height
        if pixels > MAX_PIXELS or (frames > 1 and pixels * frames > MAX_ANIMATION_PIXELS):
            raise Refused("too_many_pixels")
        profile = image.info.get("icc_profile")
        if form == "PNG":
            profile = png_colours.profile(image.info, code_points, image.mode)
        if frames > 1:
            return _animation(image, frames, profile, folder)
        times = _times_too_large(pixels, MAX_KEPT_PIXELS)
        if form == "JPEG" and times > 1:
            image.draft(None, (image.width // times, image.height // times))
        image.load()
        upright = _TRANSPOSED.get(orientation or _orientation(image))
        return _still(image, upright, profile, form, folder)


def _still(
    image: Any, upright: Any, profile: bytes | None, form: str, folder: Path
) -> dict[str, Any]:
    times = _times_too_large(image.width * image.height, MAX_KEPT_PIXELS)
    if times > 1:
        image = _in_averaged_mode(image).reduce(times)
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


def _in_averaged_mode(image: Any) -> Any:
    """Keep the mode where it can be: others could not be told apart from sRGB by the profile."""
    if image.mode.startswith("I;16"):
        return in_eight_bits(image)
    if "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode in _AVERAGED:
        return image
    return image.convert({"1": "L", "PA": "RGBA"}.get(image.mode, "RGB"))


def _times_too_large(pixels: int, limit: int) -> int:
    """Say by how much the sides are to shrink: a power of two, which JPEG decodes at once."""
    times = 1
    while pixels > limit * times * times:
        times *= 2
    return times


def _require_one_page(image: TiffImageFile) -> None:
    """Refuse what holds several pages, of which one would be shown, and raws' small previews."""
    if image.tag_v2.get(NEW_SUBFILE_TYPE, 0) & REDUCED:
        raise Refused("picture_format", "RAW")
    number = 0
    try:
        while True:
            number += 1
            image.seek(number)
            tags = image.tag_v2
            beside = tags.get(NEW_SUBFILE_TYPE, 0) & (REDUCED | MASK)
            if tags.get(IMAGEWIDTH) and not beside and tags.get(SUBFILE_TYPE) != OLD_REDUCED:
                raise Refused("several_pages")
    except Refused:
        raise
    except Exception:
        # The last page is behind us, or what comes is damaged, which takes nothing from the first.
        image.seek(0)


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
    head = _EXIF_HEAD.search(data) or _TIFF_HEAD.match(data)
    if not head:
        return 1
    order: Any = "little" if head[1] == b"II*\0" else "big"
    entry = (0x0112).to_bytes(2, order) + (3).to_bytes(2, order) + (1).to_bytes(4, order)
    begin = head.start(1)
    at = data.find(entry, begin, begin + (64 << 10))
    return int.from_bytes(data[at + 8 : at + 10], order) if at >= 0 else 1


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


class _Frames:
    """Shows the encoder one frame after another, of which only one is in memory."""

    mode = "RGBA"

    def __init__(self, image: Any, begin: int, end: int, shrink: int, profile: bytes | None):
        self._image, self._begin, self.n_frames = image, begin, end - begin
        self._shrink, self._profile = shrink, profile
        self.milliseconds: list[int] = []
        self.shown: Any = None

    def seek(self, number: int) -> None:
        image = self._image
        image.seek(self._begin + number)
        frame = image.convert("RGBA") if image.mode in ("P", "L") else image
        frame = in_srgb(frame, self._profile).convert("RGBA")
        self.shown = frame.reduce(self._shrink) if self._shrink > 1 else frame
        length = int(image.info.get("duration", USUAL_MS) or USUAL_MS)
        self.milliseconds.append(USUAL_MS if length <= TOO_SHORT_MS else length)

    def getim(self) -> Any:
        return self.shown.getim()


def _animation(image: Any, frames: int, profile: bytes | None, folder: Path) -> dict[str, Any]:
    loops = _times_played(image)
    pixels = image.width * image.height * frames
    shrink = _times_too_large(pixels, MAX_KEPT_ANIMATION_PIXELS)
    # What an APNG shows where animations are not known may be none of its frames.
    begin = 1 if image.info.get("default_image") else 0
    first = _Frames(image, begin, begin + 1, shrink, profile)
    first.seek(0)
    others = _Frames(image, begin + 1, frames, shrink, profile)
    others.milliseconds = first.milliseconds  # grows while the encoder asks for the frames
    clean = Image.frombytes("RGBA", first.shown.size, first.shown.tobytes())
    clean.save(
        folder / "picture",
        "WEBP",
        save_all=True,
        append_images=[others],
        duration=others.milliseconds,
        loop=loops,
        quality=85,
    )
    return {
        "width": clean.width,
        "height": clean.height,
        "picture_format": "WEBP",
    } | save_poster(_on_white(clean), folder)


def _times_played(image: Any) -> int:
    """Say how often it plays, 0: for ever, as WebP and APNG count. GIF tells the repetitions."""
    told = image.info.get("loop")
    if image.format != "GIF":
        return int(told or 0)
    told = _repetitions_by_another_name(image) if told is None else told
    if told is None:
        return 1
    return min(int(told) + 1, 0xFFFF) if told else 0


def _repetitions_by_another_name(gif: Any) -> int | None:
    """Read what browsers take for Netscape's extension too, and Pillow does not."""
    position = gif.fp.tell()
    gif.fp.seek(0)
    told = _ANIMEXTS.search(gif.fp.read(GIF_HEAD))
    gif.fp.seek(position)
    return int.from_bytes(told[1], "little") if told else None


def _on_white(image: Any) -> Any:
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image)
    return ground
