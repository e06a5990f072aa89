"""Addresses typed a little differently: on to the right one, with what was sent."""

from __future__ import annotations

import pytest
from flask import Flask

from lti_tool.core.web import canonical_paths

_FROM_LMS = {"Sec-Fetch-Site": "cross-site", "Origin": "https://lms.example.edu"}


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("/lti/launch/", "/lti/launch"),
        ("/lti/login/", "/lti/login"),
        ("/lti/login//", "/lti/login"),
        ("/lti//launch", "/lti/launch"),
        ("/lti/launch%20", "/lti/launch"),
        ("/lti/launch%E2%80%8B", "/lti/launch"),
        ("/LTI/Launch", "/lti/launch"),
        ("/Lti/login/continue/", "/lti/login/continue"),
    ],
)
def test_a_form_is_sent_again_to_the_right_address(app: Flask, typed: str, right: str) -> None:
    answer = app.test_client().post(f"{typed}?x=a%20b&y=", data={"state": "s"})
    assert answer.status_code == 308
    assert answer.location == f"http://localhost{right}?x=a%20b&y="


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("/lti/jwks.json/", "/lti/jwks.json"),
        ("/lti/login/", "/lti/login"),
        ("/lti/register/", "/lti/register"),
        ("/lti/canvas.json/", "/lti/canvas.json"),
        ("/LTI/JWKS.json", "/lti/jwks.json"),
        ("/settings/", "/settings"),
        ("/healthz/", "/healthz"),
        ("/media/abcdefghijklmnopqrstuvwxyz/", "/media/abcdefghijklmnopqrstuvwxyz"),
        ("/api/v1/openapi.json/", "/api/v1/openapi.json"),
        ("/media/a%3Fas=x/", "/media/a%3Fas=x"),
        ("/media/a%23b/", "/media/a%23b"),
        ("/media/%C3%BC%25/", "/media/%C3%BC%25"),
        ("/lti/launch/", "/lti/launch"),
    ],
)
def test_a_page_is_found(app: Flask, typed: str, right: str) -> None:
    answer = app.test_client().get(typed)
    assert (answer.status_code, answer.location) == (308, f"http://localhost{right}")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "//",
        "/nowhere/",
        "//evil.example/",
        "/\\evil.example/",
        "/%2F/evil.example",
        "/SETTINGS",
        "/MEDIA/abcdefghijklmnopqrstuvwxyz",
        "/lti/",
        "/lti/launch/more",
        "/media/a%0d%0ab/",
        "/media/a%0ab/",
        "/media/%00a/",
        "/media/a%C2%85b/",
    ],
)
def test_what_leads_nowhere_leads_nowhere(app: Flask, path: str) -> None:
    answer = app.test_client().get(path)
    assert answer.status_code in (404, 405), answer.location


@pytest.mark.parametrize("path", ["/i/some-token/", "/g/some-token/", "/i//some-token", "/i/"])
def test_links_to_invitations_are_read_by_their_own_room(app: Flask, path: str) -> None:
    with app.test_request_context(path):
        assert canonical_paths._to_canonical_path() is None


def test_a_request_that_changes_something_is_still_guarded(app: Flask) -> None:
    client = app.test_client()
    assert client.post("/settings/", follow_redirects=True).status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [("/lti/launch/more", 404), ("/lti", 404), ("/", 404), ("/lti/jwks.json", 405)],
)
def test_a_form_of_an_lms_that_leads_nowhere_is_told_so(app: Flask, path: str, status: int) -> None:
    """And not that it came from a foreign page, which the LMS's always do."""
    answer = app.test_client().post(path, data={"state": "x"}, headers=_FROM_LMS)
    assert answer.status_code == status
    assert "come from one of our pages" not in answer.text
