"""Signed addresses of files: each for one file, one session and a few minutes.

The address itself names the session, so it works where a browser refuses cookies in a frame; the
session and what it may do are looked up again at every request. An address therefore carries its
own credential and is the one address that is not built by ``url()``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import current_app, url_for

from lti_tool.core import clock

LIFE = timedelta(minutes=10)
"""No address lives longer than this."""

STEP = timedelta(minutes=5)
"""Addresses made within one step are equal, so that a reload finds them in the browser's cache."""


@dataclass(frozen=True)
class FileAddress:
    """What an address says: this session may read this file, inline or as a download."""

    file_id: str
    session_id: str
    download: bool


def address(wanted: FileAddress) -> str:
    """Sign the path and query of a file, good for five to ten minutes."""
    ends = int(expiry(clock.now()).timestamp())
    return url_for(
        "media.file",
        file_id=wanted.file_id,
        s=wanted.session_id,
        e=ends,
        d=1 if wanted.download else None,
        k=_signature(wanted, ends),
    )


def expiry(now: datetime) -> datetime:
    """Compute when an address that is made now ends: at the end of the next step."""
    step = int(STEP.total_seconds())
    return datetime.fromtimestamp((int(now.timestamp()) // step + 2) * step, UTC)


def holds(wanted: FileAddress, ends: str, signature: str) -> bool:
    """Tell whether an address is ours and not over yet.

    ``ends`` is in seconds since 1970.
    """
    if not (ends.isascii() and ends.isdigit() and len(ends) <= 12):
        return False
    if not hmac.compare_digest(signature.encode(), _signature(wanted, int(ends)).encode()):
        return False
    moment = datetime.fromtimestamp(int(ends), UTC)
    return clock.now() < moment


def _signature(wanted: FileAddress, ends: int) -> str:
    message = "\n".join(
        ("file-address-1", wanted.file_id, wanted.session_id, str(ends), str(int(wanted.download)))
    )
    secret: str = current_app.extensions["foyer.secret"]
    code = hmac.new(secret.encode(), message.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(code).decode().rstrip("=")
