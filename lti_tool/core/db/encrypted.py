"""Encryption at rest: texts of somebody else's that the database may not tell.

They must come back as they were. An address that leads back into an LMS may hold a secret of that
LMS's. It is kept encrypted with the application's secret, so that a copy of the database alone is
of no use.
"""

from __future__ import annotations

import base64
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, current_app
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from lti_tool.core.clock import now


def install(app: Flask) -> None:
    secret: str = app.extensions["foyer.secret"]
    key = HKDF(hashes.SHA256(), 32, salt=None, info=b"foyer sealed texts").derive(secret.encode())
    app.extensions["foyer.seal"] = Fernet(base64.urlsafe_b64encode(key))


class Sealed(TypeDecorator[str]):
    """A text that is encrypted on its way into the database.

    What cannot be opened, because the application's secret is another now, reads as None. It can be
    sought by nobody.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        return _seal().encrypt(value.encode()).decode() if value is not None else None

    def process_result_value(self, value: str | None, _dialect: Dialect) -> str | None:
        try:
            return _seal().decrypt(value.encode()).decode() if value is not None else None
        except InvalidToken:
            return None


def seal(text: str) -> str:
    """Encrypt the text for a page that must not show it."""
    return _seal().encrypt_at_time(text.encode(), int(now().timestamp())).decode()


def unseal(sealed: str, life: timedelta) -> str | None:
    """Open what was sealed no longer ago than that; None for anything else."""
    try:
        opened = _seal().decrypt_at_time(
            sealed.encode(), int(life.total_seconds()), int(now().timestamp())
        )
    except (InvalidToken, UnicodeEncodeError):
        return None
    return opened.decode()


def _seal() -> Fernet:
    seal: Fernet = current_app.extensions["foyer.seal"]
    return seal
