"""A launch is answered in the language that the platform names, refusals as well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from factories import TestClock
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import (
    TOOL,
    assert_entered,
    assert_refusal_page,
    assert_refused,
    register,
    session_of,
    try_launch,
)
from lms_program import running_lms

from sandbox.keys import KeyRing, SigningKey
from sandbox.platform import Platform
from sandbox.profiles import profile

pytestmark = pytest.mark.sqlite_only

GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de"}
PAGE = re.compile(r'<html lang="([^"]+)" dir="([^"]+)"')


PRODUCTS = ("sakai", "canvas", "moodle")


def spoken(page: str) -> tuple[str, str]:
    found = PAGE.search(page)
    assert found is not None
    return found[1], found[2]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that would rather read German."""
    client = app.test_client()
    client.environ_base.update(GERMAN)
    return client


LTR, RTL = "ltr", "rtl"
NAMED = [
    ("en_US", "en", LTR),
    ("en-AU", "en", LTR),
    ("en-AU-x-unimelb", "en", LTR),
    ("es_mx", "es", LTR),
    ("fr-CA", "fr", LTR),
    ("he", "he", RTL),
    ("he_IL", "he", RTL),
    ("iw_IL", "he", RTL),
    ("pt_br", "de", LTR),
    ("in", "de", LTR),
    ("ji", "de", LTR),
    ("../../etc/passwd", "de", LTR),
    ("", "de", LTR),
]


@pytest.mark.parametrize(("named", "language", "direction"), NAMED)
def test_the_page_speaks_the_platforms_language_or_the_browsers(
    lms: Platform, client: FlaskClient, named: str, language: str, direction: str
) -> None:
    answer = lms.launch(
        client, "student-1", claims={"locale": named, "launch_presentation": {"locale": named}}
    )
    assert_entered(answer)
    assert spoken(client.get(answer.location).text) == (language, direction)


def test_a_locale_of_the_presentation_alone_is_taken(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    named = {"launch_presentation": {"locale": "es_mx"}}
    answer = lms.launch(client, "student-1", claims=named, drop=("locale",))
    assert session_of(app, assert_entered(answer)).locale == "es-mx"
    assert spoken(client.get(answer.location).text) == ("es", LTR)


def test_what_is_not_there_is_said_in_the_platforms_language(
    lms: Platform, client: FlaskClient
) -> None:
    answer = lms.launch(
        client, "student-1", claims={"locale": "he_IL", "custom": {"media": "a" * 26}}
    )
    assert_refusal_page(answer, 404)
    assert spoken(answer.text) == ("he", RTL)


def test_a_signed_message_is_refused_in_its_language(lms: Platform, client: FlaskClient) -> None:
    refused = try_launch(lms, client, claims={"locale": "fr", "roles": None})
    assert_refused(refused)
    assert spoken(refused.answer.text) == ("fr", LTR)


def test_a_message_that_nobody_signed_names_no_language(lms: Platform, client: FlaskClient) -> None:
    refused = try_launch(lms, client, claims={"locale": "fr"}, key=SigningKey.generate())
    assert_refused(refused, 401)
    assert spoken(refused.answer.text) == ("de", LTR)


def test_a_place_that_nobody_approved_is_told_in_the_platforms_language(
    app: Flask, bare_lms: Platform, client: FlaskClient
) -> None:
    register(app, bare_lms, bare_lms.schools[0], deployments=("another",))
    refused = try_launch(bare_lms, client, claims={"locale": "es-MX"})
    assert_refused(refused)
    assert spoken(refused.answer.text) == ("es", LTR)


@pytest.fixture(params=PRODUCTS)
def product(
    request: pytest.FixtureRequest, app: Flask, clock: TestClock, key_ring: KeyRing
) -> Iterator[Platform]:
    """Sakai, Canvas or Moodle, each of which names the language in a place and a way of its own."""
    platform = Platform(TOOL, profile=profile(request.param), keys=key_ring, now=clock)
    with running_lms(platform):
        register(app, platform, platform.schools[0])
        yield platform


@pytest.mark.parametrize(
    ("chosen", "language"), [("es-MX", "es"), ("he-IL", "he"), ("en-US", "en")]
)
def test_each_product_is_understood(
    product: Platform, client: FlaskClient, chosen: str, language: str
) -> None:
    student = replace(product.user("student-1"), locale=chosen)
    answer = product.launch(client, student)
    assert_entered(answer)
    assert spoken(client.get(answer.location).text)[0] == language
