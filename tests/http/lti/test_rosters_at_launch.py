"""A launch by the course's staff has the list of its people read; nobody waits for that."""

from __future__ import annotations

import pytest
from dialog_scene import asking
from factories import in_the_background
from flask import Flask
from launch_helpers import assert_entered, reads_keys_of, try_launch
from sqlalchemy import func, select

from lti_tool.core.audit import OPERATOR
from lti_tool.core.db.session import db, transaction
from lti_tool.core.institutions import set_setting
from lti_tool.lti.registrations import by_name
from lti_tool.people.models import Course, Roster, RosterMember
from sandbox.platform import Platform

NAMES_AND_ROLES = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"


@pytest.mark.parametrize(
    ("user", "reads"), [("instructor-1", True), ("assistant", True), ("student-1", False)]
)
def test_who_has_the_list_read(app: Flask, lms: Platform, user, reads) -> None:
    assert_entered(try_launch(lms, app.test_client(), user).answer)
    assert len(in_the_background(app).waiting) == reads
    with app.app_context():
        assert db.session.scalar(select(Roster.course_id)) is None, "not while somebody waits"


def test_not_where_nobody_can_be_invited(app: Flask, lms: Platform) -> None:
    with app.app_context(), transaction():
        institution = by_name(lms.schools[0].key).institution_id
        set_setting(institution, "enable", "off", OPERATOR)
    assert_entered(try_launch(lms, app.test_client(), "instructor-1").answer)
    assert not in_the_background(app).waiting


def test_the_list_is_that_of_the_course_and_school(app: Flask, both_schools: Platform) -> None:
    """Two schools on one issuer, with the same ids of courses and people."""
    lms = both_schools
    reads_keys_of(app, lms)
    lms.services.page_size = 25
    first, second = lms.schools
    lms.services.enlarge(None, 60, first)
    for school in (first, second):
        assert_entered(try_launch(lms, app.test_client(), "instructor-1", school=school.key).answer)
    in_the_background(app).do_all()
    with app.app_context():
        kept = db.session.execute(
            select(Roster.source, Roster.failure, func.count(RosterMember.id))
            .join(RosterMember, RosterMember.course_id == Roster.course_id)
            .group_by(Roster.course_id, Roster.source, Roster.failure)
            .order_by(func.count(RosterMember.id))
        ).all()
        assert [tuple(row) for row in kept] == [
            ("lms", None, len(lms.services.members(None, second))),
            ("lms", None, 60),
        ]
        addresses = {
            course: {email.rpartition("@")[2] for email in _emails(course)}
            for course in db.session.scalars(select(Roster.course_id))
        }
    assert all(len(domains) == 1 for domains in addresses.values())
    assert len(set.union(*addresses.values())) == 2


def _emails(course_id: str) -> list[str]:
    return list(
        db.session.scalars(select(RosterMember.email).where(RosterMember.course_id == course_id))
    )


def test_a_dialog_that_names_no_list_takes_none_away(app: Flask, lms: Platform) -> None:
    """Some LMSs name it to links alone; a link that no longer does is believed."""

    def known() -> str | None:
        with app.app_context():
            return db.session.scalars(select(Course.memberships_url)).one()

    lms.launch(app.test_client(), "instructor-1")
    told = known()
    assert told
    dialog = asking()
    dialog["drop"] = [*dialog["drop"], NAMES_AND_ROLES]
    assert lms.launch(app.test_client(), "instructor-1", **dialog).status_code == 303
    assert known() == told
    lms.launch(app.test_client(), "student-1", drop=[NAMES_AND_ROLES])
    assert known() is None


def test_a_launch_that_tells_less_is_believed_at_once(app: Flask, lms: Platform) -> None:
    """The administrator no longer wants the address told: nobody is suggested by an earlier one."""
    reads_keys_of(app, lms)
    assert_entered(try_launch(lms, app.test_client(), "instructor-1").answer)
    in_the_background(app).do_all()
    sub = lms.sub_of("student-1")
    with app.app_context():
        assert db.session.scalar(select(RosterMember.email).where(RosterMember.sub == sub))

    untold = dict.fromkeys(("email", "name", "given_name", "family_name"))
    for claims in ({}, untold):
        assert_entered(try_launch(lms, app.test_client(), "student-1", claims=claims).answer)

    with app.app_context():
        assert not db.session.scalar(select(RosterMember.id).where(RosterMember.sub == sub))
        others = db.session.scalar(select(func.count()).select_from(RosterMember))
        assert others, "nobody else is forgotten"
        roster = db.session.scalars(select(Roster)).one()
        assert roster.due_at == roster.read_at, "and the list is read again at once"
