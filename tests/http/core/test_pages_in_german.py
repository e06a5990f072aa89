"""Pages and answers in the reader's language."""

from __future__ import annotations

import re

import pytest
from factories import SAME_ORIGIN, School, browser
from flask import Flask
from invitation_scene import Scene, make_scene
from sqlalchemy import update

from lti_tool.core.db.session import db
from lti_tool.people.models import ToolSession
from lti_tool.people.rules import Standing

pytestmark = pytest.mark.sqlite_only

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


@pytest.fixture
def scene(app: Flask, school: School) -> Scene:
    return make_scene(app, school)


def language_of(page: str) -> str:
    found = re.search(r'<html lang="([^"]+)" dir="ltr">', page)
    assert found
    return found[1]


def test_an_invitee_reads_the_opening_page_in_the_browsers_language(
    app: Flask, scene: Scene
) -> None:
    page = app.test_client().get(scene.link(), headers=GERMAN).text

    assert language_of(page) == "de"
    assert "Ihre E-Mail-Adresse" in page
    assert "Continue" not in page


@pytest.mark.parametrize("asked", ["", "nl", "en-GB,de;q=0.5", "de;q=0", "*", "zz-!!,;;q=x"])
def test_whoever_asks_for_no_language_of_ours_reads_english(
    app: Flask, scene: Scene, asked: str
) -> None:
    page = app.test_client().get(scene.link(), headers={"Accept-Language": asked}).text

    assert language_of(page) == "en"
    assert "of elm invites you to watch a video" in page


@pytest.mark.parametrize(
    ("launched", "language"),
    [("de", "de"), ("de-AT", "de"), ("de_CH", "de"), ("en-US", "en"), ("nl", "de"), (None, "de")],
)
def test_a_session_speaks_the_language_of_its_launch(
    app: Flask, scene: Scene, launched: str | None, language: str
) -> None:
    with app.app_context():
        teacher = scene.school.launched("prof", Standing.MANAGER)
        db.session.execute(
            update(ToolSession).where(ToolSession.id == teacher.session_id).values(locale=launched)
        )
        db.session.commit()
    client = browser(app, teacher)

    page = client.get(f"/media/{scene.media_id}?as={teacher.handle}", headers=GERMAN).text
    refused = client.post(
        f"/api/v1/media/{scene.media_id}/invitations?as={teacher.handle}",
        json={"email": "x", "first_name": "", "last_name": "", "type": "viewer"},
        headers={**SAME_ORIGIN, **GERMAN},
    )

    assert language_of(page) == language
    assert ("Einladungslink erzeugen" in page) is (language == "de")
    assert refused.json is not None
    assert ("Felder" in refused.json["title"]) is (language == "de")
