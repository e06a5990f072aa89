"""Who is in a course: the three platforms' ways to say it, and what none should say."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from factories import TestClock
from service_server import Asked, Reply, ServiceServer

from lti_tool.lti.launch import Platform
from lti_tool.lti.services import client, names_and_roles
from lti_tool.lti.services.errors import ServiceError
from lti_tool.lti.services.names_and_roles import Member, members
from lti_tool.people.rules import Standing, standing

pytestmark = [pytest.mark.sqlite_only, pytest.mark.usefixtures("context"), pytest.mark.slow]

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
PATH = "/api/lti/Courses/Ab3/names_and_roles"


def page(*items: object, **headers: str) -> Reply:
    listed = [{"user_id": item} if isinstance(item, str) else item for item in items]
    return Reply({"id": "x", "context": {"id": "c"}, "members": listed}, headers=headers)


def pages(platform: Platform, lms: ServiceServer) -> list[list[Member]]:
    return list(members(platform, lms.address + PATH))


def people(lms: ServiceServer, *items: object, family: str = "other") -> list[Member]:
    lms.services[PATH] = lambda asked: page(*items)
    (only,) = pages(lms.platform(family), lms)
    return only


def reason(lms: ServiceServer, family: str = "other") -> str:
    with pytest.raises(ServiceError) as caught:
        pages(lms.platform(family), lms)
    assert "token-" not in str(caught.value)
    return caught.value.reason


def test_a_roster_is_asked_for_with_its_media_type_and_a_token(lms: ServiceServer) -> None:
    (ada,) = people(
        lms,
        {
            "user_id": "a445ca99",
            "status": "Active",
            "name": "Ada Lovelace",
            "given_name": "Ada",
            "family_name": "Lovelace",
            "email": "ada@elm.example",
            "roles": [f"{MEMBERSHIP}#Instructor"],
            "picture": "https://elm.example/ada.png",
        },
    )
    assert ada == Member(
        "a445ca99",
        "Ada Lovelace",
        "Ada",
        "Lovelace",
        "ada@elm.example",
        (f"{MEMBERSHIP}#Instructor",),
        True,
    )
    (asked,) = lms.to(PATH)
    assert (asked.method, asked.token) == ("GET", "token-1")
    assert asked.headers["Accept"] == ("application/vnd.ims.lti-nrps.v2.membershipcontainer+json")
    scope = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
    assert lms.to("/token")[0].form["scope"] == scope


@pytest.mark.parametrize(
    ("family", "limit"), [("moodle", "1000"), ("sakai", None), ("canvas", None)]
)
def test_a_large_course_is_asked_for_in_pages_where_these_can_be_relied_on(
    lms: ServiceServer, family: str, limit: str | None
) -> None:
    people(lms, "1", family=family)
    assert lms.to(PATH)[0].query.get("limit") == limit


def test_pages_are_followed_as_they_are_named(lms: ServiceServer) -> None:
    def answer(asked: Asked) -> Reply:
        number = int(asked.query.get("Page", 1))
        links = f'<{lms.address}{PATH}>; rel="first"'
        if number < 3:
            links += f', <{lms.address}{PATH}?Page={number + 1}&Mark=aBc>; rel="next"'
        return page(f"person-{number}", Link=links)

    lms.services[PATH] = answer
    found = pages(lms.platform("canvas"), lms)
    assert [[one.sub for one in listed] for listed in found] == [
        ["person-1"],
        ["person-2"],
        ["person-3"],
    ]
    assert [asked.query.get("Mark") for asked in lms.to(PATH)] == [None, "aBc", "aBc"]
    assert len(lms.to("/token")) == 1


def test_a_page_is_read_only_when_it_is_wanted(lms: ServiceServer) -> None:
    lms.services[PATH] = lambda asked: page("1", Link=f'<{PATH}?p=2>; rel="next"')
    walked: Iterator[list[Member]] = members(lms.platform(), lms.address + PATH)
    assert lms.asked == []
    next(walked)
    assert len(lms.to(PATH)) == 1


def test_moodles_quotation_marks(lms: ServiceServer) -> None:
    def answer(asked: Asked) -> Reply:
        if "from" in asked.query:
            return page("2")
        link = f"<{lms.address}{PATH}?limit=1000&from=1000>; rel=“next”"
        return page("1", Link=link.encode().decode("latin-1"))

    lms.services[PATH] = answer
    assert len(pages(lms.platform("moodle"), lms)) == 2


@pytest.mark.parametrize("host", ["http://127.0.0.2:1", "https://evil.example"])
def test_the_token_goes_to_no_other_host(lms: ServiceServer, host: str) -> None:
    lms.services[PATH] = lambda asked: page("1", Link=f'<{host}{PATH}?p=2>; rel="next"')
    walked = members(lms.platform(), lms.address + PATH)
    assert [one.sub for one in next(walked)] == ["1"]
    with pytest.raises(ServiceError, match="another address") as caught:
        next(walked)
    assert caught.value.reason == "elsewhere"


def test_pages_that_go_in_a_circle(lms: ServiceServer) -> None:
    lms.services[PATH] = lambda asked: page("1", Link=f'<{PATH}?p=2>; rel="next"')
    assert reason(lms) == "endless"
    assert len(lms.to(PATH)) == 2


def test_pages_without_end(lms: ServiceServer, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = count()
    lms.services[PATH] = lambda asked: page("1", Link=f'<{PATH}?p={next(numbers)}>; rel="next"')
    monkeypatch.setattr(client, "MOST_PAGES", 7)
    assert reason(lms) == "endless"
    assert len(lms.to(PATH)) == 7


def test_more_people_than_any_course_has(
    lms: ServiceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = count()

    def answer(asked: Asked) -> Reply:
        at = next(numbers)
        return page(f"{at}-a", f"{at}-b", Link=f'<{PATH}?p={at}>; rel="next"')

    lms.services[PATH] = answer
    monkeypatch.setattr(names_and_roles, "MOST_PEOPLE", 5)
    assert reason(lms) == "too-large"
    assert len(lms.to(PATH)) == 3


def test_pages_that_take_too_long_together(lms: ServiceServer, clock: TestClock) -> None:
    numbers = count()

    def answer(asked: Asked) -> Reply:
        clock.pass_(minutes=4)
        return page("1", Link=f'<{PATH}?p={next(numbers)}>; rel="next"')

    lms.services[PATH] = answer
    assert reason(lms) == "timeout"
    assert len(lms.to(PATH)) == 4


def test_an_empty_body_is_nobody_in_sakai_and_a_fault_elsewhere(lms: ServiceServer) -> None:
    lms.services[PATH] = lambda asked: Reply(b" \n")
    assert pages(lms.platform("sakai"), lms) == [[]]
    assert reason(lms, "moodle") == "not-json"


@pytest.mark.parametrize(
    "body", [[], "x", {}, {"members": None}, {"members": {}}, {"errors": {"type": "x"}}]
)
def test_what_is_no_roster(lms: ServiceServer, body: object) -> None:
    lms.services[PATH] = lambda asked: Reply(body)
    assert reason(lms, "sakai") == "unreadable"


@pytest.mark.parametrize(
    "item",
    [
        None,
        7,
        [],
        {},
        {"user_id": ""},
        {"user_id": True},
        {"user_id": 7.5},
        {"user_id": "x" * 256},
        {"user_id": "a\u0000b"},
    ],
)
def test_who_has_no_id_is_passed_over(lms: ServiceServer, item: object) -> None:
    assert [one.sub for one in people(lms, item, "1")] == ["1"]


def test_fields_are_kept_within_what_there_is_room_for(lms: ServiceServer) -> None:
    (one,) = people(
        lms,
        {
            "user_id": "1",
            "name": "n" * 999,
            "given_name": "A\u0000da\n",
            "family_name": ["x"],
            "email": "e" * 321,
            "roles": [f"https://elm.example/{number}" for number in range(99)] + ["x" * 256],
        },
    )
    assert (one.name, one.given_name, one.family_name) == ("n" * 255, "A da", "")
    assert one.email is None, "a cut address would be somebody else's"
    assert len(one.roles) == 50


@pytest.mark.parametrize(
    "item",
    [
        {"user_id": "1"},
        {"user_id": "1", "name": None, "email": None, "roles": None, "status": None},
        {"user_id": "1", "name": "", "email": " ", "roles": {"Learner": 1}},
    ],
)
def test_privacy_may_leave_nothing_but_the_id(lms: ServiceServer, item: object) -> None:
    assert people(lms, item) == [Member("1", "", "", "", None, (), True)]


def test_an_id_that_came_as_a_number_is_the_text_of_it(lms: ServiceServer) -> None:
    assert people(lms, {"user_id": 7}) == people(lms, "7")


def test_a_name_is_made_of_its_parts(lms: ServiceServer) -> None:
    (one,) = people(lms, {"user_id": "1", "given_name": "Ada", "family_name": "Lovelace"})
    assert one.name == "Ada Lovelace"


@pytest.mark.parametrize(
    ("status", "active"),
    [
        ("Active", True),
        ("active", True),
        (None, True),
        ("http://purl.imsglobal.org/vocab/lis/v2/status#Active", True),
        ("liss:Active", True),
        ("Inactive", False),
        ("http://purl.imsglobal.org/vocab/lis/v2/status#Inactive", False),
        ("DELETED", False),
        ("Pending", False),
        ("Deleted", False),
        ("", False),
        (7, False),
    ],
)
def test_who_is_no_longer_there(lms: ServiceServer, status: object, active: bool) -> None:
    (one,) = people(lms, {"user_id": "1", "status": status})
    assert one.active is active


@pytest.mark.parametrize(
    ("roles", "expected", "uris"),
    [
        (["Instructor", f"{MEMBERSHIP}#Instructor"], Standing.MANAGER, 1),  # Sakai
        ([f"{MEMBERSHIP}#Instructor#TeachingAssistant"], Standing.ASSISTANT, 1),
        (["Instructor#TeachingAssistant", "Instructor"], Standing.ASSISTANT, 2),
        (["Instructor"], Standing.MANAGER, 1),  # Moodle
        (["Learner"], Standing.LEARNER, 1),
        (["http://purl.imsglobal.org/vocab/lis/v2/person#Administrator"], "administrator", 1),
        (
            [f"{MEMBERSHIP}/Instructor#TeachingAssistant", f"{MEMBERSHIP}#Instructor"],
            Standing.ASSISTANT,
            2,
        ),  # Canvas
        ([f"{MEMBERSHIP}#Mentor"], Standing.OBSERVER, 1),
        (["", 7, None, " Learner ", "Learner"], Standing.LEARNER, 1),
        ([], Standing.NONE, 0),
    ],
)
def test_roles_mean_what_they_mean_in_a_launch(
    lms: ServiceServer, roles: list[object], expected: str, uris: int
) -> None:
    (one,) = people(lms, {"user_id": "1", "roles": roles})
    assert len(one.roles) == uris
    assert all(role.startswith("http") for role in one.roles)
    assert standing(one.roles, "institution_or_system") == expected
    launched = [role for role in roles if isinstance(role, str)]
    assert standing(launched, "institution_or_system") == expected


def test_who_comes_twice_in_a_page_is_one(lms: ServiceServer) -> None:
    (one,) = people(
        lms,
        {"user_id": "1", "name": "Ada", "roles": ["Learner"]},
        {"user_id": "1", "email": "ada@elm.example", "roles": ["Instructor"]},
    )
    assert (one.name, one.email) == ("Ada", "ada@elm.example")
    assert one.roles == (f"{MEMBERSHIP}#Learner", f"{MEMBERSHIP}#Instructor")


@pytest.mark.parametrize("backwards", [False, True])
def test_roles_that_ended_do_not_count_beside_running_ones(
    lms: ServiceServer, backwards: bool
) -> None:
    entries = [
        {"user_id": "1", "roles": ["Instructor"], "status": "Inactive", "name": "Ada"},
        {"user_id": "1", "roles": ["Learner"], "status": "Active"},
    ]
    (one,) = people(lms, *(reversed(entries) if backwards else entries))
    assert (one.active, one.roles, one.name) == (True, (f"{MEMBERSHIP}#Learner",), "Ada")


def test_a_later_page_tells_again_only_who_is_another_now(lms: ServiceServer) -> None:
    def answer(asked: Asked) -> Reply:
        if "p" in asked.query:
            return page({"user_id": "1", "roles": ["Instructor"]}, "2", "3")
        return page({"user_id": "1", "roles": ["Learner"]}, "2", Link=f'<{PATH}?p=2>; rel="next"')

    lms.services[PATH] = answer
    first, second = pages(lms.platform(), lms)
    assert [one.sub for one in first] == ["1", "2"]
    assert [one.sub for one in second] == ["1", "3"]
    assert second[0].roles == (f"{MEMBERSHIP}#Learner", f"{MEMBERSHIP}#Instructor")


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_no_longer_taken_is_replaced_once(lms: ServiceServer, status: int) -> None:
    def only(good: str) -> None:
        lms.services[PATH] = lambda asked: (
            page("1") if asked.token == good else Reply({"errors": {}}, status)
        )

    only("token-1")
    assert len(pages(lms.platform(), lms)) == 1
    only("token-2")
    assert len(pages(lms.platform(), lms)) == 1
    assert len(lms.to("/token")) == 2
    only("none")
    assert reason(lms) == "forbidden"
    assert len(lms.to("/token")) == 3


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply({"error": "x"}, 400), "rejected"),
        (Reply(status=404), "not-found"),
        (Reply(status=302, headers={"Location": "https://evil.example/"}), "moved"),
        (Reply(status=429), "busy"),
        (Reply(b"<html>", 500), "unavailable"),
        (Reply(b"<html>"), "not-json"),
    ],
)
def test_other_refusals(lms: ServiceServer, reply: Reply, expected: str) -> None:
    lms.services[PATH] = lambda asked: reply
    assert reason(lms) == expected
    assert len(lms.to(PATH)) == 1


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_hiccup_of_the_lms_is_passed_over(lms: ServiceServer, status: int) -> None:
    """Once, at the token address and at the list's own."""
    asked_for = count()
    lms.grant = lambda asked: lms.grants(asked) if next(asked_for) else Reply(status=status)
    listed = count()
    lms.services[PATH] = lambda asked: page("1") if next(listed) else Reply(status=status)
    assert len(pages(lms.platform(), lms)) == 1
    lms.services[PATH] = lambda asked: Reply(status=status)
    assert reason(lms) == "unavailable"
    assert (len(lms.to("/token")), len(lms.to(PATH))) == (2, 4)


def test_what_took_long_is_not_asked_again(lms: ServiceServer, clock: TestClock) -> None:
    """Somebody waits for it, and the gateway has waited already."""

    def slow(asked: Asked) -> Reply:
        clock.pass_(seconds=4)
        return Reply(status=504)

    lms.services[PATH] = slow
    assert reason(lms) == "unavailable"
    lms.grant = slow
    with pytest.raises(ServiceError) as caught:
        pages(lms.platform(id="registration-2"), lms)
    assert caught.value.reason == "unavailable"
    assert (len(lms.to("/token")), len(lms.to(PATH))) == (2, 1)


def test_a_large_course_at_once(lms: ServiceServer) -> None:
    listed = [{"user_id": f"{number}", "name": "N" * 80} for number in range(20_000)]
    assert len(people(lms, *listed, family="moodle")) == 20_000
