"""The platform's keys: read when needed, not when asked for by a stranger, kept when it fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from factories import TestClock
from flask import Flask
from flask.testing import FlaskClient
from jwt.algorithms import ECAlgorithm
from key_server import Answer, KeyServer, as_json, serving
from launch_helpers import (
    TOOL,
    assert_entered,
    assert_refusal_page,
    assert_refused,
    begin,
    register,
    try_launch,
)

from lti_tool.lti.launching.platform_keys import PlatformKeys
from sandbox.keys import KeyRing, SigningKey
from sandbox.platform import Platform

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow]


@pytest.fixture
def keys() -> Iterator[KeyServer]:
    with serving(as_json({"keys": []})) as running:
        yield running


@pytest.fixture
def ring() -> KeyRing:
    """Keys of this test's own, to be rotated."""
    return KeyRing()


@pytest.fixture
def rotating(app: Flask, clock: TestClock, ring: KeyRing, keys: KeyServer) -> Platform:
    """A platform whose key set is served by the key server."""
    platform = Platform(TOOL, base_url="http://localhost:9000", keys=ring, now=clock)
    keys.answer = lambda handler: as_json(ring.jwks())(handler)
    register(app, platform, platform.schools[0], jwks_url=f"{keys.address}/jwks.json")
    return platform


UNKNOWN_KID = {"headers": {"kid": "nobody"}}


def test_many_launches_read_the_set_once(
    rotating: Platform, client: FlaskClient, keys: KeyServer
) -> None:
    for user in ("student-1", "student-2", "instructor-1"):
        assert_entered(rotating.launch(client, user))
    assert keys.requests == ["/jwks.json"]


def test_the_set_is_read_again_after_ten_minutes(
    rotating: Platform, client: FlaskClient, keys: KeyServer, clock: TestClock
) -> None:
    for minutes, reads in ((0, 1), (9.9, 1), (0.1, 2), (5, 2)):
        clock.pass_(minutes=minutes)
        assert_entered(rotating.launch(client, "student-1"))
        assert len(keys.requests) == reads


def test_an_unknown_key_id_is_sought_once_in_thirty_seconds(
    rotating: Platform, client: FlaskClient, keys: KeyServer, clock: TestClock
) -> None:
    assert_entered(rotating.launch(client, "student-1"))
    for seconds, reads in ((0, 2), (0, 2), (29.9, 2), (0.1, 3), (1, 3)):
        clock.pass_(seconds=seconds)
        assert_refused(try_launch(rotating, client, **UNKNOWN_KID), 401)
        assert len(keys.requests) == reads


def test_strangers_cannot_make_us_read(
    app: Flask, rotating: Platform, client: FlaskClient, keys: KeyServer, clock: TestClock
) -> None:
    """Only a login of ours that is open, in its own browser, is worth a question."""
    token = rotating.id_token("n", "student-1", **UNKNOWN_KID)
    for state in ("", "nobodys-state"):
        client.post("/lti/launch", data={"state": state, "id_token": token})
    form = rotating.answer(begin(rotating, client), **UNKNOWN_KID)
    app.test_client().post("/lti/launch", data=form.fields)
    clock.pass_(minutes=11)
    assert_refusal_page(rotating.post(client, form), 400)
    assert keys.requests == []


@pytest.mark.parametrize("unfit", [{"alg": "none"}, {"drop_headers": ("kid",)}, {"alg": "HS256"}])
def test_an_unfit_header_is_refused_before_keys_are_read(
    rotating: Platform, client: FlaskClient, keys: KeyServer, unfit: Any
) -> None:
    assert_refused(try_launch(rotating, client, **unfit), 401)
    assert keys.requests == []


@pytest.mark.parametrize("claims", [{"nonce": "another"}, {"iss": "https://a.example"}, {"aud": 7}])
def test_nothing_is_read_of_what_nobody_signed(
    rotating: Platform, client: FlaskClient, claims: dict[str, Any]
) -> None:
    refused = try_launch(rotating, client, claims=claims, key=SigningKey.generate())
    assert_refused(refused, 401)
    assert "“signature”" in refused.answer.text


def test_a_rotation_in_the_middle_of_a_course(
    rotating: Platform, client: FlaskClient, ring: KeyRing, clock: TestClock
) -> None:
    assert_entered(rotating.launch(client, "student-1"))
    before = ring.current
    ring.rotate()
    assert_entered(rotating.launch(client, "student-1"))
    assert_entered(rotating.launch(client, "student-1", key=before, headers={"kid": before.kid}))


def test_a_platform_that_lost_all_its_keys(
    rotating: Platform, client: FlaskClient, ring: KeyRing, clock: TestClock
) -> None:
    """As after a restart: new keys at once get in, the old ones no longer do."""
    assert_entered(rotating.launch(client, "student-1"))
    before = ring.current
    ring.rotate(forget_old=True)
    assert_entered(rotating.launch(client, "student-1"))
    gone = try_launch(rotating, client, key=before, headers={"kid": before.kid})
    assert_refused(gone, 401)


def _fails(name: str, keys: KeyServer) -> Answer:
    answers: dict[str, Answer] = {
        "an error": lambda handler: handler.reply(b'{"keys": []}', 500),
        "a redirect": lambda handler: handler.reply(b"", 302, Location="https://other.example/x"),
        "no JSON": lambda handler: handler.reply(b"<html>Maintenance</html>"),
        "a list": as_json([]),
        "a key set without a list": as_json({"keys": {"kid": "x"}}),
        "nothing at all": lambda handler: handler.wfile.close(),
        "two megabytes": lambda handler: handler.reply(b" " * 2_000_000),
        "endless nesting": lambda handler: handler.reply(b"[" * 500_000),
    }
    return answers[name]


FAILURES = [
    "an error",
    "a redirect",
    "no JSON",
    "a list",
    "a key set without a list",
    "nothing at all",
    "two megabytes",
    "endless nesting",
]


@pytest.mark.parametrize("failure", FAILURES)
def test_the_set_at_hand_goes_on_being_used_when_reading_fails(
    rotating: Platform, client: FlaskClient, keys: KeyServer, clock: TestClock, failure: str
) -> None:
    assert_entered(rotating.launch(client, "student-1"))
    keys.answer = _fails(failure, keys)
    clock.pass_(minutes=15)
    for _twice in range(2):
        assert_entered(rotating.launch(client, "student-1"))
    assert len(keys.requests) == 2, "a failing platform is asked once in thirty seconds"
    clock.pass_(seconds=31)
    assert_entered(rotating.launch(client, "student-1"))
    assert len(keys.requests) == 3


@pytest.mark.parametrize("failure", FAILURES)
def test_without_any_set_a_person_is_told_to_wait(
    rotating: Platform, client: FlaskClient, keys: KeyServer, failure: str, clock: TestClock
) -> None:
    working, keys.answer = keys.answer, _fails(failure, keys)
    assert_refused(try_launch(rotating, client), 502)
    keys.answer = working
    clock.pass_(seconds=30)
    assert_entered(rotating.launch(client, "student-1"))


def test_an_empty_set_is_a_set(rotating: Platform, client: FlaskClient, keys: KeyServer) -> None:
    keys.answer = as_json({"keys": []})
    assert_refused(try_launch(rotating, client), 401)


def _without(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda jwk: {key: value for key, value in jwk.items() if key != name}


def _curve(jwk: dict[str, Any]) -> dict[str, Any]:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return {**ECAlgorithm.to_jwk(key, as_dict=True), "kid": jwk["kid"]}


UNFIT_KEYS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another kind of key": _curve,
    "for encryption": lambda jwk: {**jwk, "use": "enc"},
    "for another algorithm": lambda jwk: {**jwk, "alg": "RS512"},
    "a symmetric key": lambda jwk: {"kty": "oct", "k": "c2VjcmV0", "kid": jwk["kid"]},
    "no modulus": _without("n"),
    "no kind": _without("kty"),
    "no id": _without("kid"),
    "an id that is a number": lambda jwk: {**jwk, "kid": 7},
    "a modulus that is none": lambda jwk: {**jwk, "n": "!"},
    "a modulus of nothing": lambda jwk: {**jwk, "n": ""},
    "an exponent that is a list": lambda jwk: {**jwk, "e": ["AQAB"]},
    "no object": lambda jwk: jwk["kid"],
    # Whoever looks for its factors is not back within a day.
    "a vast private key": lambda jwk: {**jwk, "n": "_" * 40_000, "d": "_" * 40_000},
}


@pytest.mark.parametrize("unfit", UNFIT_KEYS)
def test_an_unfit_key_is_passed_over_and_the_others_are_used(
    rotating: Platform, client: FlaskClient, keys: KeyServer, ring: KeyRing, unfit: str
) -> None:
    other = SigningKey.generate()
    keys.answer = as_json({"keys": [UNFIT_KEYS[unfit](ring.current.jwk), other.jwk]})
    assert_refused(try_launch(rotating, client), 401)
    assert_entered(rotating.launch(client, "student-1", key=other, headers={"kid": other.kid}))


def test_a_short_key_is_not_trusted(
    rotating: Platform, client: FlaskClient, keys: KeyServer
) -> None:
    short = SigningKey(rsa.generate_private_key(public_exponent=65537, key_size=1024))
    keys.answer = as_json({"keys": [short.jwk]})
    tried = try_launch(rotating, client, key=short, headers={"kid": short.kid})
    assert_refused(tried, 401)


@pytest.mark.parametrize("left_out", ["use", "alg"])
def test_a_key_need_not_say_what_it_is_for(
    rotating: Platform, client: FlaskClient, keys: KeyServer, ring: KeyRing, left_out: str
) -> None:
    keys.answer = as_json({"keys": [_without(left_out)(ring.current.jwk)]})
    assert_entered(rotating.launch(client, "student-1"))


def test_what_a_key_does_not_say_may_be_null(
    rotating: Platform, client: FlaskClient, keys: KeyServer, ring: KeyRing
) -> None:
    nulls = dict.fromkeys(("use", "alg", "x5c", "x5t", "key_ops", "d", "oth"))
    keys.answer = as_json({"keys": [{**ring.current.jwk, **nulls}]})
    assert_entered(rotating.launch(client, "student-1"))


def test_two_schools_of_one_issuer_have_key_sets_of_their_own(
    app: Flask, rotating: Platform, client: FlaskClient, keys: KeyServer
) -> None:
    """A school's key must not open the other school's doors."""
    theirs = SigningKey.generate()
    with serving(as_json({"keys": [theirs.jwk]})) as other:
        register(app, rotating, rotating.schools[1], jwks_url=other.address)
        forged = {"key": theirs, "headers": {"kid": theirs.kid}}
        assert_entered(rotating.launch(client, "student-1", school="southgate", **forged))
        assert_refused(try_launch(rotating, client, **forged), 401)
        assert_refused(try_launch(rotating, client, school="southgate"), 401)


def test_nobody_waits_for_a_key_that_is_at_hand(
    app: Flask, rotating: Platform, client: FlaskClient, keys: KeyServer, clock: TestClock
) -> None:
    """While one launch waits for a slow platform, the others go on with the keys we hold."""
    assert_entered(rotating.launch(client, "student-1"))
    asked = threading.Event()

    def slow(handler: Any) -> None:
        asked.set()
        keys.over.wait()

    keys.answer = slow
    waiting_form = rotating.answer(begin(rotating, client), **UNKNOWN_KID)
    waiting = threading.Thread(
        target=client.post, args=("/lti/launch",), kwargs={"data": waiting_form.fields}
    )
    waiting.start()
    assert asked.wait(10)
    assert_entered(rotating.launch(app.test_client(), "student-2"))
    assert waiting.is_alive()
    keys.over.set()
    waiting.join(20)
    assert not waiting.is_alive()


@pytest.fixture
def hanging(keys: KeyServer) -> Iterator[threading.Event]:
    """A key server that answers nobody before ``keys.over``; set when it was asked."""
    asked = threading.Event()

    def answer(handler: Any) -> None:
        asked.set()
        keys.over.wait()
        handler.reply(b"{}", 503)

    keys.answer = answer
    yield asked
    keys.over.set()


def launching(lms: Platform, client: FlaskClient) -> tuple[threading.Thread, list[int]]:
    """A launch under way; in the end the list holds its status."""
    form = lms.answer(begin(lms, client))
    statuses: list[int] = []
    thread = threading.Thread(
        target=lambda: statuses.append(client.post("/lti/launch", data=form.fields).status_code)
    )
    thread.start()
    return thread, statuses


def test_a_platform_that_hangs_is_asked_once_by_all_who_wait(
    app: Flask, rotating: Platform, keys: KeyServer, hanging: threading.Event
) -> None:
    first = launching(rotating, app.test_client())
    assert hanging.wait(10)
    others = [launching(rotating, app.test_client()) for _other in range(3)]
    keys.over.set()
    for thread, _statuses in (first, *others):
        thread.join(20)
    assert [statuses for _thread, statuses in (first, *others)] == [[502]] * 4
    assert len(keys.requests) == 2, "once, and once more because there is no set at hand"


def test_nobody_waits_long_for_a_platform_that_hangs(
    app: Flask, rotating: Platform, keys: KeyServer, hanging: threading.Event
) -> None:
    app.extensions["foyer.platform_keys"] = PlatformKeys(app.extensions["foyer.http"], patience=0)
    first, statuses = launching(rotating, app.test_client())
    assert hanging.wait(10)
    assert_refused(try_launch(rotating, app.test_client()), 502)
    assert first.is_alive()
    keys.over.set()
    first.join(20)
    assert statuses == [502]


HICCUPS: dict[str, Answer] = {
    "a fault of its own": lambda handler: handler.reply(b"{}", 503),
    "a gateway that waits no longer": lambda handler: handler.reply(b"", 504),
    "too much at once": lambda handler: handler.reply(b"", 429),
    "a page of maintenance": lambda handler: handler.reply(b"<html>Maintenance</html>"),
    "a connection that breaks off": lambda handler: handler.wfile.close(),
}


@pytest.mark.parametrize("hiccup", HICCUPS)
def test_one_hiccup_of_the_platform_shuts_nobody_out(
    rotating: Platform, client: FlaskClient, keys: KeyServer, hiccup: str
) -> None:
    working = keys.answer

    def once(handler: Any) -> None:
        keys.answer = working
        HICCUPS[hiccup](handler)

    keys.answer = once
    assert_entered(rotating.launch(client, "student-1"))
    assert len(keys.requests) == 2


@pytest.mark.parametrize("hiccup", HICCUPS)
def test_a_hiccup_in_the_middle_of_a_rotation_shuts_nobody_out(
    rotating: Platform, client: FlaskClient, keys: KeyServer, ring: KeyRing, hiccup: str
) -> None:
    assert_entered(rotating.launch(client, "student-1"))
    ring.rotate(forget_old=True)
    working = keys.answer

    def once(handler: Any) -> None:
        keys.answer = working
        HICCUPS[hiccup](handler)

    keys.answer = once
    assert_entered(rotating.launch(client, "student-1"))
    assert len(keys.requests) == 3


def test_a_new_key_that_cannot_be_read_yet_is_not_called_forged(
    rotating: Platform, client: FlaskClient, keys: KeyServer, ring: KeyRing, clock: TestClock
) -> None:
    assert_entered(rotating.launch(client, "student-1"))
    ring.rotate(forget_old=True)
    working, keys.answer = keys.answer, lambda handler: handler.reply(b"{}", 503)
    for _twice in range(2):
        assert_refused(try_launch(rotating, client), 502)
    assert len(keys.requests) == 3, "once, once more, and then it rests"
    keys.answer = working
    clock.pass_(seconds=30)
    assert_entered(rotating.launch(client, "student-1"))


def test_what_will_not_pass_is_not_asked_again(
    rotating: Platform, client: FlaskClient, keys: KeyServer
) -> None:
    keys.answer = lambda handler: handler.reply(b"<html>Log in</html>", 404)
    assert_refused(try_launch(rotating, client), 502)
    assert len(keys.requests) == 1


def test_a_set_that_has_moved_on_its_own_host_is_found(
    rotating: Platform, client: FlaskClient, keys: KeyServer, ring: KeyRing
) -> None:
    def moved(handler: Any) -> None:
        if handler.path == "/jwks.json":
            handler.reply(b"", 301, Location="/new/jwks.json")
        else:
            as_json(ring.jwks())(handler)

    keys.answer = moved
    assert_entered(rotating.launch(client, "student-1"))


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_keys_with_one_id_either_may_sign(
    rotating: Platform, client: FlaskClient, keys: KeyServer, ring: KeyRing, turned: bool
) -> None:
    other = SigningKey.generate()
    kid = ring.current.kid
    both = [ring.current.jwk, {**other.jwk, "kid": kid}]
    keys.answer = as_json({"keys": both[::-1] if turned else both})
    assert_entered(rotating.launch(client, "student-1"))
    assert_entered(rotating.launch(client, "student-1", key=other, headers={"kid": kid}))
    stranger = SigningKey.generate()
    assert_refused(try_launch(rotating, client, key=stranger, headers={"kid": kid}), 401)


def test_the_only_key_of_a_set_needs_no_id(
    rotating: Platform, client: FlaskClient, keys: KeyServer, ring: KeyRing
) -> None:
    keys.answer = as_json({"keys": [_without("kid")(ring.current.jwk)]})
    assert_entered(rotating.launch(client, "student-1"))
    assert_refused(try_launch(rotating, client, key=SigningKey.generate()), 401)
    assert_refused(try_launch(rotating, client, drop_headers=("kid",)), 401)


def test_the_only_usable_key_of_a_set_needs_no_id(
    rotating: Platform, client: FlaskClient, keys: KeyServer, ring: KeyRing
) -> None:
    alone = _without("kid")(ring.current.jwk)
    others = [_curve({"kid": "curve"}), {**SigningKey.generate().jwk, "use": "enc"}]
    keys.answer = as_json({"keys": [*others, alone]})
    assert_entered(rotating.launch(client, "student-1"))


def test_a_key_id_may_be_a_number(
    rotating: Platform, client: FlaskClient, keys: KeyServer, ring: KeyRing
) -> None:
    keys.answer = as_json({"keys": [{**ring.current.jwk, "kid": 7}, SigningKey.generate().jwk]})
    assert_entered(rotating.launch(client, "student-1", headers={"kid": 7}))
    assert_refused(try_launch(rotating, client, headers={"kid": 8}), 401)


def test_the_rest_after_a_failure_begins_when_it_is_over(
    rotating: Platform, client: FlaskClient, keys: KeyServer, clock: TestClock
) -> None:
    def late(handler: Any) -> None:
        clock.pass_(seconds=4)
        handler.reply(b"{}", 503)

    keys.answer = late
    assert_refused(try_launch(rotating, client), 502)
    clock.pass_(seconds=29)
    assert_refused(try_launch(rotating, client), 502)
    assert len(keys.requests) == 1
    clock.pass_(seconds=1)
    assert_refused(try_launch(rotating, client), 502)
    assert len(keys.requests) == 2
