"""Registrations that a login just fails to name: so that the right thing is blamed."""

from __future__ import annotations

from sqlalchemy import select

from lti_tool.core.db.session import db
from lti_tool.lti.models import Registration


def is_in_use(issuer: str, client_id: str | None) -> bool:
    """Tell whether a platform is registered by this issuer and client id, and switched on."""
    if client_id is None:
        return False
    found = select(Registration.id).where(
        Registration.login_issuer == issuer,
        Registration.client_id == client_id,
        Registration.enabled,
    )
    return db.session.scalar(found.limit(1)) is not None


def differing_by_slash(issuer: str) -> str | None:
    """Name a registration whose issuer is this one but for a slash at the end; None if none is."""
    other = issuer.rstrip("/") if issuer.endswith("/") else f"{issuer}/"
    return db.session.scalar(
        select(Registration.name).where(Registration.login_issuer == other).limit(1)
    )
