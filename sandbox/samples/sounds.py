"""Gentle plucked tones, computed note by note."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import av

RATE = 44100
_FRAME = 1024

# Semitones above A3, one note every half second; a five-note scale never sounds wrong.
_TUNE = (0, 7, 12, 9, 4, 7, 16, 12, 2, 9, 14, 7, 4, 12, 9, 7)


@cache
def _pluck(semitone: int) -> array[float]:
    """One note: three partials that fade away in 2.4 seconds, amplitude at most about 0.3."""
    step = 2 * math.pi * 220.0 * 2 ** (semitone / 12) / RATE
    sine, length = math.sin, int(2.4 * RATE)
    attack = RATE // 50
    return array(
        "f",
        (
            min(1.0, i / attack)
            * math.exp(-i / (0.55 * RATE))
            * (0.2 * sine(step * i) + 0.07 * sine(2 * step * i) + 0.03 * sine(3 * step * i))
            for i in range(length)
        ),
    )


def melody(seconds: float, shift: int = 0) -> array[int]:
    """Mono 16-bit samples at RATE, `shift` semitones higher than written, fading out at the end."""
    total = int(seconds * RATE)
    mixed = array("f", bytes(4 * total))
    for number in range(int(seconds * 2)):
        note = _pluck(_TUNE[number % len(_TUNE)] + shift)
        start = number * RATE // 2
        for i, value in enumerate(note[: total - start], start):
            mixed[i] += value
    fade = 2 * RATE
    return array(
        "h",
        (
            int(max(-1.0, min(1.0, value)) * 26000 * min(1.0, (total - i) / fade))
            for i, value in enumerate(mixed)
        ),
    )


def frames(samples: Sequence[int]) -> Iterator[av.AudioFrame]:
    """Return the samples as frames for an encoder."""
    whole = array("h", samples)
    for start in range(0, len(whole), _FRAME):
        part = whole[start : start + _FRAME]
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(part))
        frame.planes[0].update(part.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate = RATE
        frame.pts = start
        yield frame


def make(path: Path) -> None:
    """Return an AAC file of 20 seconds."""
    with av.open(str(path), "w", format="ipod", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("aac", rate=RATE, layout="mono", bit_rate=96_000)
        for frame in frames(melody(20, shift=-5)):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
