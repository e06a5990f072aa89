"""Every dialog of Sakai, Canvas and Moodle: answered, accepted, and the link works at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from factories import SAME_ORIGIN, TestClock
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import (
    TOOL,
    add_item,
    assert_entered,
    carried_back,
    handed_over,
    reads_keys_of,
    register,
)
from lms_program import running_lms
from werkzeug.test import TestResponse

from sandbox.keys import KeyRing
from sandbox.platform import Platform
from sandbox.profiles import profile
from sandbox.services.dialogs import Returned

PRODUCTS = ("plain", "sakai", "canvas", "moodle")
BUTTONS = [(product, button.key) for product in PRODUCTS for button in profile(product).placements]
NOTHING_FITS = {"migration_selection", "files"}
PLAIN_LINK = {"conference_selection"}

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow]


@pytest.fixture
def product(
    request: pytest.FixtureRequest, app: Flask, clock: TestClock, key_ring: KeyRing
) -> Iterator[Platform]:
    platform = Platform(TOOL, profile=profile(request.param), keys=key_ring, now=clock)
    with running_lms(platform):
        register(app, platform, platform.schools[0])
        reads_keys_of(app, platform)
        yield platform


def opened(product: Platform, client: FlaskClient, button: str) -> str:
    """The handle of the session in the dialog."""
    launched = product.launch(client, "instructor-1", how={"placement": button})
    handle = assert_entered(launched)
    assert urlsplit(launched.location).path == "/choose"
    return handle


def sent(client: FlaskClient, handle: str, path: str, **fields: object) -> TestResponse:
    return client.post(path, query_string={"as": handle}, data=fields, headers=SAME_ORIGIN)


def taken(product: Platform, page: TestResponse) -> Returned:
    """What the LMS says of the message that the page sends, which its policy lets it send."""
    parts = urlsplit(handed_over(page)[0])
    policy = page.headers["Content-Security-Policy"]
    assert f"form-action 'self' {parts.scheme}://{parts.netloc};" in policy
    return carried_back(product, page)


@pytest.mark.parametrize(("product", "button"), BUTTONS, indirect=["product"])
def test_every_dialog_takes_what_it_is_given(
    app: Flask, product: Platform, client: FlaskClient, button: str
) -> None:
    owner = product.sub_of("instructor-1")
    media_id = add_item(app, product.schools[0].key, owner, description="Tawny\nand barn owls")
    handle = opened(product, client, button)
    page = client.get("/choose", query_string={"as": handle})
    assert (media_id in page.text) is (button not in NOTHING_FITS)
    if button in NOTHING_FITS:
        assert "Nothing that fits here" in page.text
        return
    fields = {"gradebook": "1", "points": "10"} if "gradebook" in page.text else {}
    returned = taken(product, sent(client, handle, "/choose", media_id=media_id, **fields))
    assert (returned.refusal, returned.notices) == ("", ())
    (item,) = returned.items
    assert ("lineItem" in item) is bool(fields)
    if button in PLAIN_LINK:
        assert item["type"] == "link"
        return
    (link,) = returned.links
    assert not link.window
    for kept in (link, replace(link, custom={})):  # there are LMSs that lose the parameters
        launched = product.launch(app.test_client(), "student-1", kept)
        assert urlsplit(launched.location).path == f"/media/{media_id}"


@pytest.mark.parametrize("product", ["moodle"], indirect=True)
def test_moodle_is_offered_a_column_though_it_never_says_that_it_makes_one(
    product: Platform, client: FlaskClient, app: Flask
) -> None:
    media_id = add_item(app, product.schools[0].key, product.sub_of("instructor-1"))
    handle = opened(product, client, "ContentArea")
    page = client.get("/choose", query_string={"as": handle})
    assert "Make a gradebook column" in page.text
    chosen = {"media_id": media_id, "gradebook": "1", "points": "25"}
    returned = taken(product, sent(client, handle, "/choose", **chosen))
    (item,) = returned.items
    assert item["lineItem"]["scoreMaximum"] == 25


@pytest.mark.parametrize(("product", "button"), BUTTONS, indirect=["product"])
def test_every_dialog_can_be_left(product: Platform, client: FlaskClient, button: str) -> None:
    handle = opened(product, client, button)
    returned = taken(product, sent(client, handle, "/choose/cancel"))
    assert (returned.refusal, returned.notices) == ("", ())
    assert returned.cancelled


@pytest.mark.parametrize("product", PRODUCTS, indirect=True)
def test_a_copied_course_goes_on_working(
    app: Flask, product: Platform, client: FlaskClient
) -> None:
    """With the histories that each product tells: all of the course, some of the link."""
    owner = product.sub_of("instructor-1")
    media_id = add_item(app, product.schools[0].key, owner)
    button = product.profile.placements[0].key
    page = sent(client, opened(product, client, button), "/choose", media_id=media_id)
    (link,) = taken(product, page).links
    product.launch(app.test_client(), "instructor-2", link)
    fresh = product.copy_course("201", id="301")
    (copied,) = [one for one in product.links(fresh) if one.id.endswith(link.id)]
    assert product.launch(app.test_client(), "student-1", copied).status_code == 404
    for who in ("instructor-2", "student-1"):
        launched = product.launch(app.test_client(), who, copied)
        assert urlsplit(launched.location or "").path == f"/media/{media_id}", who


@pytest.mark.parametrize("product", ["sakai", "canvas"], indirect=True)
def test_the_entry_in_the_courses_menu_shows_the_gallery(
    app: Flask, product: Platform, client: FlaskClient
) -> None:
    (entry,) = [link for link in product.links("201") if link.kind == "navigation"]
    launched = product.launch(client, "student-1", entry)
    assert urlsplit(launched.location).path == "/gallery"
    assert client.get(launched.location).status_code == 200
