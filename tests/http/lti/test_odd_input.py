"""Odd bytes, endless fields and wrong types at the open doors: refused or ignored, never a crash.

On PostgreSQL too: it takes no NUL in a text, where SQLite does.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from launch_helpers import assert_refusal_page, assert_refused, begin, count, try_launch
from selection import examples
from werkzeug.test import TestResponse

from lti_tool.lti.launching import login_cookies
from lti_tool.lti.rules import CLAIM
from lti_tool.people.models import ToolSession
from lti_tool.people.session_store import COOKIE_PREFIX
from sandbox.platform import Platform

pytestmark = pytest.mark.slow

ODD = {
    "NUL": "a\x00b",
    "line breaks": "a\r\nSet-Cookie: x=1",
    "bytes that are no text": b"\xff\xfe\xc0\x80",
    "astral": "\U0001f989" * 50,
    "right to left": "\u202e\u2066x",
    "markup": "<script>alert(1)</script>\"'",
    "a template": "{{ 7*7 }}${7*7}%(x)s",
    "two kilobytes": "x" * 2048,
    "sixty kilobytes": "x" * 60_000,
}
LOGIN_FIELDS = (
    "iss",
    "login_hint",
    "client_id",
    "target_link_uri",
    "lti_message_hint",
    "lti_deployment_id",
    "deployment_id",
    "own_window",
    "form_token",
)

KNOWN = f"{login_cookies.COOKIE_PREFIX}1767225600-aaaaaaaaaa"
"""As we name the cookie of a browser."""


MANY = settings(
    max_examples=examples(60),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def assert_survived(answer: TestResponse) -> None:
    assert answer.status_code < 500, answer.text
    assert "<script>alert(1)</script>" not in answer.text
    assert not any(line.startswith("x=") for line in answer.headers.getlist("Set-Cookie")), (
        "a header was smuggled in"
    )
    if answer.status_code >= 400:
        assert_refusal_page(answer)


@pytest.fixture
def known(app: Flask) -> FlaskClient:
    """A browser that has its cookie already."""
    client = app.test_client()
    client.set_cookie(KNOWN, "x" * 43, domain="localhost")
    return client


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_odd_values_in_every_field_of_a_login(
    lms: Platform, known: FlaskClient, client: FlaskClient, odd: str, method: str
) -> None:
    for name in LOGIN_FIELDS:
        fields: dict[str, Any] = {**lms.login_params("student-1"), name: ODD[odd]}
        for browser in (known, client):
            place = "query_string" if method == "GET" else "data"
            assert_survived(browser.open("/lti/login", method=method, **{place: fields}))


@pytest.mark.parametrize("odd", ODD)
def test_odd_values_in_every_field_of_a_launch(
    lms: Platform, client: FlaskClient, odd: str
) -> None:
    for name in ("state", "id_token", "error", "error_description", "lti_storage_target"):
        form = lms.answer(begin(lms, client))
        answer = client.post("/lti/launch", data={**form.fields, name: ODD[odd]})
        assert_survived(answer)


@pytest.mark.parametrize("odd", ODD)
def test_odd_values_in_cookies_and_addresses(lms: Platform, app: Flask, odd: str) -> None:
    value = ODD[odd]
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    client = app.test_client(use_cookies=False)
    form = lms.answer(begin(lms, app.test_client()))
    plain = text.encode("utf-8", "replace").decode("latin-1").replace("\r", "").replace("\n", "")
    for cookie in (
        f"{KNOWN}={plain}",
        f"{login_cookies.COOKIE_PREFIX}{plain}=abc",
        f"{COOKIE_PREFIX}abc={plain}",
        f"{COOKIE_PREFIX}{plain}=abc",
        f"{COOKIE_PREFIX}=abc",
    ):
        headers = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin"}
        assert_survived(client.post("/lti/launch", data=form.fields, headers=headers))
        assert_survived(client.get("/link", headers=headers))
        assert_survived(client.get("/link", query_string={"as": value}, headers=headers))
        assert_survived(client.get("/settings", query_string={"as": "abc"}, headers=headers))
        for field in ("ticket", "media_id"):
            assert_survived(client.post("/handover", data={field: value}, headers=headers))


CLAIM_NAMES = (
    "iss",
    "aud",
    "azp",
    "sub",
    "nonce",
    "exp",
    "iat",
    "name",
    "given_name",
    "family_name",
    "email",
    "locale",
    "version",
    "message_type",
    "deployment_id",
    "target_link_uri",
    "roles",
    "context",
    "resource_link",
    "launch_presentation",
    "custom",
)
ODD_CLAIMS: dict[str, Any] = {
    "NUL": "a\x00b",
    "half a pair": "half \ud800 a pair",
    "endless": "x" * 20_000,
    "null": None,
    "true": True,
    "a number": 10**400,
    "infinite": float("inf"),
    "not a number": float("nan"),
    "an empty list": [],
    "lists in lists": [[[[]]]],
    "an object": {"": {"": None}},
    "ids that do not fit": {"id": "a\x00b", "title": "\udfff\x00", "label": 7},
    "odd ids": {"id": "\ud800", "title": ["x"], "media": "\x00", "return_url": "https://[::1"},
    "a media item that is none": {"id": "1", "media": "\ud800", "return_url": "https://a b/"},
}


@pytest.mark.parametrize("odd", ODD_CLAIMS)
def test_odd_values_in_every_claim(
    app: Flask, lms: Platform, client: FlaskClient, odd: str
) -> None:
    for name in CLAIM_NAMES:
        tried = try_launch(lms, client, claims={name: ODD_CLAIMS[odd]})
        assert_survived(tried.answer)
        if tried.answer.status_code == 303:
            assert_survived(client.get(tried.answer.location))


def test_odd_values_inside_the_objects_of_a_message(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    for odd in ODD_CLAIMS.values():
        for claim, member in (
            ("context", "id"),
            ("context", "title"),
            ("resource_link", "id"),
            ("resource_link", "title"),
            ("custom", "media"),
            ("launch_presentation", "return_url"),
            ("launch_presentation", "locale"),
        ):
            value = {"id": "1", member: odd}
            tried = try_launch(lms, client, claims={claim: value})
            assert_survived(tried.answer)


def token(*parts: bytes) -> str:
    return ".".join(base64.urlsafe_b64encode(raw).rstrip(b"=").decode() for raw in parts)


DEEP = b"[" * 30_000
HEADER = json.dumps({"alg": "RS256", "kid": "k"}).encode()
TOKENS = {
    "a deep header": token(DEEP, b"{}", b"s"),
    "a deep payload": token(b"{}", DEEP, b"s"),
    "a deep payload behind a good header": token(HEADER, DEEP, b"s"),
    "no base64": "!!!.???.***",
    "odd letters": "é.é.é",
    "wrong length": "a.a.a",
    "text in no known coding": token(b"\xff\xfe", b"\xff", b"s"),
    "many dots": "." * 5000,
    "a bare number": token(b"1", b"1", b"s"),
    "a huge number": token(HEADER, b"1" * 10_000, b"s"),
    "twice the same name": token(b'{"alg":"none","alg":"RS256","kid":"k"}', b"{}", b"s"),
    "null": token(b"null", b"null", b"s"),
    "five parts, as an encrypted one has": token(HEADER, b"{}", b"s", b"s", b"s"),
}


@pytest.mark.sqlite_only
@pytest.mark.parametrize("name", TOKENS)
def test_what_is_no_token(app: Flask, lms: Platform, client: FlaskClient, name: str) -> None:
    tried = try_launch(lms, client, fields={"id_token": TOKENS[name]})
    assert_refusal_page(tried.answer)
    assert count(app, ToolSession) == 0


PAYLOADS = {
    "a list": b"[]",
    "a number": b"7",
    "a huge number": b"1" * 10_000,
    "nothing": b"",
    "no text": b"\xff\xfe",
    "deep": DEEP,
}


@pytest.mark.sqlite_only
@pytest.mark.parametrize("name", PAYLOADS)
def test_what_is_signed_and_no_message(
    app: Flask, lms: Platform, client: FlaskClient, name: str
) -> None:
    key = lms.keys.current
    signed = jwt.PyJWS().encode(PAYLOADS[name], key.private, "RS256", headers={"kid": key.kid})
    tried = try_launch(lms, client, fields={"id_token": signed})
    assert_refused(tried, 401)
    assert "“id_token”" in tried.answer.text
    assert count(app, ToolSession) == 0


@pytest.mark.sqlite_only
def test_what_is_too_large_is_refused_before_it_is_read(lms: Platform, client: FlaskClient) -> None:
    for path in ("/lti/launch", "/lti/login"):
        answer = client.post(path, data={"state": "s", "id_token": "x" * 1_100_000})
        assert_refusal_page(answer, 413)
    many = {f"field-{number}": "x" for number in range(2000)}
    assert_survived(client.post("/lti/launch", data=many, content_type="multipart/form-data"))


@pytest.mark.sqlite_only
@MANY
@given(
    claims=st.dictionaries(
        st.sampled_from([*CLAIM_NAMES, CLAIM + "lis", "picture"]),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats()
            | st.text(alphabet=st.characters(codec=None), max_size=20),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["id", "title", "media"]), inner, max_size=2)
            ),
            max_leaves=4,
        ),
        max_size=4,
    )
)
def test_any_message_at_all_is_answered(
    lms: Platform, client: FlaskClient, claims: dict[str, Any]
) -> None:
    assert_survived(try_launch(lms, client, claims=claims).answer)


@pytest.mark.sqlite_only
@MANY
@given(form=st.dictionaries(st.sampled_from([*LOGIN_FIELDS, "state", "id_token"]), st.text()))
def test_any_form_at_all_is_answered(
    lms: Platform, known: FlaskClient, form: dict[str, str]
) -> None:
    for path in ("/lti/login", "/lti/login/continue", "/lti/launch"):
        assert_survived(known.post(path, data=form, headers={"Sec-Fetch-Site": "same-origin"}))
