"""Reading rosters in the background, and looking people up in them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from factories import START, School, TestClock, all_at_once, as_written, in_the_background
from flask import Flask
from rosters import LEARNER, URL, Lms, lists, member
from sqlalchemy import delete, func, insert, select, update

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import Model, db, transaction
from lti_tool.lti.launch import Platform
from lti_tool.lti.services.errors import ServiceError
from lti_tool.lti.services.names_and_roles import Member
from lti_tool.people import roster_sync
from lti_tool.people.models import Course, Membership, Person, Roster, RosterMember, RosterText
from lti_tool.people.platform_switch import switch_off
from lti_tool.people.retention import forget_rosters
from lti_tool.people.roster_sync import CLAIM, refresh
from lti_tool.people.rosters import RosterState, keep_fresh, people_of_course, state_of
from lti_tool.people.rules import Standing
from lti_tool.people.search import words_of

pytestmark = pytest.mark.every_database


@pytest.fixture
def course(context: Flask, school: School) -> str:
    """The id of a course whose LMS gives its list."""
    lists(school.course_id)
    return school.course_id


def looked_up(
    school: School, typed: str, standing: Standing = Standing.MANAGER, **more: Any
) -> list[str]:
    principal = school.principal("prof", standing, **more)
    return [one.email for one in people_of_course(principal, words_of(typed), 8)]


def roster(course_id: str) -> Roster:
    db.session.rollback()
    return db.session.get_one(Roster, course_id, populate_existing=True)


def count(kind: type[Model]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(kind)) or 0


def audited() -> list[tuple[str, dict[str, Any]]]:
    rows = db.session.execute(
        select(AuditRecord.action, AuditRecord.details)
        .where(AuditRecord.action.startswith("roster."))
        .order_by(*as_written())
    )
    return [(action, details) for action, details in rows]


def launch(school: School, sub: str, given: str, email: str | None, course_id: str) -> None:
    """Somebody whom the LMS has sent into the course."""
    person_id = school.person(sub, given, email)
    with transaction() as session:
        session.execute(
            update(Person).where(Person.id == person_id).values(given_name=given, email=email)
        )
        session.execute(
            insert(Membership).values(
                person_id=person_id, course_id=course_id, standing="learner", seen_at=START
            )
        )


def test_the_list_of_the_lms_is_kept(school: School, course: str) -> None:
    lms = Lms([member("s1", "Grace"), member("s2", "Mesut", "Özil")], [], [member("s3", "Ada")])
    assert refresh(course, lms)
    assert lms.asked == [f"elm {URL}"]
    assert looked_up(school, "gra") == ["s1@elm.example"]
    assert looked_up(school, "ozil mes") == ["s2@elm.example"]
    assert looked_up(school, "wo") == ["s3@elm.example", "s1@elm.example"]
    assert looked_up(school, "s3@") == ["s3@elm.example"]
    assert looked_up(school, "wo xx") == looked_up(school, "zz") == looked_up(school, "") == []
    assert state_of(school.principal("prof", Standing.MANAGER)) is RosterState.READY
    assert roster(course).people == 3
    assert [action for action, _ in audited()] == ["roster.read"]


def test_what_changed_is_brought_up_to_date(school: School, course: str, clock: TestClock) -> None:
    refresh(course, Lms([member("s1", "Grace"), member("s2", "Ada"), member("s3", "Alan")]))
    before = dict(db.session.execute(select(RosterMember.sub, RosterMember.id)).all())
    clock.pass_(minutes=31)
    assert refresh(course, Lms([member("s1", "Grace"), member("s2", "Adele"), member("s4", "Kim")]))
    assert looked_up(school, "ada") == looked_up(school, "alan") == []
    assert looked_up(school, "adele") == ["s2@elm.example"]
    assert looked_up(school, "wood") == ["s2@elm.example", "s1@elm.example", "s4@elm.example"]
    after = dict(db.session.execute(select(RosterMember.sub, RosterMember.id)).all())
    assert after.keys() == {"s1", "s2", "s4"}
    assert {sub: after[sub] for sub in ("s1", "s2")} == {sub: before[sub] for sub in ("s1", "s2")}
    assert audited()[-1][1]["written"] == 2
    assert audited()[-1][1]["removed"] == 1


def test_what_is_as_it_was_is_not_written_again(course: str, clock: TestClock) -> None:
    lms = Lms([member("s1", "Grace"), member("s2", "Ada")])
    refresh(course, lms)
    clock.pass_(minutes=31)
    assert refresh(course, lms)
    assert len(audited()) == 1
    assert roster(course).read_at == clock()


def test_an_empty_list_removes_everybody(school: School, course: str, clock: TestClock) -> None:
    refresh(course, Lms([member("s1", "Grace")]))
    clock.pass_(minutes=31)
    assert refresh(course, Lms([]))
    assert count(RosterMember) == count(RosterText) == 0
    assert state_of(school.principal("prof", Standing.MANAGER)) is RosterState.READY


def test_who_is_not_active_is_not_kept(school: School, course: str) -> None:
    test_user = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
    refresh(
        course,
        Lms(
            [
                member("s1", "Grace", active=False),
                member("s2", "Grant", roles=(LEARNER, test_user)),
                member("s3", "Gracie"),
            ]
        ),
    )
    assert looked_up(school, "gra") == ["s3@elm.example"]


def test_people_without_an_address_are_counted_and_not_kept(school: School, course: str) -> None:
    refresh(
        course, Lms([member("s1", "Grace", email=None), member("s2", "Ada", email="no address")])
    )
    assert count(RosterMember) == 0
    assert roster(course).without_address == roster(course).people == 2
    principal = school.principal("prof", Standing.MANAGER)
    assert state_of(principal) is RosterState.WITHOUT_ADDRESSES


def test_an_address_that_a_launch_told_is_used(school: School, course: str) -> None:
    launch(school, "s1", "Grace", "grace@elm.example", course)
    launch(school, "s2", "Ada", None, course)
    refresh(course, Lms([member("s1", "Grace", email=None), member("s2", "Ada", email=None)]))
    assert looked_up(school, "wood") == ["grace@elm.example"]
    assert roster(course).without_address == 1


def test_many_people_are_written_in_small_transactions(course: str, monkeypatch) -> None:
    monkeypatch.setattr(roster_sync, "BATCH", 7)
    people = [member(f"s{number:03}", "Kim") for number in range(40)]
    assert refresh(course, Lms(people[:33], people[33:]))
    assert count(RosterMember) == 40


def test_a_list_is_read_again_after_half_an_hour(course: str, clock: TestClock) -> None:
    lms = Lms([member("s1", "Grace")])
    assert refresh(course, lms)
    clock.pass_(minutes=29)
    assert not refresh(course, lms)
    clock.pass_(minutes=1)
    assert refresh(course, lms)
    assert len(lms.asked) == 2


def test_what_was_read_stays_when_the_lms_fails(
    school: School, course: str, clock: TestClock
) -> None:
    refresh(course, Lms([member("s1", "Grace"), member("s2", "Ada")]))
    clock.pass_(minutes=31)
    failing = Lms([member("s1", "Gracie")], ServiceError("unavailable", "It has a fault."))
    assert refresh(course, failing)
    assert looked_up(school, "ada") == ["s2@elm.example"]
    assert looked_up(school, "gracie") == ["s1@elm.example"]
    assert roster(course).failure == "unavailable"
    assert state_of(school.principal("prof", Standing.MANAGER)) is RosterState.READY
    assert audited()[-1][1]["why"] == "unavailable"
    clock.pass_(minutes=4)
    assert not refresh(course, failing)
    clock.pass_(minutes=1)
    assert refresh(course, Lms([member("s1", "Grace")]))
    assert roster(course).failure is None
    assert looked_up(school, "ada") == []


def test_where_it_never_could_be_read_those_who_were_here_are_found(
    school: School, course: str
) -> None:
    launch(school, "s2", "Gretel", "gretel@elm.example", course)
    assert refresh(course, Lms([member("s1", "Grace")], ServiceError("forbidden", "No.")))
    assert looked_up(school, "gr") == ["gretel@elm.example"]
    principal = school.principal("prof", Standing.MANAGER)
    assert state_of(principal) is RosterState.FAILED


def test_where_the_lms_gives_no_list_those_who_were_here_are_found(
    school: School, other_school: School, context: Flask, clock: TestClock
) -> None:
    lms = Lms([member("s9", "Grace")])
    launch(school, "s1", "Gretel", "gretel@elm.example", school.course_id)
    launch(school, "s2", "Greta", None, school.course_id)
    launch(other_school, "s1", "Grim", "grim@oak.example", other_school.course_id)
    assert refresh(school.course_id, lms)
    assert lms.asked == []
    assert looked_up(school, "gr") == ["gretel@elm.example"]
    principal = school.principal("prof", Standing.MANAGER)
    assert state_of(principal) is RosterState.NOT_SHARED
    launch(school, "s3", "Grete", "grete@elm.example", school.course_id)
    assert not refresh(school.course_id, lms)
    clock.pass_(minutes=5)
    assert refresh(school.course_id, lms)
    assert looked_up(school, "gr") == ["grete@elm.example", "gretel@elm.example"]


def test_a_list_that_is_no_longer_given_is_no_longer_kept(
    school: School, course: str, clock: TestClock
) -> None:
    refresh(course, Lms([member("s1", "Grace")]))
    lists(course, None)
    clock.pass_(minutes=31)
    assert refresh(course, Lms([member("s1", "Grace")]))
    assert count(RosterMember) == 0
    assert state_of(school.principal("prof", Standing.MANAGER)) is RosterState.NOT_SHARED


def test_a_fault_of_ours_is_noted_and_raised(school: School, course: str) -> None:
    with pytest.raises(ZeroDivisionError):
        refresh(course, Lms(ZeroDivisionError()))
    assert roster(course).failure == "broken"
    assert roster(course).claimed_by is None
    assert state_of(school.principal("prof", Standing.MANAGER)) is RosterState.FAILED


def test_an_lms_that_is_switched_off_is_not_asked(school: School, course: str) -> None:
    lms = Lms([member("s1", "Grace")])
    switch_off(school.name)
    assert not refresh(course, lms)
    assert lms.asked == []


def test_of_many_processes_one_reads(app: Flask, course: str) -> None:
    """The others try while the list is still due, because it is still being read."""
    together, others_tried = threading.Barrier(6), threading.Event()
    lms = Lms([member(f"s{number}", "Grace") for number in range(50)])
    done: list[bool] = []

    def slow(platform: Platform, url: str) -> Iterator[list[Member]]:
        assert others_tried.wait(60)
        return lms(platform, url)

    def try_it() -> None:
        with app.app_context():
            db.session.connection()
            together.wait()
            done.append(refresh(course, slow))
            if len(done) == 5:
                others_tried.set()

    threads = [threading.Thread(target=try_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert done == [False] * 5 + [True]
    assert len(lms.asked) == 1
    assert count(RosterMember) == 50


def test_who_was_held_up_too_long_writes_nothing_more(
    school: School, course: str, clock: TestClock
) -> None:
    def slow(platform: Platform, url: str) -> Iterator[list[Member]]:
        yield [member("s1", "Grace")]
        clock.pass_(seconds=CLAIM.total_seconds())
        assert refresh(course, Lms([member("s2", "Ada")]))
        yield [member("s3", "Alan")]

    assert not refresh(course, slow)
    assert looked_up(school, "wood") == ["s2@elm.example"]
    assert roster(course).failure is None
    assert roster(course).people == 1


def test_whoever_reads_keeps_the_claim(course: str, clock: TestClock) -> None:
    other = Lms([member("s2", "Ada")])

    def long(platform: Platform, url: str) -> Iterator[list[Member]]:
        for number in range(9):
            yield [member(f"s{number}", "Grace")]
            clock.pass_(seconds=CLAIM.total_seconds() - 1)
            assert not refresh(course, other)

    assert refresh(course, long)
    assert count(RosterMember) == 9


@pytest.mark.parametrize("needed", [False, True])
def test_rosters_that_were_not_read_for_long_are_removed(
    school: School, course: str, clock: TestClock, needed: bool
) -> None:
    """Whether nobody needed them or the LMS gives them no longer."""
    second = school.course("Botany")
    lists(second)
    refresh(course, Lms([member(f"s{number}", "Kim") for number in range(9)]))
    clock.pass_(days=20)
    refresh(second, Lms([member("s1", "Grace")]))
    if needed:
        assert refresh(course, Lms(ServiceError("forbidden", "No.")))
    clock.pass_(days=9, hours=23, minutes=59)
    assert forget_rosters() == 0
    clock.pass_(minutes=2)
    assert forget_rosters() == 1
    assert list(db.session.scalars(select(RosterMember.email))) == ["s1@elm.example"]
    assert count(Roster) == 1


def test_a_course_that_goes_takes_its_roster_along(school: School, context: Flask) -> None:
    botany = school.course("Botany")
    lists(botany)
    refresh(botany, Lms([member("s1", "Grace")]))
    with transaction() as session:
        session.execute(delete(Course).where(Course.id == botany))
    assert count(Roster) == count(RosterMember) == count(RosterText) == 0


@pytest.mark.parametrize("standing", list(Standing))
def test_who_may_look_into_a_roster(app: Flask, school: School, course: str, standing) -> None:
    may = standing in {"administrator", "manager", "assistant"}
    refresh(course, Lms([member("s1", "Grace")]))
    assert looked_up(school, "gra", standing) == (["s1@elm.example"] if may else [])
    principal = school.principal("prof", standing)
    assert (state_of(principal) is RosterState.NONE) is not may
    keep_fresh(principal)
    assert bool(in_the_background(app).waiting) is may
    assert looked_up(school, "gra", standing, course_id=None) == []


def test_nothing_crosses(school: School, other_school: School, course: str) -> None:
    """Not to another course, nor to another institution by a session that should not exist."""
    refresh(course, Lms([member("s1", "Grace")]))
    botany = school.course("Botany")
    assert looked_up(school, "gra", course_id=botany) == []
    stray = other_school.principal("prof", Standing.MANAGER, course_id=course)
    assert people_of_course(stray, words_of("gra"), 8) == []
    assert state_of(stray) is RosterState.READING


def test_two_people_with_one_address_are_one_suggestion(school: School, course: str) -> None:
    refresh(
        course, Lms([member("s1", "Ada", email="f@x.org"), member("s2", "Alan", email="f@X.org")])
    )
    assert looked_up(school, "wo") == ["f@x.org"]


def told_at(person: str, when: datetime, **told: str | None) -> None:
    """What the last launch of somebody told of them, and when that was."""
    with transaction() as session:
        session.execute(update(Person).where(Person.sub == person).values(seen_at=when, **told))


def test_a_course_that_learns_where_its_list_is_has_it_read_at_once(
    school: School, context: Flask
) -> None:
    """Moodle tells of no list in the first dialog of a course, and does seconds later."""
    lms = Lms([member("s1", "Grace")])
    assert refresh(school.course_id, lms)
    assert lms.asked == []
    lists(school.course_id)
    principal = school.principal("prof", Standing.MANAGER)
    assert state_of(principal) is RosterState.READING, "not: your LMS does not share"
    assert refresh(school.course_id, lms)
    assert looked_up(school, "gr") == ["s1@elm.example"]
    assert not refresh(school.course_id, lms), "and then it is as fresh as any"


def test_an_address_that_fails_is_not_new_for_ever(school: School, context: Flask) -> None:
    assert refresh(school.course_id, Lms([]))
    lists(school.course_id)
    failing = Lms(ServiceError("forbidden", "no"))
    assert refresh(school.course_id, failing)
    assert not refresh(school.course_id, failing)
    assert state_of(school.principal("prof", Standing.MANAGER)) is RosterState.FAILED


def test_of_many_processes_one_reads_what_was_just_learned(app: Flask, school: School) -> None:
    with app.app_context():
        refresh(school.course_id, Lms([]))
        lists(school.course_id)
    lms = Lms([member("s1", "Grace")])

    def read() -> bool:
        with app.app_context():
            return refresh(school.course_id, lms)

    assert sum(all_at_once([read] * 4)) == 1


def test_an_address_that_is_no_longer_told_is_forgotten_at_the_next_reading(
    school: School, course: str, clock: TestClock
) -> None:
    launch(school, "s1", "Grace", "grace@elm.example", course)
    refresh(course, Lms([member("s1", "Grace")]))
    clock.pass_(minutes=31)
    refresh(course, Lms([member("s1", "Grace", email=None)]))
    assert looked_up(school, "gr") == []
    assert count(RosterText) == 0
    assert state_of(school.principal("prof", Standing.MANAGER)) is RosterState.WITHOUT_ADDRESSES


def test_a_launch_long_ago_is_no_longer_believed_where_those_of_today_are_silent(
    school: School, course: str, clock: TestClock
) -> None:
    """Nor kept: the address and the names of those who never came back."""
    launch(school, "s1", "Grace", "grace@elm.example", course)
    launch(school, "s2", "Ada", "ada@elm.example", course)
    nameless = member("s1", "", "", email=None, name="")
    lms = Lms([nameless, member("s2", "Ada", email=None)])
    refresh(course, lms)
    assert len(looked_up(school, "elm")) == 0 != count(RosterMember)
    clock.pass_(hours=13)
    told_at("s2", clock(), email=None, name="")
    refresh(course, lms)
    assert count(RosterMember) == 0
    kept = db.session.execute(select(Person.email, Person.name).where(Person.sub == "s1")).one()
    assert tuple(kept) == (None, "")


def test_a_list_that_never_tells_addresses_takes_none_that_launches_tell(
    school: School, course: str, clock: TestClock
) -> None:
    """Moodle tells addresses at a launch and not in the list, where teachers decide on it."""
    launch(school, "s1", "Grace", "grace@elm.example", course)
    launch(school, "s2", "Ada", "ada@elm.example", course)
    lms = Lms([member("s1", "Grace", email=None), member("s2", "Ada", email=None)])
    for _reading in range(4):
        refresh(course, lms)
        assert looked_up(school, "wood") == ["ada@elm.example", "grace@elm.example"]
        clock.pass_(minutes=31)
    clock.pass_(hours=13)
    told_at("s2", clock())
    refresh(course, lms)
    assert looked_up(school, "wood") == ["ada@elm.example", "grace@elm.example"]
    assert db.session.scalar(select(Person.email).where(Person.sub == "s1"))


def test_what_a_list_ceases_to_tell_does_not_come_back_by_an_earlier_launch(
    school: School, course: str, clock: TestClock
) -> None:
    launch(school, "s1", "Grace", "grace@elm.example", course)
    launch(school, "s2", "Ada", "ada@elm.example", course)
    refresh(course, Lms([member("s1", "Grace"), member("s2", "Ada")]))
    silent = Lms([member("s1", "Grace", email=None), member("s2", "Ada")])
    for _reading in range(3):
        clock.pass_(minutes=31)
        refresh(course, silent)
        assert looked_up(school, "wood") == ["s2@elm.example"]
    launch_again = clock()
    told_at("s1", launch_again, email="grace@elm.example")
    clock.pass_(minutes=31)
    refresh(course, silent)
    assert looked_up(school, "wood") == ["s2@elm.example", "grace@elm.example"]
