"""Skies, suns and wavy hills: what the film and the picture are painted with."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]


def mixed(first: Colour, second: Colour, part: float) -> Colour:
    """Return the colour `part` of the way from the first to the second."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(first, second, strict=True))
    return red, green, blue


def sky(size: tuple[int, int], stops: Sequence[Colour]) -> Image.Image:
    """Return a vertical gradient through evenly spread stops, top first."""
    width, height = size
    column = Image.new("RGB", (1, height))
    for y in range(height):
        place = y / max(1, height - 1) * (len(stops) - 1)
        index = min(int(place), len(stops) - 2)
        column.putpixel((0, y), mixed(stops[index], stops[index + 1], place - index))
    return column.resize((width, height))


def ridge(
    size: tuple[int, int], level: float, waves: Sequence[tuple[float, int, float]]
) -> Image.Image:
    """Return a mask that is white below a wavy line, smooth-edged.

    `level` is the line's middle, as a part of the height from above; each wave is (height as a
    part of the image's, how many across the width, phase). Whole numbers of waves make the line
    meet itself, so the mask can be scrolled round.
    """
    width, height = size
    twice = Image.new("L", (width * 2, height * 2))
    points = [
        (
            x,
            2 * height * level
            + sum(
                2 * height * tall * math.sin(2 * math.pi * count * x / (2 * width) + phase)
                for tall, count, phase in waves
            ),
        )
        for x in range(0, 2 * width + 1, 4)
    ]
    outline = [*points, (2 * width, 2 * height), (0, 2 * height)]
    ImageDraw.Draw(twice).polygon(outline, fill=255)
    return twice.resize(size, Image.Resampling.BOX)


def disc(diameter: int, soft: int) -> Image.Image:
    """Return a mask with a round spot and a glow of `soft` pixels around it."""
    size = diameter + 2 * soft
    mask = Image.new("L", (size, size))
    draw = ImageDraw.Draw(mask)
    for ring in range(soft, 0, -2):
        glow = round(110 * (1 - ring / soft) ** 2)
        draw.ellipse((soft - ring, soft - ring, size - soft + ring, size - soft + ring), fill=glow)
    spot = Image.new("L", (diameter * 2, diameter * 2))
    ImageDraw.Draw(spot).ellipse((0, 0, diameter * 2 - 1, diameter * 2 - 1), fill=255)
    spot = spot.resize((diameter, diameter), Image.Resampling.BOX)
    mask.paste(255, (soft, soft), spot)
    return mask
