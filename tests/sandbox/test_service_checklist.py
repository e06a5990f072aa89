"""The certification's lists for dialogs, rosters and grades."""

from __future__ import annotations

import json

import pytest
from service_tool import ServiceTool

from sandbox.services import grades, rosters, scopes
from sandbox.services.checklist import Check

pytestmark = pytest.mark.parametrize("product", ["certifier"])


def of(tool: ServiceTool, section: str) -> dict[str, bool | None]:
    found: list[Check] = tool.platform.services.checklist()
    return {one.name: one.passed for one in found if one.section.startswith(section)}


def test_nothing_was_seen_yet(whole_tool: ServiceTool) -> None:
    assert {one.passed for one in whole_tool.platform.services.checklist()} == {None}
    page = whole_tool.client.get("/certification").text
    assert page.count("Not seen yet") == 12


def test_names_and_roles(whole_tool: ServiceTool) -> None:
    url = whole_tool.platform.services.memberships_url()
    loose = whole_tool.call("GET", url, scopes.MEMBERSHIPS, headers={"Accept": "*/*"})
    assert loose.status_code == 406
    assert of(whole_tool, "6.3")["JSON header"] is False
    accept = {"Accept": rosters.MEDIA_TYPE}
    assert whole_tool.call("GET", url, scopes.SCORE, headers=accept).status_code == 403
    assert of(whole_tool, "6.3")["Bearer scope"] is False
    assert whole_tool.call("GET", url, token="made up", headers=accept).status_code == 401
    assert of(whole_tool, "6.3")["Bearer token"] is False
    assert whole_tool.call("GET", url, scopes.MEMBERSHIPS, headers=accept).status_code == 200
    assert set(of(whole_tool, "6.3").values()) == {True}


def test_assignments_and_grades(whole_tool: ServiceTool) -> None:
    url = whole_tool.platform.services.lineitems_url()
    essay = json.dumps({"label": "Essay", "scoreMaximum": 10})
    wrong = whole_tool.call("POST", url, scopes.LINEITEM, data=essay, content_type="text/plain")
    assert wrong.status_code == 415
    assert of(whole_tool, "6.4")["Line item made"] is False
    made = whole_tool.call("POST", url, scopes.LINEITEM, data=essay, content_type=grades.LINEITEM)
    item = made.json["id"]
    score = {
        "userId": "cert-student",
        "scoreGiven": 7,
        "scoreMaximum": 10,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": "2026-11-25T12:00:00+00:00",
    }
    whole_tool.call(
        "POST",
        f"{item}/scores",
        scopes.SCORE,
        data=json.dumps(score),
        content_type=grades.SCORE,
    )
    assert of(whole_tool, "6.4")["Result read"] is None
    accept = {"Accept": grades.RESULTS}
    whole_tool.call("GET", f"{item}/results", scopes.RESULT_READ, headers=accept)
    assert set(of(whole_tool, "6.4").values()) == {True}
    assert whole_tool.client.get("/certification").text.count("Passed") == 3


def test_an_unsigned_answer_to_a_dialog(whole_tool: ServiceTool) -> None:
    dialog = whole_tool.platform.open_dialog("instructor-1", "certification")
    whole_tool.client.post(f"/deep-linking/return/{dialog.id}", data={"JWT": "hello"})
    passed = of(whole_tool, "6.2")
    assert passed.pop("Receive the response payload") is True
    assert set(passed.values()) == {False}
