"""What is taken from an address for the headers that say who may frame a page."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.launch import Launch, Platform, by_tls, origin_of


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://lms.example.edu/courses/3?sesskey=x", "https://lms.example.edu"),
        ("https://LMS.Example.EDU:443/", "https://lms.example.edu"),
        ("http://localhost:9000/", "http://localhost:9000"),
        ("https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443"),
        ("https://user:password@lms.example.edu/", "https://lms.example.edu"),
        ("javascript:alert(1)", None),
        ("//lms.example.edu/", None),
        ("https://", None),
        ("https://lms.example.edu:port/", None),
        ("https://lms.example.edu; script-src 'unsafe-inline'/", None),
        ("https://*.example.edu/", None),
        ("https://b\u00fccher.example/", None),
        ("https://half\ud800.example/", None),
        ("not an address", None),
        ("https://x.test\\@evil.example", None),
        ("https:\\\\lms.example.edu/", None),
        ("https://lms.example.edu\\.evil.example/", None),
        ("https://lms.exa\tmple.edu/", None),
        ("https://lms.example.edu/\r\nSet-Cookie: x=1", None),
        (" https://lms.example.edu/", None),
        ("https://lms.example.edu/a b", "https://lms.example.edu"),
        ("https://lms.example.edu /", None),
        ("https://lms.example.edu/\x00", None),
        ("https://lms.example.edu/\x7f", None),
        ("", None),
    ],
)
def test_origin_of_an_address(address: str, origin: str | None) -> None:
    assert origin_of(address) == origin


@given(st.text(alphabet=st.characters(codec=None)) | st.from_regex(r"https?://.{0,30}"))
def test_an_origin_can_stand_in_a_header(address: str) -> None:
    origin = origin_of(address)
    assert origin is None or re.fullmatch(r"https?://[A-Za-z0-9._:\[\]-]+", origin)


PLATFORM = Platform(
    id="r",
    institution_id="i",
    name="elm",
    family="canvas",
    issuer="https://canvas.example",
    client_id="c",
    auth_url="https://sso.canvas.example/auth",
    token_url="https://elm.canvas.example/token",
    jwks_url="https://sso.canvas.example/jwks",
    accept_new_deployments=False,
    registered_frame_origins=("https://learn.elm.example",),
)


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("http://elm.canvas.example/a?b=1", "https://elm.canvas.example/a?b=1"),
        ("HTTP://Elm.Canvas.Example:80/A", "https://elm.canvas.example/A"),
        ("http://elm.canvas.example:443/a", "https://elm.canvas.example/a"),
        ("http://elm.canvas.example:8080/a", "http://elm.canvas.example:8080/a"),
        ("http://other.example/a", "http://other.example/a"),
        ("https://other.example/a", "https://other.example/a"),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_what_is_served_by_tls_is_asked_by_tls(address: str, asked: str) -> None:
    assert by_tls(address, [PLATFORM.auth_url, PLATFORM.token_url, "no address"]) == asked


def launch(return_url: str | None) -> Launch:
    return Launch(
        platform=PLATFORM,
        login_key="k",
        deployment_id="1",
        sub="s",
        name="",
        given_name="",
        family_name="",
        email=None,
        roles=(),
        context_id=None,
        context_title="",
        link_id="l",
        link_title="",
        return_url=return_url,
    )


def test_the_platforms_own_hosts_and_the_registered_ones_may_frame() -> None:
    assert PLATFORM.frame_origins == (
        "https://learn.elm.example",
        "https://canvas.example",
        "https://sso.canvas.example",
        "https://elm.canvas.example",
    )


def test_the_schools_own_host_is_known_from_the_return_address() -> None:
    own = (*PLATFORM.frame_origins, "https://school.example")
    assert launch("https://school.example/return?x=1").frame_origins == own
    assert launch("https://learn.elm.example/x").frame_origins == PLATFORM.frame_origins
    assert launch(None).frame_origins == PLATFORM.frame_origins
