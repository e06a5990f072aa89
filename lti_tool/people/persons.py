"""Persons: LMS persons by (registration, sub), guests by (institution, invited e-mail)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import delete, insert, select, text, update

from lti_tool.core.clock import now
from lti_tool.core.db.session import db
from lti_tool.core.db.upsert import upsert
from lti_tool.core.ids import new_id
from lti_tool.lti.launch import Launch
from lti_tool.people.emails import normal_or_none
from lti_tool.people.models import Membership, Person, Roster, RosterMember

TOLD_BY_LMS = ("name", "given_name", "family_name", "email", "seen_at")
"""What a launch brings up to date; what the LMS no longer tells is forgotten."""


_normal = lru_cache(maxsize=4096)(normal_or_none)
"""The same people launch again and again; the addresses of the last of them stay in memory."""


def told_by_launch(launch: Launch) -> dict[str, Any]:
    """Make the row of whoever a launch names, with a new id; of a visitor if it names nobody.

    An e-mail address that is none is left out.
    """
    named = launch.sub is not None
    return {
        "id": new_id(),
        "kind": "lms" if named else "visitor",
        "institution_id": launch.platform.institution_id,
        "registration_id": launch.platform.id,
        "sub": launch.sub,
        "name": launch.name if named else "",
        "given_name": launch.given_name if named else "",
        "family_name": launch.family_name if named else "",
        "email": _normal(launch.email) if named else None,
        "seen_at": now(),
    }


def record_person(row: dict[str, Any]) -> str:
    """Make or update the person of a launch in the running transaction; return their id.

    A visitor is always made: never the one of another launch.
    """
    if row["sub"] is None:
        db.session.execute(insert(Person), row)
        return str(row["id"])
    unique = (Person.registration_id, Person.sub)
    return str(upsert(Person, row, unique=unique, change=TOLD_BY_LMS))


def tells_less(row: dict[str, Any]) -> bool:
    """Tell whether a launch no longer tells an address or a name that an earlier one told.

    Asks the database only about those of whom something is not told.
    """
    untold = [name for name in ("email", "name") if not row[name]]
    if row["sub"] is None or not untold:
        return False
    earlier = db.session.execute(
        select(Person.email, Person.name).where(
            Person.registration_id == row["registration_id"], Person.sub == row["sub"]
        )
    ).one_or_none()
    return earlier is not None and any(getattr(earlier, name) for name in untold)


def forget_in_rosters(person_id: str) -> None:
    """Forget what rosters say of somebody of whom the LMS now tells less; they are due at once.

    In the running transaction, that of the launch.
    """
    theirs = select(Membership.course_id).where(Membership.person_id == person_id)
    sub = select(Person.sub).where(Person.id == person_id).scalar_subquery()
    db.session.execute(
        delete(RosterMember)
        .where(RosterMember.course_id.in_(theirs), RosterMember.sub == sub)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        update(Roster)
        .where(Roster.course_id.in_(theirs))
        .values(due_at=now())
        .execution_options(synchronize_session=False)
    )


def lms_person_id(institution_id: str, registration_id: str, sub: str) -> str:
    """Return the id of an LMS person whom we may never have seen.

    Nothing known of them is changed.
    """
    found = db.session.scalar(
        select(Person.id).where(Person.registration_id == registration_id, Person.sub == sub)
    )
    if found is not None:
        return found
    row = {
        "id": new_id(),
        "kind": "lms",
        "institution_id": institution_id,
        "registration_id": registration_id,
        "sub": sub,
        "name": "",
        "given_name": "",
        "family_name": "",
        "email": None,
        "seen_at": now(),
    }
    return record_person(row)


def guest_person(institution_id: str, email: str, given_name: str, family_name: str) -> str:
    """Return the id of the guest with this normalised e-mail, in the running transaction."""
    values = {
        "id": new_id(),
        "kind": "guest",
        "institution_id": institution_id,
        "email": email,
        "name": f"{given_name} {family_name}".strip(),
        "given_name": given_name,
        "family_name": family_name,
        "seen_at": now(),
    }
    return str(
        upsert(
            Person,
            values,
            unique=(Person.institution_id, Person.email),
            where=text("kind = 'guest'"),
            change=("name", "given_name", "family_name", "seen_at"),
        )
    )
