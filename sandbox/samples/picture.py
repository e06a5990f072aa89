"""A still: hills behind hills, and the first light."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from sandbox.samples import painting
from sandbox.samples.painting import Colour

SIZE = (1600, 1000)
_SKY: tuple[Colour, ...] = ((38, 52, 92), (116, 106, 148), (236, 158, 128), (252, 214, 160))
_FAR: Colour = (176, 140, 150)
_NEAR: Colour = (26, 44, 48)


def paint() -> Image.Image:
    """Return the picture, 1600 × 1000."""
    width, height = SIZE
    image = Image.new("RGB", SIZE)
    image.paste(painting.sky((width, int(height * 0.7)), _SKY))
    image.paste(_SKY[-1], (0, int(height * 0.7), width, height))
    sun = painting.disc(120, 220)
    image.paste((255, 238, 200), (1020 - sun.width // 2, 500 - sun.height // 2), sun)
    hills = 6
    for number in range(hills):
        part = number / (hills - 1)
        mask = painting.ridge(
            SIZE,
            0.55 + 0.34 * part,
            [
                (0.045 + 0.02 * part, 1 + number % 3, 0.9 + 2.1 * number),
                (0.018, 4 + number, 1.7 * number),
                (0.006, 11 + 2 * number, 0.6 * number),
            ],
        )
        image.paste(painting.mixed(_FAR, _NEAR, part**0.8), (0, 0), mask)
    return image


def make(path: Path) -> None:
    """Return a JPEG file."""
    paint().save(path, "JPEG", quality=88, optimize=True, progressive=True)
