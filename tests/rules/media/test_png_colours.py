"""What a PNG says of its colours in chunks of its own counts as a profile does."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from lti_tool.media.intake.probe_child import pictures

MORE_MODES = ("LA", "RGBA")
ADOBE_RGB = (0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
SRGB = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
GREY, COLOUR = (128, 128, 128), (180, 90, 60)
LINEAR_GREY = (188, 188, 188)  # of IEC 61966-2-1
ADOBE_COLOUR = (204, 90, 56)  # by Adobe's matrix for D65


def chunk(kind: bytes, *values: float) -> bytes:
    content = struct.pack(f">{len(values)}I", *(round(one * 100_000) for one in values))
    if kind == b"sRGB":
        content = b"\0"
    crc = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)


def shown(image: Image.Image, said: bytes, folder: Path) -> tuple[int, ...]:
    """The colour that is kept of a picture of one colour, of which this is said."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    data = buffer.getvalue()
    data = data[:33] + said + data[33:]
    pictures.look_at(io.BytesIO(data), "PNG", 0, len(data), folder)
    with Image.open(folder / "picture") as kept:
        pixel = kept.convert("RGB").getpixel((3, 3))
    assert isinstance(pixel, tuple)
    return tuple(round(one) for one in pixel)


def is_near(found: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return all(abs(one - other) <= 3 for one, other in zip(found, wanted, strict=True))


@pytest.mark.parametrize(
    "mode", ["RGB", "L", "P", *(pytest.param(one, marks=pytest.mark.breadth) for one in MORE_MODES)]
)
def test_a_gamma_is_applied(tmp_path: Path, mode: str) -> None:
    image = Image.new("RGB", (9, 9), GREY)
    image = image.quantize() if mode == "P" else image.convert(mode)
    assert is_near(shown(image, chunk(b"gAMA", 1.0), tmp_path), LINEAR_GREY)


@pytest.mark.parametrize("gamma", [(), (0.45455,)])
def test_so_are_the_primaries(tmp_path: Path, gamma: tuple[float, ...]) -> None:
    said = chunk(b"cHRM", *ADOBE_RGB) + (chunk(b"gAMA", *gamma) if gamma else b"")
    assert is_near(shown(Image.new("RGB", (9, 9), COLOUR), said, tmp_path), ADOBE_COLOUR)
    assert is_near(shown(Image.new("RGB", (9, 9), GREY), said, tmp_path), GREY)


@pytest.mark.parametrize(
    "said",
    [
        chunk(b"gAMA", 0.45455) + chunk(b"cHRM", *SRGB),
        chunk(b"sRGB") + chunk(b"gAMA", 1.0),
        chunk(b"gAMA", 0),
        chunk(b"gAMA", 0.00001),
        chunk(b"cHRM", *(0,) * 8),
        chunk(b"cHRM", *(0.3,) * 8),
    ],
)
def test_what_is_usual_or_nonsense_changes_nothing(tmp_path: Path, said: bytes) -> None:
    assert shown(Image.new("RGB", (9, 9), COLOUR), said, tmp_path) == COLOUR


def code_points(*numbers: int) -> bytes:
    content = b"cICP" + bytes(numbers)
    return struct.pack(">I", 4) + content + struct.pack(">I", zlib.crc32(content))


@pytest.mark.parametrize("beside", [b"", chunk(b"sRGB"), chunk(b"gAMA", 1.0)])
def test_so_are_the_code_points_of_films_before_all_else(tmp_path: Path, beside: bytes) -> None:
    """Chromium 156 shows this colour."""
    said = code_points(12, 13, 0, 1) + beside
    assert is_near(shown(Image.new("RGB", (9, 9), COLOUR), said, tmp_path), (193, 83, 51))


def test_code_points_that_no_png_can_have_count_for_nothing(tmp_path: Path) -> None:
    for said in ((12, 13, 0, 0), (2, 2, 0, 1)):
        assert shown(Image.new("RGB", (9, 9), COLOUR), code_points(*said), tmp_path) == COLOUR


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize(("transfer", "wanted"), [(16, (132,) * 3), (18, (99,) * 3)])
def test_bright_scenes_are_brought_to_a_screen(
    tmp_path: Path, transfer: int, wanted: tuple[int, ...], mode: str
) -> None:
    image = Image.new("RGB", (9, 9), GREY).convert(mode)
    assert is_near(shown(image, code_points(9, transfer, 0, 1), tmp_path), wanted)
