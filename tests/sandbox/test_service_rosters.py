"""The list of a course's people, as each product has it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from service_tool import ServiceTool
from werkzeug.test import TestResponse

from sandbox import claims as c
from sandbox.people import Role, User
from sandbox.services import scopes

NRPS = scopes.MEMBERSHIPS
MEDIA_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
ALL = ["plain", "sakai", "canvas", "moodle", "certifier"]
NEXT = re.compile(r'<([^>]+)>; rel="next"')


def ask(tool: ServiceTool, query: str = "", address: str = "", **more: Any) -> TestResponse:
    url = address or tool.platform.services.memberships_url("201", tool.school)
    headers = {"Accept": MEDIA_TYPE, **more.pop("headers", {})}
    return tool.call("GET", url + query, NRPS, headers=headers, **more)


def everybody(tool: ServiceTool, query: str = "") -> tuple[list[dict[str, Any]], int]:
    """All members of all pages, and how many pages there were."""
    answer, members, pages = ask(tool, query), [], 1
    members += answer.json["members"]
    while found := NEXT.search(answer.headers.get("Link", "")):
        answer = ask(tool, address=found[1])
        assert answer.status_code == 200, answer.text
        members += answer.json["members"]
        pages += 1
    return members, pages


@pytest.mark.parametrize("product", ALL)
def test_everybody_of_the_course_is_listed(service_tool: ServiceTool, product: str) -> None:
    answer = ask(service_tool)
    assert answer.status_code == 200
    assert answer.mimetype == ("application/json" if product == "sakai" else MEDIA_TYPE)
    assert answer.json["context"]["title"] == "Life in Running Water"
    assert ("label" in answer.json["context"]) is (product != "sakai")
    told = {member["user_id"]: member for member in answer.json["members"]}
    assert set(told) == {"11", "12", "21", "31", "32", "33"}
    assert told["31"]["email"] == "amir.haddad@northfield.example"
    assert told["31"]["status"] == "Active"


ASSISTANT = {
    "plain": [c.TEACHING_ASSISTANT, c.INSTRUCTOR],
    "sakai": ["TeachingAssistant", c.MEMBERSHIP + "Instructor#TeachingAssistant"],
    "canvas": [c.TEACHING_ASSISTANT, c.INSTRUCTOR],
    "moodle": ["Learner"],
}


@pytest.mark.parametrize("product", ASSISTANT)
def test_roles_are_spelled_as_the_product_does(service_tool: ServiceTool, product: str) -> None:
    told = {member["user_id"]: member["roles"] for member in ask(service_tool).json["members"]}
    assert told["21"] == ASSISTANT[product]
    short, uri = ["Instructor"], [c.INSTRUCTOR]
    assert told["11"] == {"sakai": short + uri, "moodle": short}.get(product, uri)


@pytest.mark.parametrize("product", ALL)
def test_nobody(service_tool: ServiceTool, product: str) -> None:
    service_tool.platform.services.empty("201")
    answer = ask(service_tool)
    assert answer.status_code == 200
    if product == "sakai":
        assert answer.get_data() == b""
    else:
        assert answer.json["members"] == []


@pytest.mark.parametrize("product", ["canvas"])
def test_canvas_gives_fifty_a_page(service_tool: ServiceTool) -> None:
    service_tool.platform.services.enlarge("201", 120)
    first = ask(service_tool, "?limit=500")
    assert len(first.json["members"]) == 50
    for relation in ("current", "next", "first", "last"):
        assert f'rel="{relation}"' in first.headers["Link"]
    members, pages = everybody(service_tool)
    assert (len({one["user_id"] for one in members}), pages) == (120, 3)
    found = NEXT.search(first.headers["Link"])
    assert found is not None
    assert ask(service_tool, address=found[1].lower()).status_code == 400


@pytest.mark.parametrize("product", ["plain", "sakai", "moodle"])
def test_pages_come_when_they_are_asked_for(service_tool: ServiceTool, product: str) -> None:
    services = service_tool.platform.services
    services.enlarge("201", 45)
    assert "Link" not in ask(service_tool).headers
    members, pages = everybody(service_tool, "?limit=20")
    assert (len({one["user_id"] for one in members}), pages) == (45, 3)
    begin = "start" if product == "sakai" else "from"
    assert f"{begin}=20" in ask(service_tool, "?limit=20").headers["Link"]
    services.page_size = 10
    assert everybody(service_tool)[1] == 5


@pytest.mark.parametrize("product", ["sakai"])
def test_twenty_thousand_people(service_tool: ServiceTool) -> None:
    service_tool.platform.services.enlarge("201", 20_000)
    members = ask(service_tool).json["members"]
    assert len({one["user_id"] for one in members}) == 20_000
    assert len({one["email"] for one in members}) == 20_000


@pytest.mark.parametrize("product", ["plain", "canvas", "moodle", "sakai"])
def test_a_role_may_be_asked_for(service_tool: ServiceTool, product: str) -> None:
    def subs(role: str) -> set[str]:
        answer = ask(service_tool, f"?role={role.replace('#', '%23')}")
        return {member["user_id"] for member in answer.json["members"]}

    everyone = {"11", "12", "21", "31", "32", "33"}
    teachers = {"moodle": {"11", "12"}, "sakai": everyone}.get(product, {"11", "12", "21"})
    assert subs(c.INSTRUCTOR) == teachers
    assert subs("Instructor") == (set() if product == "canvas" else teachers)
    assert subs(c.MEMBERSHIP + "Unheard") == (everyone if product in ("moodle", "sakai") else set())


@pytest.mark.parametrize("product", ["plain", "canvas", "moodle", "sakai"])
def test_a_link_s_message(service_tool: ServiceTool, product: str) -> None:
    link = service_tool.platform.add_link("A film", media="film1")
    told = ask(service_tool, f"?rlid={link.id}").json["members"][0]
    assert ("message" in told) is (product != "sakai")
    if product in ("plain", "canvas"):
        assert told["message"][0][c.CUSTOM] == {"media": "film1"}
    unknown = ask(service_tool, "?rlid=elsewhere").status_code
    assert unknown == {"canvas": 400, "sakai": 200}.get(product, 404)


@pytest.mark.parametrize("product", ["plain", "canvas", "sakai"])
def test_who_left_is_not_active(service_tool: ServiceTool, product: str) -> None:
    user = User("guest-1", "90", "Uma", "Okonkwo", "uma@northfield.example")
    service_tool.platform.services.hire("201", user, Role.STUDENT, inactive=True)
    told = {member["user_id"]: member["status"] for member in ask(service_tool).json["members"]}
    assert told.get("90") == ("Inactive" if product == "plain" else None)
    service_tool.platform.services.leave("201", "student-1")
    assert "31" not in {one["user_id"] for one in ask(service_tool).json["members"]}


@pytest.mark.parametrize("product", ["moodle"])
def test_moodle_answers_an_old_tool_in_the_old_form(service_tool: ServiceTool) -> None:
    old = "application/vnd.ims.lis.v1.membershipcontainer+json"
    assert "members" not in ask(service_tool, headers={"Accept": old}).json


@pytest.mark.parametrize("product", ALL)
def test_who_may_not_ask(service_tool: ServiceTool, product: str) -> None:
    platform = service_tool.platform
    bad, narrow = {"sakai": (403, 400), "canvas": (401, 401), "moodle": (401, 401)}.get(
        product, (401, 403)
    )
    url = platform.services.memberships_url("201", "northfield")
    assert ask(service_tool, token="made up").status_code == bad
    assert service_tool.call("GET", url, scopes.SCORE).status_code == narrow
    token = service_tool.token(NRPS)
    if product != "certifier":  # which has one school only
        other = platform.services.memberships_url("201", "southgate")
        assert other != url
        assert ask(service_tool, address=other, token=token).status_code == bad
    platform.services.revoke_tokens()
    assert ask(service_tool, token=token).status_code == bad


@pytest.mark.parametrize("product", ["plain", "sakai"])
def test_addresses_keep_their_case(service_tool: ServiceTool) -> None:
    url = service_tool.platform.services.memberships_url("201")
    assert ask(service_tool, address=url.lower()).status_code == 404


@pytest.mark.parametrize("product", ["plain"])
def test_what_may_go_wrong(service_tool: ServiceTool) -> None:
    services = service_tool.platform.services
    url = services.memberships_url("201")
    services.faults.add("memberships", 401)
    services.faults.add("memberships", "endless", times=2)
    services.faults.add("memberships", "foreign next", to="https://elsewhere.example/more")
    services.faults.add("memberships", "redirect", to="http://169.254.169.254/")
    assert ask(service_tool).status_code == 401
    for _ in range(2):
        assert f"<{url}>" in ask(service_tool).headers["Link"]
    assert "elsewhere.example" in ask(service_tool).headers["Link"]
    assert ask(service_tool).location == "http://169.254.169.254/"
    assert "Link" not in ask(service_tool).headers
    services.faults.add("memberships", 500, times=None)
    assert {ask(service_tool).status_code for _ in range(5)} == {500}
    services.faults.clear()
    assert ask(service_tool).status_code == 200
    call = services.calls[-1]
    assert (call.service, call.accept, call.scopes) == ("memberships", MEDIA_TYPE, {NRPS})


@pytest.mark.parametrize("product", ["plain"])
def test_slow_and_cut_answers(service_tool: ServiceTool) -> None:
    services = service_tool.platform.services
    services.faults.add("memberships", "cut")
    cut = ask(service_tool)
    assert len(cut.get_data()) < int(cut.headers["Content-Length"])
    services.faults.add("memberships", "slow")
    url = services.memberships_url("201")
    bearer = {"Authorization": f"Bearer {service_tool.token(NRPS)}"}
    slow = service_tool.client.get(**service_tool.at(url), headers=bearer, buffered=False)
    pieces = slow.iter_encoded()
    assert len(next(pieces)) == 1
    services.faults.release()
    assert len(b"".join(pieces)) > 500


@pytest.mark.parametrize("product", ["plain", "moodle", "sakai", "canvas"])
def test_launches_name_the_list(service_tool: ServiceTool, product: str) -> None:
    platform = service_tool.platform

    def said() -> dict[str, Any]:
        return service_tool.unchecked(platform.id_token("n", "student-1"))

    assert said()[c.NRPS]["context_memberships_url"] == platform.services.memberships_url("201")
    platform.services.permit("northfield", [])
    assert c.NRPS not in said()
