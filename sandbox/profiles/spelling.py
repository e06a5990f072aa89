"""How products spell the ids that the sandbox keeps short."""

from __future__ import annotations

import hashlib
import uuid
import zlib

_HERE = uuid.UUID("6f1d0c4e-1f6c-4c58-9a0e-2d1c7a5b9e10")


def as_uuid(*parts: str) -> str:
    """Return a UUID that is always the same for the same thing."""
    return str(uuid.uuid5(_HERE, "/".join(parts)))


def as_hex(*parts: str) -> str:
    """Forty hexadecimal digits, likewise."""
    return hashlib.sha1("/".join(parts).encode(), usedforsecurity=False).hexdigest()


def as_number(*parts: str) -> int:
    """Return a small number, likewise."""
    return zlib.crc32("/".join(parts).encode()) % 100_000


def java_hash(text: str) -> int:
    """Tell what Java's String.hashCode() gives: a signed number of 32 bits."""
    value = 0
    for letter in text:
        value = (31 * value + ord(letter)) & 0xFFFFFFFF
    return value - 2**32 if value & 0x80000000 else value
