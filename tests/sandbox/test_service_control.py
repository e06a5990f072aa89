"""The hooks that drive the services from another process."""

from __future__ import annotations

import pytest
from service_tool import ServiceTool

from sandbox.services import scopes


def test_a_course_is_filled(service_tool: ServiceTool) -> None:
    client, services = service_tool.client, service_tool.platform.services
    assert client.post("/control/enlarge", json={"size": 300}).status_code == 204
    assert len(services.members("201")) == 300
    assert len(services.members("201", "southgate")) == 6
    body = {"size": 40, "course": "110", "school": "southgate"}
    assert client.post("/control/enlarge", json=body).status_code == 204
    assert len(services.members("110", "southgate")) == 40


def test_a_service_fails_and_calls_are_listed(service_tool: ServiceTool) -> None:
    client = service_tool.client
    client.post("/control/service-fault", json={"service": "token", "kind": 503, "times": None})
    assert service_tool.ask([scopes.SCORE]).status_code == 503
    assert client.post("/control/no-service-faults", json={}).status_code == 204
    assert service_tool.ask([scopes.SCORE]).status_code == 200
    listed = client.get("/control/calls").json
    assert [call["status"] for call in listed] == [503, 200]
    assert listed[1]["scopes"] == [scopes.SCORE]
    assert client.get("/control/returned").json == []


@pytest.mark.parametrize(
    ("hook", "body", "status"),
    [
        ("enlarge", {"size": "many"}, 400),
        ("enlarge", {"size": 200_000}, 400),
        ("enlarge", {"people": 3}, 400),
        ("service-fault", {"service": "token", "kind": "sideways"}, 400),
        ("service-fault", None, 415),
    ],
)
def test_wrong_bodies(
    service_tool: ServiceTool, hook: str, body: dict[str, object] | None, status: int
) -> None:
    answer = (
        service_tool.client.post(f"/control/{hook}", json=body, data=None)
        if body
        else (service_tool.client.post(f"/control/{hook}", data={"kind": "1"}))
    )
    assert answer.status_code == status
