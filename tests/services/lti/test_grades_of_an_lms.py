"""Line items, scores and results: what is sent where, and how the three platforms answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from service_server import Asked, Reply, ServiceServer

from lti_tool.lti.launch import Services
from lti_tool.lti.services import assignment_and_grade as grades
from lti_tool.lti.services.assignment_and_grade import (
    Activity,
    Grading,
    LineItem,
    Result,
    Score,
)
from lti_tool.lti.services.errors import ServiceError

pytestmark = [pytest.mark.sqlite_only, pytest.mark.usefixtures("context"), pytest.mark.slow]

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
ALL = tuple(AGS + name for name in ("lineitem", "lineitem.readonly", "score", "result.readonly"))
AT = datetime(2026, 3, 2, 9, 0, 0, 250_000, tzinfo=UTC)

ITEMS = "/mod/lti/services.php/2/lineitems"
ITEM = f"{ITEMS}/7/lineitem"


def services(lms: ServiceServer, scopes: tuple[str, ...] = ALL) -> Services:
    return Services(lineitems_url=f"{lms.address}{ITEMS}?type_id=1", grade_scopes=scopes)


def item_address(lms: ServiceServer) -> str:
    return f"{lms.address}{ITEM}?type_id=1"


def as_told(lms: ServiceServer, **changes: object) -> dict[str, object]:
    told = {
        "id": item_address(lms),
        "label": "Essay",
        "scoreMaximum": 10,
        "resourceId": "essay-1",
        "tag": "",
        "resourceLinkId": "3",
    }
    return {**told, **changes}


def reason(error: pytest.ExceptionInfo[ServiceError]) -> str:
    return error.value.reason


def test_line_items_are_read_a_page_at_a_time(lms: ServiceServer) -> None:
    def answer(asked: Asked) -> Reply:
        if "from" in asked.query:
            return Reply([as_told(lms, label="Second", startDateTime="2026-03-02T09:00:00Z")])
        link = f'<{lms.address}{ITEMS}?type_id=1&from=1>; rel="next"'
        return Reply([as_told(lms)], headers={"Link": link})

    lms.services[ITEMS] = answer
    (first,), (second,) = grades.line_items(
        lms.platform(), services(lms), link_id="3", resource_id="essay-1", tag="a b"
    )
    assert first == LineItem("Essay", 10.0, item_address(lms), "essay-1", "", "3")
    assert (second.label, second.starts_at) == ("Second", datetime(2026, 3, 2, 9, tzinfo=UTC))
    asked = lms.to(ITEMS)[0]
    assert asked.query == {
        "type_id": "1",
        "resource_link_id": "3",
        "resource_id": "essay-1",
        "tag": "a b",
    }
    assert asked.headers["Accept"] == "application/vnd.ims.lis.v2.lineitemcontainer+json"
    assert lms.to("/token")[0].form["scope"] == AGS + "lineitem.readonly"


def test_sakai_has_its_own_word_for_the_link(lms: ServiceServer) -> None:
    lms.services[ITEMS] = lambda asked: Reply([])
    assert list(grades.line_items(lms.platform("sakai"), services(lms), link_id="content:42")) == [
        []
    ]
    assert lms.to(ITEMS)[0].query == {"type_id": "1", "lti_link_id": "content:42"}


def test_who_may_also_write_reads_with_that(lms: ServiceServer) -> None:
    lms.services[ITEMS] = lambda asked: Reply([])
    list(grades.line_items(lms.platform(), services(lms, (AGS + "lineitem",))))
    assert lms.to("/token")[0].form["scope"] == AGS + "lineitem"


@pytest.mark.parametrize(
    "told",
    [
        "x",
        {"label": "no address", "scoreMaximum": 1},
        {"scoreMaximum": 1, "id": 7},
        {"id": "https://evil.example/items/7", "scoreMaximum": 1},
        {"id": "javascript:alert(1)", "scoreMaximum": 1},
    ],
)
def test_what_is_no_line_item_of_this_platform_is_passed_over(
    lms: ServiceServer, told: object
) -> None:
    lms.services[ITEMS] = lambda asked: Reply([told, as_told(lms)])
    ((one,),) = grades.line_items(lms.platform(), services(lms))
    assert one.address == item_address(lms)


@pytest.mark.parametrize("maximum", [None, "10", True, float("nan"), 10**400])
def test_a_line_item_without_maximum_is_none(lms: ServiceServer, maximum: object) -> None:
    lms.services[ITEMS] = lambda asked: Reply([as_told(lms, scoreMaximum=maximum)])
    assert list(grades.line_items(lms.platform(), services(lms))) == [[]]


@pytest.mark.parametrize("moment", ["tomorrow", "2026-03-02T09:00:00", 7, None])
def test_a_moment_that_cannot_be_read_is_none(lms: ServiceServer, moment: object) -> None:
    lms.services[ITEMS] = lambda asked: Reply([as_told(lms, endDateTime=moment)])
    ((one,),) = grades.line_items(lms.platform(), services(lms))
    assert one.ends_at is None


@pytest.mark.parametrize("status", [200, 201])
def test_a_line_item_is_made(lms: ServiceServer, status: int) -> None:
    lms.services[ITEMS] = lambda asked: Reply({**json.loads(asked.body), **as_told(lms)}, status)
    ends = datetime(2026, 6, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    new = LineItem("Essay", 10, resource_id="essay-1", link_id="3", ends_at=ends)
    made = grades.create_line_item(lms.platform(), services(lms), new)
    assert made.address == item_address(lms)
    (asked,) = lms.to(ITEMS)
    assert (asked.method, asked.query) == ("POST", {"type_id": "1"})
    assert asked.headers["Content-Type"] == "application/vnd.ims.lis.v2.lineitem+json"
    assert asked.headers["Accept"] == "application/vnd.ims.lis.v2.lineitem+json"
    assert json.loads(asked.body) == {
        "label": "Essay",
        "scoreMaximum": 10,
        "resourceId": "essay-1",
        "resourceLinkId": "3",
        "endDateTime": "2026-06-01T10:00:00.000Z",
    }
    assert lms.to("/token")[0].form["scope"] == AGS + "lineitem"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Reply(b""), "not-json"),
        (Reply({"label": "x"}), "unreadable"),
        (Reply([1]), "unreadable"),
        (Reply({"id": "https://evil.example/7", "scoreMaximum": 1}), "elsewhere"),
        (Reply(status=403), "forbidden"),
    ],
)
def test_an_answer_that_names_no_new_line_item(
    lms: ServiceServer, answer: Reply, expected: str
) -> None:
    lms.services[ITEMS] = lambda asked: answer
    with pytest.raises(ServiceError) as caught:
        grades.create_line_item(lms.platform(), services(lms), LineItem("Essay", 10))
    assert reason(caught) == expected


@pytest.mark.parametrize("silent", [True, False])
def test_a_line_item_is_changed(lms: ServiceServer, silent: bool) -> None:
    lms.services[ITEM] = lambda asked: Reply(b"" if silent else json.loads(asked.body))
    item = LineItem("Longer essay", 20, item_address(lms), tag="t")
    assert grades.update_line_item(lms.platform(), services(lms), item) == item
    (asked,) = lms.to(ITEM)
    assert (asked.method, asked.query) == ("PUT", {"type_id": "1"})
    assert json.loads(asked.body) == {
        "id": item_address(lms),
        "label": "Longer essay",
        "scoreMaximum": 20,
        "tag": "t",
    }


def test_a_line_item_is_removed(lms: ServiceServer) -> None:
    lms.services[ITEM] = lambda asked: Reply(status=204)
    grades.delete_line_item(lms.platform(), services(lms), item_address(lms))
    assert [(asked.method, asked.query) for asked in lms.to(ITEM)] == [("DELETE", {"type_id": "1"})]


@pytest.mark.parametrize(
    "answer", [Reply(b""), Reply(b"[]"), Reply({"resultUrl": "x"}), Reply(status=204)]
)
def test_a_score_goes_beneath_the_line_item_before_its_query(
    lms: ServiceServer, answer: Reply
) -> None:
    lms.services[f"{ITEM}/scores"] = lambda asked: answer
    score = Score("2", AT, given=7.5, maximum=10, comment="Good")
    grades.send_score(lms.platform(), services(lms), item_address(lms), score)
    (asked,) = lms.to(f"{ITEM}/scores")
    assert (asked.method, asked.query) == ("POST", {"type_id": "1"})
    assert asked.headers["Content-Type"] == "application/vnd.ims.lis.v1.score+json"
    assert json.loads(asked.body) == {
        "userId": "2",
        "scoreGiven": 7.5,
        "scoreMaximum": 10,
        "comment": "Good",
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": "2026-03-02T09:00:00.250Z",
    }
    assert lms.to("/token")[0].form["scope"] == AGS + "score"


def test_a_score_that_is_taken_away_holds_no_number(lms: ServiceServer) -> None:
    lms.services[f"{ITEM}/scores"] = lambda asked: Reply()
    score = Score("2", AT, activity=Activity.STARTED, grading=Grading.NOT_READY)
    grades.send_score(lms.platform(), services(lms), item_address(lms), score)
    sent = json.loads(lms.to(f"{ITEM}/scores")[0].body)
    assert {"scoreGiven", "scoreMaximum", "comment"}.isdisjoint(sent)
    assert (sent["activityProgress"], sent["gradingProgress"]) == ("Started", "NotReady")


@pytest.mark.parametrize(
    ("given", "maximum"),
    [(1, None), (1, 0), (1, -1), (-1, 1), (float("nan"), 1), (1, float("inf"))],
)
def test_a_score_that_no_platform_takes_is_not_made(given: float, maximum: float | None) -> None:
    with pytest.raises(ValueError, match="score"):
        Score("2", AT, given=given, maximum=maximum)


def test_a_moment_without_zone_is_none() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Score("2", AT.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("status", "expected"), [(409, "conflict"), (422, "rejected"), (503, "unavailable")]
)
def test_a_score_that_is_not_taken(lms: ServiceServer, status: int, expected: str) -> None:
    lms.services[f"{ITEM}/scores"] = lambda asked: Reply({"errors": {}}, status)
    with pytest.raises(ServiceError) as caught:
        grades.send_score(lms.platform(), services(lms), item_address(lms), Score("2", AT))
    assert reason(caught) == expected
    assert len(lms.to(f"{ITEM}/scores")) == 1, "a gateway may have passed it on"


def test_results(lms: ServiceServer) -> None:
    def answer(asked: Asked) -> Reply:
        if "page" in asked.query:
            return Reply([{"userId": 3}, {"userId": None}, 7])
        told = {"userId": "2", "resultScore": 7.5, "resultMaximum": 10, "comment": "Good"}
        link = f'<{lms.address}{ITEM}/results?type_id=1&page=2>; rel="next"'
        return Reply([told], headers={"Link": link})

    lms.services[f"{ITEM}/results"] = answer
    first, second = grades.results(lms.platform(), services(lms), item_address(lms))
    assert first == [Result("2", 7.5, 10.0, "Good")]
    assert second == [Result("3", None, None, "")]
    assert lms.to("/token")[0].form["scope"] == AGS + "result.readonly"


def test_the_result_of_one_person_also_where_the_platform_gives_all(lms: ServiceServer) -> None:
    lms.services[f"{ITEM}/results"] = lambda asked: Reply([{"userId": "2"}, {"userId": "3"}])
    (only,) = grades.results(lms.platform(), services(lms), item_address(lms), "3")
    assert [result.sub for result in only] == ["3"]
    assert lms.to(f"{ITEM}/results")[0].query == {"type_id": "1", "user_id": "3"}


@pytest.mark.parametrize(
    "address", ["https://evil.example/items/7", "http://127.0.0.2/items/7", "javascript:x", ""]
)
def test_the_token_goes_to_no_line_item_elsewhere(lms: ServiceServer, address: str) -> None:
    platform, told = lms.platform(), services(lms)
    item = LineItem("x", 1, address)
    for call in (
        lambda: grades.update_line_item(platform, told, item),
        lambda: grades.delete_line_item(platform, told, address),
        lambda: grades.send_score(platform, told, address, Score("2", AT)),
        lambda: list(grades.results(platform, told, address)),
    ):
        with pytest.raises(ServiceError) as caught:
            call()
        assert reason(caught) == "elsewhere"
    assert lms.asked == []


def test_only_what_the_launch_announced_is_asked_for(lms: ServiceServer) -> None:
    platform, told = lms.platform("sakai"), services(lms, (AGS + "score",))
    item = LineItem("x", 1, item_address(lms))
    for call in (
        lambda: list(grades.line_items(platform, told)),
        lambda: grades.create_line_item(platform, told, item),
        lambda: list(grades.results(platform, told, item_address(lms))),
    ):
        with pytest.raises(ServiceError, match="External Tools") as caught:
            call()
        assert reason(caught) == "scope-refused"
    assert lms.asked == []


def test_a_course_without_gradebook(lms: ServiceServer) -> None:
    with pytest.raises(ServiceError) as caught:
        list(grades.line_items(lms.platform(), Services(grade_scopes=ALL)))
    assert reason(caught) == "no-service"
    with pytest.raises(ServiceError) as caught:
        grades.send_score(lms.platform(), Services(grade_scopes=ALL), "x", Score("2", AT))
    assert reason(caught) == "no-service"


def test_a_launch_may_tell_of_one_line_item_alone(lms: ServiceServer) -> None:
    lms.services[f"{ITEM}/scores"] = lambda asked: Reply()
    told = Services(lineitem_url=item_address(lms), grade_scopes=ALL)
    grades.send_score(lms.platform(), told, item_address(lms), Score("2", AT))
    assert len(lms.to(f"{ITEM}/scores")) == 1
