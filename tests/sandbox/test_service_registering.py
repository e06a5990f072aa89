"""Tools that register themselves: what each product says, checks and answers."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
import pytest
from service_tool import LAUNCH, ServiceTool, request_of
from werkzeug.test import TestResponse

from sandbox import claims as c
from sandbox.keys import KeyRing
from sandbox.platform import Platform
from sandbox.profiles import CanvasProfile
from sandbox.services import scopes
from sandbox.services.registrations import TOOL, Pressed
from sandbox.services.registries import CANVAS, PLATFORM

ALL = ["plain", "sakai", "canvas", "moodle"]


def opened(pressed: Pressed) -> tuple[str, str]:
    """The configuration's address and the token, as a tool reads them."""
    query = dict(parse_qsl(urlsplit(pressed.url).query))
    return query["openid_configuration"], query["registration_token"]


def read(tool: ServiceTool, pressed: Pressed) -> dict[str, Any]:
    address, token = opened(pressed)
    answer = tool.client.get(address, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json
    return said


def send(tool: ServiceTool, pressed: Pressed, token: str = "", **changes: Any) -> TestResponse:
    address = read(tool, pressed)["registration_endpoint"]
    bearer = {"Authorization": f"Bearer {token or opened(pressed)[1]}"}
    return tool.client.post(address, json=request_of(**changes), headers=bearer)


def begin(tool: ServiceTool, **more: Any) -> Pressed:
    return tool.platform.services.registrar.begin(tool.school, **more)


@pytest.mark.parametrize("product", ALL)
def test_a_tool_registers_and_is_used(whole_tool: ServiceTool, product: str) -> None:
    platform = whole_tool.platform
    pressed = begin(whole_tool)
    before = whole_tool.school.client_id
    answer = send(whole_tool, pressed)
    assert answer.status_code == 200, answer.text
    assert answer.json["client_id"] == pressed.client_id != before
    assert answer.json["client_name"] == "A tool"
    deployment = answer.json[TOOL].get("deployment_id")
    assert (deployment is None) is (product == "canvas")
    assert platform.school().client_id == before
    tool = platform.services.registrar.finish(pressed)
    said = whole_tool.unchecked(platform.id_token("n", "student-1"))
    assert said["aud"] == pressed.client_id
    assert said[c.DEPLOYMENT_ID] == tool.deployment_id
    assert said[c.CUSTOM]["colour"] == "blue"
    assert platform.registration().client_id == pressed.client_id
    assert platform.services.permitted() == {scopes.MEMBERSHIPS, scopes.SCORE}
    whole_tool.school = platform.school()
    assert whole_tool.ask([scopes.MEMBERSHIPS]).status_code == 200


@pytest.mark.parametrize("product", ALL)
def test_what_the_platform_says_of_itself(whole_tool: ServiceTool, product: str) -> None:
    platform = whole_tool.platform
    said = read(whole_tool, begin(whole_tool))
    told = platform.registration()
    assert said["issuer"] == told.issuer
    assert said["token_endpoint"] == told.token_url
    assert said["jwks_uri"] == told.jwks_url
    assert said["authorization_endpoint"] == told.auth_url
    families = {"sakai": "sakailms.org", "plain": "foyer-sandbox"}
    assert said[PLATFORM]["product_family_code"] == families.get(product, product)
    assert (said["scopes_supported"] == ["openid"]) is (product == "sakai")
    address, token = opened(begin(whole_tool))
    assert bool(urlsplit(address).query) is (product in ("sakai", "canvas"))
    bare = whole_tool.client.get(address)
    assert bare.status_code == (401 if product == "canvas" else 200)
    if product in ("canvas", "moodle"):
        assert jwt.decode(token, options={"verify_signature": False})["exp"] > 0


@pytest.mark.parametrize("product", ["canvas"])
def test_canvas_says_which_account_it_is(whole_tool: ServiceTool) -> None:
    said = read(whole_tool, whole_tool.platform.services.registrar.begin("southgate"))
    about = said[PLATFORM]
    assert about[f"{CANVAS}account_name"] == "Southgate College"
    assert about[f"{CANVAS}account_domain"] == "127.0.0.6"
    assert "://" not in said["authorization_server"]
    assert f"{CANVAS}editor_button" in about["messages_supported"][1]["placements"]


@pytest.mark.parametrize("product", ["sakai"])
def test_the_address_of_a_tool_may_have_a_query_of_its_own(whole_tool: ServiceTool) -> None:
    pressed = begin(whole_tool, address="http://127.0.0.1:8000/lti/register?code=abc")
    query = parse_qs(urlsplit(pressed.url).query)
    assert query["code"] == ["abc"]
    assert "clientId=" in query["openid_configuration"][0]


WRONG: dict[str, tuple[dict[str, Any], set[str]]] = {
    "no login address": ({"initiate_login_uri": None}, set(ALL)),
    "no keys": ({"jwks_uri": None}, set(ALL)),
    "redirect address is no list": ({"redirect_uris": LAUNCH}, set(ALL)),
    "no name": ({"client_name": None}, {"plain", "canvas", "moodle"}),
    "another way to prove itself": (
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"plain", "canvas", "moodle"},
    ),
    "no domain": ({"about": {"domain": None}}, {"plain", "canvas", "moodle"}),
    "another domain": ({"about": {"domain": "elsewhere.example"}}, {"plain", "canvas", "moodle"}),
    "no grant types": ({"grant_types": None}, {"canvas"}),
    "no scope": ({"scope": None}, {"canvas"}),
    "no application type": ({"application_type": None}, {"canvas"}),
    "native": ({"application_type": "native"}, {"canvas", "moodle"}),
    "unheard-of privacy": ({"about": {f"{CANVAS}privacy_level": "some"}}, {"canvas"}),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("product", ALL)
def test_wrong_requests(whole_tool: ServiceTool, product: str, name: str) -> None:
    changes, strict = WRONG[name]
    pressed = begin(whole_tool)
    answer = send(whole_tool, pressed, **changes)
    if product not in strict:
        assert answer.status_code == 200, answer.text
        return
    assert answer.status_code == (422 if product == "canvas" else 400)
    assert pressed.tool is None
    assert pressed.refusals
    if product == "moodle":
        assert answer.mimetype == "text/plain"
    elif product == "canvas":
        assert answer.json["errors"]
    else:
        assert answer.json["error_description"]
    assert send(whole_tool, pressed).status_code == 200


@pytest.mark.parametrize("product", ["moodle"])
def test_moodle_says_it_in_a_word(whole_tool: ServiceTool) -> None:
    pressed = begin(whole_tool)
    assert send(whole_tool, pressed, about={"domain": None}).text == "missing_domain"
    mismatch = send(whole_tool, pressed, about={"domain": "elsewhere.example"})
    assert mismatch.text == "domain_targetlinkuri_mismatch"
    assert send(whole_tool, pressed).status_code == 200
    again = send(whole_tool, pressed)
    assert (again.status_code, again.text) == (401, "token_already_used")


@pytest.mark.parametrize("product", ["sakai"])
def test_sakai_reads_300_kilobytes(whole_tool: ServiceTool) -> None:
    answer = send(whole_tool, begin(whole_tool), client_uri="x" * 310_000)
    assert answer.status_code == 400


@pytest.mark.parametrize("product", ALL)
def test_tokens_that_are_not_good(whole_tool: ServiceTool, product: str) -> None:
    time = [datetime(2026, 11, 25, 12, tzinfo=UTC)]
    whole_tool.platform.now = lambda: time[0]
    pressed = begin(whole_tool)
    assert send(whole_tool, pressed, token="made-up").status_code == 401
    assert send(whole_tool, pressed).status_code == 200
    again = send(whole_tool, pressed).status_code
    assert again == (200 if product == "canvas" else 401)
    late = begin(whole_tool)
    address = read(whole_tool, late)["registration_endpoint"]
    time[0] += timedelta(minutes=61)
    bearer = {"Authorization": f"Bearer {late.token}"}
    expired = whole_tool.client.post(address, json=request_of(), headers=bearer)
    assert expired.status_code == 401
    assert late.tool is None


@pytest.mark.parametrize("product", ["moodle", "canvas"])
def test_a_registration_is_renewed(whole_tool: ServiceTool, product: str) -> None:
    platform = whole_tool.platform
    first = begin(whole_tool)
    send(whole_tool, first)
    before = platform.services.registrar.finish(first)
    again = begin(whole_tool, update=True)
    bearer = {"Authorization": f"Bearer {again.token}"}
    said = read(whole_tool, again)
    own = f"{said['registration_endpoint']}/{before.client_id}"
    address = own if product == "canvas" else said["registration_endpoint"]
    held = whole_tool.client.get(address, headers=bearer)
    assert held.json["client_name"] == "A tool"
    body = json.dumps(request_of(client_name="A better tool"))
    method = "PUT" if product == "canvas" else "POST"
    renewed = whole_tool.client.open(
        address, method=method, data=body, content_type="application/json", headers=bearer
    )
    assert renewed.status_code == 200
    after = platform.services.registrar.finish(again)
    assert (after.client_id, after.name) == (before.client_id, "A better tool")
    if product == "moodle":
        assert after.deployment_id == before.deployment_id


@pytest.mark.parametrize("product", ["moodle"])
def test_what_a_tool_is_told_of_people(whole_tool: ServiceTool) -> None:
    platform = whole_tool.platform
    for claims, privacy in (
        (["sub"], "anonymous"),
        (["name"], "name_only"),
        (["email"], "email_only"),
        (["given_name", "email"], "public"),
    ):
        pressed = begin(whole_tool)
        send(whole_tool, pressed, about={"claims": claims})
        platform.services.registrar.finish(pressed)
        assert platform.privacy == privacy


@pytest.mark.parametrize("product", ["plain"])
def test_other_bodies(whole_tool: ServiceTool) -> None:
    pressed = begin(whole_tool)
    address = read(whole_tool, pressed)["registration_endpoint"]
    bearer = {"Authorization": f"Bearer {pressed.token}"}
    for body in ("", "[1]", "[" * 100_000):
        answer = whole_tool.client.post(
            address, data=body, content_type="application/json", headers=bearer
        )
        assert answer.status_code == 400
    form = whole_tool.client.post(address, data={"a": "b"}, headers=bearer)
    assert form.status_code == 400
    assert whole_tool.client.get(address, headers=bearer).status_code == 404


BUTTONS = {"plain": "Activate", "sakai": "Save", "canvas": "Install", "moodle": "Activate"}


@pytest.mark.parametrize("product", ALL)
def test_the_administrator_s_pages(whole_tool: ServiceTool, product: str) -> None:
    client, platform = whole_tool.client, whole_tool.platform
    page = client.get("/admin/tools").text
    assert "Register a tool" in page
    assert "registered by hand" in page
    go = client.post("/admin/tools", data={"school": whole_tool.school.key})
    [pressed] = platform.services.registrar.pressed.values()
    frame = client.get(go.location).text
    nested = "/frame" in frame
    assert nested is (product == "canvas")
    inner = client.get(f"{go.location}/frame").text if nested else frame
    assert "openid_configuration=" in inner
    assert 'data-origin="http://127.0.0.1:8000"' in inner or product != "canvas"
    assert ('data-hears="object"' in inner) is (product == "moodle")
    assert "not registered itself" in client.get(f"{go.location}/finish").text
    assert send(whole_tool, pressed).status_code == 200
    finish = client.get(f"{go.location}/finish").text
    assert f">{BUTTONS[product]}</button>" in finish
    assert ("Pending" in finish) is (product == "moodle")
    assert "is waiting for you" in client.get("/admin/tools").text
    chosen = {"scope": scopes.MEMBERSHIPS, "privacy": "public"}
    done = client.post(f"{go.location}/finish", data=chosen)
    assert "in use" in client.get(done.location).text
    assert platform.services.permitted() == {scopes.MEMBERSHIPS}
    assert platform.school().client_id == pressed.client_id
    by_hand = platform.services.registrar.tools[0]
    client.post(f"/admin/tools/use/{by_hand.client_id}")
    assert platform.school().client_id == by_hand.client_id == whole_tool.school.client_id


@pytest.mark.parametrize("product", ["canvas"])
def test_a_registration_outlives_a_restart(
    whole_tool: ServiceTool, keys: KeyRing, tmp_path: Path
) -> None:
    whole_tool.platform.state = tmp_path
    pressed = begin(whole_tool)
    assert send(whole_tool, pressed).status_code == 200
    tool = whole_tool.platform.services.registrar.finish(pressed)
    again = Platform(keys=keys, profile=CanvasProfile(), state=tmp_path)
    told = again.registration()
    assert (told.client_id, told.deployment_id) == (tool.client_id, tool.deployment_id)
    assert again.services.registrar.tool(tool.client_id) == tool
    assert again.services.permitted() == whole_tool.platform.services.permitted()
    again.services.registrar.use(again.services.registrar.tools[0])
    third = Platform(keys=keys, profile=CanvasProfile(), state=tmp_path)
    assert third.registration().client_id == whole_tool.school.client_id


def test_another_site_presses_no_button(whole_tool: ServiceTool) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert whole_tool.client.post("/admin/tools", headers=foreign).status_code == 403
    assert whole_tool.platform.services.registrar.pressed == {}


@pytest.mark.parametrize(("product", "page"), [("moodle", "tools"), ("certifier", "certification")])
def test_the_first_page_leads_to_them(whole_tool: ServiceTool, page: str) -> None:
    front = whole_tool.client.get("/").text
    found = re.search(rf'href="([^"]*{page})"', front)
    assert found is not None
    assert whole_tool.client.get(found[1]).status_code == 200


def test_pages_that_are_not_there(whole_tool: ServiceTool) -> None:
    assert whole_tool.client.get("/admin/tools/unknown").status_code == 404
    assert whole_tool.client.post("/admin/tools/use/unknown").status_code == 404
    script = whole_tool.client.post("/admin/tools", data={"address": "javascript:alert(1)"})
    assert script.status_code == 400
