"""The small picture that stands for an item."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

SIDE = 1280


def save_poster(image: Image.Image, folder: Path) -> dict[str, int]:
    """Write poster.webp, its longer side at most SIDE px, with nothing but the pixels."""
    poster = image.convert("RGB")
    poster.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    clean = Image.frombytes("RGB", poster.size, poster.tobytes())
    clean.save(folder / "poster.webp", "WEBP", quality=82, method=4)
    return {"poster_width": clean.width, "poster_height": clean.height}
