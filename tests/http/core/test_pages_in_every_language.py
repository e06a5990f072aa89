"""Every page that the tool has, in each of its languages: whole, and in the right direction."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from babel import Locale
from catalogues import LANGUAGES, still_english
from factories import School, browser
from flask import Flask
from invitation_scene import Scene, make_scene
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from lti_tool.media.access import grant
from lti_tool.people.rules import Standing
from lti_tool.people.session_store import NewSession

pytestmark = pytest.mark.slow

OPENED = re.compile(r'<html lang="([^"]+)" dir="(ltr|rtl)">')


@pytest.fixture
def scene(app: Flask, school: School) -> Scene:
    return make_scene(app, school)


def _launched(scene: Scene, sub: str, standing: Standing) -> NewSession:
    """From a link that names no item, by a platform that names no language."""
    school = scene.school
    with scene.app.app_context():
        return school.launched(sub, standing, resource_link_id=school.link(), locale=None)


def _everybody(scene: Scene) -> dict[str, NewSession | None]:
    with scene.app.app_context():
        guest = scene.school.guest("ada@partner.org", scene.media_id)
        grant(guest.session_id, scene.media_id, "viewer", "invitation:x:1")
    return {
        "teacher": _launched(scene, "prof", Standing.MANAGER),
        "student": _launched(scene, "wren", Standing.LEARNER),
        "administrator": _launched(scene, "root", Standing.ADMINISTRATOR),
        "guest": guest,
        "nobody": None,
    }


def _addresses(scene: Scene) -> Iterator[str]:
    """Every address that a browser can go to, with the item and an invitation filled in."""
    known = {"media_id": scene.media_id, "token": scene.link("eve@partner.org").removeprefix("/i/")}
    for rule in scene.app.url_map.iter_rules():
        if _is_page(rule):
            yield re.sub(r"<(?:\w+:)?(\w+)>", lambda part: known.get(part[1], "x"), rule.rule)


def _is_page(rule: Rule) -> bool:
    return "GET" in (rule.methods or ()) and not rule.rule.startswith(("/api/", "/static/"))


def _wrong(answer: TestResponse, language: str) -> list[str]:
    if answer.mimetype != "text/html" or answer.status_code in range(300, 400):
        return []
    expected = (language.replace("_", "-"), Locale.parse(language).text_direction)
    opened = OPENED.search(answer.text)
    wrong = still_english(answer.text, language)
    if opened is None or opened.groups() != expected:
        wrong.append(opened[0] if opened else "a page that does not say its language and direction")
    return wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_it(app: Flask, scene: Scene, language: str) -> None:
    seen, wrong = set(), []
    addresses = [*_addresses(scene)]
    for who, session in _everybody(scene).items():
        client = browser(app, session) if session else app.test_client()
        for address in addresses:
            query = {"as": session.handle} if session else {}
            answer = client.get(
                address,
                query_string=query,
                headers={"Accept-Language": f"{language.replace('_', '-')},en;q=0.5"},
            )
            assert answer.status_code < 500 or address == "/readyz", (who, address)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                seen.add((who, address.replace(scene.media_id, "ID")))
            wrong += [f"{who} {address}: {text}" for text in _wrong(answer, language)]
    assert wrong == []
    assert {("teacher", "/media/ID"), ("student", "/link"), ("administrator", "/settings")} <= seen


def test_english_would_be_seen(app: Flask, scene: Scene) -> None:
    session = scene.teacher_session
    address = f"/media/{scene.media_id}?as={session.handle}"
    left = still_english(browser(app, session).get(address).text, "he")
    assert "More actions" in left, "what is read out of a button"
    assert "Copied" in left, "a sentence for a script"
    assert "Invite users" in left
