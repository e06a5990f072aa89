"""Profiles of colours, written from the numbers that formats tell instead of one.

Pure. ICC.1:2010 §7 to §10.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

Vector = tuple[float, float, float]

# White, red, green and blue of sRGB, x and y of each (IEC 61966-2-1).
SRGB_CHROMATICITY = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
_D50: Vector = (0.9642, 1.0, 0.8249)
# The Bradford transform into cones' responses, and back.
_CONES: tuple[Vector, Vector, Vector] = (
    (0.8951, 0.2664, -0.1614),
    (-0.7502, 1.7135, 0.0367),
    (0.0389, -0.0685, 1.0296),
)
_FROM_CONES: tuple[Vector, Vector, Vector] = (
    (0.9869929, -0.1470543, 0.1599627),
    (0.4323053, 0.5183603, 0.0492912),
    (-0.0085287, 0.0400428, 0.9684867),
)


def rgb(chromaticity: Sequence[float], curve: bytes) -> bytes:
    """Make the profile of these primaries. Raise ZeroDivisionError where they span no colours."""
    primaries = zip((b"rXYZ", b"gXYZ", b"bXYZ"), _primaries(chromaticity), strict=True)
    colours = {name: _xyz(one) for name, one in primaries}
    return _written(b"RGB ", colours | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve))


def grey(curve: bytes) -> bytes:
    return _written(b"GRAY", {b"kTRC": curve})


def power(exponent: float) -> bytes:
    """Raise struct.error where a profile cannot hold the exponent."""
    return b"curv" + struct.pack(">IIHH", 0, 1, round(256 * exponent), 0)


def table(values: Sequence[float]) -> bytes:
    """Make the curve of the light, from 0 to 1, that values at equal distances stand for."""
    numbers = [round(65535 * value) for value in values]
    return b"curv" + struct.pack(f">II{len(numbers)}H", 0, len(numbers), *numbers)


def _primaries(chromaticity: Sequence[float]) -> list[Vector]:
    """Return what red, green and blue are when white is D50, which profiles are about."""
    pairs = zip(chromaticity[::2], chromaticity[1::2], strict=True)
    white, *primaries = [(x / y, 1.0, (1 - x - y) / y) for x, y in pairs]
    whole = _determinant(primaries)
    shares = [_determinant([*primaries[:n], white, *primaries[n + 1 :]]) / whole for n in range(3)]
    return [
        _adapted((x * share, y * share, z * share), white)
        for (x, y, z), share in zip(primaries, shares, strict=True)
    ]


def _determinant(columns: list[Vector]) -> float:
    (a, b, c), (d, e, f), (g, h, i) = columns
    return a * (e * i - f * h) - d * (b * i - c * h) + g * (b * f - c * e)


def _adapted(colour: Vector, white: Vector) -> Vector:
    seen, given, wanted = (_times(_CONES, one) for one in (colour, white, _D50))
    scaled = [one * to / of for one, of, to in zip(seen, given, wanted, strict=True)]
    return _times(_FROM_CONES, (scaled[0], scaled[1], scaled[2]))


def _times(rows: tuple[Vector, Vector, Vector], vector: Vector) -> Vector:
    first, second, third = (
        sum(one * other for one, other in zip(row, vector, strict=True)) for row in rows
    )
    return first, second, third


def _xyz(colour: Vector) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(one * 65536) for one in colour))


def _written(space: bytes, colours: dict[bytes, bytes]) -> bytes:
    tags = {
        b"desc": b"desc" + struct.pack(">II", 0, 1) + bytes(80),
        b"cprt": b"text\0\0\0\0\0\0\0\0",
        b"wtpt": _xyz(_D50),
    } | colours
    begin = 132 + 12 * len(tags)
    table, body = b"", b""
    for name, value in tags.items():
        table += name + struct.pack(">II", begin + len(body), len(value))
        body += value
    head = struct.pack(">I4sI4s4s4s", begin + len(body), b"", 0x02400000, b"mntr", space, b"XYZ ")
    head = head.ljust(36, b"\0") + b"acsp".ljust(32, b"\0") + _xyz(_D50)[8:]
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body
