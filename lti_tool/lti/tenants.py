"""Tenants: whether something may be signed for an LMS, seen beside all others.

Those that await approval are strangers: they get nothing signed, and all that is theirs is the
client id that they named first, since they trust our keys already.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, select

from lti_tool.core.audit import AuditRecord
from lti_tool.core.clock import now
from lti_tool.core.db.compiled import Statement
from lti_tool.core.db.session import db
from lti_tool.lti.confused_deputy import Confusion, Tenant, confusion, plain_id
from lti_tool.lti.launch import Platform
from lti_tool.lti.models import Registration
from lti_tool.lti.new_registration import NewRegistration, RegistrationError
from lti_tool.lti.platforms.hosts import host_of

TENANTS = select(
    Registration.id,
    Registration.name,
    Registration.family,
    Registration.issuer,
    Registration.client_id,
    Registration.token_url,
    Registration.jwks_url,
    Registration.auth_audience,
    Registration.self_registered,
    Registration.audience_by_operator,
    Registration.enabled,
    Registration.awaiting_approval,
    Registration.created_at,
)
_TENANTS = Statement(TENANTS)


_DECISIVE = (
    *("family", "issuer", "client_id", "token_url", "jwks_url", "auth_audience"),
    "self_registered",
)
"""What decides with whom it could be confused."""


class Confusable(RegistrationError):
    """What would be signed for it would be good at another LMS."""

    def __init__(self, confused: Confusion) -> None:
        super().__init__(_told(confused))
        self.confused = confused


def refuse_confusable(new: NewRegistration, present: Registration | None = None) -> None:
    """Refuse what could be confused, before it is written down in the running transaction.

    It is written in the place of ``present`` if that is there already. One that waits, or that says
    anything else now, counts from now on. Raises Confusable.
    """
    same = (
        present is not None
        and not present.awaiting_approval
        and all(getattr(present, part) == getattr(new, part) for part in _DECISIVE)
    )
    tenant = Tenant(
        name=new.name,
        family=new.family,
        issuer=new.issuer,
        client_id=new.client_id,
        token_url=new.token_url,
        jwks_url=new.jwks_url,
        auth_audience=new.auth_audience,
        self_registered=new.self_registered,
        audience_by_operator=new.audience_by_operator,
        since=(present.created_at, present.id) if present is not None and same else None,
    )
    own_id = present.id if present is not None else ""
    _refuse(tenant, own_id, () if same else _had_before(tenant.client_id, own_id))


def refuse_confusable_row(row: Registration) -> None:
    """Refuse a registration as it stands; one that is to be let in counts from now on.

    Raises Confusable.
    """
    tenant = replace(_tenant(row), waiting=False)
    new = row.awaiting_approval
    former = _had_before(row.client_id, row.id) if new else ()
    _refuse(replace(tenant, since=None) if new else tenant, row.id, former)


class NotSigned(Exception):
    """Nothing is signed for an LMS; ``reason`` is a word for programs, the text for an operator."""

    def __init__(self, reason: str, told: str) -> None:
        super().__init__(told)
        self.reason = reason


def may_sign(platform: Platform) -> None:
    """Raise NotSigned unless what is signed for it is good at it alone.

    Asked each time, since others come and change.
    """
    found = _TENANTS.rows({})
    own = next((row for row in found if row.id == platform.id), None)
    if own is not None and own.awaiting_approval:
        raise NotSigned("unapproved", "Nobody has approved this LMS: Foyer signs nothing for it.")
    confused = confusion(_as_asked(platform, own), _others(found, platform.id))
    if confused is not None:
        raise NotSigned("confusable", f"Foyer signs nothing for this LMS: {_told(confused)}")


def confused_ones() -> dict[str, Confusion]:
    """Find the registrations for which nothing is signed, by their ids, and why."""
    found = _TENANTS.rows({})
    told = {
        row.id: confusion(_tenant(row), _others(found, row.id))
        for row in found
        if not row.awaiting_approval
    }
    return {row_id: why for row_id, why in told.items() if why is not None}


def _as_asked(platform: Platform, own: Row[Any] | None) -> Tenant:
    """Describe what the assertion will say, with the ground that its registration gives it.

    One that is gone has none.
    """
    return Tenant(
        name=platform.name,
        family=platform.family,
        issuer=platform.issuer,
        client_id=platform.client_id,
        token_url=platform.token_url,
        jwks_url=platform.jwks_url,
        auth_audience=platform.auth_audience,
        self_registered=own is None or own.self_registered,
        audience_by_operator=own is not None and own.audience_by_operator,
        since=(own.created_at if own is not None else now(), platform.id),
    )


def _refuse(tenant: Tenant, own_id: str, former: Iterable[Tenant]) -> None:
    confused = confusion(tenant, [*_others(db.session.execute(TENANTS), own_id), *former])
    if confused is not None:
        raise Confusable(confused)


_TELLS_CLIENT_ID = ("platform.announced", "platform.added", "platform.client_id_replaced")
"""The audit's words in whose details a client id stands that a registration has or had."""


def _had_before(client_id: str, own_id: str) -> list[Tenant]:
    """Find those that had this client id before they registered anew.

    The tool of that time may still be there in their LMS, and trust our keys.
    """
    told = db.session.execute(
        select(AuditRecord.subject_id, AuditRecord.details["client_id"].as_string()).where(
            AuditRecord.subject_type == "registration",
            AuditRecord.action.in_(_TELLS_CLIENT_ID),
        )
    )
    had = {row_id for row_id, former in told if former and plain_id(former) == plain_id(client_id)}
    rows: Iterable[Any] = db.session.execute(
        TENANTS.where(
            Registration.id.in_(had), Registration.id != own_id, ~Registration.awaiting_approval
        )
    )
    return [replace(_tenant(row), client_id=client_id, auth_audience=None) for row in rows]


def _others(found: Iterable[Any], own_id: str) -> list[Tenant]:
    """List the others; what one that is switched off says counts for its own addresses only."""
    rows = [row for row in found if row.id != own_id]
    return [
        replace(
            _tenant(row),
            auth_audience=row.auth_audience if row.enabled or row.audience_by_operator else None,
        )
        for row in rows
    ]


def _tenant(row: Registration | Row[Any]) -> Tenant:
    return Tenant(
        name=row.name,
        family=row.family,
        issuer=row.issuer,
        client_id=row.client_id,
        token_url=row.token_url,
        jwks_url=row.jwks_url,
        auth_audience=row.auth_audience,
        self_registered=row.self_registered,
        audience_by_operator=row.audience_by_operator,
        since=(row.created_at, row.id),
        waiting=row.awaiting_approval,
    )


def _told(confused: Confusion) -> str:
    """Write a sentence for the operator, with what to do."""
    name, host = confused.other.name, host_of(confused.other.token_url)
    if confused.part == "client_id" and confused.other.waiting:
        return (
            f"its client id is also that of {name} ({host}), which waits for approval and said so "
            f"first. If that one passes for this one, platform refuse {name}; else look whether "
            "this one is who it says it is."
        )
    if confused.part == "client_id":
        return (
            f"its client id is, or was, also that of {name} ({host}), which could take what Foyer "
            "signs for this one. If both are meant, or that one passes for this one, register this "
            "one by hand (platform add, or platform load), which counts; if this one passes for "
            "that one, platform disable it."
        )
    return (
        f"its audience is the token address or the audience of {name} ({host}), so what Foyer "
        "signs for this one would be good there. Write the right auth_audience into its file, or "
        "none (platform load); if one of them passes for the other, platform disable it."
    )
