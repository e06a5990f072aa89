"""What only some may see or do is done in the session that the address names, and in no other.

On a shared computer the newest session that may is perhaps somebody else's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from factories import SAME_ORIGIN, browser, page_of
from flask import Flask
from flask.testing import FlaskClient
from invitation_scene import TITLE, Scene
from sqlalchemy import func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import db
from lti_tool.core.web.csrf import SAFE
from lti_tool.media.models import Upload
from lti_tool.people.rules import Standing
from lti_tool.people.session_store import NewSession

pytestmark = pytest.mark.sqlite_only

TUS = {"Tus-Resumable": "1.0.0", "Upload-Length": "4", "Upload-Offset": "0"}

FOR_EVERYBODY = {
    "media.page",
    "media.file_addresses",
    "media.download",
}
"""What shows a session of the browser that may see it, though the address names none."""

NOT_WITH_A_COOKIE_ALONE = {
    "entrance.answer_dialog",  # asks for a dialog of the LMS
    "entrance.cancel_dialog",
    "entrance.issue_page_ticket",  # for pages without cookies
    "entrance.hand_over",  # asks for a ticket
}


@pytest.fixture
def owner(scene: Scene) -> NewSession:
    """Somebody who may do everything: an administrator who owns the item, come by a link."""
    school = scene.school
    with scene.app.app_context():
        return school.launched("prof", Standing.ADMINISTRATOR, resource_link_id=school.link())


@pytest.fixture
def ids(scene: Scene, owner: NewSession) -> dict[str, str]:
    invitation = scene.invite()
    client = page_of(scene.app, owner)
    begun = client.post("/api/v1/uploads", headers={**SAME_ORIGIN, **TUS})
    assert begun.status_code == 201, begun.text
    with scene.app.app_context():
        upload_id = db.session.scalars(select(Upload.id)).one()
    return {
        "media_id": scene.media_id,
        "invitation_id": invitation.id,
        "upload_id": upload_id,
        "file_id": scene.media_id,
        "token": "x",
    }


def filled(rule: Rule, ids: dict[str, str]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: ids.get(part[1], "x"), rule.rule)


def of_a_session(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every unsafe route that is for people who have a session."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if getattr(view, "_cross_site", False) or getattr(view, "_sessionless", False):
            continue
        for method in sorted((rule.methods or set()) - SAFE):
            yield rule, method


def ask(client: FlaskClient, method: str, path: str, media_id: str) -> TestResponse:
    body: dict[str, Any] = {"data": {"media_id": media_id}}
    if method == "PATCH":
        body = {"data": b"", "content_type": "application/offset+octet-stream"}
    elif path.startswith("/api/"):
        body = {"json": {}}
    return client.open(path, method=method, headers={**SAME_ORIGIN, **TUS}, **body)


def written(app: Flask) -> tuple[int, int]:
    with app.app_context():
        count = select(func.count())
        return (
            db.session.scalar(count.select_from(AuditRecord)) or 0,
            db.session.scalar(count.select_from(Upload)) or 0,
        )


def last_what_ends(asked: tuple[Rule, str]) -> list[bool]:
    rule, method = asked
    ends = ("/sign-out", "/restore", "/delete")
    return [*(rule.rule.endswith(end) for end in ends), method == "DELETE"]


def test_nothing_is_changed_in_a_session_that_is_not_named(
    app: Flask, owner: NewSession, ids: dict[str, str]
) -> None:
    """Every route there is, so that a new one cannot be forgotten."""
    routes = sorted(of_a_session(app), key=last_what_ends)
    assert len(routes) > 20
    client, before = browser(app, owner), written(app)
    for rule, method in routes:
        path = filled(rule, ids)
        answer = ask(client, method, path, ids["media_id"])
        assert answer.status_code == (401 if path.startswith("/api/") else 404), rule
    assert written(app) == before
    named = page_of(app, owner)
    for rule, method in routes:
        if rule.endpoint not in NOT_WITH_A_COOKIE_ALONE:
            answer = ask(named, method, filled(rule, ids), ids["media_id"])
            assert answer.status_code not in (401, 404), (rule, answer.text)


def opens(app: Flask, client: FlaskClient, ids: dict[str, str]) -> set[str]:
    """The endpoints that show something to this browser, without a session's name."""
    found = set()
    for rule in app.url_map.iter_rules():
        methods = {"GET", "HEAD"} & (rule.methods or set())
        if rule.endpoint != "static" and methods:
            method = "GET" if "GET" in methods else "HEAD"
            answer = client.open(filled(rule, ids), method=method, headers=TUS)
            if answer.status_code < 400:
                found.add(rule.endpoint)
    return found


def test_what_only_some_may_see_needs_a_name(
    app: Flask, owner: NewSession, ids: dict[str, str]
) -> None:
    without = opens(app, app.test_client(), ids)
    unnamed = opens(app, browser(app, owner), ids)
    named = opens(app, page_of(app, owner), ids)
    assert unnamed - without <= FOR_EVERYBODY
    assert {"media.page", "media.file_addresses"} <= unnamed
    assert named - unnamed == {
        "admin.settings",
        "entrance.course_gallery",
        "entrance.handed_over",
        "entrance.nothing_yet",
        "entrance.to_publish",
        "invitation.paste",
        "invitation.paste_challenge",
        "invitations.list_invitations",
        "invitations.show_invitation",
        "media.endings",
        "media.state",
        "invitations.copy_link",
        "invitations.suggest_invitees",
        "media.ask_delete",
        "media.new",
        "media.upload_state",
    }


def test_a_deleted_item_is_brought_back_in_a_named_session(
    app: Flask, owner: NewSession, scene: Scene
) -> None:
    page_of(app, owner).post(f"/media/{scene.media_id}/delete", headers=SAME_ORIGIN)
    assert browser(app, owner).get(f"/media/{scene.media_id}").status_code == 404
    assert "Bring it back" in page_of(app, owner).get(f"/media/{scene.media_id}").text


def plain(answer: TestResponse) -> tuple[int, str]:
    text = re.sub(r"[a-z2-7]{26}|[A-Z0-9]{4}-[A-Z0-9]{4}", "", answer.text)
    return answer.status_code, re.sub(r'nonce="[^"]*"', "", text)


@pytest.mark.parametrize("path", ["/settings", "/media/new", "/link", "/media/{}/delete"])
@pytest.mark.parametrize("headers", [{}, {"Accept": "application/json"}])
def test_the_answer_does_not_tell_who_else_is_signed_in(
    app: Flask, scene: Scene, owner: NewSession, path: str, headers: dict[str, str]
) -> None:
    path = path.format(scene.media_id)
    student = scene.launched("wren")
    answers = {
        plain(client.get(path, headers=headers))
        for client in (
            app.test_client(),
            browser(app, owner),
            browser(app, student),
            browser(app, owner, student),
        )
    }
    assert len(answers) == 1
    ((status, _text),) = answers
    assert status == (401 if headers else 404)


def test_a_page_opened_without_a_name_gives_it_to_all_it_leads_to(
    app: Flask, scene: Scene, owner: NewSession
) -> None:
    client = browser(app, owner)
    page = client.get(f"/media/{scene.media_id}")
    assert TITLE in page.text
    assert f'name="foyer-session" content="{owner.handle}"' in page.text
    addresses = {unescape(found) for found in re.findall(r'(?:href|action)="(/[^"]*)"', page.text)}
    ours = {one for one in addresses if not one.startswith(("/static/", "/files/"))}
    assert {one.partition("?")[0] for one in ours} >= {
        f"/media/{scene.media_id}/delete",
        f"/media/{scene.media_id}/use-link",
        "/settings",
        "/sign-out",
    }
    for one in ours:
        assert f"as={owner.handle}" in one
    (delete,) = [one for one in ours if "/delete" in one]
    assert client.post(delete, headers=SAME_ORIGIN).status_code == 303
