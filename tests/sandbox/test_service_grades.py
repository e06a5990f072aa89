"""Line items, scores and results, as each product has them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from service_tool import ServiceTool
from werkzeug.test import TestResponse

from sandbox import claims as c
from sandbox.services import grades, scopes

PRODUCTS = ["plain", "sakai", "canvas", "moodle"]
ESSAY = {"label": "Essay", "scoreMaximum": 20, "tag": "final", "resourceId": "m1"}


def items(tool: ServiceTool, query: str = "", **more: Any) -> TestResponse:
    url = tool.platform.services.lineitems_url("201", tool.school)
    address = url + (query if "?" not in url else query.replace("?", "&"))
    headers = {"Accept": grades.LINEITEMS, **more.pop("headers", {})}
    return tool.call("GET", address, scopes.LINEITEM_READ, headers=headers, **more)


def create(tool: ServiceTool, content_type: str = grades.LINEITEM, **body: Any) -> TestResponse:
    url = tool.platform.services.lineitems_url("201", tool.school)
    content = json.dumps({**ESSAY, **body})
    return tool.call("POST", url, scopes.LINEITEM, data=content, content_type=content_type)


def below(address: str, last: str) -> str:
    path, mark, query = address.partition("?")
    return f"{path}/{last}{mark}{query}"


def score(tool: ServiceTool, item: str, **body: Any) -> TestResponse:
    content = {
        "userId": "31",
        "scoreGiven": 5,
        "scoreMaximum": 10,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": "2026-11-25T12:00:00.000Z",
        **body,
    }
    kept = {name: value for name, value in content.items() if value is not None}
    return tool.call(
        "POST",
        below(item, "scores"),
        scopes.SCORE,
        data=json.dumps(kept),
        content_type=grades.SCORE,
    )


def results(tool: ServiceTool, item: str) -> TestResponse:
    accept = {"Accept": grades.RESULTS}
    return tool.call("GET", below(item, "results"), scopes.RESULT_READ, headers=accept)


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_column_is_made_changed_and_removed(service_tool: ServiceTool, product: str) -> None:
    made = create(service_tool)
    assert (made.status_code, made.mimetype) == (201, grades.LINEITEM)
    assert {**ESSAY, "id": made.json["id"]} == made.json
    url = made.json["id"]
    assert ("?type_id=1" in url) is (product == "moodle")
    accept = {"Accept": grades.LINEITEM}
    read = service_tool.call("GET", url, scopes.LINEITEM_READ, headers=accept)
    assert read.json == made.json
    changed = service_tool.call(
        "PUT",
        url,
        scopes.LINEITEM,
        data=json.dumps({**made.json, "label": "Long essay"}),
        content_type=grades.LINEITEM,
    )
    assert changed.json["label"] == "Long essay"
    assert [item["label"] for item in items(service_tool).json] == ["Long essay"]
    assert service_tool.call("DELETE", url, scopes.LINEITEM).status_code == 204
    assert items(service_tool).json == []
    gone = service_tool.call("GET", url, scopes.LINEITEM, headers=accept)
    assert gone.status_code == 404


@pytest.mark.parametrize("product", PRODUCTS)
def test_reading_does_not_permit_writing(service_tool: ServiceTool, product: str) -> None:
    url = service_tool.platform.services.lineitems_url("201")
    refused = service_tool.call("POST", url, scopes.LINEITEM_READ, json=ESSAY)
    assert refused.status_code == {"sakai": 400, "canvas": 401, "moodle": 401}.get(product, 403)
    assert service_tool.platform.services.gradebook("201").items == {}


@pytest.mark.parametrize("product", PRODUCTS)
def test_lists_are_filtered_and_paged(service_tool: ServiceTool, product: str) -> None:
    book = service_tool.platform.services.gradebook("201")
    link = service_tool.platform.add_link("A film", media="film1")
    service_tool.platform.services.couple(link, tag="odd")
    for number in range(30):
        book.add(f"Task {number}", 10, tag="odd" if number % 2 else "even")
    assert len(items(service_tool, "?tag=even&limit=100").json) == 15
    name = "lti_link_id" if product == "sakai" else "resource_link_id"
    coupled = items(service_tool, f"?{name}={link.id}").json
    assert [item["resourceLinkId"] for item in coupled] == [link.id]
    page = items(service_tool, "?limit=20")
    if product == "sakai":
        assert len(page.json) == 31
        return
    assert len(page.json) == 20
    written = page.headers["Link"].encode("latin-1").decode("utf-8")
    assert ("rel=“next”" in written) is (product == "moodle")
    following = written.partition("<")[2].partition(">")[0]
    if product == "canvas":
        assert len(items(service_tool).json) == 10
        following = written.partition('rel="next"')[0].rpartition("<")[2].partition(">")[0]
    accept = {"Accept": grades.LINEITEMS}
    rest = service_tool.call("GET", following, scopes.LINEITEM_READ, headers=accept)
    assert len(rest.json) == 11


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_score_becomes_a_result(service_tool: ServiceTool, product: str) -> None:
    item = create(service_tool).json["id"]
    answer = score(service_tool, item, comment="Well done")
    assert answer.status_code == 200
    if product == "canvas":
        assert answer.json["resultUrl"].startswith(item)
    else:
        assert answer.get_data() == b""
    read = results(service_tool, item)
    assert read.mimetype == ("application/json" if product == "sakai" else grades.RESULTS)
    [cell] = read.json
    assert (cell["userId"], cell["resultScore"], cell["resultMaximum"]) == ("31", 10.0, 20.0)
    assert cell["comment"] == "Well done"
    book = service_tool.platform.services.gradebook("201")
    assert book.results[1]["31"].score == 10.0
    assert [one["scoreGiven"] for one in book.scores] == [5]


@pytest.mark.parametrize("product", PRODUCTS)
def test_when_a_score_counts(service_tool: ServiceTool, product: str) -> None:
    item = create(service_tool).json["id"]
    results_of = service_tool.platform.services.gradebook("201").results[1]
    score(service_tool, item, gradingProgress="PendingManual", timestamp="2026-11-25T12:01:00Z")
    assert (results_of["31"].score is not None) is (product == "canvas")
    score(service_tool, item, timestamp="2026-11-25T12:02:00Z")
    assert results_of["31"].score == 10.0
    older = score(service_tool, item, scoreGiven=1, timestamp="2026-11-25T12:00:00Z")
    assert older.status_code == {"sakai": 200, "canvas": 400}.get(product, 409)
    score(service_tool, item, scoreGiven=None, timestamp="2026-11-25T12:03:00Z")
    assert results_of["31"].score is None


WRONG: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "an instructor": ({"userId": "11"}, {"plain": 404, "sakai": 400, "canvas": 422, "moodle": 400}),
    "nobody": ({"userId": "77"}, {"plain": 404, "sakai": 400, "canvas": 422, "moodle": 400}),
    "no maximum": ({"scoreMaximum": None}, {"canvas": 422}),
    "maximum 0": ({"scoreMaximum": 0}, {"canvas": 422}),
    "no timestamp": ({"timestamp": None}, {"canvas": 422}),
    "no offset": ({"timestamp": "2026-11-25T12:00:00"}, {"canvas": 422}),
    "unheard-of progress": ({"activityProgress": "Sleeping"}, {"canvas": 422}),
    "no grading": ({"gradingProgress": None}, {"canvas": 422}),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("product", PRODUCTS)
def test_wrong_scores(service_tool: ServiceTool, product: str, name: str) -> None:
    item = create(service_tool).json["id"]
    changes, statuses = WRONG[name]
    assert score(service_tool, item, **changes).status_code == statuses.get(product, 400)
    assert service_tool.platform.services.gradebook("201").scores == []


@pytest.mark.parametrize("product", ["sakai"])
def test_sakai_takes_the_bare_id(service_tool: ServiceTool) -> None:
    item = create(service_tool).json["id"]
    assert score(service_tool, item, userId="student-1").status_code == 200
    assert "31" in service_tool.platform.services.gradebook("201").results[1]


@pytest.mark.parametrize("product", ["moodle"])
def test_moodle_gives_no_score_of_nought(service_tool: ServiceTool) -> None:
    item = create(service_tool).json["id"]
    score(service_tool, item, scoreGiven=0)
    [cell] = results(service_tool, item).json
    assert "resultScore" not in cell


@pytest.mark.parametrize("product", PRODUCTS)
def test_media_types(service_tool: ServiceTool, product: str) -> None:
    plain = create(service_tool, content_type="application/json")
    assert plain.status_code == {"plain": 415, "moodle": 400}.get(product, 201)
    loose = items(service_tool, headers={"Accept": "*/*"})
    assert loose.status_code == (400 if product == "moodle" else 200)


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize(
    "changes", [{"label": None}, {"scoreMaximum": None}, {"scoreMaximum": "ten"}, {"label": " "}]
)
def test_wrong_columns(service_tool: ServiceTool, product: str, changes: dict[str, Any]) -> None:
    status = create(service_tool, **changes).status_code
    assert status == (422 if product == "canvas" else 400)


@pytest.mark.parametrize("product", PRODUCTS)
def test_columns_of_activities(service_tool: ServiceTool, product: str) -> None:
    link = service_tool.platform.add_link("A film", media="film1")
    assert create(service_tool, resourceLinkId=link.id).json["resourceLinkId"] == link.id
    elsewhere = create(service_tool, resourceLinkId="elsewhere").status_code
    assert elsewhere == (403 if product == "moodle" else 404)
    locked = service_tool.platform.services.gradebook("201").add("Exam", 10, read_only=True)
    url = service_tool.platform.services.lineitem_url(locked, "201")
    assert service_tool.call("DELETE", url, scopes.LINEITEM).status_code == 403


@pytest.mark.parametrize("product", PRODUCTS)
def test_launches_name_the_gradebook(service_tool: ServiceTool, product: str) -> None:
    platform = service_tool.platform
    link = platform.add_link("A film", media="film1")

    def said() -> dict[str, Any]:
        token = service_tool.unchecked(platform.id_token("n", "student-1", link))
        claim: dict[str, Any] = token.get(c.AGS, {})
        return claim

    assert said()["lineitems"] == platform.services.lineitems_url("201")
    assert sorted(said()["scope"]) == sorted(scopes.GRADES)
    assert "lineitem" not in said()
    item = platform.services.couple(link)
    assert said()["lineitem"] == platform.services.lineitem_url(item, "201")
    platform.services.couple(link, label="A second one")
    assert "lineitem" not in said()
    platform.services.permit("northfield", [scopes.MEMBERSHIPS])
    assert said() == {}


def test_nothing_crosses_between_schools(service_tool: ServiceTool) -> None:
    item = create(service_tool).json["id"]
    service_tool.school = service_tool.platform.school("southgate")
    assert items(service_tool).json == []
    assert score(service_tool, item).status_code == 401
