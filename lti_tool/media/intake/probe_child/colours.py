"""Colours as they are meant: every picture becomes eight bits of sRGB."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageCms

MAX_PROFILE_BYTES = 16 << 20
MAPPED_MODES = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB"})
WITH_ALPHA = frozenset({"LA", "PA", "RGBA"})  # the A of LAB is no alpha
_SPACES = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK", "LAB": "Lab "}
_WIDE_GREYS = frozenset({"I", "I;16", "I;16L", "I;16B", "F"})


def in_srgb(image: Any, profile: bytes | None) -> Any:
    """Return the picture in RGB, or in RGBA where one sees through it."""
    image = in_eight_bits(image)
    see_through = image.mode in WITH_ALPHA or "transparency" in image.info
    if image.mode in ("P", "PA", "LA", "1", "YCbCr") or (see_through and image.mode != "RGBA"):
        grey = image.mode in ("LA", "L", "1")
        alpha = image.convert("RGBA").getchannel("A") if see_through else None
        image = image.convert("L" if grey else "RGB")
    else:
        alpha = image.getchannel("A") if image.mode == "RGBA" else None
        image = image.convert("RGB") if image.mode == "RGBA" else image
    image = _converted(image, profile)
    if alpha is not None:
        image.putalpha(alpha)
    return image


def _converted(image: Any, profile: bytes | None) -> Any:
    """Convert by the profile; one that is broken, or for other colours, counts for nothing."""
    target = ImageCms.createProfile("sRGB")
    try:
        if image.mode == "LAB" and not profile:
            given: Any = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        elif profile and len(profile) <= MAX_PROFILE_BYTES:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        else:
            return image.convert("RGB")
        if given.profile.xcolor_space == _SPACES.get(image.mode):
            converted = ImageCms.profileToProfile(image, given, target, outputMode="RGB")
            if converted is not None:
                return converted
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        pass
    if image.mode == "LAB":
        return _converted(image, None) if profile else image.getchannel("L").convert("RGB")
    return image.convert("RGB")


def in_eight_bits(image: Any) -> Any:
    """Reduce wide greys to eight bits, which Pillow would cut off at 255 (nearly all white)."""
    if image.mode in ("I;16", "I;16L", "I;16B"):
        upper = 0 if image.mode == "I;16B" else 1
        return Image.frombytes("L", image.size, image.tobytes()[upper::2])
    if image.mode in _WIDE_GREYS:
        low, high = image.getextrema()
        if image.mode == "I" and low >= 0 and 255 < high <= 0xFFFF:
            low, high = 0, 0xFFFF
        scale = 255 / ((high - low) or 1)
        return image.convert("F").point(lambda value: value * scale - low * scale).convert("L")
    if image.mode not in MAPPED_MODES:
        return image.convert("RGB")
    return image
