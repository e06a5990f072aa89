"""Access tokens: how we prove who we are, and whose token is used for what."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
from factories import TestClock
from flask import Flask
from service_server import Asked, Reply, ServiceServer

from lti_tool.lti import keys
from lti_tool.lti.launch import Platform
from lti_tool.lti.services.access_tokens import ROSTER_SCOPE, AccessTokens, access_tokens
from lti_tool.lti.services.errors import ServiceError

pytestmark = [pytest.mark.sqlite_only, pytest.mark.usefixtures("context")]

SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"


def get(platform: Platform, scope: str = ROSTER_SCOPE, spent: str | None = None) -> str:
    return access_tokens().get(platform, scope, spent)


def read(app: Flask, assertion: str) -> dict[str, Any]:
    """The claims of an assertion, checked with the key that our key set has under its kid."""
    published = app.test_client().get("/lti/jwks.json").json["keys"]
    kid = jwt.get_unverified_header(assertion)["kid"]
    (key,) = [key for key in published if key["kid"] == kid]
    options = {"verify_exp": False, "verify_aud": False, "verify_iat": False}
    return jwt.decode(assertion, jwt.PyJWK(key), algorithms=["RS256"], options=options)


def test_a_token_request_says_who_we_are(app: Flask, clock: TestClock, lms: ServiceServer) -> None:
    assert get(lms.platform()) == "token-1"
    (asked,) = lms.asked
    assert (asked.method, asked.path) == ("POST", "/token")
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    form = asked.form
    assertion = form.pop("client_assertion")
    assert form == {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "scope": ROSTER_SCOPE,
    }
    claims = read(app, assertion)
    assert claims.pop("jti")
    present = int(clock.present.timestamp())
    assert present - 30 < claims["iat"] < present < claims.pop("exp") <= claims.pop("iat") + 300
    token_url = f"{lms.address}/token"
    assert claims == {"iss": "client-1", "sub": "client-1", "aud": token_url}


def test_the_audience_is_the_registered_one_where_there_is_one(
    app: Flask, lms: ServiceServer
) -> None:
    get(lms.platform(auth_audience="https://elm.example/audience"))
    claims = read(app, lms.asked[0].form["client_assertion"])
    assert claims["aud"] == "https://elm.example/audience"


def test_each_request_has_an_id_of_its_own(app: Flask, lms: ServiceServer) -> None:
    for scope in (ROSTER_SCOPE, SCORE):
        get(lms.platform(), scope)
    assertions = [read(app, asked.form["client_assertion"]) for asked in lms.asked]
    assert len({claims["jti"] for claims in assertions}) == 2


def test_the_key_that_signs_now_signs(
    app: Flask, clock: TestClock, lms: ServiceServer, tmp_path: Any
) -> None:
    keys.install(app, tmp_path / "own-keys")
    kids = []
    for hours in (0, 1):
        clock.pass_(hours=hours)
        get(lms.platform(id=f"registration-{hours}"))
        kids.append(jwt.get_unverified_header(lms.asked[-1].form["client_assertion"])["kid"])
        if not hours:
            new, _gone = keys.rotate()
    assert kids == ["first", new]


def test_a_token_is_used_until_shortly_before_its_end(lms: ServiceServer, clock: TestClock) -> None:
    for seconds, token in ((0, "token-1"), (3539, "token-1"), (1, "token-2"), (3539, "token-2")):
        clock.pass_(seconds=seconds)
        assert get(lms.platform()) == token


@pytest.mark.parametrize(
    ("told", "good_for"),
    [
        (3600, 3540),
        ("3600", 3540),
        (60, 30),
        (0, 0),
        (None, 240),
        ("soon", 240),
        (-5, 240),
        (True, 240),
        (10**12, 240),
        (999_999_999, 86_340),
    ],
)
def test_how_long_a_token_is_good(
    lms: ServiceServer, clock: TestClock, told: object, good_for: int
) -> None:
    given = iter(range(9))
    lms.grant = lambda asked: Reply({"access_token": f"t{next(given)}", "expires_in": told})
    assert get(lms.platform()) == "t0"
    if good_for:
        clock.pass_(seconds=good_for - 0.5)
        assert get(lms.platform()) == "t0"
        clock.pass_(seconds=0.5)
    assert get(lms.platform()) == "t1"


def test_nothing_is_shared_between_registrations_scopes_and_what_a_registration_was(
    lms: ServiceServer,
) -> None:
    """Two schools may have one issuer, one token address and even one client id."""
    elm = lms.platform()
    seen = [
        get(elm),
        get(lms.platform(id="registration-2")),
        get(elm, SCORE),
        get(lms.platform(client_id="client-2")),
        get(lms.platform(auth_audience="https://elm.example")),
        get(lms.platform(token_url=f"{lms.address}/token/7")),
    ]
    assert seen == [f"token-{number}" for number in range(1, 7)]
    asked = [set(one.form["scope"].split()) for one in lms.asked]
    assert all(len(scopes) == 1 for scopes in asked)


def test_a_spent_token_is_replaced_once_for_all(lms: ServiceServer) -> None:
    platform = lms.platform()
    first = get(platform)
    assert get(platform, spent=first) == "token-2"
    assert get(platform, spent=first) == "token-2", "another thread has replaced it already"
    assert get(platform) == "token-2"


@pytest.mark.parametrize("works", [True, False])
def test_many_threads_ask_once(app: Flask, lms: ServiceServer, works: bool) -> None:
    together, platform = 6, lms.platform()
    begun = threading.Barrier(together)
    waiting = threading.Semaphore(0)
    tokens = access_tokens()
    honest = tokens._of(platform, ROSTER_SCOPE).lock

    class Counted:
        """The lock of this token; answers are given when all threads stand before it."""

        def __enter__(self) -> None:
            waiting.release()
            honest.acquire()

        def __exit__(self, *_: object) -> None:
            honest.release()

    tokens._of(platform, ROSTER_SCOPE).lock = Counted()  # type: ignore[assignment]
    everybody = threading.Event()

    def grant(asked: Asked) -> Reply:
        everybody.wait(30)
        return lms.grants(asked) if works else Reply({"error": "invalid_client"}, 400)

    lms.grant = grant

    def one(_: int) -> str:
        with app.app_context():
            begun.wait()
            try:
                return get(platform)
            except ServiceError as error:
                return error.reason

    with ThreadPoolExecutor(together) as pool:
        found = pool.map(one, range(together))
        for _thread in range(together):
            assert waiting.acquire(timeout=30)
        everybody.set()
        assert set(found) == {"token-1" if works else "client-refused"}
    assert len(lms.asked) == 1


def test_after_a_failure_the_next_one_asks_again(lms: ServiceServer) -> None:
    lms.grant = lambda asked: Reply(status=503)
    with pytest.raises(ServiceError):
        get(lms.platform())
    lms.grant = lms.grants
    assert get(lms.platform()) == "token-1"


@pytest.mark.parametrize(
    "told",
    [
        {"scope": f"{SCORE} {ROSTER_SCOPE}"},
        {"scope": f"{ROSTER_SCOPE},{SCORE}"},
        {"scope": [ROSTER_SCOPE]},
        {"scope": "", "token_type": ""},
        {"token_type": "BEARER"},
    ],
)
def test_an_answer_in_other_words(lms: ServiceServer, told: dict[str, object]) -> None:
    lms.grant = lambda asked: Reply({"access_token": "t", **told})
    assert get(lms.platform()) == "t"


def _error(code: str, status: int = 400, **more: str) -> Reply:
    return Reply({"error": code, **more}, status)


UNFIT: dict[str, tuple[Reply, str]] = {
    "an unknown client": (_error("invalid_client", 401), "client-refused"),
    "a client that may not": (_error("unauthorized_client"), "client-refused"),
    "a bad assertion": (_error("invalid_grant"), "client-refused"),
    "a scope that is not allowed": (_error("invalid_scope"), "scope-refused"),
    "another scope than asked": (
        Reply({"access_token": "t", "scope": SCORE}),
        "scope-refused",
    ),
    "an error of another kind": (_error("invalid_request"), "token-refused"),
    "a refusal without words": (Reply(b"no", 403), "token-refused"),
    "no such address": (Reply(status=404), "not-found"),
    "a redirect": (Reply(status=302, headers={"Location": "/elsewhere"}), "moved"),
    "too many": (Reply(status=429), "busy"),
    "a fault": (Reply(b"<html>", 502), "unavailable"),
    "a page": (Reply(b"<html>"), "not-json"),
    "a list": (Reply([]), "unreadable"),
    "no token": (Reply({"token_type": "Bearer"}), "unreadable"),
    "a token that is a number": (Reply({"access_token": 7}), "unreadable"),
    "a token with a line break": (Reply({"access_token": "a\r\nX-Evil: 1"}), "unreadable"),
    "a token of another kind": (Reply({"access_token": "t", "token_type": "mac"}), "unreadable"),
    "an error that is a list": (Reply({"error": ["x"]}, 400), "token-refused"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_what_is_wrong_is_told_apart(lms: ServiceServer, name: str) -> None:
    reply, reason = UNFIT[name]
    lms.grant = lambda asked: reply
    with pytest.raises(ServiceError) as caught:
        get(lms.platform())
    assert caught.value.reason == reason
    assert str(caught.value).endswith((".", ")"))


@pytest.mark.parametrize("family", ["sakai", "canvas", "moodle"])
def test_a_refused_scope_names_where_to_allow_it(lms: ServiceServer, family: str) -> None:
    lms.grant = lambda asked: _error("invalid_scope")
    for scope, word in ((ROSTER_SCOPE, "roster|users|members"), (SCORE, "grade|scores")):
        with pytest.raises(ServiceError, match=f"{family.title()}.*({word})"):
            get(lms.platform(family), scope)


def test_what_the_platform_says_is_passed_on_without_secrets(lms: ServiceServer) -> None:
    def echo(asked: Asked) -> Reply:
        sent = asked.form["client_assertion"]
        return _error("invalid_client", error_description=f"audience is wrong\n in {sent}")

    lms.grant = echo
    with pytest.raises(ServiceError) as caught:
        get(lms.platform())
    assert caught.value.said.startswith("audience is wrong")
    assert "eyJ" not in caught.value.said + str(caught.value)


def test_sakai_says_its_reason_in_a_header(lms: ServiceServer) -> None:
    detail = {"X-Tsugi-LTI13-Error-Detail": "the keyset has no such kid"}
    lms.grant = lambda asked: Reply({"error": "invalid_client"}, 400, detail)
    with pytest.raises(ServiceError) as caught:
        get(lms.platform("sakai"))
    assert caught.value.said == "the keyset has no such kid"


def test_nobody_is_there(lms: ServiceServer) -> None:
    with pytest.raises(ServiceError, match=r"127\.0\.0\.1:1 could not be reached") as caught:
        get(lms.platform(token_url="http://127.0.0.1:1/token"))
    assert caught.value.reason == "unreachable"


def test_tokens_do_not_show_in_what_is_printed_of_them(lms: ServiceServer) -> None:
    tokens: AccessTokens = access_tokens()
    get(lms.platform())
    assert "token-1" not in repr(tokens._held)
