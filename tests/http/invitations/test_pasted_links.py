"""What people paste who were sent a link and are in the LMS: a wrapped link, or a whole message."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from factories import SAME_ORIGIN
from flask import Flask
from invitation_scene import ADA, Scene, Visitor
from werkzeug.test import TestResponse

LOOKS_LIKE_A_TOKEN = "A" * 43


def paste(app: Flask, scene: Scene, text: str) -> TestResponse:
    student = scene.launched("student")
    path = f"/media/{scene.media_id}/use-link?as={student.handle}"
    form = {"link": text, "email": ADA}
    return Visitor(app, student).client.post(path, data=form, headers=SAME_ORIGIN)


def safe_link(link: str) -> str:
    host = "https://nam02.safelinks.protection.outlook.com"
    return (
        f"{host}/?url={quote(link, safe='')}&data=05%7C02&sdata={LOOKS_LIKE_A_TOKEN}%3D&reserved=0"
    )


@pytest.mark.parametrize(
    "message",
    [
        "{safe}",
        "From: Maria\r\nTo: Ada\r\n\r\nHello,\r\n\r\n> {link}\r\n\r\nor {safe}.\r\n\r\nRegards",
        "{broken}",
    ],
)
def test_the_link_is_found_in_it(app: Flask, scene: Scene, message: str) -> None:
    link = f"https://tool.example{scene.link()}"
    broken = f'<a href=3D"{link[:40]}=\r\n{link[40:]}">'
    text = message.format(link=link, safe=safe_link(link), broken=broken)
    assert paste(app, scene, text).status_code == 303


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("my invitation", "no complete invitation link"),
        (safe_link("https://tool.example/elsewhere"), "no complete invitation link"),
        (f"https://tool.example/i/{LOOKS_LIKE_A_TOKEN}", "incomplete or wrong"),
    ],
)
def test_what_is_wrong_with_it_is_said_at_the_field_which_keeps_it(
    app: Flask, scene: Scene, text: str, says: str
) -> None:
    page = paste(app, scene, text)
    assert page.status_code == 422
    assert says in page.text
    assert text.replace("&", "&amp;") in page.text


def test_ours_and_the_newest_is_taken_of_several(app: Flask, scene: Scene) -> None:
    """A message that was answered holds the first link, too, and other tools have links as well."""
    before = scene.invite()
    old, link = scene.path(before), scene.new_link(before)
    others = f"https://other.example/i/{LOOKS_LIKE_A_TOKEN}"
    assert paste(app, scene, f"{others}\n{link}\n> {old}").status_code == 303
    scene.revoke(before)
    assert "no longer available" in paste(app, scene, f"{others}\n{link}").text


def test_of_two_links_none_is_taken(app: Flask, scene: Scene) -> None:
    page = paste(app, scene, f"{scene.link()} and {scene.link('bob@partner.org')}")
    assert page.status_code == 422
    assert "different invitation links" in page.text
    assert scene.audit() == ["created", "created"]
