"""Keys that change while a course is running, on both sides: nobody inside notices."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from factories import SAME_ORIGIN, TestClock
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import add_item, assert_entered, assert_refused, begin, register, try_launch
from werkzeug.test import TestResponse

from lti_tool.lti import keys
from sandbox.keys import KeyRing
from sandbox.platform import Platform
from sandbox.serve import running

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _own_keys(app: Flask, tmp_path: Path) -> None:
    """Keys of this test's own, since it makes new ones."""
    keys.install(app, tmp_path / "keys")


@pytest.fixture
def key_ring() -> KeyRing:
    return KeyRing()


# Ours -------------------------------------------------------------------------------------------


def published(client: FlaskClient) -> dict[str, Any]:
    """Our key set as an LMS reads it: keys by their id."""
    answer = client.get("/lti/jwks.json")
    assert answer.status_code == 200
    return {key["kid"]: key for key in answer.get_json()["keys"]}


def answered(lms: Platform, client: FlaskClient, media_id: str) -> str:
    """The signed answer to a dialog: what the LMS checks with our keys."""
    launched = lms.launch(client, "instructor-1", how={"placement": "content"})
    page = client.post(
        "/choose",
        query_string={"as": assert_entered(launched)},
        data={"media_id": media_id},
        headers=SAME_ORIGIN,
    )
    (token,) = re.findall(r'name="JWT" value="([^"]+)"', page.text)
    return html.unescape(token)


def signer(token: str, keys: dict[str, Any]) -> str:
    """The id of the key that signed, which must be among these."""
    kid = jwt.get_unverified_header(token)["kid"]
    options = {"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    jwt.decode(token, jwt.PyJWK(keys[kid]).key, algorithms=["RS256"], options=options)
    return str(kid)


def rotate(app: Flask) -> str:
    done = app.test_cli_runner().invoke(args=["keys", "rotate"])
    assert done.exit_code == 0, done.output
    return done.output.split()[0]


def test_a_new_key_of_ours_is_known_before_it_signs(
    app: Flask, lms: Platform, client: FlaskClient, clock: TestClock
) -> None:
    media_id = add_item(app, "northfield", "11")
    read_before = published(client)
    old = signer(answered(lms, client, media_id), read_before)
    new = rotate(app)
    assert set(published(client)) == {old, new}
    clock.pass_(minutes=59)
    assert signer(answered(lms, client, media_id), read_before) == old, (
        "an LMS that read our keys an hour ago still knows the one that signs"
    )
    read_after = published(client)
    clock.pass_(minutes=2)
    assert signer(answered(lms, client, media_id), read_after) == new


def test_the_old_key_stays_while_what_it_signed_may_be_read(
    app: Flask, lms: Platform, client: FlaskClient, clock: TestClock
) -> None:
    (old,) = published(client)
    new = rotate(app)
    clock.pass_(days=2)
    assert set(published(client)) == {old, new}
    clock.pass_(hours=1, seconds=1)
    assert set(published(client)) == {new}
    media_id = add_item(app, "northfield", "11")
    assert signer(answered(lms, client, media_id), published(client)) == new


def test_a_session_lives_through_our_rotation(
    app: Flask, lms: Platform, client: FlaskClient, clock: TestClock
) -> None:
    launched = lms.launch(client, "student-1")
    assert_entered(launched)
    rotate(app)
    clock.pass_(hours=2)
    assert client.get(launched.location).status_code == 200


# Theirs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("forgets", [False, True], ids=["keeps the old key", "forgets it"])
def test_sessions_and_launches_live_through_theirs(
    app: Flask, lms: Platform, client: FlaskClient, clock: TestClock, forgets: bool
) -> None:
    launched = lms.launch(client, "student-1")
    assert_entered(launched)
    waiting = app.test_client()
    under_way = begin(lms, waiting, "student-2")
    old = lms.keys.current

    lms.keys.rotate(forget_old=forgets)

    assert client.get(launched.location).status_code == 200, "who is inside stays inside"
    assert_entered(lms.post(waiting, lms.answer(under_way)))
    assert_entered(lms.launch(app.test_client(), "student-3"))
    clock.pass_(minutes=11)
    late = try_launch(lms, app.test_client(), key=old, headers={"kid": old.kid})
    if forgets:
        assert_refused(late, 401)
    else:
        assert_entered(late.answer)
    assert client.get(launched.location).status_code == 200


def test_a_key_that_rotates_again_and_again(app: Flask, lms: Platform, clock: TestClock) -> None:
    """A full restart of a Sakai loses all its keys, and may come twice a day."""
    for _restart in range(4):
        answer = lms.launch(app.test_client(), "student-1")
        assert_entered(answer)
        lms.keys.rotate(forget_old=True)
        clock.pass_(seconds=31)


def test_the_rotation_of_one_platform_touches_no_other(
    app: Flask, lms: Platform, client: FlaskClient, clock: TestClock
) -> None:
    other = Platform("http://localhost", keys=KeyRing(), now=clock)
    with running(other):
        register(app, other, other.schools[0], name="oak")
        staying: TestResponse = other.launch(client, "student-1")
        handle = parse_qs(urlsplit(staying.location).query)["as"]
        lms.keys.rotate(forget_old=True)
        assert_entered(lms.launch(app.test_client(), "student-1"))
        assert client.get("/link", query_string={"as": handle}).status_code == 200
        assert_entered(other.launch(app.test_client(), "student-1"))
