"""Pictures that are made of boxes or chunks, each with its length: WebP (RIFF) and AVIF.

Pure.
"""

from __future__ import annotations


def is_whole(data: bytes) -> bool:
    """Tell whether such a picture holds as many bytes as its boxes promise; others: True."""
    if data[:4] == b"RIFF":
        return int.from_bytes(data[4:8], "little") + 8 <= len(data) + 1
    if data[4:8] != b"ftyp":
        return True
    position = 0
    while position + 8 <= len(data):
        length = int.from_bytes(data[position : position + 4])
        if length < 16:  # to the end, of sixty-four bits, or no box
            return True
        position += length
    return position <= len(data)
