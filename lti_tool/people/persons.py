"""Persons: LMS persons by (registration, sub), guests by (institution, invited e-mail)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, text

from lti_tool.core.clock import now
from lti_tool.core.db.session import db
from lti_tool.core.db.upsert import upsert
from lti_tool.core.ids import new_id
from lti_tool.people.models import Person

TOLD_BY_LMS = ("name", "given_name", "family_name", "email", "seen_at")
"""What a launch brings up to date; what the LMS no longer tells is forgotten."""


def lms_person_values(
    institution_id: str,
    registration_id: str,
    sub: str,
    *,
    name: str = "",
    given_name: str = "",
    family_name: str = "",
    email: str | None = None,
) -> dict[str, Any]:
    """The row of an LMS person, with a new id."""
    return {
        "id": new_id(),
        "kind": "lms",
        "institution_id": institution_id,
        "registration_id": registration_id,
        "sub": sub,
        "name": name,
        "given_name": given_name,
        "family_name": family_name,
        "email": email,
        "seen_at": now(),
    }


def lms_person(values: dict[str, Any]) -> str:
    """The id of an LMS person, made or brought up to date in the running transaction."""
    unique = (Person.registration_id, Person.sub)
    return str(upsert(Person, values, unique=unique, change=TOLD_BY_LMS))


def visitor_values(institution_id: str, registration_id: str) -> dict[str, Any]:
    """The row of somebody whom the LMS does not name, with a new id."""
    return {
        "id": new_id(),
        "kind": "visitor",
        "institution_id": institution_id,
        "registration_id": registration_id,
        "sub": None,
        "name": "",
        "given_name": "",
        "family_name": "",
        "email": None,
        "seen_at": now(),
    }


def visitor(values: dict[str, Any]) -> str:
    """The id of a visitor, made in the running transaction: never the one of another launch."""
    db.session.execute(insert(Person), values)
    return str(values["id"])


def lms_person_id(institution_id: str, registration_id: str, sub: str) -> str:
    """The id of an LMS person whom we may never have seen; nothing known of them is changed."""
    found = db.session.scalar(
        select(Person.id).where(Person.registration_id == registration_id, Person.sub == sub)
    )
    return found or lms_person(lms_person_values(institution_id, registration_id, sub))


def guest_person(institution_id: str, email: str, given_name: str, family_name: str) -> str:
    """The id of the guest with this normalised e-mail, in the running transaction."""
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
