"""Where the samples of an MP4's track lie, by its tables (ISO/IEC 14496-12 §8.7 and §8.8).

Pure.
"""

from __future__ import annotations

import sys
from array import array
from dataclasses import dataclass, field
from itertools import accumulate

Stretch = tuple[int, int]
"""Where something begins, and how long it is."""

# Flags of tfhd (§8.8.7) and of trun (§8.8.8).
_BASE, _DESCRIPTION, _DURATION, _SIZE = 0x1, 0x2, 0x8, 0x10
_DATA_OFFSET, _FIRST_FLAGS = 0x1, 0x4
_EACH = (0x100, 0x200, 0x400, 0x800)
_EACH_SIZE = 0x200


@dataclass
class Fragment:
    """A track's part of a fragment."""

    track: int
    stretches: list[Stretch] = field(default_factory=list)


def track_samples(tables: dict[bytes, bytes]) -> list[Stretch]:
    """Return where the chunks of a track lie; nothing where its tables are not there."""
    offsets = _numbers(tables.get(b"stco", b"")[8:], 4) or _numbers(tables.get(b"co64", b"")[8:], 8)
    counts = _samples_of_chunks(_numbers(tables.get(b"stsc", b"")[8:], 4), len(offsets))
    sizes = _sizes(tables)
    if isinstance(sizes, int):
        return [(at, count * sizes) for at, count in zip(offsets, counts, strict=True)]
    ends = [0, *accumulate(sizes)]
    stretches, number = [], 0
    for at, count in zip(offsets, counts, strict=True):
        last = min(number + count, len(sizes))
        stretches.append((at, ends[last] - ends[number]))
        number = last
    return stretches


def _sizes(tables: dict[bytes, bytes]) -> int | list[int]:
    table = tables.get(b"stsz", b"")
    if table:
        each = int.from_bytes(table[4:8], "big")
        return each or _numbers(table[12:], 4)
    table = tables.get(b"stz2", b"")
    width = table[7] if len(table) > 12 else 0
    if width == 4:
        return [half for byte in table[12:] for half in (byte >> 4, byte & 15)]
    return _numbers(table[12:], width // 8) if width in (8, 16) else []


def _samples_of_chunks(runs: list[int], chunks: int) -> list[int]:
    """Spread the runs of stsc over the chunks: first chunk, samples in each, description."""
    firsts = [*runs[0::3], chunks + 1]
    counts: list[int] = []
    for first, following, each in zip(firsts, firsts[1:], runs[1::3], strict=False):
        counts += [each] * max(0, min(following, chunks + 1) - first)
    return (counts + [0] * chunks)[:chunks]


def _numbers(data: bytes, width: int) -> list[int]:
    numbers = array({1: "B", 2: "H", 4: "I", 8: "Q"}[width])
    numbers.frombytes(data[: len(data) // width * width])
    if sys.byteorder == "little" and width > 1:
        numbers.byteswap()
    return numbers.tolist()


def fragment_samples(
    header: bytes, runs: list[bytes], moof: int, defaults: dict[int, int]
) -> Fragment:
    """Read a track's runs in a fragment that begins at ``moof``."""
    flags = int.from_bytes(header[1:4], "big")
    found = Fragment(int.from_bytes(header[4:8], "big"))
    position, base = 8, moof
    if flags & _BASE:
        base = int.from_bytes(header[8:16], "big")
        position += 8
    position += 4 * bool(flags & _DESCRIPTION) + 4 * bool(flags & _DURATION)
    each = defaults.get(found.track, 0)
    if flags & _SIZE:
        each = int.from_bytes(header[position : position + 4], "big")
    at = base
    for run in runs:
        begin, length = _run(run, base, at, each)
        found.stretches.append((begin, length))
        at = begin + length
    return found


def _run(run: bytes, base: int, following: int, each: int) -> Stretch:
    flags, count = int.from_bytes(run[1:4], "big"), int.from_bytes(run[4:8], "big")
    position, begin = 8, following
    if flags & _DATA_OFFSET:
        begin = base + int.from_bytes(run[8:12], "big", signed=True)
        position += 4
    position += 4 * bool(flags & _FIRST_FLAGS)
    if not flags & _EACH_SIZE:
        return begin, count * each
    fields = [flag for flag in _EACH if flags & flag]
    values = _numbers(run[position : position + 4 * count * len(fields)], 4)
    return begin, sum(values[fields.index(_EACH_SIZE) :: len(fields)])
