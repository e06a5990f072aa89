"""The dialog of an LMS in which links are chosen: from the launch to the message that goes back."""

from __future__ import annotations

import html
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cookieless import IN_FRAME, Tab
from dialog_scene import CLAIM, DATA, ITEMS, Dialog, asking, message
from factories import SAME_ORIGIN, TestClock
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import add_item, assert_refusal_page, handle_of, register
from media_samples import picture
from sqlalchemy import select

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import db
from lti_tool.media.models import Publication
from sandbox.platform import Platform


def published(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Publication.media_id)))


def test_what_is_chosen_is_handed_over_and_opens(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    media_id = add_item(app, "northfield", "11", title="Owls & others")
    dialog = Dialog(lms, client, "instructor-1", data="csrf:1")
    assert "Owls &amp; others" in dialog.page().text
    page = dialog.choose(media_id)
    assert "https://lms.school.example" in page.headers["Content-Security-Policy"]
    claims = message(app, page)
    told = lms.registration()
    assert claims["iss"] == told.client_id
    assert claims["aud"] == told.issuer
    assert claims[CLAIM + "deployment_id"] == told.deployment_id
    assert claims[DATA] == "csrf:1"
    (item,) = claims[ITEMS]
    assert (item["type"], item["title"]) == ("ltiResourceLink", "Owls & others")
    assert item["url"] == f"http://localhost/lti/launch?media={media_id}"
    assert "lineItem" not in item
    assert published(app) == [media_id]

    student = app.test_client()
    link = lms.add_link(custom=item["custom"])
    assert urlsplit(lms.launch(student, "student-1", link).location).path == f"/media/{media_id}"


def test_each_message_is_good_once_and_for_minutes(
    app: Flask, lms: Platform, client: FlaskClient, clock: TestClock
) -> None:
    sent = []
    for _ in range(2):
        claims = message(app, Dialog(lms, client, "instructor-1").post("/choose/cancel", {}))
        assert claims["exp"] - claims["iat"] == 300
        assert claims["iat"] == int(clock.present.timestamp())
        assert DATA not in claims
        sent.append((claims["nonce"], claims["jti"]))
    assert len({one for pair in sent for one in pair}) == 4


def test_giving_up_hands_over_nothing(app: Flask, lms: Platform, client: FlaskClient) -> None:
    add_item(app, "northfield", "11")
    dialog = Dialog(lms, client, "instructor-1")
    assert message(app, dialog.post("/choose/cancel", {}))[ITEMS] == []
    assert published(app) == []


def test_several_are_taken_where_the_dialog_takes_several(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    ids = [add_item(app, "northfield", "11", title=f"Lesson {n}") for n in range(3)]
    dialog = Dialog(lms, client, "instructor-1", accept_multiple=True, accept_lineitem=True)
    page = dialog.page().text
    assert page.count("data-pick>") == 3
    assert "Add to the course" in page
    wrong = dialog.choose(*ids[:2], gradebook="1", points="0")
    assert (wrong.status_code, wrong.text.count("data-pick checked")) == (422, 2)
    claims = message(app, dialog.choose(ids[2], ids[0], ids[2]))
    assert [item["custom"]["media"] for item in claims[ITEMS]] == [ids[2], ids[0]]
    assert sorted(published(app)) == sorted([ids[0], ids[2]])


def test_one_is_taken_where_the_dialog_takes_one(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    ids = [add_item(app, "northfield", "11") for _ in range(2)]
    dialog = Dialog(lms, client, "instructor-1")
    assert 'type="checkbox"' not in dialog.page().text
    for wrong, said in ((ids, "At most 1 can be added."), ([], "Please choose at least one.")):
        refused = dialog.choose(*wrong)
        assert refused.status_code == 422
        assert said in refused.text
    assert published(app) == []
    assert message(app, dialog.choose(ids[1]))[ITEMS]


def test_what_is_picked_is_kept_on_other_pages_of_the_list(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    owl = add_item(app, "northfield", "11", title="Owls")
    hare = add_item(app, "northfield", "11", title="Hares")
    private = add_item(app, "northfield", "12", title="A colleague's own")
    dialog = Dialog(lms, client, "instructor-1", accept_multiple=True)
    page = dialog.page(q="hares", picked=[owl, private]).text
    assert re.search(rf'value="{owl}" checked data-pick> <span>Owls</span>', page)
    assert hare in page
    assert "A colleague" not in page
    assert f'value="{owl}" data-pick checked' in dialog.page(picked=owl).text


def test_the_list_is_searched_by_words_of_the_title(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    for name in ("Tawny owls at night", "Owls", "100 % nature"):
        add_item(app, "northfield", "11", title=name)
    dialog = Dialog(lms, client, "instructor-1")
    assert dialog.page(q=" NIGHT  owls ").text.count('<li class="item">') == 1
    assert dialog.page(q="owls").text.count('<li class="item">') == 2
    assert dialog.page(q="%").text.count('<li class="item">') == 1
    nothing = dialog.page(q="hares").text
    assert "Nothing with these words in its title" in nothing
    assert 'value="hares"' in nothing


@pytest.mark.parametrize(
    ("placement", "ticked"), [("assignment_selection", True), ("link_selection", False)]
)
def test_a_gradebook_column_can_come_along(
    app: Flask, bare_lms: Platform, client: FlaskClient, placement: str, ticked: bool
) -> None:
    register(app, bare_lms, bare_lms.schools[0], family="canvas")
    media_id = add_item(app, "northfield", "11")
    more = asking(accept_lineitem=True)
    more["claims"]["https://www.instructure.com/placement"] = placement
    launched = bare_lms.launch(client, "instructor-1", **more)
    page = client.get(launched.location).text
    assert ('name="gradebook" value="1" checked' in page) is ticked
    buttons = re.findall(r"<button[^>]*>", page[page.index('<form id="picks"') :])
    assert "disabled" in buttons[0], "Enter in a field presses the first one"
    query = {"as": parse_qs(urlsplit(launched.location).query)["as"]}
    fields = {"media_id": media_id, "gradebook": "1"}
    for wrong in ("", "0", "many", "10001", "-3", "0001" + "9" * 5000):
        refused = client.post(
            "/choose", query_string=query, data={**fields, "points": wrong}, headers=SAME_ORIGIN
        )
        assert refused.status_code == 422, wrong
        assert "Please enter a number from 1 to 10000." in refused.text
    done = client.post(
        "/choose", query_string=query, data={**fields, "points": " 12 "}, headers=SAME_ORIGIN
    )
    (item,) = message(app, done)[ITEMS]
    assert item["lineItem"] == {"label": "Owls", "scoreMaximum": 12, "resourceId": media_id}


def test_no_column_where_none_is_taken_or_wanted(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    media_id = add_item(app, "northfield", "11")
    deaf = Dialog(lms, client, "instructor-1")
    assert "gradebook" not in deaf.page().text
    asked = {"gradebook": "1", "points": "5"}
    assert "lineItem" not in message(app, deaf.choose(media_id, **asked))[ITEMS][0]
    unwanted = Dialog(lms, client, "instructor-1", accept_lineitem=True)
    assert "lineItem" not in message(app, unwanted.choose(media_id, points="5"))[ITEMS][0]


@pytest.mark.parametrize("types", [["file"], ["image"], []])
def test_a_dialog_that_takes_nothing_we_have_says_so(
    app: Flask, lms: Platform, client: FlaskClient, types: list[str]
) -> None:
    media_id = add_item(app, "northfield", "11")
    dialog = Dialog(lms, client, "instructor-1", accept_types=types)
    page = dialog.page()
    assert "Nothing that fits here" in page.text
    assert "Owls" not in page.text
    assert_refusal_page(dialog.choose(media_id), 404)
    assert message(app, dialog.post("/choose/cancel", {}))[ITEMS] == []


@pytest.mark.parametrize(("types", "type_"), [(["link", "file"], "link"), (["html"], "html")])
def test_only_what_is_accepted_is_answered(
    app: Flask, lms: Platform, client: FlaskClient, types: list[str], type_: str
) -> None:
    media_id = add_item(app, "northfield", "11")
    dialog = Dialog(lms, client, "instructor-1", accept_types=types)
    (item,) = message(app, dialog.choose(media_id))[ITEMS]
    assert item["type"] == type_
    assert f"http://localhost/media/{media_id}" in str(item)


def test_what_a_dialog_says_may_be_texts_and_a_number(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    """Lists with commas, as ``accept_media_types`` is one; and the number goes back."""
    media_id = add_item(app, "northfield", "11")
    said = {"accept_types": "file, ltiResourceLink", "data": 909708}
    targets = {"accept_presentation_document_targets": "window,iframe"}
    dialog = Dialog(lms, client, "instructor-1", **said, **targets)
    answer = message(app, dialog.choose(media_id))
    (item,) = answer[ITEMS]
    assert item["type"] == "ltiResourceLink"
    assert "iframe" in item
    assert answer[DATA] == "909708"


def test_students_choose_nothing(app: Flask, lms: Platform, client: FlaskClient) -> None:
    media_id = add_item(app, "northfield", "11")
    dialog = Dialog(lms, client, "student-1")
    page = dialog.page()
    assert page.status_code == 200
    assert "Only those who teach choose here" in page.text
    assert_refusal_page(dialog.choose(media_id), 404)
    assert published(app) == []
    assert message(app, dialog.post("/choose/cancel", {}))[ITEMS] == []


def test_what_is_not_theirs_to_show_cannot_be_chosen(
    app: Flask, both_schools: Platform, client: FlaskClient
) -> None:
    """A colleague's private item, another school's, a deleted one, none: one answer for all; and
    one of them among good ones spoils the choice.
    """
    private = add_item(app, "northfield", "12")
    foreign = add_item(app, "southgate", "11")
    good = add_item(app, "northfield", "11")
    deleted = add_item(app, "northfield", "11")
    dialog = Dialog(both_schools, client, "instructor-1", accept_multiple=True)
    dialog.client.post(
        f"/media/{deleted}/delete", query_string={"as": dialog.handle}, headers=SAME_ORIGIN
    )
    for wrong in (private, foreign, deleted, "a" * 26, "../x"):
        assert_refusal_page(dialog.choose(good, wrong), 404)
    assert published(app) == []
    assert len(message(app, dialog.choose(good))[ITEMS]) == 1


def test_a_colleagues_item_that_the_course_shows_can_be_chosen(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    media_id = add_item(app, "northfield", "12")
    message(app, Dialog(lms, app.test_client(), "instructor-2").choose(media_id))
    dialog = Dialog(lms, client, "assistant")
    assert media_id in dialog.page(shelf="course").text
    assert message(app, dialog.choose(media_id))[ITEMS]


def test_without_a_course_ones_own_can_be_chosen(
    app: Flask, lms: Platform, client: FlaskClient
) -> None:
    media_id = add_item(app, "northfield", "11")
    more = asking()
    more["drop"] = ["resource_link", "context"]
    launched = lms.launch(client, "instructor-1", **more)
    page = client.get(launched.location)
    assert "handed to the place you came from" in page.text
    assert "/media/new" not in page.text
    query = {"as": parse_qs(urlsplit(launched.location).query)["as"]}
    done = client.post(
        "/choose", query_string=query, data={"media_id": media_id}, headers=SAME_ORIGIN
    )
    assert message(app, done)[ITEMS]
    assert published(app) == []


def test_a_dialog_is_answered_once(app: Flask, lms: Platform, client: FlaskClient) -> None:
    media_id = add_item(app, "northfield", "11")
    dialog = Dialog(lms, client, "instructor-1")
    message(app, dialog.choose(media_id))
    for again in (
        dialog.page(),
        dialog.choose(media_id),
        dialog.post("/choose/cancel", {}),
    ):
        assert_refusal_page(again, 410)
        assert "has done its work" in again.text
        assert 'name="JWT"' not in again.text
    with app.app_context():
        told = db.session.scalars(
            select(AuditRecord).where(AuditRecord.action == "dialog.answered")
        ).all()
    assert [record.details["media"] for record in told] == [[media_id]]
    assert told[0].actor_id is not None


def test_a_dialog_that_waited_too_long_says_so(
    app: Flask, lms: Platform, client: FlaskClient, clock: TestClock
) -> None:
    media_id = add_item(app, "northfield", "11")
    dialog = Dialog(lms, client, "instructor-1")
    clock.pass_(hours=5, minutes=59)
    assert dialog.page().status_code == 200
    clock.pass_(minutes=1)
    for late in (dialog.page(), dialog.choose(media_id), dialog.post("/choose/cancel", {})):
        assert_refusal_page(late, 410)
        assert "has been open for too long" in late.text
    assert published(app) == []


def test_what_is_uploaded_in_a_dialog_comes_back_to_it(
    app: Flask, lms: Platform, client: FlaskClient, tmp_path: Path
) -> None:
    kept = add_item(app, "northfield", "11", title="Picked before")
    dialog = Dialog(lms, client, "instructor-1", accept_multiple=True)
    page = client.get("/media/new", query_string={"as": dialog.handle, "picked": kept})
    back = re.search(r'class="back turns" href="([^"]+)"', page.text)
    assert back is not None
    parts = urlsplit(html.unescape(back[1]))
    assert (parts.path, parse_qs(parts.query)["picked"]) == ("/choose", [kept])
    sent = client.post(
        "/media/new",
        query_string={"as": dialog.handle, "picked": kept},
        data={"file": (picture(tmp_path / "owl.png").open("rb"), "owl.png"), "title": "A new owl"},
        headers=SAME_ORIGIN,
    )
    assert sent.status_code == 303, sent.text
    assert urlsplit(sent.location).path == "/choose"
    query = parse_qs(urlsplit(sent.location).query)
    page = dialog.page(picked=query["picked"], added=query["added"])
    assert "“A new owl” is in your media and in this course, and chosen below." in page.text
    assert page.text.count(" checked") == 2


def test_another_session_of_the_browser_has_no_dialog(lms: Platform, client: FlaskClient) -> None:
    Dialog(lms, client, "instructor-1")
    other = lms.launch(client, "instructor-1")
    handle = handle_of(other)
    assert_refusal_page(client.get("/choose", query_string={"as": handle}), 404)


def test_a_foreign_page_cannot_choose(app: Flask, lms: Platform, client: FlaskClient) -> None:
    media_id = add_item(app, "northfield", "11")
    dialog = Dialog(lms, client, "instructor-1")
    sent = client.post(
        "/choose",
        query_string={"as": dialog.handle},
        data={"media_id": media_id},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert sent.status_code == 403
    assert published(app) == []


def test_a_browser_without_cookies_chooses_too(app: Flask, lms: Platform) -> None:
    media_id = add_item(app, "northfield", "11")
    tab = Tab(app)
    form = lms.answer(tab.begin(lms, "instructor-1"), **asking())
    page = tab.open(tab.recall(lms, form).json["address"])
    assert "Choose what to add" in page.text
    (address,) = re.findall(r'<form id="picks" method="post" action="([^"]+)"', page.text)
    done = tab.client.post(
        html.unescape(address) + "&ticket=" + tab.ticket(),
        data={"media_id": media_id},
        headers=IN_FRAME,
    )
    assert message(app, done)[ITEMS]
