"""Launches from the sandbox into the tool, and what a test asks of their answers."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Unpack
from urllib.parse import parse_qs, urlsplit

import requests
from factories import START
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lti_tool.core.db.session import db, transaction
from lti_tool.core.http import Policy
from lti_tool.lti import registrations
from lti_tool.lti.new_registration import NewRegistration
from lti_tool.media.models import MediaFile, MediaItem
from lti_tool.people.models import ToolSession
from lti_tool.people.persons import lms_person_id
from lti_tool.people.rules import Standing
from lti_tool.people.session_store import COOKIE_PREFIX
from sandbox.pending_launches import LaunchOptions
from sandbox.platform import FormPost, Platform
from sandbox.schools import School
from sandbox.services.dialogs import Returned

TOOL = "http://localhost"
REFERENCE = re.compile(r"<code[^>]*>([A-Z0-9]{4}-[A-Z0-9]{4})</code>")
DEVELOPMENT = Policy(development=True)


def register(app: Flask, lms: Platform, school: School, **changes: object) -> str:
    """Make a school of the sandbox known to the tool; gives the registration's id."""
    told = lms.registration(school)
    values = {
        "name": school.key,
        "family": told.family,
        "issuer": told.issuer,
        "client_id": told.client_id,
        "auth_url": told.auth_url,
        "token_url": told.token_url,
        "jwks_url": told.jwks_url,
        "institution": school.name,
        "deployments": (told.deployment_id,),
        **changes,
    }
    with app.app_context():
        row = registrations.add(NewRegistration(**values), DEVELOPMENT)  # type: ignore[arg-type]
        return row.id


def add_item(app: Flask, school: str, owner_sub: str | None = None, **columns: object) -> str:
    """An item of a registered school, of this person or of nobody; gives its id."""
    with app.app_context(), transaction() as session:
        row = registrations.by_name(school)
        owner = lms_person_id(row.institution_id, row.id, owner_sub) if owner_sub else None
        values = {"kind": "audio", "title": "Owls", "created_at": START, **columns}
        item = MediaItem(
            institution_id=row.institution_id,
            registration_id=row.id,
            owner_person_id=owner,
            **values,
        )
        session.add(item)
        session.flush()
        session.add(
            MediaFile(
                media_id=item.id,
                role="original",
                storage_key=item.id,
                content_type="audio/mpeg",
                size=4,
                created_at=START,
            )
        )
    return item.id


def reads_keys_of(app: Flask, lms: Platform) -> None:
    """Let the platform have the tool's public keys without a socket."""
    tool = app.test_client()
    lms.fetch_tool_keys = lambda: tool.get("/lti/jwks.json").json  # type: ignore[method-assign]


def handed_over(page: TestResponse) -> tuple[str, str]:
    """Where a page sends the answer to a dialog, and the message."""
    (action,) = re.findall(r'<form method="post" action="([^"]+)" data-hands-over>', page.text)
    (token,) = re.findall(r'name="JWT" value="([^"]+)"', page.text)
    return html.unescape(action), token


def carried_back(lms: Platform, page: TestResponse) -> Returned:
    """What the platform says of the answer to its dialog that the page sends."""
    action, token = handed_over(page)
    assert requests.post(action, data={"JWT": token}, timeout=5).status_code == 200
    return lms.services.returned[-1]


@dataclass
class Try:
    """One launch: the form that the platform sent, and the tool's answer to it."""

    form: FormPost
    nonce: str
    answer: TestResponse

    @property
    def secrets(self) -> list[str]:
        sent = [self.form.fields.get(name, "") for name in ("state", "id_token")]
        return [secret for secret in (*sent, self.nonce) if len(secret) > 12]


def begin(lms: Platform, client: FlaskClient, user: str = "student-1", **more: object) -> str:
    """Log in as far as the redirect to the platform; gives its address."""
    answer = lms.open_login(client, lms.login_params(user, **more))  # type: ignore[arg-type]
    assert answer.status_code == 302, answer.text
    return answer.location


def try_launch(
    lms: Platform,
    client: FlaskClient,
    user: str = "student-1",
    link: str | None = None,
    *,
    school: str | None = None,
    **options: Unpack[LaunchOptions],
) -> Try:
    """Log in honestly, then send what the options make of the launch."""
    location = begin(lms, client, user, link=link, school=school)
    form = lms.answer(location, **options)
    nonce = parse_qs(urlsplit(location).query)["nonce"][0]
    return Try(form, nonce, lms.post(client, form))


def assert_refused(tried: Try, *statuses: int) -> None:
    """A readable page with a reference, without anything secret, and no session."""
    assert_refusal_page(tried.answer, *statuses)
    for secret in tried.secrets:
        assert secret not in tried.answer.text


def assert_refusal_page(answer: TestResponse, *statuses: int) -> None:
    expected = statuses or range(400, 500)
    assert answer.status_code in expected, answer.text
    assert answer.mimetype == "text/html"
    shown = REFERENCE.search(answer.text)
    assert shown is not None, "the page shows no reference"
    assert shown.group(1) == answer.headers["X-Request-Id"]
    assert "<h1" in answer.text
    assert session_cookies(answer) == []
    assert answer.headers["Cache-Control"] == "no-store"


def assert_entered(answer: TestResponse) -> str:
    """A session was opened and its page is next; gives the handle."""
    assert answer.status_code == 303, answer.text
    (cookie,) = session_cookies(answer)
    handle = cookie.removeprefix(COOKIE_PREFIX).partition("=")[0]
    assert handle_of(answer) == handle
    return handle


def handle_of(answer: TestResponse) -> str:
    """The handle of the session that the next page is opened with."""
    (handle,) = parse_qs(urlsplit(answer.location).query)["as"]
    return handle


def session_cookies(answer: TestResponse) -> list[str]:
    """The Set-Cookie lines that give a session."""
    return [
        line
        for line in answer.headers.getlist("Set-Cookie")
        if line.startswith(COOKIE_PREFIX) and "Max-Age=0" not in line
    ]


def session_of(app: Flask, handle: str) -> ToolSession:
    with app.app_context():
        found = db.session.scalar(select(ToolSession).where(ToolSession.handle == handle))
        assert found is not None
        return found


def standing_of(app: Flask, handle: str) -> Standing:
    return Standing(session_of(app, handle).standing)


def count(app: Flask, model: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0
