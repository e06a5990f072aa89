"""The sakai profile: how Sakai's side of a launch really behaves."""

from __future__ import annotations

import jwt
import pytest
from lms_program import program_of
from profile_scene import answered, asked, claims_of, query_of, verified

from sandbox import claims as c
from sandbox.keys import KeyRing
from sandbox.platform import AuthRefused, Platform
from sandbox.profiles import SakaiProfile


@pytest.fixture
def sakai(keys: KeyRing) -> Platform:
    return Platform(profile=SakaiProfile(), keys=keys)


def test_the_login_has_no_message_hint_and_offers_storage(sakai: Platform) -> None:
    login = sakai.login_params("student-1")
    assert login["iss"] == "http://127.0.0.2:9000"
    assert "lti_message_hint" not in login
    assert login["lti_storage_target"] == "_parent"
    assert "org.imsglobal.lti.put_data" in login["sakai_base_capabilities"]


def test_the_browser_comes_back_to_the_address_of_the_launch(sakai: Platform) -> None:
    browser = program_of(sakai).test_client()
    request = asked(sakai, sakai.login_params("student-1"))
    back = browser.get("/imsoidc/lti13/oidc_auth", query_string=request)
    assert back.status_code == 302
    assert back.location.startswith("/access/lti/site/")
    page = browser.get(back.location).text
    assert f'action="{sakai.launch_url}" method="POST" data-told' in page
    assert 'name="lti_storage_target" value="_parent"' in page
    assert sakai.auth_requests[-1] == request
    sakai.turn("cookie page")
    page = browser.get("/imsoidc/lti13/oidc_auth", query_string=request).text
    assert '<a id="go-on" href="/access/lti/site/' in page


def test_it_hardly_looks_at_the_request_and_answers_again(sakai: Platform) -> None:
    request = asked(sakai, sakai.login_params("student-1"), scope="", prompt="login", client_id="x")
    for _ in range(2):
        assert "id_token" in sakai.authorize(request).fields


@pytest.mark.parametrize(
    "changes",
    [{"state": ""}, {"nonce": ""}, {"login_hint": ""}, {"login_hint": "L2V0Yw=="}],
)
def test_what_it_misses_is_said_on_a_page(sakai: Platform, changes: dict[str, str]) -> None:
    with pytest.raises(AuthRefused):
        answered(sakai, "student-1", **changes)


@pytest.mark.parametrize("path", ["/etc/passwd", "/access/lti/site/x;y", "/access/lti/site/<x>"])
def test_a_hint_must_be_an_address_of_its_own(sakai: Platform, path: str) -> None:
    profile = SakaiProfile()
    with pytest.raises(AuthRefused, match="address"):
        answered(sakai, "student-1", login_hint=profile.login_hint(path, "x"))


def test_an_unregistered_redirect_is_launched_at_the_launch_address(sakai: Platform) -> None:
    form = answered(sakai, "student-1", redirect_uri="https://elsewhere.example/launch")
    assert (form.action, "id_token" in form.fields) == (sakai.launch_url, True)
    sakai.redirect_uris = ("https://a.example/one", "https://b.example/two")
    assert answered(sakai, "student-1", redirect_uri="https://b.example/two").action.endswith("two")


def test_the_token(sakai: Platform) -> None:
    token = answered(sakai, "student-1").fields["id_token"]
    header, claims = jwt.get_unverified_header(token), verified(sakai, token)
    assert set(header) == {"alg", "kid"}
    assert int(header["kid"]) < 0
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["sub"].startswith("http://127.0.0.2:9000/user/")
    assert claims["sub"] == sakai.sub_of("student-1")
    assert claims["locale"] == "en_US"
    assert "azp" not in claims
    assert claims[c.CONTEXT]["label"] == claims[c.CONTEXT]["title"]
    assert claims[c.RESOURCE_LINK]["id"].startswith("content:")
    assert claims[c.CUSTOM] == {"context_history": "", "link_history": ""}


@pytest.mark.parametrize(
    ("user", "roles"),
    [
        ("instructor-1", {c.INSTRUCTOR}),
        ("maintainer", {c.INSTRUCTOR}),
        ("student-1", {c.LEARNER}),
        ("access", {c.LEARNER}),
        (
            "assistant",
            {"http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor#TeachingAssistant"},
        ),
        ("admin", {c.INSTRUCTOR, c.INSTITUTION_ADMINISTRATOR, c.SYSTEM_ADMINISTRATOR}),
    ],
)
def test_roles(sakai: Platform, user: str, roles: set[str]) -> None:
    assert set(claims_of(sakai, user)[c.ROLES]) == roles


def test_the_issuer_may_be_longer_than_the_logins(sakai: Platform) -> None:
    sakai.turn("site issuer")
    site = claims_of(sakai, "student-1")[c.CONTEXT]["id"]
    long = f"http://127.0.0.2:9000/site/{site}"
    assert sakai.registration().issuer == claims_of(sakai, "student-1")["iss"] == long
    assert sakai.login_params("student-1")["iss"] == "http://127.0.0.2:9000"
    sakai.turn("site issuer", on=False)
    sakai.turn("server deployment")
    claims = claims_of(sakai, "student-1")
    assert claims["iss"] == "http://127.0.0.2:9000/deployment/campus-2"
    assert claims["sub"].startswith("http://127.0.0.2:9000/deployment/campus-2/user/")
    assert claims[c.DEPLOYMENT_ID] == "campus-2"


def test_each_course_may_have_its_deployment(sakai: Platform) -> None:
    sakai.turn("many deployments")
    seen = {claims_of(sakai, "student-1", link)[c.DEPLOYMENT_ID] for link in ("201-1", "110-1")}
    assert seen == {"course-201", "course-110"}


@pytest.mark.parametrize(
    ("privacy", "name", "email"),
    [
        ("public", True, True),
        ("name_only", True, False),
        ("email_only", False, True),
        ("anonymous", False, False),
    ],
)
def test_names_and_email_may_be_kept_back(
    sakai: Platform, privacy: str, name: bool, email: bool
) -> None:
    sakai.privacy = privacy
    claims = claims_of(sakai, "student-1")
    assert ("given_name" in claims, "email" in claims) == (name, email)
    assert claims[c.LIS]["person_sourcedid"] == "student-1"


def test_a_dialog(sakai: Platform) -> None:
    claims = claims_of(sakai, "instructor-1", how={"placement": "assignment"})
    [dialog] = sakai.dialogs.values()
    settings = claims[c.DEEP_LINKING_SETTINGS]
    assert claims[c.MESSAGE_TYPE] == "LtiDeepLinkingRequest"
    assert c.RESOURCE_LINK not in claims
    assert "return_url" not in claims[c.LAUNCH_PRESENTATION]
    assert settings["deep_link_return_url"] == sakai.base_url + f"/deep-linking/return/{dialog.id}"
    assert settings["data"] == dialog.data
    assert settings["accept_multiple"] is False
    assert settings["https://www.sakailms.org/spec/lti-dl/placement"] == "assignment"


def test_a_copied_site_tells_what_it_was(sakai: Platform) -> None:
    link = sakai.add_link("A film", media="film1")
    copied = sakai.copy_course("201", id="202")
    [copy] = [one for one in sakai.links(copied) if one.title == "A film"]
    before, after = claims_of(sakai, "student-1", link), claims_of(sakai, "student-1", copy)
    assert after[c.CUSTOM] == {
        "media": "film1",
        "context_history": before[c.CONTEXT]["id"],
        "link_history": before[c.RESOURCE_LINK]["id"],
    }
    assert after[c.RESOURCE_LINK]["id"] != before[c.RESOURCE_LINK]["id"]


def test_an_unknown_variable_stays(sakai: Platform) -> None:
    link = sakai.add_link(custom={"Odd-Key": "$Canvas.course.id", "me": "$User.id"})
    custom = claims_of(sakai, "student-1", link)[c.CUSTOM]
    assert custom["odd_key"] == "$Canvas.course.id"
    assert custom["me"] == sakai.sub_of("student-1")


def test_a_launch_through_the_redirect(sakai: Platform) -> None:
    login = sakai.login_params("student-1", how={"locale": "es-MX"})
    address = f"{sakai.registration().auth_url}?"
    query = "&".join(f"{k}={v}" for k, v in asked(sakai, login).items())
    form = sakai.answer(address + query)
    assert verified(sakai, form.fields["id_token"])["locale"] == "es_MX"
    assert query_of(address + query)["state"] == form.fields["state"]
