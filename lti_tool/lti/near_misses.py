"""Registrations that a login just fails to name: so that the right thing is blamed."""

from __future__ import annotations

from sqlalchemy import select

from lti_tool.core.db.session import db
from lti_tool.lti.models import Registration
from lti_tool.lti.platforms import issuers_of_copies


def is_copy(issuer: str, client_id: str | None) -> bool:
    """Tell whether a login names a copy of a platform that is registered only as the real one.

    With the client id it has there, since all of it was copied.
    """
    others = [one for one in issuers_of_copies(issuer) if one != issuer]
    if not others or client_id is None:
        return False
    real = select(Registration.id).where(
        Registration.login_issuer.in_(others), Registration.client_id == client_id
    )
    return db.session.scalar(real.limit(1)) is not None


def differing_by_slash(issuer: str) -> str | None:
    """Name a registration whose issuer is this one but for a slash at the end; None if none is."""
    other = issuer.rstrip("/") if issuer.endswith("/") else f"{issuer}/"
    return db.session.scalar(
        select(Registration.name).where(Registration.login_issuer == other).limit(1)
    )
