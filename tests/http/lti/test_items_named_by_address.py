"""An LMS keeps a link's address and loses its custom parameters: the item opens all the same.

(canvas-lms issue 1025, hypothesis/lms pull request 5555, chamilo pull request 8947)
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from flask import Flask
from launch_helpers import TOOL, add_item, assert_refusal_page, assert_refused, try_launch
from werkzeug.test import TestResponse

from sandbox.courses import Link
from sandbox.platform import Platform

LAUNCH = f"{TOOL}/lti/launch"


def path(answer: TestResponse) -> str:
    return urlsplit(answer.location or "").path


def made(lms: Platform, media_id: str, **more: object) -> Link:
    return lms.add_link("A film", url=f"{LAUNCH}?media={media_id}", **more)


def test_it_opens_with_the_same_rights(app: Flask, lms: Platform) -> None:
    media_id = add_item(app, "northfield", "11")
    link = made(lms, media_id)
    assert_refusal_page(lms.launch(app.test_client(), "student-1", link), 404)
    assert_refusal_page(lms.launch(app.test_client(), "instructor-2", link), 404)
    assert path(lms.launch(app.test_client(), "instructor-1", link)) == f"/media/{media_id}"
    for _again in range(2):
        assert path(lms.launch(app.test_client(), "student-1", link)) == f"/media/{media_id}"


def test_another_schools_item_stays_there(app: Flask, both_schools: Platform) -> None:
    theirs = add_item(app, "southgate", "11", open_to_links=True)
    for who in ("instructor-1", "admin"):
        answer = both_schools.launch(app.test_client(), who, made(both_schools, theirs))
        assert_refusal_page(answer, 404)


def test_the_custom_parameter_wins(app: Flask, lms: Platform) -> None:
    named, kept = (add_item(app, "northfield", "11", title=title) for title in "AB")
    link = made(lms, kept, custom={"media": named})
    assert path(lms.launch(app.test_client(), "instructor-1", link)) == f"/media/{named}"
    empty = made(lms, kept, custom={"media": ""})
    assert path(lms.launch(app.test_client(), "instructor-1", empty)) == f"/media/{kept}"


def test_an_item_is_no_gallery_though_the_whole_tool_says_so(app: Flask, lms: Platform) -> None:
    media_id = add_item(app, "northfield", "11")
    link = made(lms, media_id, custom={"show": "gallery"})
    assert path(lms.launch(app.test_client(), "instructor-1", link)) == f"/media/{media_id}"


def test_only_the_address_that_was_signed_counts(app: Flask, lms: Platform) -> None:
    media_id = add_item(app, "northfield", "11")
    link = made(lms, media_id)
    claims = {"target_link_uri": LAUNCH}
    tried = try_launch(lms, app.test_client(), "instructor-1", link, claims=claims)
    assert_refused(tried, 401)


@pytest.mark.parametrize("query", ["media=", "media=%00", "other=1", "media=..%2Fx", "&&=;%zz"])
def test_an_address_that_names_nothing(app: Flask, lms: Platform, query: str) -> None:
    link = lms.add_link("A film", url=f"{LAUNCH}?{query}")
    answer = lms.launch(app.test_client(), "student-1", link)
    assert answer.status_code == 404 or path(answer) == "/link"
