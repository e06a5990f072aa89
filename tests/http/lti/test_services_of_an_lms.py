"""Rosters and grades of a launch's course, from the sandbox as each product, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from factories import TestClock
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import TOOL, assert_entered, reads_keys_of, register
from lms_program import running_lms
from service_tool import NamedProfile
from sqlalchemy import select

from lti_tool.core.db.session import db
from lti_tool.lti.launch import Platform as Registered
from lti_tool.lti.launch import Services
from lti_tool.lti.registrations import as_platform, by_name
from lti_tool.lti.services import assignment_and_grade as grades
from lti_tool.lti.services.access_tokens import ROSTER_SCOPE, access_tokens
from lti_tool.lti.services.assignment_and_grade import Grading, LineItem, Score
from lti_tool.lti.services.errors import ServiceError
from lti_tool.lti.services.names_and_roles import Member, members
from lti_tool.people.models import Course
from lti_tool.people.rules import Standing, standing
from sandbox.keys import KeyRing
from sandbox.people import Role, User
from sandbox.platform import Platform
from sandbox.services import scopes

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow]

PRODUCTS = ["plain", "sakai", "canvas", "moodle", "certifier"]
# The certification has one school only; the addresses of its services name none.
OF_TWO_SCHOOLS = PRODUCTS[:-1]


@pytest.fixture(params=PRODUCTS)
def product(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def lms(app: Flask, clock: TestClock, key_ring: KeyRing, product: str) -> Iterator[Platform]:
    """One product with both its schools registered."""
    platform = Platform(TOOL, keys=key_ring, now=clock, profile=NamedProfile(product))
    with running_lms(platform):
        reads_keys_of(app, platform)
        family = product if product in ("sakai", "canvas", "moodle") else "other"
        for school in platform.schools:
            register(app, platform, school, family=family)
        yield platform


def registered(lms: Platform, school: int = 0) -> Registered:
    return as_platform(by_name(lms.schools[school].key))


def everybody(lms: Platform, school: int = 0) -> dict[str, Member]:
    address = lms.services.memberships_url("201", lms.schools[school])
    found: dict[str, Member] = {}
    for page in members(registered(lms, school), address):
        found.update({member.sub: member for member in page})
    return found


def gradebook(lms: Platform, school: int = 0) -> Services:
    address = lms.services.lineitems_url("201", lms.schools[school])
    allowed = lms.services.permitted(lms.schools[school])
    granted = tuple(scope for scope in scopes.GRADES if scope in allowed)
    return Services(lineitems_url=address, grade_scopes=granted)


def test_a_launch_tells_where_the_roster_is_and_it_can_be_read(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    assert_entered(lms.launch(client, "instructor-1"))
    with app.app_context():
        address = db.session.scalars(select(Course.memberships_url)).one()
        assert address is not None
        found = [one for page in members(registered(lms), address) for one in page]
    assert {one.sub for one in found} == {"11", "12", "21", "31", "32", "33"}
    assert all(one.active and one.email and one.name for one in found)


@pytest.mark.usefixtures("context")
def test_the_roster_gives_the_standing_that_a_launch_gives(lms: Platform, product: str) -> None:
    found = everybody(lms)
    given = {sub: standing(found[sub].roles, "institution_or_system") for sub in found}
    assert given["11"] == Standing.MANAGER
    assert given["31"] == Standing.LEARNER
    # Moodle's list calls an assistant a learner, whatever the launch says.
    assert given["21"] == (Standing.LEARNER if product == "moodle" else Standing.ASSISTANT)


@pytest.mark.usefixtures("context")
def test_a_large_course_is_read_to_its_end(lms: Platform) -> None:
    lms.services.enlarge("201", 2_345)
    assert len(everybody(lms)) == 2_345


@pytest.mark.usefixtures("context")
def test_a_course_without_anybody(lms: Platform) -> None:
    lms.services.empty("201")
    assert everybody(lms) == {}


@pytest.mark.usefixtures("context")
def test_who_has_left_is_not_there(lms: Platform) -> None:
    gone = User("gone", "Gone", "Person", "gone@northfield.example", "99", Role.STUDENT)
    lms.services.hire("201", gone, inactive=True)
    found = everybody(lms)
    assert "99" not in found or not found["99"].active


@pytest.mark.usefixtures("context")
def test_tokens_that_are_worth_nothing_any_more_are_replaced(lms: Platform) -> None:
    everybody(lms)
    lms.services.revoke_tokens()
    assert len(everybody(lms)) == 6
    asked = [call.status for call in lms.services.calls if call.service == "token"]
    assert asked == [200, 200]


@pytest.mark.usefixtures("context")
def test_after_an_hour_a_new_token_is_asked_for_before_the_old_one_fails(
    lms: Platform, clock: TestClock
) -> None:
    everybody(lms)
    clock.pass_(minutes=59, seconds=30)
    everybody(lms)
    statuses = [call.status for call in lms.services.calls]
    assert statuses == [200] * len(statuses)
    assert [call.service for call in lms.services.calls].count("token") == 2


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("product", OF_TWO_SCHOOLS, indirect=True)
def test_one_school_sees_nothing_of_the_other(lms: Platform) -> None:
    """Both have the same issuer, users and courses."""
    mine, theirs = everybody(lms, 0), everybody(lms, 1)
    assert mine.keys() == theirs.keys()
    assert all(one.email.endswith("@northfield.example") for one in mine.values() if one.email)
    assert all(one.email.endswith("@southgate.example") for one in theirs.values() if one.email)
    tokens = {access_tokens().get(registered(lms, number), ROSTER_SCOPE) for number in (0, 1)}
    assert len(tokens) == 2
    clients = [call.client_id for call in lms.services.calls if call.service == "memberships"]
    assert set(clients) == {school.client_id for school in lms.schools}


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("product", OF_TWO_SCHOOLS, indirect=True)
def test_the_other_schools_roster_is_refused(lms: Platform) -> None:
    theirs = lms.services.memberships_url("201", lms.schools[1])
    with pytest.raises(ServiceError) as caught:
        list(members(registered(lms, 0), theirs))
    assert caught.value.reason in ("forbidden", "not-found", "rejected")


@pytest.mark.usefixtures("context")
def test_without_permission_the_sentence_says_where_to_give_it(lms: Platform, product: str) -> None:
    lms.services.permit(None, [scopes.SCORE])
    with pytest.raises(ServiceError) as caught:
        everybody(lms)
    assert caught.value.reason == "scope-refused"
    assert (product.title() if product in ("sakai", "canvas", "moodle") else "LMS") in str(
        caught.value
    )


FAULTS: list[tuple[str, int | str, str]] = [
    ("token", 500, "unavailable"),
    ("token", 429, "busy"),
    ("token", "not json", "not-json"),
    ("token", "redirect", "moved"),
    ("memberships", 404, "not-found"),
    ("memberships", 503, "unavailable"),
    ("memberships", "not json", "not-json"),
    ("memberships", "cut", "unreachable"),
    ("memberships", "huge", "unreadable"),
    ("memberships", "redirect", "moved"),
    ("memberships", "endless", "endless"),
    ("memberships", "foreign next", "elsewhere"),
]


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("product", ["plain"], indirect=True)
@pytest.mark.parametrize(("service", "kind", "reason"), FAULTS)
def test_an_lms_in_trouble(lms: Platform, service: str, kind: int | str, reason: str) -> None:
    to = "http://127.0.0.2:9/" if kind in ("redirect", "foreign next") else ""
    lms.services.faults.add(service, kind, times=None, to=to)
    with pytest.raises(ServiceError) as caught:
        everybody(lms)
    assert caught.value.reason == reason
    lms.services.faults.clear()
    assert len(everybody(lms)) == 6


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_that_happens_once_is_not_noticed(lms: Platform, status: int) -> None:
    lms.services.faults.add("memberships", status)
    assert len(everybody(lms)) == 6


@pytest.mark.usefixtures("context")
def test_a_column_with_scores(lms: Platform, clock: TestClock) -> None:
    platform, services = registered(lms), gradebook(lms)
    made = grades.create_line_item(
        platform, services, LineItem("Essay", 10, resource_id="essay-1", tag="t")
    )
    assert made.address is not None
    assert (made.label, made.maximum, made.resource_id) == ("Essay", 10.0, "essay-1")
    score = Score("31", clock.present, given=7, maximum=10, comment="Good")
    grades.send_score(platform, services, made.address, score)
    ((result,),) = grades.results(platform, services, made.address, "31")
    assert (result.sub, result.score) == ("31", 7.0)
    changed = grades.update_line_item(
        platform, services, LineItem("Long essay", 10, made.address, "essay-1", "t")
    )
    assert changed.label == "Long essay"
    (listed,) = [item for page in grades.line_items(platform, services, tag="t") for item in page]
    assert (listed.address, listed.label) == (made.address, "Long essay")
    grades.delete_line_item(platform, services, made.address)
    assert [item for page in grades.line_items(platform, services) for item in page] == []


@pytest.mark.usefixtures("context")
def test_many_columns_and_results_come_in_pages(lms: Platform, clock: TestClock) -> None:
    platform, services = registered(lms), gradebook(lms)
    book = lms.services.gradebook("201", lms.schools[0])
    for number in range(130):
        book.add(f"Item {number}", 1)
    found = [item for page in grades.line_items(platform, services) for item in page]
    assert len({item.address for item in found}) == 130
    first = found[0]
    assert first.address is not None
    for sub in ("31", "32", "33"):
        score = Score(sub, clock.present, given=1, maximum=1)
        grades.send_score(platform, services, first.address, score)
    results = [one for page in grades.results(platform, services, first.address) for one in page]
    assert {one.sub for one in results if one.score is not None} == {"31", "32", "33"}


@pytest.mark.usefixtures("context")
def test_the_column_of_a_link(lms: Platform) -> None:
    link = lms.links("201", lms.schools[0])[0]
    lms.services.couple(link, label="Quiz")
    platform, services = registered(lms), gradebook(lms)
    told = lms.profile.link_id(link, lms.course("201"))
    found = grades.line_items(platform, services, link_id=told)
    assert [item.label for page in found for item in page] == ["Quiz"]
    none = grades.line_items(platform, services, link_id="another")
    assert [item for page in none for item in page] == []


@pytest.mark.usefixtures("context")
def test_a_later_score_replaces_an_earlier_one(lms: Platform, clock: TestClock) -> None:
    platform, services = registered(lms), gradebook(lms)
    made = grades.create_line_item(platform, services, LineItem("Essay", 10))
    assert made.address is not None
    for given in (4, 9):
        clock.pass_(minutes=1)
        score = Score("31", clock.present, given=given, maximum=10)
        grades.send_score(platform, services, made.address, score)
    ((result,),) = grades.results(platform, services, made.address, "31")
    assert result.score == 9.0


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(("product", "reason"), [("moodle", "conflict"), ("canvas", "rejected")])
def test_an_earlier_score_is_refused(lms: Platform, clock: TestClock, reason: str) -> None:
    platform, services = registered(lms), gradebook(lms)
    made = grades.create_line_item(platform, services, LineItem("Essay", 10))
    assert made.address is not None
    grades.send_score(platform, services, made.address, Score("31", clock.present, 4, 10))
    before = Score("31", clock.present - timedelta(minutes=1), 9, 10)
    with pytest.raises(ServiceError) as caught:
        grades.send_score(platform, services, made.address, before)
    assert caught.value.reason == reason


@pytest.mark.usefixtures("context")
def test_a_score_for_somebody_who_is_not_there(lms: Platform, clock: TestClock) -> None:
    platform, services = registered(lms), gradebook(lms)
    made = grades.create_line_item(platform, services, LineItem("Essay", 10))
    assert made.address is not None
    pending = Score("nobody", clock.present, 4, 10, grading=Grading.PENDING_MANUAL)
    with pytest.raises(ServiceError) as caught:
        grades.send_score(platform, services, made.address, pending)
    assert caught.value.reason in ("rejected", "not-found")
