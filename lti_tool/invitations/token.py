"""The secret part of an invitation's link (HMAC), derived when needed and never stored; pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

SHAPE = "[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
"""As a regular expression."""

_PURPOSE = b"foyer invitation link v1\0"
_WELL_FORMED = re.compile(SHAPE)


def derive_token(key: bytes, invitation_id: str, generation: int) -> str:
    """Return the token of one generation: HMAC-SHA256 under the invitation key, base64url.

    43 characters, 256 bits. The purpose prefix keeps it apart from whatever else might one day be
    signed under the same key.
    """
    message = _PURPOSE + f"{invitation_id}\0{generation}".encode()
    mac = hmac.new(key, message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode("ascii")


def is_well_formed(token: str) -> bool:
    """Tell whether the text could be a token at all, so that nothing else reaches the database.

    The last character carries four bits only, so just one of four spellings is canonical.
    """
    return _WELL_FORMED.fullmatch(token) is not None
