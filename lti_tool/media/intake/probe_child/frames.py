"""Frames of MPEG sound, and the tags that stand before and behind them.

Pure.
"""

from __future__ import annotations

from collections.abc import Callable

Measure = Callable[[bytes], int]
"""Measures a frame by its first seven bytes; 0: this is no frame."""

FRAMES = 4
"""So many frames in a row are a sound, and not bytes that look like one by chance."""

HEADER = 7

# ISO/IEC 11172-3 and 13818-3, layer III: kbit/s by index, for MPEG-1 and for MPEG-2 and 2.5.
_BIT_RATES = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0),
)
_SAMPLE_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def mp3_length(head: bytes) -> int:
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version = head[1] >> 3 & 3
    rate = head[2] >> 2 & 3
    if version == 1 or rate == 3:
        return 0
    bits = _BIT_RATES[version != 3][head[2] >> 4]
    samples = 144 if version == 3 else 72
    padding = head[2] >> 1 & 1
    return samples * bits * 1000 // _SAMPLE_RATES[version][rate] + padding if bits else 0


def adts_length(head: bytes) -> int:
    """ISO/IEC 13818-7 §6.2."""
    if len(head) < 6 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 15 > 12:
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length > HEADER else 0


def in_a_row(data: bytes, position: int, measure: Measure) -> bool:
    """Tell whether several frames follow one another, or fewer up to the very end."""
    for count in range(FRAMES):
        length = measure(data[position : position + HEADER])
        if not length:
            return False
        position += length
        if position >= len(data):
            return count > 0 or position == len(data)
    return True


def id3_length(head: bytes) -> int:
    """Measure an ID3v2 tag with its header and footer (ID3v2.4 §3.1): seven bits of each byte."""
    length = sum(
        (part & 0x7F) << shift for part, shift in zip(head[6:10], (21, 14, 7, 0), strict=True)
    )
    return length + (20 if head[5] & 0x10 else 10)


def tags_behind(data: bytes) -> int:
    """Measure the tags at the end of ``data``: ID3v1, ID3v2 with a footer, Lyrics3 and APEv2."""
    left = len(data)
    while (length := _last_tag(data[:left])) and length <= left:
        left -= length
    return len(data) - left


def _last_tag(data: bytes) -> int:
    if data[-128:-125] == b"TAG":
        extended = data[-128 - 227 : -128 - 223] == b"TAG+"
        return 128 + (227 if extended else 0)
    if data[-32:-24] == b"APETAGEX":
        body = int.from_bytes(data[-20:-16], "little")
        return body + (32 if data[-9] & 0x80 else 0)
    if data[-9:] == b"LYRICS200" and data[-15:-9].isdigit():
        return int(data[-15:-9]) + 15
    if data[-10:-7] == b"3DI":
        return id3_length(b"ID3" + data[-7:])
    return 0
