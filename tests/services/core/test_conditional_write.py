"""What may happen once, together with the rows that tell of it."""

from __future__ import annotations

from typing import Any

import pytest
from factories import School
from flask import Flask
from sqlalchemy import bindparam, func, select, update

from lti_tool.core import audit
from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.conditional_write import Once, inserted
from lti_tool.core.db.session import db, remembered
from lti_tool.core.institutions import Institution

pytestmark = pytest.mark.every_database

AUDIT = inserted(AuditRecord, "audit_", taken={"subject_id": "id"})
RENAME = Once(
    select(Institution.id).where(Institution.id == bindparam("which")),
    update(Institution)
    .where(Institution.id == bindparam("which"), Institution.name == "elm")
    .values(name=bindparam("becomes")),
    AUDIT,
)


def values(school: School, **changes: Any) -> dict[str, Any]:
    row = {**audit.row("renamed", institution_id=school.institution_id), **changes}
    return {"which": school.institution_id, "becomes": "oak", **AUDIT.parameters(row)}


def records() -> int:
    return db.session.scalar(select(func.count()).select_from(AuditRecord)) or 0


def test_it_happens_once_and_is_told_once(context: Flask, school: School) -> None:
    assert RENAME.run(values(school)).id == school.institution_id
    assert RENAME.run(values(school)) is None
    assert records() == 1
    assert db.session.scalar(select(AuditRecord.subject_id)) == school.institution_id


def test_without_what_is_to_be_found_nothing_happens(context: Flask, school: School) -> None:
    assert RENAME.run({**values(school), "which": "nowhere"}) is None
    assert records() == 0


def test_a_value_that_no_column_takes_is_not_lost(context: Flask, school: School) -> None:
    with pytest.raises(ValueError, match="audit_no_such_column"):
        RENAME.run(values(school, no_such_column="x"))
    assert records() == 0
    assert RENAME.run(values(school, no_such_column=None)) is not None


def test_nothing_is_remembered_from_before_it(app: Flask, school: School) -> None:
    with app.test_request_context():
        remembered()["name"] = "elm"
        RENAME.run(values(school))
        assert remembered() == {}
