"""Activation codes: what an operator gives to the administrator of one LMS.

A code is claimed before the LMS is asked to take us in, so that of two registrations with the same
code only one ever leaves, and given back when that fails. The claim is a lease: where the process
dies meanwhile, it runs out, and whoever comes back from a pause after that finds it gone.
"""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Update, or_, select, update

from lti_tool.core import audit
from lti_tool.core.audit import OPERATOR
from lti_tool.core.clock import now
from lti_tool.core.db.session import db, rows_matched, transaction
from lti_tool.core.ids import digest
from lti_tool.core.institutions import Institution
from lti_tool.lti.models import Registration, RegistrationCode
from lti_tool.lti.new_registration import RegistrationError
from lti_tool.lti.registrations import by_name
from lti_tool.lti.rules import fits

_LETTERS = 16  # of 5 bits each


LEASE = timedelta(minutes=2)
"""Longer than a registration may take: see ``dynamic.PATIENCE``."""


class LostClaim(Exception):
    """The lease ran out before the registration came to its end."""


class WrongCode(Exception):
    """It was never given, was used, or has run out: which of these is nobody's business."""


@dataclass(frozen=True)
class Claimed:
    """A code that nobody else can use any more.

    ``renews``: the registration it is meant for.
    """

    code_hash: str
    until: datetime
    institution: str
    renews: str | None


def issue(institution: str, life: timedelta) -> str:
    """Issue a new code for an LMS that becomes this institution.

    Raises RegistrationError.
    """
    name = institution.strip()
    if not name or not fits(name, Institution.name.type.length):
        raise RegistrationError("the institution must have a name of 1 to 200 characters")
    return _write(name, None, life)


def issue_again(name: str, life: timedelta) -> str:
    """Issue a new code for the LMS that is registered by this name.

    Raises RegistrationError.
    """
    row = by_name(name)
    institution = db.session.get_one(Institution, row.institution_id)
    return _write(institution.name, row.id, life)


def _write(institution: str, renews: str | None, life: timedelta) -> str:
    letters = base64.b32encode(secrets.token_bytes(_LETTERS * 5 // 8)).decode()
    with transaction() as session:
        session.add(
            RegistrationCode(
                code_hash=digest(letters),
                institution=institution,
                created_at=now(),
                expires_at=now() + life,
                registration_id=renews,
            )
        )
        audit.record(
            "registration_code.issued",
            institution_id=None,
            actor=OPERATOR,
            subject=("registration", renews) if renews else None,
            institution=institution,
        )
    return "-".join(re.findall("....", letters))


def registered_as(institution: str) -> list[str]:
    """Name the registrations that belong to an institution called so."""
    return list(
        db.session.scalars(
            select(Registration.name)
            .join(Institution, Institution.id == Registration.institution_id)
            .where(Institution.name == institution.strip())
            .order_by(Registration.name)
        )
    )


def claim(typed: str) -> Claimed:
    """Claim the code that was typed; raise WrongCode for one that is not good."""
    code_hash = digest(_plain(typed))
    present = now()
    with transaction() as session:
        won = session.execute(
            update(RegistrationCode)
            .where(
                RegistrationCode.code_hash == code_hash,
                RegistrationCode.used_at.is_(None),
                RegistrationCode.expires_at > present,
                or_(
                    RegistrationCode.claimed_until.is_(None),
                    RegistrationCode.claimed_until <= present,
                ),
            )
            .values(claimed_until=present + LEASE)
        )
        if rows_matched(won) != 1:
            raise WrongCode
        row = session.execute(
            select(RegistrationCode.institution, RegistrationCode.registration_id).where(
                RegistrationCode.code_hash == code_hash
            )
        ).one()
    return Claimed(code_hash, present + LEASE, row.institution, row.registration_id)


def give_back(claimed: Claimed) -> None:
    """Give the code back: nothing came of it, so it can be used again."""
    with transaction() as session:
        session.execute(_still(claimed).values(claimed_until=None))


def spend(claimed: Claimed, registration_id: str) -> None:
    """Note in the running transaction what came of it; raise LostClaim for whoever is too late."""
    spent = db.session.execute(
        _still(claimed).values(used_at=now(), claimed_until=None, registration_id=registration_id)
    )
    if rows_matched(spent) != 1:
        raise LostClaim


def _still(claimed: Claimed) -> Update:
    """Change the code only while the claim stands (a fencing condition)."""
    return update(RegistrationCode).where(
        RegistrationCode.code_hash == claimed.code_hash,
        RegistrationCode.used_at.is_(None),
        RegistrationCode.claimed_until == claimed.until,
    )


def _plain(typed: str) -> str:
    """Read a code however it was typed: digits that are no base 32 are letters misread."""
    letters = re.sub(r"[\s-]", "", typed).upper()
    return letters.translate({ord("0"): "O", ord("1"): "I", ord("8"): "B"})
