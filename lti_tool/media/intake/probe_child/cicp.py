"""Colours that are told by three numbers, as films and PNGs do (ITU-T H.273), as a profile.

Pure. What is brighter than a screen can show becomes as bright as Chromium makes it there.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log1p

from . import icc

WIDE_PRIMARIES = BT2020, DCI_P3, DISPLAY_P3 = 9, 11, 12
HDR_CURVES = PQ, HLG = 16, 18
SRGB_CURVE = 13
WHITE_NITS, SHOULDER = 406, 2.3
"""White would be twice as bright as in ITU-R BT.2408, but from the half on light is pressed by a
logarithm, which goes on as steeply and reaches white at the peak."""
PEAK_NITS = 1000
HLG_SYSTEM_GAMMA = 1.2
STEPS = 256

_D65, _C = (0.3127, 0.329), (0.31, 0.316)
_CHROMATICITIES = {
    1: icc.SRGB_CHROMATICITY,
    4: (*_C, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*_D65, 0.64, 0.33, 0.29, 0.6, 0.15, 0.06),
    6: (*_D65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    7: (*_D65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    8: (*_C, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
    BT2020: (*_D65, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046),
    DCI_P3: (0.314, 0.351, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
    DISPLAY_P3: (*_D65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
    22: (*_D65, 0.63, 0.34, 0.295, 0.605, 0.155, 0.077),
}


def _smpte240(value: float) -> float:
    return value / 4 if value < 0.0913 else ((value + 0.1115) / 1.1115) ** (1 / 0.45)


def _srgb(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _pq(value: float) -> float:
    """SMPTE ST 2084."""
    root = value ** (32 / 2523)
    light = max(root - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * root)
    return _on_a_screen(10_000 * float(light ** (8192 / 1305)))


def _hlg(value: float) -> float:
    """ITU-R BT.2100, with the system's gamma for each colour by itself."""
    light = value**2 / 3 if value <= 0.5 else (exp((value - 0.55991) / 0.178833) + 0.284669) / 12
    return _on_a_screen(PEAK_NITS * light**HLG_SYSTEM_GAMMA)


def _on_a_screen(nits: float) -> float:
    light, above = nits / WHITE_NITS, 2 * nits / WHITE_NITS - 1
    if above <= 0:
        return light
    most = 2 * PEAK_NITS / WHITE_NITS - 1
    return 0.5 + 0.5 * log1p(SHOULDER * above) / log1p(SHOULDER * most)


_CURVES: dict[int, Callable[[float], float]] = {
    # What a studio's screen makes of it, ITU-R BT.1886.
    **dict.fromkeys((1, 6, 14, 15), lambda value: value**2.4),
    4: lambda value: value**2.2,
    5: lambda value: value**2.8,
    7: _smpte240,
    8: lambda value: value,
    SRGB_CURVE: _srgb,
    PQ: _pq,
    17: lambda value: 52.37 / 48 * value**2.6,
    HLG: _hlg,
}


def profile(primaries: int, transfer: int, *, grey: bool = False) -> bytes | None:
    """Make the profile of these colours; None where nobody knows them."""
    chromaticity, curve = _CHROMATICITIES.get(primaries), _CURVES.get(transfer)
    if chromaticity is None or curve is None:
        return None
    told = icc.table([min(curve(step / (STEPS - 1)), 1.0) for step in range(STEPS)])
    return icc.grey(told) if grey else icc.rgb(chromaticity, told)
