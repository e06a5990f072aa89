"""Two administrators press Save in the same moment, or one of them twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from factories import School
from flask import Flask
from sqlalchemy import select

from lti_tool.admin.change import change_settings
from lti_tool.core.audit import OPERATOR, AuditRecord
from lti_tool.core.db.session import db
from lti_tool.core.institutions import registry, setting

pytestmark = pytest.mark.every_database

PEOPLE = 6
NAMES = ("link_duration", "link_reusability", "guest_session")


def test_who_saves_is_told_of_the_own_changes_alone(app: Flask, school: School) -> None:
    """What somebody else changes in the same moment is not counted."""
    together = Barrier(len(NAMES))

    def save(name: str) -> list[int]:
        with app.app_context():
            told = []
            for value in range(101, 111):
                together.wait(timeout=60)
                told.append(change_settings(school.institution_id, {name: str(value)}, OPERATOR))
            return told

    with ThreadPoolExecutor(len(NAMES)) as people:
        assert list(people.map(save, NAMES)) == [[1] * 10] * len(NAMES)


def test_everybody_is_heard_and_the_last_word_counts(app: Flask, school: School) -> None:
    together = Barrier(PEOPLE)

    def save(value: int) -> None:
        with app.app_context():
            db.session.execute(select(1))
            together.wait(timeout=60)
            change_settings(school.institution_id, dict.fromkeys(NAMES, str(value)), OPERATOR)

    with ThreadPoolExecutor(PEOPLE) as people:
        list(people.map(save, range(101, 101 + PEOPLE)))

    with app.app_context():
        for name in NAMES:
            changes = db.session.scalars(
                select(AuditRecord.details).where(AuditRecord.subject_id == name)
            ).all()
            after = {change["before"]: change["after"] for change in changes}
            told = [registry()[name].default]
            while told[-1] in after:
                told.append(after.pop(told[-1]))
            assert sorted(told[1:]) == list(range(101, 101 + PEOPLE)), "each follows another"
            assert setting(school.institution_id, name) == told[-1]
