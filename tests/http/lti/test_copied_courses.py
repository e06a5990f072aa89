"""Courses that were copied: their links go on working, and nobody gets further by saying so."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from factories import SAME_ORIGIN, as_written
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import add_item, assert_refusal_page
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import db
from lti_tool.lti.platforms.tool import HISTORIES
from lti_tool.media.models import Publication
from sandbox.courses import Link
from sandbox.platform import Platform

pytestmark = pytest.mark.slow


def path(answer: TestResponse) -> str:
    return urlsplit(answer.location or "").path


def published(app: Flask) -> int:
    with app.app_context():
        return len(db.session.scalars(select(Publication)).all())


def placed(lms: Platform, media_id: str, course: str = "201") -> Link:
    """A link as our dialog makes it."""
    return lms.add_link("A film", course=course, custom={"media": media_id, **HISTORIES})


def copy_of(lms: Platform, link: Link) -> Link:
    """The link's copy in a copy of its course."""
    fresh = lms.copy_course(link.course, id=f"copy-{len(lms.courses)}")
    return next(one for one in lms.links(fresh) if one.history[:1] == (link.id,))


def test_whoever_taught_both_opens_it_for_everybody(app: Flask, lms: Platform) -> None:
    media_id = add_item(app, "northfield", "11")
    link = placed(lms, media_id)
    lms.launch(app.test_client(), "instructor-1", link)
    lms.launch(app.test_client(), "instructor-2", link)
    copied = copy_of(lms, link)

    early = lms.launch(app.test_client(), "student-1", copied)
    assert_refusal_page(early, 404)
    assert "This does not open here yet" in early.text
    assert "Owls" not in early.text
    assert published(app) == 1

    opened = lms.launch(app.test_client(), "instructor-2", copied)
    assert path(opened) == f"/media/{media_id}"
    assert path(lms.launch(app.test_client(), "student-1", copied)) == f"/media/{media_id}"
    with app.app_context():
        told = db.session.scalars(
            select(AuditRecord)
            .where(AuditRecord.action == "media.published")
            .order_by(*as_written())
        ).all()
        reasons = [record.details["why"] for record in told]
    assert reasons == ["resource link opened", "copied with its course"]


def test_a_copy_of_a_copy(app: Flask, lms: Platform) -> None:
    """Also where nobody ever opened the one in between."""
    media_id = add_item(app, "northfield", "11")
    link = placed(lms, media_id)
    for who in ("instructor-1", "instructor-2"):
        lms.launch(app.test_client(), who, link)
    second = copy_of(lms, copy_of(lms, link))
    assert second.history[1:] == (link.id,)
    assert path(lms.launch(app.test_client(), "instructor-2", second)) == f"/media/{media_id}"


def test_an_administrator_opens_it_for_everybody(app: Flask, lms: Platform) -> None:
    media_id = add_item(app, "northfield", "11")
    link = placed(lms, media_id)
    lms.launch(app.test_client(), "instructor-1", link)
    copied = copy_of(lms, link)
    assert path(lms.launch(app.test_client(), "admin", copied)) == f"/media/{media_id}"
    assert path(lms.launch(app.test_client(), "student-1", copied)) == f"/media/{media_id}"


def test_what_was_chosen_behind_links_is_copied_too(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    """Two links of a course lead to one item: in the copy each of them does."""
    media_id = add_item(app, "northfield", "11")
    links = [lms.add_link(f"To be chosen {n}", custom=HISTORIES) for n in range(2)]
    for link in links:
        launched = lms.launch(client, "instructor-1", link)
        query = parse_qs(urlsplit(launched.location).query)
        data = {"media_id": media_id}
        client.post("/link", query_string={"as": query["as"]}, data=data, headers=SAME_ORIGIN)
        lms.launch(app.test_client(), "instructor-2", link)
    fresh = lms.copy_course(links[0].course, id="copy")
    for link in links:
        (copied,) = [one for one in lms.links(fresh) if one.history[:1] == (link.id,)]
        assert path(lms.launch(app.test_client(), "student-1", copied)) == "/link"
        opened = lms.launch(app.test_client(), "instructor-2", copied)
        assert path(opened) == f"/media/{media_id}"
        assert path(lms.launch(app.test_client(), "student-1", copied)) == f"/media/{media_id}"


def test_what_is_taken_away_in_the_copy_does_not_come_back(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    media_id = add_item(app, "northfield", "11")
    link = lms.add_link("To be chosen", custom=HISTORIES)
    copied = copy_of(lms, link)
    for place, address in ((link, "/link"), (copied, "/link/clear")):
        launched = lms.launch(client, "instructor-1", place)
        query = {"as": parse_qs(urlsplit(launched.location).query)["as"]}
        client.post(address, query_string=query, data={"media_id": media_id}, headers=SAME_ORIGIN)
    for who in ("instructor-1", "student-1"):
        assert path(lms.launch(app.test_client(), who, copied)) == "/link"
    assert path(lms.launch(app.test_client(), "student-1", link)) == f"/media/{media_id}"


def test_what_is_chosen_in_the_copy_stays_chosen(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    ids = [add_item(app, "northfield", "11") for _ in range(2)]
    link = lms.add_link("To be chosen", custom=HISTORIES)
    copied = copy_of(lms, link)
    for place, media_id in ((link, ids[0]), (copied, ids[1])):
        query = parse_qs(urlsplit(lms.launch(client, "instructor-1", place).location).query)
        client.post(
            "/link",
            query_string={"as": query["as"]},
            data={"media_id": media_id},
            headers=SAME_ORIGIN,
        )
    for _ in range(2):
        answer = lms.launch(app.test_client(), "instructor-1", copied)
        assert path(answer) == f"/media/{ids[1]}"


@pytest.mark.parametrize(
    "said",
    [
        {"context_history": "110"},
        {"context_history": "x,110,201", "link_history": "110-1,110-added-1"},
        {"link_history": "110-added-1"},
    ],
)
@pytest.mark.parametrize("who", ["instructor-1", "assistant", "student-1"])
def test_a_false_history_opens_nothing(
    app: Flask, lms: Platform, said: dict[str, str], who: str
) -> None:
    """An item of another course, whose instructor is no colleague of the one who types; the
    assistant and the student learn there and know its address.
    """
    media_id = add_item(app, "northfield", "12")
    real = placed(lms, media_id, course="110")
    assert path(lms.launch(app.test_client(), "instructor-2", real)) == f"/media/{media_id}"
    for learner in ("assistant", "student-1"):
        lms.launch(app.test_client(), learner, real)
    forged = lms.add_link("Mine", custom={"media": media_id, **said})
    lms.launch(app.test_client(), "instructor-1", lms.add_link("An ordinary one"))
    refused = lms.launch(app.test_client(), who, forged)
    assert_refusal_page(refused, 404)
    empty = lms.add_link("Nothing", custom={"media": "a" * 26, **said})
    nothing = lms.launch(app.test_client(), who, empty)
    assert_refusal_page(nothing, 404)
    assert ("does not open here yet" in refused.text) is ("does not open here yet" in nothing.text)
    assert published(app) == 1


def test_a_history_leads_into_no_other_school(app: Flask, both_schools: Platform) -> None:
    """The same people, courses and ids in both."""
    lms = both_schools
    media_id = add_item(app, "southgate", "11")
    theirs = lms.add_link("Theirs", school="southgate", custom={"media": media_id})
    for who in ("instructor-1", "instructor-2"):
        lms.launch(app.test_client(), who, theirs)
    forged = {"media": media_id, "context_history": "201", "link_history": theirs.id}
    for who in ("instructor-1", "instructor-2", "admin"):
        link = lms.add_link("Mine", course="201", school="northfield", custom=forged)
        assert_refusal_page(lms.launch(app.test_client(), who, link), 404)
    unnamed = lms.add_link("Mine", custom={"context_history": "201", "link_history": theirs.id})
    assert path(lms.launch(app.test_client(), "instructor-2", unnamed)) == "/link"
    assert published(app) == 1


def test_a_variable_that_the_lms_does_not_know_is_no_history(app: Flask, lms: Platform) -> None:
    media_id = add_item(app, "northfield", "12")
    link = lms.add_link(custom={"media": media_id, "context_history": "$Context.id.histories"})
    refused = lms.launch(app.test_client(), "instructor-1", link)
    assert_refusal_page(refused, 404)
    assert "There is nothing to see here" in refused.text
