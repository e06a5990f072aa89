"""Mail scanners open every link, and some press buttons. Nothing may come of it."""

from __future__ import annotations

import re

import pytest
from factories import SAME_ORIGIN
from flask import Flask
from invitation_scene import ADA, Scene, Visitor, device_cookie_alone, hidden_fields
from sqlalchemy import select

from lti_tool.core.db.session import db


def dump(app: Flask) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the database."""
    with app.app_context():
        return {
            table.name: sorted(
                (tuple(map(str, row)) for row in db.session.execute(select(table))),
            )
            for table in db.metadata.sorted_tables
        }


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("state", ["fresh", "used", "expired", "revoked", "off", "no check"])
def test_opening_changes_nothing(app, scene: Scene, clock, method, state) -> None:
    invitation = scene.invite()
    path = scene.path(invitation)
    inside = Visitor(app, script=True)
    if state == "used":
        inside.send(path)
    if state == "expired":
        clock.pass_(days=3)
    if state == "revoked":
        scene.revoke(invitation)
    if state == "off":
        scene.set(enable=False)
    if state == "no check":
        scene.set(email_check="off")
    before = dump(app)
    for visitor in (inside, Visitor(app), Visitor(app, scene.teacher_session)):
        headers = {"Purpose": "prefetch", "Sec-Purpose": "prefetch"}
        for more in ({}, headers):
            answer = visitor.client.open(path, method=method, headers=more)
            assert answer.status_code < 500
            assert device_cookie_alone(answer)
            visitor.client.open(f"{path}/challenge", method=method)
    assert dump(app) == before


def test_the_second_page_changes_nothing_either(app, scene) -> None:
    scene.set(email_check="off")
    invitation = scene.invite()
    before = dump(app)
    visitor = Visitor(app)
    visitor.open(scene.path(invitation))
    second = visitor.client.post(scene.path(invitation), headers=SAME_ORIGIN)
    assert second.status_code == 200
    assert "Press the button to continue" in second.text
    assert "Set-Cookie" not in second.headers
    assert dump(app) == before


def test_with_the_check_off_the_second_button_lets_in(app, scene, clock) -> None:
    scene.set(email_check="off")
    path = scene.link()
    visitor = Visitor(app, script=True)
    assert 'type="email"' not in visitor.open(path).text
    second = visitor.client.post(path, headers=SAME_ORIGIN)
    mark = hidden_fields(second.text)["second_page"]
    for wrong in ("", "x", mark[:-1] + ("A" if mark[-1] != "A" else "E")):
        again = visitor.client.post(path, data={"second_page": wrong}, headers=SAME_ORIGIN)
        assert again.status_code == 200
        assert "Press the button to continue" in again.text
    clock.pass_(minutes=6)
    assert (
        visitor.client.post(path, data={"second_page": mark}, headers=SAME_ORIGIN).status_code
        == 200
    )
    mark = hidden_fields(visitor.client.post(path, headers=SAME_ORIGIN).text)["second_page"]
    answer = visitor.client.post(path, data={"second_page": mark}, headers=SAME_ORIGIN)
    assert answer.status_code == 303


def test_a_mark_of_another_link_does_not_count(app, scene) -> None:
    scene.set(email_check="off")
    one, two = scene.link(), scene.link("bob@partner.org")
    visitor = Visitor(app)
    visitor.open(one)
    mark = hidden_fields(visitor.client.post(one, headers=SAME_ORIGIN).text)["second_page"]
    answer = visitor.client.post(two, data={"second_page": mark}, headers=SAME_ORIGIN)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_of_another_site_is_refused(app, scene, headers) -> None:
    invitation = scene.invite()
    before = dump(app)
    visitor = Visitor(app)
    for path in (scene.path(invitation), f"{scene.path(invitation)}/new-link"):
        answer = visitor.client.post(path, data={"email": ADA}, headers=headers)
        assert answer.status_code == 403
    assert dump(app) == before


def test_a_browser_that_does_not_say_where_a_form_comes_from_has_the_form_token(app, scene) -> None:
    path = scene.link()
    visitor = Visitor(app)
    token = hidden_fields(visitor.open(path).text)["form_token"]
    form = {"email": ADA, "form_token": token}
    wrong = visitor.client.post(path, data={**form, "form_token": token + "x"})
    assert wrong.status_code == 403
    answer = visitor.client.post(path, data=form, headers={"Origin": "null"})
    assert answer.status_code == 303


@pytest.mark.parametrize("opened", [True, False], ids=["opened a link", "was never here"])
@pytest.mark.parametrize("by", ["link", "session"])
def test_no_session_is_fixed_by_somebody_elses_form(app, scene, opened: bool, by: str) -> None:
    """Session fixation: another site has this browser send a form that its owner got elsewhere."""
    invitation = scene.invite()
    path = scene.path(invitation)
    attacker = Visitor(app)
    query = {}
    if by == "link":
        token = hidden_fields(attacker.open(path).text)["form_token"]
    else:
        theirs = scene.launched("mallory")
        attacker = Visitor(app, theirs)
        query = {"as": theirs.handle}
        page = attacker.client.get(f"/media/{scene.media_id}", query_string=query)
        (token,) = re.findall(r'data-form-token="([^"]+)"', page.text)
    victim = Visitor(app)
    if opened:
        victim.open(scene.link("bob@partner.org"))
    before = dump(app)
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        answer = victim.client.post(
            path,
            query_string={**query, "form_token": token},
            data={"email": ADA, "form_token": token},
            content_type=kind,
        )
        assert answer.status_code == 403
        assert not [one for one in answer.headers.getlist("Set-Cookie") if "foyer-" in one]
    assert dump(app) == before


def test_an_old_browser_that_refuses_cookies_is_told_what_to_allow(app, scene) -> None:
    path = scene.link()
    browser = app.test_client(use_cookies=False)
    token = hidden_fields(browser.get(path).text)["form_token"]
    answer = browser.post(path, data={"email": ADA, "form_token": token})
    assert answer.status_code == 403
    assert "does not keep cookies" in answer.text


def test_a_page_that_stood_open_too_long_asks_to_press_again(app, scene, clock) -> None:
    invitation = scene.invite()
    path = scene.path(invitation)
    visitor = Visitor(app, script=True)
    assert visitor.key is not None
    old = hidden_fields(visitor.open(path).text)["challenge"]
    clock.pass_(minutes=6)
    stale = visitor.client.post(
        path, data={"email": ADA, **visitor.key.proof(old)}, headers=SAME_ORIGIN
    )
    assert stale.status_code == 200
    assert "press the button again" in stale.text
    assert f'value="{ADA}"' in stale.text
    assert scene.fresh(invitation).uses_made == 0
    renewed = visitor.client.get(f"{path}/challenge").get_json()["challenge"]
    form = {"email": ADA, **visitor.key.proof(renewed)}
    assert visitor.client.post(path, data=form, headers=SAME_ORIGIN).status_code == 303
    assert scene.fresh(invitation).device_kind == "key"


def test_a_proof_for_another_link_counts_as_none(app, scene) -> None:
    one, invitation = scene.link(), scene.invite("bob@partner.org")
    visitor = Visitor(app, script=True)
    assert visitor.key is not None
    foreign = hidden_fields(visitor.open(one).text)["challenge"]
    form = {"email": "bob@partner.org", **visitor.key.proof(foreign)}
    answer = visitor.client.post(scene.path(invitation), data=form, headers=SAME_ORIGIN)
    assert answer.status_code == 303
    assert scene.fresh(invitation).device_kind == "cookie"


def test_the_opening_page_is_small_and_asks_for_little(app, scene) -> None:
    import gzip

    visitor = Visitor(app)
    page = visitor.open(scene.link())
    sources = [part.split('"')[0] for part in page.text.split('src="')[1:]]
    styles = [part.split('"')[0] for part in page.text.split('rel="stylesheet" href="')[1:]]
    weight = len(gzip.compress(page.data))
    for address in sources + styles:
        weight += len(gzip.compress(visitor.open(address).data))
    assert 1 + len(sources) + len(styles) <= 4
    assert weight <= 15_000
