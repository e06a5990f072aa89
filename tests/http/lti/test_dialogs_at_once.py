"""A dialog is answered once, however many answers come in the same moment."""

from __future__ import annotations

from collections import Counter
from urllib.parse import parse_qs, urlsplit

import pytest
from dialog_scene import asking
from factories import SAME_ORIGIN, all_at_once
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import add_item
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import db
from lti_tool.media.models import Publication
from sandbox.platform import Platform

pytestmark = pytest.mark.every_database


def test_one_of_many_answers_is_handed_over(app: Flask, lms: Platform, client: FlaskClient) -> None:
    """Four choose, each something else, and four give up."""
    ids = [add_item(app, "northfield", "11", title=f"Lesson {n}") for n in range(4)]
    launched = lms.launch(client, "instructor-1", **asking())
    query = parse_qs(urlsplit(launched.location).query)
    cookie = "; ".join(f"{one.key}={one.value}" for one in client._cookies.values())

    def post(path: str, **fields: str) -> TestResponse:
        headers = {**SAME_ORIGIN, "Cookie": cookie}
        browser = app.test_client(use_cookies=False)
        return browser.post(path, query_string=query, data=fields, headers=headers)

    choices = [lambda one=one: post("/choose", media_id=one) for one in ids]
    answers = all_at_once([*choices, *[lambda: post("/choose/cancel")] * 4])

    assert Counter(answer.status_code for answer in answers) == {200: 1, 410: 7}
    (won,) = [answer for answer in answers if answer.status_code == 200]
    assert "data-hands-over" in won.text
    for answer in answers:
        assert answer is won or 'name="JWT"' not in answer.text
    with app.app_context():
        (record,) = db.session.scalars(
            select(AuditRecord).where(AuditRecord.action == "dialog.answered")
        )
        # What the others chose is not shown: only the one that was handed over is.
        assert db.session.scalars(select(Publication.media_id)).all() == record.details["media"]
