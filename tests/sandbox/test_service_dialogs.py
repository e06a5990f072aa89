"""What comes back from a deep-linking dialog, and what each product makes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from service_tool import ServiceTool

from sandbox import claims as c
from sandbox.dialogs import Dialog
from sandbox.keys import KeyRing
from sandbox.platform import Platform
from sandbox.profiles import profile
from sandbox.services.dialogs import CONTENT_ITEMS, DATA, Returned
from sandbox.services.rosters import MEDIA_TYPE

FILM = {
    "type": "ltiResourceLink",
    "title": "A film",
    "url": "http://127.0.0.1:8000/lti/launch",
    "custom": {"media": "film1"},
    "iframe": {"width": 800, "height": 600},
}
PLACEMENTS = {
    "plain": "content",
    "sakai": "lessons",
    "canvas": "editor_button",
    "moodle": "ContentArea",
    "certifier": "certification",
}
ALL = list(PLACEMENTS)


def press(tool: ServiceTool, placement: str = "") -> Dialog:
    platform = tool.platform
    return platform.open_dialog("instructor-1", placement or PLACEMENTS[platform.profile.name])


def honest(tool: ServiceTool, dialog: Dialog, *items: Any) -> dict[str, Any]:
    now = int(tool.platform.now().timestamp())
    told = tool.platform.registration(dialog.school)
    return {
        "iss": told.client_id,
        "aud": told.issuer,
        "iat": now,
        "exp": now + 300,
        "nonce": dialog.id,
        c.DEPLOYMENT_ID: told.deployment_id,
        c.MESSAGE_TYPE: "LtiDeepLinkingResponse",
        c.VERSION: "1.3.0",
        CONTENT_ITEMS: list(items),
        DATA: dialog.data,
    }


def send(tool: ServiceTool, dialog: Dialog, *items: Any, **changes: Any) -> Returned:
    claims = {**honest(tool, dialog, *items), **changes}
    platform = tool.platform
    url = platform.profile.deep_link_return_url(platform.school_url(dialog.school), dialog)
    answer = tool.client.post(**tool.at(url), data={"JWT": tool.sign(claims)})
    returned = platform.services.returned[-1]
    assert answer.status_code == (400 if returned.refusal else 200)
    assert returned.dialog is dialog
    return returned


@pytest.mark.parametrize("product", ALL)
def test_a_link_becomes_an_activity(whole_tool: ServiceTool, product: str) -> None:
    returned = send(whole_tool, press(whole_tool), FILM)
    assert (returned.refusal, returned.notices) == ("", ())
    assert returned.breaches == ()
    passed = [one.passed for one in whole_tool.platform.services.checklist()]
    assert passed[:5] == [True] * 5
    [link] = returned.links
    assert link in whole_tool.platform.links("201")
    said = whole_tool.unchecked(whole_tool.platform.id_token("n", "student-1", link))
    assert said[c.TARGET_LINK_URI] == FILM["url"]
    if product != "certifier":
        assert said[c.CUSTOM]["media"] == "film1"


@pytest.mark.parametrize("product", ALL)
def test_a_dialog_is_cancelled_by_an_empty_list(whole_tool: ServiceTool, product: str) -> None:
    before = whole_tool.platform.links("201")
    returned = send(whole_tool, press(whole_tool))
    assert returned.cancelled
    assert returned.dialog.items == []
    assert whole_tool.platform.links("201") == before


@pytest.mark.parametrize("product", ["moodle", "plain"])
def test_several_at_once(whole_tool: ServiceTool, product: str) -> None:
    returned = send(whole_tool, press(whole_tool), FILM, {**FILM, "title": "Another"})
    assert [link.title for link in returned.links] == ["A film", "Another"]
    assert returned.notices == ()


@pytest.mark.parametrize("product", ["sakai", "canvas"])
def test_more_than_one_where_one_is_taken(whole_tool: ServiceTool, product: str) -> None:
    placement = {"canvas": "assignment_selection"}.get(product, "lessons")
    returned = send(whole_tool, press(whole_tool, placement), FILM, FILM)
    assert "takes one" in returned.refusal
    assert returned.links == ()


@pytest.mark.parametrize("product", ALL)
def test_a_kind_that_is_not_taken(whole_tool: ServiceTool, product: str) -> None:
    returned = send(whole_tool, press(whole_tool), {"type": "hologram"})
    assert "hologram" in returned.refusal


STRICT: dict[str, tuple[dict[str, Any], set[str]]] = {
    "another sender": ({"iss": "somebody"}, {"canvas", "moodle"}),
    "another audience": ({"aud": "https://elsewhere.example"}, {"canvas"}),
    "no audience": ({"aud": None}, {"canvas"}),
    "no exp": ({"exp": None}, {"canvas"}),
    "no iat": ({"iat": None}, {"canvas"}),
    "expired": ({"exp": 1_000_000}, {"canvas", "moodle"}),
    "six minutes old": ({"iat": -360}, {"canvas"}),
    "no nonce": ({"nonce": None}, {"canvas"}),
    "another message": ({c.MESSAGE_TYPE: "LtiResourceLinkRequest"}, {"sakai", "canvas"}),
    "another version": ({c.VERSION: "1.1"}, set()),
    "another deployment": ({c.DEPLOYMENT_ID: "another"}, set()),
    "other data": ({DATA: "other"}, set()),
    "no items": ({CONTENT_ITEMS: None}, {"sakai", "canvas", "moodle"}),
    "items that are none": ({CONTENT_ITEMS: ["film"]}, {"sakai", "canvas", "moodle"}),
}


@pytest.mark.parametrize("name", STRICT)
@pytest.mark.parametrize("product", ["plain", "sakai", "canvas", "moodle"])
def test_what_each_product_looks_at(whole_tool: ServiceTool, product: str, name: str) -> None:
    changes, strict = STRICT[name]
    changed = dict(changes)
    if changed.get("iat"):
        changed["iat"] += int(whole_tool.platform.now().timestamp())
    returned = send(whole_tool, press(whole_tool), FILM, **changed)
    if product in strict | {"plain"}:
        assert returned.refusal
        assert returned.links == ()
    else:
        assert not returned.refusal
        assert returned.notices
        assert len(returned.links) == 1


@pytest.mark.parametrize("product", ["plain", "sakai", "canvas", "moodle"])
def test_a_nonce_used_twice(whole_tool: ServiceTool, product: str) -> None:
    dialog = press(whole_tool)
    assert not send(whole_tool, dialog, FILM).refusal
    again = send(whole_tool, dialog, FILM)
    assert bool(again.refusal) is (product in ("plain", "canvas"))


ITEMS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "a number in custom": ({"custom": {"media": 7}}, {"sakai"}),
    "null in custom": ({"custom": {"media": None}}, {"sakai"}),
    "another domain": ({"url": "https://elsewhere.example/launch"}, {"canvas"}),
    "a title that is null": ({"title": None}, set()),
}


@pytest.mark.parametrize("name", ITEMS)
@pytest.mark.parametrize("product", ["plain", "sakai", "canvas", "moodle"])
def test_what_an_item_may_hold(whole_tool: ServiceTool, product: str, name: str) -> None:
    changes, strict = ITEMS[name]
    returned = send(whole_tool, press(whole_tool), {**FILM, **changes})
    assert bool(returned.refusal) is (product in strict | {"plain"})
    assert returned.refusal or returned.notices


@pytest.mark.parametrize("product", ALL)
def test_what_nobody_signed_is_refused(whole_tool: ServiceTool, product: str) -> None:
    dialog = press(whole_tool)
    platform = whole_tool.platform
    url = platform.profile.deep_link_return_url(platform.school_url(), dialog)
    for token in ("", "hello", whole_tool.sign(honest(whole_tool, dialog, FILM), kid=None)):
        answer = whole_tool.client.post(**whole_tool.at(url), data={"JWT": token})
        assert answer.status_code == 400
        assert "not signed by the tool" in answer.text
    assert dialog.items is None


@pytest.mark.parametrize("product", ["sakai", "moodle"])
def test_an_activity_with_a_column(whole_tool: ServiceTool, product: str) -> None:
    placement = {"sakai": "assignment"}.get(product, "ContentArea")
    column = {"label": "Film", "scoreMaximum": 10, "resourceId": "film1"}
    [link] = send(whole_tool, press(whole_tool, placement), {**FILM, "lineItem": column}).links
    [item] = whole_tool.platform.services.gradebook("201").of_link(link.id)
    assert (item.label, item.maximum, item.resource_id) == ("Film", 10, "film1")
    assert send(whole_tool, press(whole_tool), {**FILM, "lineItem": {}}).refusal


@pytest.mark.parametrize("product", ["sakai", "canvas"])
def test_how_an_activity_is_opened(whole_tool: ServiceTool, product: str) -> None:
    bare = {name: value for name, value in FILM.items() if name != "iframe"}
    [framed] = send(whole_tool, press(whole_tool), FILM).links
    [unsaid] = send(whole_tool, press(whole_tool), bare).links
    [window] = send(whole_tool, press(whole_tool), {**bare, "window": {}}).links
    assert [framed.window, unsaid.window, window.window] == [False, product == "sakai", True]


def test_the_page_leads_the_whole_window_back(whole_tool: ServiceTool) -> None:
    dialog = press(whole_tool)
    platform = whole_tool.platform
    url = platform.profile.deep_link_return_url(platform.school_url(), dialog)
    token = whole_tool.sign(honest(whole_tool, dialog, {**FILM, "title": "<b>Film"}))
    page = whole_tool.client.post(**whole_tool.at(url), data={"JWT": token}).text
    assert "&lt;b&gt;Film" in page
    assert 'data-course="/courses/201?user=instructor-1&amp;school=northfield' in page
    assert 'target="_top"' in page


def test_the_new_activity_is_on_the_course_s_page(whole_tool: ServiceTool) -> None:
    [link] = send(whole_tool, press(whole_tool), FILM).links
    assert "A film" in whole_tool.client.get("/courses/201?user=student-1").text
    page = whole_tool.client.get(f"/courses/201/links/{link.id}?user=student-1")
    assert page.status_code == 200


@pytest.mark.parametrize("product", ["sakai", "plain"])
def test_an_activity_outlives_a_restart(
    whole_tool: ServiceTool, keys: KeyRing, product: str, tmp_path: Path
) -> None:
    whole_tool.platform.state = tmp_path
    made = [send(whole_tool, press(whole_tool), {**FILM, "title": name}).links for name in "ab"]
    again = Platform(keys=keys, profile=profile(product), state=tmp_path)
    assert [link for [link] in made] == [link for link in again.links("201") if "made" in link.id]
    assert again.links("110") == whole_tool.platform.links("110")


def test_a_dialog_that_nobody_opened(whole_tool: ServiceTool) -> None:
    assert whole_tool.client.post("/deep-linking/return/unknown").status_code == 404


@pytest.mark.parametrize("product", ["moodle"])
def test_moodle_tells_of_people_once_the_course_uses_the_tool(whole_tool: ServiceTool) -> None:
    platform = whole_tool.platform

    def said() -> dict[str, Any]:
        how: Any = {"placement": "ContentArea"}
        return whole_tool.unchecked(platform.id_token("n", "instructor-1", how=how))

    assert c.NRPS not in said()
    send(whole_tool, press(whole_tool), FILM)
    assert c.NRPS in said()


@pytest.mark.parametrize("product", ALL)
def test_rosters_name_people_as_launches_do(whole_tool: ServiceTool, product: str) -> None:
    platform = whole_tool.platform
    said = whole_tool.unchecked(platform.id_token("n", "student-1"))
    url = said[c.NRPS]["context_memberships_url"]
    scope = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
    listed = whole_tool.call("GET", url, scope, headers={"Accept": MEDIA_TYPE}).json
    assert listed["context"]["id"] == said[c.CONTEXT]["id"]
    [member] = [one for one in listed["members"] if one["user_id"] == said["sub"]]
    assert member.get("email") == said.get("email")
