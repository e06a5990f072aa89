"""Ids and secrets, made of the operating system's randomness (a CSPRNG)."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets


def new_id() -> str:
    """Draw 128 random bits as 26 lower-case letters and digits: safe in addresses and shells."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


_ID = re.compile(r"[a-z2-7]{26}")


def is_id(text: str) -> bool:
    """Tell whether a text from outside has the shape of ``new_id()``.

    Others need not be looked up.
    """
    return _ID.fullmatch(text) is not None


def new_handle() -> str:
    """Draw a short public name of a tool session (50 bits): no secret, it stands in addresses."""
    return base64.b32encode(secrets.token_bytes(10)).decode().lower()[:10]


def new_secret(nbytes: int = 32) -> str:
    return secrets.token_urlsafe(nbytes)


def digest(secret: str) -> str:
    """Hash a secret with SHA-256, in hex: the only form in which one is stored.

    Secrets are long and random, so neither salt nor a slow hash is needed.
    """
    return hashlib.sha256(secret.encode()).hexdigest()
