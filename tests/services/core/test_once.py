"""What may happen once, together with the rows that tell of it."""

from __future__ import annotations

from typing import Any

import pytest
from factories import School
from flask import Flask
from sqlalchemy import bindparam, func, select, update

from lti_tool.core import audit
from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.conditional_write import Once, inserted, prefixed
from lti_tool.core.db.session import db
from lti_tool.core.institutions import Institution

pytestmark = pytest.mark.every_database

RENAME = Once(
    update(Institution)
    .where(Institution.id == bindparam("which"), Institution.name == "elm")
    .values(name=bindparam("becomes")),
    inserted(AuditRecord, "audit_", empty=("session_id",)),
)


def values(school: School, **changes: Any) -> dict[str, Any]:
    row = {**audit.row("renamed", institution_id=school.institution_id), **changes}
    return {"which": school.institution_id, "becomes": "oak", **prefixed("audit_", row)}


def records() -> int:
    return db.session.scalar(select(func.count()).select_from(AuditRecord)) or 0


def test_it_happens_once_and_is_told_once(context: Flask, school: School) -> None:
    assert RENAME.run(values(school)) is True
    assert RENAME.run(values(school)) is False
    assert records() == 1


@pytest.mark.parametrize("name", ["session_id", "no_such_column"])
def test_a_value_that_no_column_takes_is_not_lost(
    context: Flask, school: School, name: str
) -> None:
    with pytest.raises(ValueError, match=f"audit_{name}"):
        RENAME.run(values(school, **{name: "x"}))
    assert records() == 0
    assert RENAME.run(values(school, session_id=None)) is True
