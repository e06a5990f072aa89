"""Unsafe requests come from our own pages only; addresses that hold what no address holds."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from factories import SAME_ORIGIN, School, TestClock, browser
from flask import Flask, g
from flask.testing import FlaskClient
from invitation_scene import Scene, make_scene
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from launch_helpers import session_cookies
from werkzeug.routing import Rule

from lti_tool.core.web import form_tokens
from lti_tool.core.web.csrf import SAFE
from lti_tool.people.session_store import NewSession

TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


@pytest.fixture
def scene(app: Flask, school: School) -> Scene:
    return make_scene(app, school)


@pytest.fixture
def teacher(app: Flask, scene: Scene) -> FlaskClient:
    return browser(app, scene.teacher_session)


def unsafe(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - SAFE):
            yield rule, method


def address(rule: Rule) -> str:
    return re.sub(r"<[^>]+>", "a" * 26, rule.rule)


def test_only_the_lms_may_post_from_another_site(app: Flask) -> None:
    """Every route there is, so that a new one cannot be forgotten."""
    client = app.test_client()
    open_to_others = set()
    for rule, method in unsafe(app):
        answer = client.open(address(rule), method=method, headers={"Sec-Fetch-Site": "cross-site"})
        if not (answer.status_code == 403 and "not come from one of our pages" in answer.text):
            open_to_others.add(rule.endpoint)
    assert open_to_others == {"lti.start", "entrance.launch"}


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", "", "SAME-ORIGIN", "x"])
def test_every_other_origin_is_foreign(teacher: FlaskClient, scene: Scene, site: str) -> None:
    answer = teacher.post(f"/media/{scene.media_id}/delete", headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_token_does_not_stand_in_where_the_browser_says_otherwise(
    teacher: FlaskClient, scene: Scene, site: str
) -> None:
    token = form_token(teacher, scene)
    answer = teacher.post(
        f"/media/{scene.media_id}/delete?as={scene.teacher_session.handle}",
        data={"form_token": token},
        headers={"Sec-Fetch-Site": site},
    )
    assert answer.status_code == 403


def form_token(client: FlaskClient, scene: Scene, session: NewSession | None = None) -> str:
    handle = (session or scene.teacher_session).handle
    page = client.get(f"/media/{scene.media_id}/delete?as={handle}")
    found = TOKEN.search(page.text)
    assert found is not None
    return found.group(1)


def test_a_browser_that_says_nothing_needs_the_forms_token(
    teacher: FlaskClient, scene: Scene, clock: TestClock
) -> None:
    path = f"/media/{scene.media_id}/delete"
    query = {"as": scene.teacher_session.handle}
    assert teacher.post(path, query_string=query).status_code == 403
    for wrong in ("", "x", form_token(teacher, scene)[:-2], form_token(teacher, scene) + "x"):
        answer = teacher.post(path, query_string=query, data={"form_token": wrong})
        assert answer.status_code == 403
    token = form_token(teacher, scene)
    assert teacher.post(path, query_string=query, data={"form_token": token}).status_code == 303


def signed_then(app: Flask, handle: str, ago: timedelta) -> str:
    """A form token of this session as it was signed so long ago."""

    class Then(TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() - int(ago.total_seconds())

    secret = app.extensions["foyer.secret"]
    return URLSafeTimedSerializer(secret, salt="form", signer=Then).dumps(handle)


@pytest.mark.parametrize(
    ("ago", "status"),
    [(timedelta(hours=11, minutes=50), 303), (timedelta(hours=12, seconds=1), 403)],
)
def test_a_form_may_stand_open_for_twelve_hours(
    app: Flask, teacher: FlaskClient, scene: Scene, ago: timedelta, status: int
) -> None:
    handle = scene.teacher_session.handle
    answer = teacher.post(
        f"/media/{scene.media_id}/delete?as={handle}",
        data={"form_token": signed_then(app, handle, ago)},
    )
    assert answer.status_code == status


def test_scripts_send_it_in_a_header(teacher: FlaskClient, scene: Scene) -> None:
    query = {"as": scene.teacher_session.handle}
    assert teacher.post("/api/v1/tickets", query_string=query).status_code == 403
    headers = {"X-Form-Token": form_token(teacher, scene)}
    assert teacher.post("/api/v1/tickets", query_string=query, headers=headers).status_code == 201


def test_a_token_is_good_in_its_own_session_only(app: Flask, scene: Scene) -> None:
    with app.app_context():
        other = scene.school.launched("prof")
    both = browser(app, scene.teacher_session, other)
    token = form_token(both, scene)
    for query in ({"as": other.handle}, {}):
        answer = both.post(
            f"/media/{scene.media_id}/delete", query_string=query, data={"form_token": token}
        )
        assert answer.status_code == 403


def test_the_refusal_is_a_problem_for_scripts(app: Flask) -> None:
    answer = app.test_client().post("/api/v1/tickets", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert answer.mimetype == "application/problem+json"
    assert answer.json["type"] == "urn:foyer:problem:foreign-request"
    assert answer.json["reference"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    "path",
    [
        "/media/%00",
        "/files/%00?e=1",
        "/i/%00",
        "/link?from=%00",
        "/media/x?as=%00",
        "/healthz?x=%00",
        "/healthz?%00=x",
        "/healthz?x=a&y=b%00c",
    ],
)
def test_a_nul_in_an_address_leads_nowhere(teacher: FlaskClient, path: str) -> None:
    assert teacher.get(path).status_code == 404


def test_what_only_looks_like_a_nul_is_text(teacher: FlaskClient) -> None:
    assert teacher.get("/healthz?x=%2500").status_code == 200


def test_what_no_database_can_keep_is_the_senders_fault(teacher: FlaskClient, scene: Scene) -> None:
    path = f"/api/v1/media/{scene.media_id}/invitations"
    for odd in ('"\\u0000"', '"\\ud800"', '"a\\u0000@b.org"'):
        for field in ("email", "first_name", "last_name", "type"):
            answer = teacher.post(
                path,
                data=f'{{"{field}": {odd}}}',
                content_type="application/json",
                headers=SAME_ORIGIN,
            )
            assert 400 <= answer.status_code < 500
            assert answer.mimetype == "application/problem+json"


def test_unknown_addresses_and_methods_are_readable(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/nothing/here")
    assert page.status_code == 404
    assert "<h1" in page.text
    problem = client.get("/api/v1/nothing")
    assert problem.status_code == 404
    assert problem.mimetype == "application/problem+json"
    wrong = client.put("/settings", headers=SAME_ORIGIN)
    assert wrong.status_code == 405
    assert "GET" in wrong.headers["Allow"]


def test_a_token_that_anybody_can_get_is_no_token_of_a_session(
    app: Flask, teacher: FlaskClient, scene: Scene
) -> None:
    """Pages for people without a session hand out tokens bound to none; leaving the handle out
    of the address must not turn one into a key to somebody's cookies.
    """
    with app.test_request_context():
        stranger = form_tokens.form_token()
    for path in (f"/media/{scene.media_id}/delete", "/settings", "/api/v1/tickets"):
        answer = teacher.post(path, data={"form_token": stranger})
        assert answer.status_code == 403, path


def sent_by_a_foreign_form(token: str) -> dict[str, dict[str, Any]]:
    """What a page of any site can have a browser send without asking us first, with a form token
    wherever it might be looked for. Such a browser says nothing of the site.
    """
    multipart = {"content_type": "multipart/form-data; boundary=x"}
    part = f'--x\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n{token}\r\n--x--\r\n'
    return {
        "multipart": {**multipart, "data": part},
        "multipart without parts": {**multipart, "data": "--x--\r\n"},
        "urlencoded": {"data": {"form_token": token}},
        "text": {"data": f"form_token={token}", "content_type": "text/plain"},
        "untyped": {"data": f"form_token={token}", "content_type": ""},
        "nothing": {},
        "null origin": {"data": {"form_token": token}, "headers": {"Origin": "null"}},
    }


def test_a_token_of_somebodys_own_session_is_good_in_no_other_browser(
    app: Flask, teacher: FlaskClient, scene: Scene
) -> None:
    """Session fixation: a foreign page names a session of its maker's, with a token that is good
    there, and a ticket to it. Every route there is, by every method.
    """
    with app.app_context():
        eve = scene.school.launched("eve")
    for rule, method in unsafe(app):
        if rule.endpoint in {"lti.start", "entrance.launch"}:
            continue
        if getattr(app.view_functions[rule.endpoint], "_sessionless", False):
            continue
        with app.test_request_context(f"/?as={eve.handle}"):
            g.foyer_handle = eve.handle
            token = form_tokens.form_token()
        for name, form in sent_by_a_foreign_form(token).items():
            for victim in (app.test_client(), teacher):
                query = {"as": eve.handle, "form_token": token, "ticket": "x" * 43}
                answer = victim.open(address(rule), method=method, query_string=query, **form)
                assert answer.status_code == 403, (rule.rule, method, name)
                assert session_cookies(answer) == []


def test_no_form_that_needs_no_session_gives_one(
    app: Flask, teacher: FlaskClient, scene: Scene
) -> None:
    """Their token proves nothing where the browser does not say who sends it.

    (A link is opened by the invited address; its own tests tell of that.)
    """
    with app.test_request_context():
        token = form_tokens.form_token()
    seen = set()
    for rule, method in unsafe(app):
        if not getattr(app.view_functions[rule.endpoint], "_sessionless", False):
            continue
        seen.add(rule.endpoint)
        for name, form in sent_by_a_foreign_form(token).items():
            for victim in (app.test_client(), teacher):
                query = {"form_token": token}
                answer = victim.open(address(rule), method=method, query_string=query, **form)
                assert answer.status_code >= 400, (rule.rule, method, name)
                assert session_cookies(answer) == []
    assert "entrance.recalled" in seen


def test_a_browser_that_says_nothing_sends_files_from_its_own_session(
    teacher: FlaskClient, scene: Scene
) -> None:
    token = form_token(teacher, scene)
    query = {"as": scene.teacher_session.handle, "form_token": token}
    answer = teacher.post(
        f"/media/{scene.media_id}/delete", query_string=query, data={"file": (io.BytesIO(), "x")}
    )
    assert answer.status_code == 303


def test_who_lost_the_session_is_not_sent_back_to_a_page_that_cannot_help(
    app: Flask, scene: Scene, teacher: FlaskClient
) -> None:
    query = {"as": scene.teacher_session.handle}
    form = {"form_token": form_token(teacher, scene)}
    path = f"/media/{scene.media_id}/delete"
    lost = app.test_client().post(path, query_string=query, data=form)
    assert lost.status_code == 403
    assert "Open the page again from your course" in lost.text
    assert "Go back" not in lost.text
    there = teacher.post(path, query_string=query, data={"form_token": "x"})
    assert "Go back, reload the page and try again." in there.text


class Trickle(io.RawIOBase):
    """A body that somebody sends as slowly as they like; it says whether anybody waited for it."""

    waited = False

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: object) -> int:
        self.waited = True
        return 0


def test_nobody_waits_for_the_form_of_a_session_that_is_not_there(
    app: Flask, teacher: FlaskClient, scene: Scene
) -> None:
    """Its token would stand in the body; with a thread for each, a few of them would be all."""
    form = "application/x-www-form-urlencoded"
    strangers = [
        (app.test_client(), "aaaaaaaaaa"),
        (app.test_client(), scene.teacher_session.handle),
        (teacher, "aaaaaaaaaa"),
    ]
    for rule, method in unsafe(app):
        if getattr(app.view_functions[rule.endpoint], "_sessionless", False):
            continue
        if rule.endpoint in {"lti.start", "entrance.launch"}:
            continue
        for client, handle in strangers:
            body = Trickle()
            answer = client.open(
                f"{address(rule)}?as={handle}",
                method=method,
                content_type=form,
                environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": "100"},
            )
            assert (answer.status_code, body.waited) == (403, False), rule.rule


def test_brackets_without_end_are_a_bad_request(teacher: FlaskClient, scene: Scene) -> None:
    answer = teacher.post(
        f"/api/v1/media/{scene.media_id}/plays?as={scene.teacher_session.handle}",
        data="[" * 100_000,
        headers=SAME_ORIGIN,
        content_type="application/json",
    )
    assert answer.status_code == 400


def test_a_field_that_nobody_knows_is_not_repeated(teacher: FlaskClient, scene: Scene) -> None:
    answer = teacher.post(
        f"/api/v1/media/{scene.media_id}/invitations?as={scene.teacher_session.handle}",
        json={"email": ["x"], "last_name": {"a-secret": 1}, "a-secret": 1, "another-secret": 2},
        headers=SAME_ORIGIN,
    )
    assert answer.status_code == 422
    assert "secret" not in answer.text
    fields = [error["field"] for error in answer.json["errors"]]
    assert sorted(fields) == ["body", "email", "last_name"]
