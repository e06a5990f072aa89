"""What an LMS is asked for, what it may name, and what is read of it."""

from __future__ import annotations

from typing import Any

import pytest

from lti_tool.core.http import Policy
from lti_tool.lti.platforms import FAMILIES, family_of, named_by_product
from lti_tool.lti.platforms.hosts import host_of, related
from lti_tool.lti.platforms.tool import Tool
from lti_tool.lti.registration.openid_configuration import (
    Granted,
    PlatformConfiguration,
    Unfit,
    read_configuration,
    read_grant,
)
from lti_tool.lti.registration.request import TOOL_CONFIGURATION, registration_request

TOOL = Tool(
    login_url="https://foyer.example/lti/login",
    launch_url="https://foyer.example/lti/launch",
    jwks_url="https://foyer.example/lti/jwks.json",
    icon_url="https://foyer.example/lti/icon.png",
    home_url="https://foyer.example/lti/setup",
    domain="foyer.example",
    name={"en": "Foyer course media", "de": "Kursmedien (Foyer)", "pt_BR": "Foyer course media"},
    description={"en": "Media of a course", "de": "Medien eines Kurses"},
    gallery={"en": "Course media", "de": "Kursmedien"},
    add={"en": "Add course media", "de": "Kursmedien einfügen"},
)


def test_names_are_told_in_our_languages_where_that_is_understood() -> None:
    request = registration_request(TOOL, family_of("moodle"))
    assert request["client_name"] == "Foyer course media"
    assert request["client_name#de"] == "Kursmedien (Foyer)"
    assert "client_name#pt-BR" not in request, "it is the same there"
    tool = request[TOOL_CONFIGURATION]
    assert tool["description#de"] == "Medien eines Kurses"
    assert tool["messages"][1]["label#de"] == "Kursmedien einfügen"
    for family in ("sakai", "canvas"):
        assert "#" not in str(registration_request(TOOL, family_of(family)))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_asked_for_copies_and_people(family: str) -> None:
    tool = registration_request(TOOL, family_of(family))[TOOL_CONFIGURATION]
    assert tool["custom_parameters"]["context_history"] == "$Context.id.history"
    assert tool["custom_parameters"]["link_history"] == "$ResourceLink.id.history"
    assert {"name", "email"} <= set(tool["claims"])


@pytest.mark.parametrize(
    ("code", "family"),
    [
        ("sakailms.org", "sakai"),
        ("canvas", "canvas"),
        ("moodle", "moodle"),
        ("", "other"),
        ("Moodle", "other"),
    ],
)
def test_products_by_their_own_word(code: str, family: str) -> None:
    assert named_by_product(code) == family


@pytest.mark.parametrize(
    ("host", "other", "together"),
    [
        ("lms.example.edu", "lms.example.edu", True),
        ("lms.example.edu", "keys.lms.example.edu", True),
        ("sso.lms.example.edu", "school.lms.example.edu", True),
        ("lms.example.edu", "sso.example.edu", True),
        ("lms.example", "other.example", False),
        ("lms.example.edu", "evil-example.edu", False),
        ("lms.example.edu", "example.edu.evil.org", False),
        ("example.edu", "edu", False),
        ("10.0.0.1", "10.0.0.2", False),
        ("93.184.215.14", "93.184.215.14", True),
        ("127.0.0.2", "127.0.0.7", True),
        ("localhost", "127.0.0.1", True),
        ("lms.example.edu", "127.0.0.1", False),
        ("", "", False),
        ("lms.example.edu", "", False),
    ],
)
def test_hosts_that_belong_together(host: str, other: str, together: bool) -> None:
    assert related(host, other) is together


def test_hosts_of_addresses() -> None:
    assert host_of("https://LMS.Example.edu:8443/x") == "lms.example.edu"
    assert host_of("http://me@evil.example/") == "evil.example"
    assert host_of("http://[broken") == ""


@pytest.mark.parametrize(
    ("family", "issuer", "host", "speaks"),
    [
        ("sakai", "https://sakai.example.edu", "sakai.example.edu", True),
        ("sakai", "https://sakai.example.edu", "other.example.edu", False),
        ("moodle", "https://canvas.instructure.com", "moodle.example.edu", False),
        ("canvas", "https://canvas.instructure.com", "elm.instructure.com", True),
        ("canvas", "https://canvas.beta.instructure.com", "sso.beta.canvaslms.com", True),
        ("canvas", "https://canvas.instructure.com", "canvas.elm.edu", True),
        ("canvas", "https://canvas.elm.edu", "canvas.elm.edu", True),
        ("canvas", "https://canvas.elm.edu", "canvas.oak.edu", False),
        ("canvas", "https://canvas.instructure.com.evil.org", "evil.org", False),
    ],
)
def test_who_may_name_an_issuer(family: str, issuer: str, host: str, speaks: bool) -> None:
    assert family_of(family).speaks_for(issuer, host) is speaks


def test_hosted_canvas_is_on_several_domains() -> None:
    canvas = family_of("canvas")
    assert canvas.may_name("elm.instructure.com", "https://sso.canvaslms.com/api/lti", "")
    assert not canvas.may_name("canvas.elm.edu", "https://sso.canvaslms.com/api/lti", "")
    assert not canvas.may_name("elm.instructure.com", "https://instructure.com.evil.org/", "")
    assert not canvas.may_name("elm.instructure.com", "https://", "")


PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"
CONFIGURATION: dict[str, Any] = {
    "issuer": "https://lms.example.edu",
    "authorization_endpoint": "https://lms.example.edu/auth",
    "token_endpoint": "https://lms.example.edu/token/7",
    "jwks_uri": "https://lms.example.edu/keys",
    "registration_endpoint": "https://lms.example.edu/register",
}


def read(told: dict[str, Any]) -> PlatformConfiguration:
    return read_configuration(told, "lms.example.edu", Policy())


def test_an_audience_of_its_own() -> None:
    told = {**CONFIGURATION, "authorization_server": "https://lms.example.edu/audience"}
    assert read(told).auth_audience == told["authorization_server"]
    assert read(CONFIGURATION).auth_audience is None


def test_a_hosted_canvas_takes_us_in_at_the_schools_own_domain() -> None:
    """The vendor describes it at the issuer's address and names the domain that the school has."""
    vendor = "https://canvas.instructure.com"
    told = {name: f"{vendor}/{name}" for name in CONFIGURATION} | {"issuer": vendor}
    told["registration_endpoint"] = "https://canvas.elm.edu/api/lti/registrations"

    def read_at(host: str, school_host: str) -> PlatformConfiguration:
        about = {
            "product_family_code": "canvas",
            "https://canvas.instructure.com/lti/account_domain": school_host,
        }
        return read_configuration({**told, PLATFORM_CONFIGURATION: about}, host, Policy())

    read = read_at("canvas.instructure.com", "canvas.elm.edu")
    assert read.registration_url == told["registration_endpoint"]
    for host, school_host in [
        ("canvas.instructure.com", "canvas.oak.edu"),
        ("canvas.instructure.com", ""),
        ("evil.example", "canvas.elm.edu"),
    ]:
        with pytest.raises(Unfit, match="elsewhere"):
            read_at(host, school_host)


@pytest.mark.parametrize("part", CONFIGURATION)
def test_nothing_may_be_missing(part: str) -> None:
    told = {name: value for name, value in CONFIGURATION.items() if name != part}
    with pytest.raises(Unfit) as caught:
        read(told)
    assert (caught.value.reason, caught.value.part) == ("missing", part)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("authorization_endpoint", "http://lms.example.edu/auth"),
        ("token_endpoint", "http://lms.example.edu/token"),
        ("jwks_uri", "http://lms.example.edu/keys"),
        ("registration_endpoint", "http://lms.example.edu/register"),
        ("jwks_uri", "https://lms.example.edu/keys\n"),
        ("token_endpoint", f"https://lms.example.edu/{'x' * 1024}"),
        ("issuer", f"https://lms.example.edu/{'x' * 512}"),
        ("issuer", "https://lms.example.edu/\x9b2J"),
        ("authorization_server", "x" * 1025),
        ("authorization_server", "two\nlines"),
    ],
)
def test_what_could_not_be_used_is_named(part: str, value: str) -> None:
    """Before the LMS is asked for anything: it would hold a tool that does not work."""
    with pytest.raises(Unfit) as caught:
        read({**CONFIGURATION, part: value})
    assert (caught.value.reason, caught.value.part) == ("missing", part)


def test_only_the_issuer_may_be_plain_http() -> None:
    told = {**CONFIGURATION, "issuer": "http://lms.example.edu"}
    assert read(told).issuer == "http://lms.example.edu", "it is a name, and never called"


@pytest.mark.parametrize(
    ("answer", "granted"),
    [
        ({"client_id": "x"}, Granted("x", None)),
        ({"client_id": 10000000000001}, Granted("10000000000001", None)),
        ({"client_id": "x", "deployment_id": "1"}, Granted("x", "1")),
        ({"client_id": "x", TOOL_CONFIGURATION: {"deployment_id": 4}}, Granted("x", "4")),
        ({"client_id": "x", TOOL_CONFIGURATION: "?"}, Granted("x", None)),
    ],
)
def test_what_we_are_called(answer: dict[str, Any], granted: Granted) -> None:
    assert read_grant(answer) == granted
