"""The token endpoint, as each product has it."""

from __future__ import annotations

from typing import Any

import pytest
from service_tool import ServiceTool

from sandbox.services import scopes

NRPS, SCORE, UNKNOWN = scopes.MEMBERSHIPS, scopes.SCORE, "https://unknown.example/scope"


@pytest.mark.parametrize(
    ("product", "path"),
    [
        ("plain", "/token"),
        ("sakai", "/imsblis/lti13/token/2"),
        ("canvas", "/login/oauth2/token"),
        ("moodle", "/mod/lti/token.php"),
        ("certifier", "/token"),
    ],
)
def test_each_product_has_its_own_address(service_tool: ServiceTool, path: str) -> None:
    platform = service_tool.platform
    assert platform.registration("southgate").token_url == platform.base_url + path
    service_tool.school = platform.school("southgate")
    assert service_tool.ask([NRPS]).status_code == 200


@pytest.mark.parametrize("product", ["canvas"])
def test_the_addresses_of_other_products_are_not_there(service_tool: ServiceTool) -> None:
    assert service_tool.client.post("/token").status_code == 404
    assert service_tool.client.post("/mod/lti/token.php").status_code == 404


@pytest.mark.parametrize("product", ["plain", "moodle", "certifier"])
def test_the_permitted_ones_of_the_asked_scopes_are_granted(service_tool: ServiceTool) -> None:
    service_tool.platform.services.permit("northfield", [NRPS])
    granted = service_tool.ask([NRPS, SCORE, UNKNOWN])
    assert granted.json["scope"] == NRPS
    assert granted.json["token_type"] == "Bearer"
    none = service_tool.ask([SCORE])
    assert (none.status_code, none.json["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize("product", ["sakai", "canvas"])
def test_one_scope_too_many_refuses_the_request(service_tool: ServiceTool, product: str) -> None:
    refused = service_tool.ask([NRPS, UNKNOWN])
    assert (refused.status_code, refused.json["error"]) == (400, "invalid_scope")
    detail = refused.headers.get("X-Tsugi-LTI13-Error-Detail", "")
    assert (UNKNOWN in detail) is (product == "sakai")
    assert service_tool.ask([NRPS, SCORE]).json["scope"] == f"{SCORE} {NRPS}"


GOOD: dict[str, set[str]] = {
    "another audience": {"moodle"},
    "no jti": {"moodle"},
    "no kid": set(),
    "another issuer": {"canvas", "moodle"},
    "issued six minutes ago": {"plain", "sakai", "moodle"},
    "issued in 45 seconds": {"plain", "sakai", "moodle"},
    "issued in two minutes": set(),
    "expired": set(),
    "no times": {"moodle"},
    "a list of audiences": {"plain", "sakai", "canvas", "moodle"},
}


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("product", ["plain", "sakai", "canvas", "moodle"])
def test_what_an_assertion_must_say(service_tool: ServiceTool, product: str, name: str) -> None:
    now = int(service_tool.platform.now().timestamp())
    url = service_tool.platform.services.token_url(service_tool.school)
    changes: dict[str, dict[str, Any]] = {
        "another audience": {"aud": "https://elsewhere.example/token"},
        "no jti": {"jti": None},
        "another issuer": {"iss": "somebody"},
        "issued six minutes ago": {"iat": now - 360, "exp": now + 60},
        "issued in 45 seconds": {"iat": now + 45},
        "issued in two minutes": {"iat": now + 120},
        "expired": {"iat": now - 200, "exp": now - 100},
        "no times": {"iat": None, "exp": None},
        "a list of audiences": {"aud": ["https://elsewhere.example", url]},
    }
    proof = service_tool.assertion(**changes.get(name, {}))
    if name == "no kid":
        proof = service_tool.sign({"sub": service_tool.school.client_id}, kid=None)
    answer = service_tool.ask([NRPS], proof)
    if product in GOOD[name]:
        assert answer.status_code == 200, answer.text
    else:
        assert answer.json["error"] == "invalid_client"
        assert answer.status_code == (400 if product in ("sakai", "moodle") else 401)


@pytest.mark.parametrize("product", ["plain", "sakai", "canvas", "moodle"])
def test_an_assertion_used_twice(service_tool: ServiceTool, product: str) -> None:
    proof = service_tool.assertion()
    assert service_tool.ask([NRPS], proof).status_code == 200
    refused = service_tool.ask([NRPS], proof).status_code != 200
    assert refused is (product in ("plain", "sakai"))


@pytest.mark.parametrize("product", ["sakai"])
def test_a_school_s_own_endpoint_is_not_for_another_s_tool(service_tool: ServiceTool) -> None:
    platform = service_tool.platform
    elsewhere = platform.services.token_url("southgate")
    fields = {"client_assertion": service_tool.assertion(aud=elsewhere)}
    service_tool.school = platform.school("southgate")
    answer = service_tool.ask([NRPS], **fields)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_client")


@pytest.mark.parametrize("product", ["plain"])
def test_calls_are_noted_and_may_go_wrong(service_tool: ServiceTool) -> None:
    services = service_tool.platform.services
    services.faults.add("token", 500)
    services.faults.add("token", "not json")
    assert service_tool.ask([NRPS]).status_code == 500
    assert service_tool.ask([NRPS]).text.startswith("<!doctype")
    assert service_tool.ask([NRPS]).status_code == 200
    assert [call.status for call in services.calls] == [500, 200, 200]
    assert services.calls[-1].client_id == "sandbox-northfield"
    assert services.calls[-1].scopes == {NRPS}
    with pytest.raises(ValueError, match="sideways"):
        services.faults.add("token", "sideways")
