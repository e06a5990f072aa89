"""Ids and secrets, made of the operating system's randomness (a CSPRNG)."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import string

_BASE32 = (string.ascii_lowercase + "234567").encode()
_LETTERS = _BASE32 * 8
"""What each value of a random byte is written as: of 256, eight times each of the 32."""


def new_id() -> str:
    """Draw 130 random bits as 26 lower-case letters and digits: safe in addresses and shells."""
    return _letters(26)


_ID = re.compile(r"[a-z2-7]{26}")


def is_id(text: str) -> bool:
    """Tell whether a text from outside has the shape of ``new_id()``.

    Others need not be looked up.
    """
    return _ID.fullmatch(text) is not None


def new_handle() -> str:
    """Draw a short public name of a tool session (50 bits): no secret, it stands in addresses."""
    return _letters(10)


_UNMISTAKABLE = "ACDEFGHJKMNPQRTVWXY34679"
"""None of these is taken for another, in any type or by hand (as 0 and O, 1 and I, 8 and B are)."""
_SPOKEN = (_UNMISTAKABLE * 11).encode()[:256]


def new_reference() -> str:
    """Draw the id of a request, as people pass it on: two groups of four signs, such as K7QM-4XTE.

    It is no secret and names nothing but lines of the log; 36 bits keep those of some weeks apart.
    """
    signs = secrets.token_bytes(8).translate(_SPOKEN).decode()
    return f"{signs[:4]}-{signs[4:]}"


def derived_id(secret: str) -> str:
    """Write an id as ``new_id()`` draws them that only whoever knows the secret can tell."""
    return _hash("id", secret)[:26].translate(_LETTERS).decode()


def derived_secret(secret: str, nbytes: int = 32) -> str:
    """Make of a secret another one, as ``new_secret()`` draws them; of 32 bytes at most."""
    made = _hash("secret", secret)[:nbytes]
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def _hash(purpose: str, secret: str) -> bytes:
    return hashlib.sha256(f"{purpose}:{secret}".encode()).digest()


def _letters(count: int) -> str:
    return secrets.token_bytes(count).translate(_LETTERS).decode()


def new_secret(nbytes: int = 32) -> str:
    return secrets.token_urlsafe(nbytes)


def digest(secret: str) -> str:
    """Hash a secret with SHA-256, in hex: the only form in which one is stored.

    Secrets are long and random, so neither salt nor a slow hash is needed.
    """
    return hashlib.sha256(secret.encode()).hexdigest()
