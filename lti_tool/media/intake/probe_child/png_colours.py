"""What a PNG says of its colours, as an ICC profile.

Pure. The chunks cICP, gAMA, cHRM and sRGB: PNG (third edition) §11.3.2.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from . import cicp, icc

USUAL_GAMMA = 1 / 2.2
GREYS = frozenset({"1", "L", "LA", "I", "I;16", "I;16B"})


def profile(
    told: Mapping[Any, Any], code_points: tuple[int, int] | None, mode: str
) -> bytes | None:
    """Return the profile of what was ``told``, in Pillow's words; None where that is sRGB."""
    grey = mode in GREYS
    by_code_points = cicp.profile(*code_points, grey=grey) if code_points else None
    if given := by_code_points or told.get("icc_profile"):
        return bytes(given)
    if "srgb" in told:
        return None
    gamma = told.get("gamma", USUAL_GAMMA)
    chromaticity = told.get("chromaticity", icc.SRGB_CHROMATICITY)
    usual = grey or _are_near(chromaticity, icc.SRGB_CHROMATICITY)
    if usual and _are_near((gamma,), (USUAL_GAMMA,)):
        return None
    try:
        curve = icc.power(1 / gamma)
        return icc.grey(curve) if grey else icc.rgb(chromaticity, curve)
    except (ZeroDivisionError, struct.error):
        return None


def _are_near(values: tuple[float, ...], others: tuple[float, ...]) -> bool:
    return all(abs(one - other) < 0.01 for one, other in zip(values, others, strict=True))
