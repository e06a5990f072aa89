"""A registered LMS tries to have us sign in another tenant's name (RFC 7523: the confused deputy).

Two LMSs, each at an address of its own. Of every assertion that the hostile one gets it is asked
whether the other would take it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jwt
import pytest
from click.testing import Result
from dialog_scene import Dialog
from factories import TestClock, audited
from flask import Flask
from flask.testing import FlaskClient
from registering_lms import RegisteringLms, code_for, held, lead_here, port_of, registering_lms

from lti_tool.core.db.session import transaction
from lti_tool.lti.models import Registration
from lti_tool.lti.registrations import as_platform, by_name
from lti_tool.lti.services.access_tokens import ROSTER_SCOPE, AccessTokens
from lti_tool.lti.services.errors import ServiceError
from sandbox.platform import Platform

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow]

VICTIM, EVIL, NEIGHBOUR = "victim.example", "evil.example", "evil.victim.example"


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    lead_here(monkeypatch)


@pytest.fixture
def victim(app: Flask, client: FlaskClient) -> Iterator[RegisteringLms]:
    """A Moodle, which reads no audiences."""
    with _school(app, client) as running:
        yield running


@contextmanager
def _school(app: Flask, client: FlaskClient, product: str = "moodle") -> Iterator[RegisteringLms]:
    with registering_lms(product, "victims-id", VICTIM) as running:
        assert running.press(client, code_for(app)).status_code == 200
        yield running


@pytest.fixture
def evil() -> Iterator[RegisteringLms]:
    with registering_lms("other", "evils-id", EVIL) as running:
        yield running


def evils_code(app: Flask) -> str:
    return code_for(app, "--institution", "Evil College")


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["platform", *words])


def read_roster(app: Flask, name: str) -> str:
    """What becomes of the wish for an access token: "" or the word for why not."""
    with app.app_context():
        tokens = AccessTokens(app.extensions["foyer.http"])
        try:
            tokens.get(as_platform(by_name(name)), ROSTER_SCOPE)
        except ServiceError as error:
            return error.reason
    return ""


def takes(app: Flask, lms: RegisteringLms, assertion: str, *, strict: bool) -> bool:
    """Whether a platform of this client id and token address believes that it is Foyer who asks."""
    published = app.test_client().get("/lti/jwks.json").json["keys"]
    kid = jwt.get_unverified_header(assertion)["kid"]
    (key,) = [jwt.PyJWK(one) for one in published if one["kid"] == kid]
    options = {"verify_aud": False, "verify_exp": False, "verify_iat": False}
    claims = jwt.decode(assertion, key, algorithms=["RS256"], options=options)
    if not claims["iss"] == claims["sub"] == lms.answer["client_id"]:
        return False
    return not strict or claims["aud"] == lms.configuration["token_endpoint"]


def harmless(app: Flask, evil: RegisteringLms, victim: RegisteringLms) -> bool:
    """What it has got by now is good at itself alone."""
    strict = held_of(app, VICTIM).family == "canvas"
    return not any(takes(app, victim, one, strict=strict) for one in evil.assertions)


def harmless_at(app: Flask, evil: RegisteringLms, victim: RegisteringLms) -> bool:
    """As ``harmless``, at a victim that looks at no audience."""
    return not any(takes(app, victim, one, strict=False) for one in evil.assertions)


def held_of(app: Flask, host: str) -> Registration:
    return next(row for row in held(app) if f"//{host}:" in row.token_url)


def change(app: Flask, name: str, **columns: Any) -> None:
    """As if it stood so from before."""
    with app.app_context(), transaction():
        for column, value in columns.items():
            setattr(by_name(name), column, value)


def spelled(victim: RegisteringLms) -> list[object]:
    """The victim's token address as it is, and in other ways."""
    address = victim.configuration["token_endpoint"]
    port = port_of(victim)
    return [
        address,
        address.replace("http://", "HTTP://").replace(VICTIM, VICTIM.upper()),
        address.replace(VICTIM, f"{VICTIM}."),
        f"{address}/",
        address.replace("/token", "/%74oken"),
        address.replace("http://", f"http://{EVIL}@"),
        address.replace("http://", f"http://{EVIL}\\@"),
        f"http://{VICTIM}@{EVIL}:{port}/token",
        f"{VICTIM}:{port}/token",
        VICTIM,
        "urn:victim",
    ]


@pytest.mark.parametrize("product", ["moodle", "canvas"])
@pytest.mark.parametrize("code", [True, False])
def test_the_whole_attack(app: Flask, client: FlaskClient, product: str, code: bool) -> None:
    """It answers with the victim's client id, with and without its token address as audience, is
    let in, and has its courses' people read.
    """
    with (
        _school(app, client, product) as victim,
        registering_lms("other", "victims-id", EVIL) as evil,
    ):
        for said in (victim.configuration["token_endpoint"], f"{VICTIM}:{port_of(victim)}", None):
            evil.configuration["authorization_server"] = said
            evil.press(client, evils_code(app) if code else "")
            for row in [row for row in held(app) if row.name != VICTIM]:
                if row.awaiting_approval:
                    run(app, "approve", row.name, "--yes")
                read_roster(app, row.name)
            assert harmless(app, evil, victim)
        assert read_roster(app, VICTIM) == ""
        assert len(victim.assertions) == 1
        assert takes(app, victim, victim.assertions[0], strict=True)


@pytest.mark.parametrize("at", range(11))
def test_an_audience_of_somebody_else(
    app: Flask, client: FlaskClient, victim: RegisteringLms, evil: RegisteringLms, at: int
) -> None:
    evil.configuration["authorization_server"] = spelled(victim)[at]
    page = evil.press(client, evils_code(app))
    assert page.status_code == 400
    assert "points to somebody else" in page.text
    assert "authorization_server" in page.text
    assert evil.requests == [], "it is asked for nothing"
    assert [row.name for row in held(app)] == [VICTIM]


@pytest.mark.parametrize("form", ["list", "object", "number", "nothing"])
def test_an_audience_that_is_no_text_is_none(
    app: Flask, client: FlaskClient, victim: RegisteringLms, evil: RegisteringLms, form: str
) -> None:
    address = victim.configuration["token_endpoint"]
    forms = {"list": [address], "object": {"aud": address}, "number": 7, "nothing": ""}
    evil.configuration["authorization_server"] = forms[form]
    assert evil.press(client, evils_code(app)).status_code == 200
    assert held_of(app, EVIL).auth_audience is None
    assert read_roster(app, EVIL) == ""
    assert len(evil.assertions) == 1
    assert harmless(app, evil, victim)


def test_what_works_stays(app: Flask, client: FlaskClient, evil: RegisteringLms) -> None:
    for said in (f"{evil.address}/audience", f"id.{EVIL}", EVIL):
        evil.configuration["authorization_server"] = said
        evil.answer["client_id"] = f"id of {said}"
        assert evil.press(client, evils_code(app)).status_code == 200
    assert {row.auth_audience for row in held(app)} == {
        f"{evil.address}/audience",
        f"id.{EVIL}",
        EVIL,
    }
    assert all(row.self_registered and not row.audience_by_operator for row in held(app))


@pytest.mark.parametrize("at", range(5))
def test_a_neighbour_names_the_one_beside_it(app: Flask, client: FlaskClient, at: int) -> None:
    """Below one domain all may name each other's hosts, but not those that are tenants."""
    with (
        registering_lms("moodle", "victims-id", VICTIM) as victim,
        registering_lms("other", "evils-id", NEIGHBOUR) as evil,
    ):
        assert victim.press(client, code_for(app)).status_code == 200
        evil.configuration["authorization_server"] = spelled(victim)[at]
        page = evil.press(client, evils_code(app))
        assert page.status_code == 400
        assert len(held(app)) == 1


def test_the_client_id_of_somebody_else(
    app: Flask, client: FlaskClient, victim: RegisteringLms, evil: RegisteringLms
) -> None:
    """Whatever the audience: a Moodle looks at the client id alone."""
    evil.answer["client_id"] = "victims-id"
    for code in ("", evils_code(app)):
        page = evil.press(client, code)
        assert page.status_code == 409
        assert "same client id" in page.text
    assert [row.name for row in held(app)] == [VICTIM]


def test_two_schools_of_a_product_that_reads_audiences(app: Flask, client: FlaskClient) -> None:
    """Each Canvas of a school's own gives the same numbers."""
    with (
        _school(app, client, "canvas") as victim,
        registering_lms("canvas", "victims-id", EVIL) as other,
    ):
        assert other.press(client, evils_code(app)).status_code == 200
        assert read_roster(app, EVIL) == ""
        assert len(other.assertions) == 1
        assert harmless(app, other, victim)


def test_the_other_stage_of_a_vendors_issuer(app: Flask, client: FlaskClient) -> None:
    """Answers to dialogs are addressed to an issuer, which any Canvas may name."""
    add = {
        "--name": "elm",
        "--family": "canvas",
        "--issuer": "https://canvas.instructure.com",
        "--client-id": "170000000000123",
        "--auth-url": "https://sso.canvaslms.com/api/lti/authorize_redirect",
        "--token-url": "https://elm.instructure.com/login/oauth2/token",
        "--jwks-url": "https://sso.canvaslms.com/api/lti/security/jwks",
    }
    assert run(app, "add", *(word for pair in add.items() for word in pair)).exit_code == 0
    with registering_lms("canvas", "170000000000123", EVIL) as evil:
        evil.configuration["issuer"] = "https://canvas.beta.instructure.com"
        assert evil.press(client, evils_code(app)).status_code == 409
        evil.answer["client_id"] = "170000000000124"
        assert evil.press(client, evils_code(app)).status_code == 200


def test_a_renewal(
    app: Flask, client: FlaskClient, victim: RegisteringLms, evil: RegisteringLms
) -> None:
    assert evil.press(client, evils_code(app)).status_code == 200
    again = code_for(app, "--again", EVIL)
    before = dict(evil.configuration)
    evil.configuration["authorization_server"] = victim.configuration["token_endpoint"]
    assert evil.press(client, again).status_code == 400
    evil.configuration = before
    evil.answer["client_id"] = "victims-id"
    assert evil.press(client, again).status_code == 409
    assert held_of(app, EVIL).client_id == "evils-id"
    assert read_roster(app, EVIL) == ""
    assert harmless(app, evil, victim)


def test_a_renewal_by_the_elder_one(app: Flask, client: FlaskClient, evil: RegisteringLms) -> None:
    """It was here first, but not by that name."""
    assert evil.press(client, evils_code(app)).status_code == 200
    with _school(app, client) as victim:
        evil.answer["client_id"] = "victims-id"
        assert evil.press(client, code_for(app, "--again", EVIL)).status_code == 409
        assert read_roster(app, VICTIM) == ""
        assert harmless(app, evil, victim)


@pytest.mark.parametrize("part", ["client_id", "auth_audience"])
def test_one_that_stands_so_from_before(
    app: Flask,
    client: FlaskClient,
    victim: RegisteringLms,
    evil: RegisteringLms,
    clock: TestClock,
    part: str,
) -> None:
    clock.pass_(seconds=1)
    assert evil.press(client, evils_code(app)).status_code == 200
    value = "victims-id" if part == "client_id" else victim.configuration["token_endpoint"]
    change(app, EVIL, **{part: value})
    assert read_roster(app, EVIL) == "confusable"
    assert evil.assertions == []
    assert read_roster(app, VICTIM) == "", "it goes on"
    told = run(app, "check", EVIL)
    (fault,) = [line for line in told.output.splitlines() if line.startswith("FAIL  An access")]
    assert VICTIM in fault
    assert "platform load" in fault
    assert VICTIM not in run(app, "check", VICTIM).output.replace(f"{VICTIM}:", "")


def test_the_victim_comes_later(app: Flask, client: FlaskClient, evil: RegisteringLms) -> None:
    evil.answer["client_id"] = "victims-id"
    assert evil.press(client, evils_code(app)).status_code == 200
    with registering_lms("moodle", "victims-id", VICTIM) as victim:
        assert victim.press(client, code_for(app)).status_code == 409, "nobody knows who is right"
        by_hand(app, victim)
        assert read_roster(app, "by-hand") == ""
        assert read_roster(app, EVIL) == "confusable"
        assert evil.assertions == []


def by_hand(app: Flask, lms: RegisteringLms, *more: str) -> Result:
    """An operator registers it."""
    said = lms.configuration
    return run(
        app,
        *("add", "--name", "by-hand", "--family", "moodle", "--issuer", said["issuer"]),
        *("--client-id", lms.answer["client_id"], "--auth-url", said["authorization_endpoint"]),
        *("--token-url", said["token_endpoint"], "--jwks-url", said["jwks_uri"], *more),
    )


def test_a_neighbour_was_here_first(app: Flask, client: FlaskClient) -> None:
    with (
        registering_lms("moodle", "victims-id", VICTIM) as victim,
        registering_lms("other", "evils-id", NEIGHBOUR) as evil,
    ):
        assert evil.press(client, evils_code(app)).status_code == 200
        change(app, NEIGHBOUR, auth_audience=victim.configuration["token_endpoint"])
        assert victim.press(client, code_for(app)).status_code == 200
        assert read_roster(app, VICTIM) == ""
        assert read_roster(app, NEIGHBOUR) == "confusable"
        assert evil.assertions == []


# Those that wait for approval ---------------------------------------------------------------------


def test_a_stranger_gets_nothing_and_can_be_sent_away(
    app: Flask, client: FlaskClient, evil: RegisteringLms
) -> None:
    """All that a stranger has is the client id that was named first: the LMS that waits may be the
    victim as well, and trusts our keys already.
    """
    evil.answer["client_id"] = "victims-id"
    assert evil.press(client).status_code == 200
    assert read_roster(app, EVIL) == "unapproved"
    told = run(app, "check", EVIL)
    assert "--    An access token" in told.output
    assert evil.assertions == []
    with registering_lms("moodle", "victims-id", VICTIM) as victim:
        code = code_for(app)
        assert victim.press(client, code).status_code == 409
        assert run(app, "refuse", EVIL).exit_code == 0
        assert victim.press(client, code).status_code == 200
        assert read_roster(app, VICTIM) == ""
        assert harmless(app, evil, victim)


@pytest.mark.parametrize("how", ["code", "approve", "again"])
def test_a_school_that_waits_trusts_our_keys_already(
    app: Flask, client: FlaskClient, evil: RegisteringLms, how: str
) -> None:
    if how == "again":
        assert evil.press(client, evils_code(app)).status_code == 200
    with registering_lms("moodle", "victims-id", VICTIM) as victim:
        assert victim.press(client).status_code == 200
        evil.answer["client_id"] = "victims-id"
        if how == "approve":
            assert evil.press(client).status_code == 409
        else:
            code = evils_code(app) if how == "code" else code_for(app, "--again", EVIL)
            assert evil.press(client, code).status_code == 409
        assert harmless_at(app, evil, victim)


def test_a_client_id_that_a_school_had_before(
    app: Flask, client: FlaskClient, evil: RegisteringLms
) -> None:
    """It registered anew; the tool of before may still be there in its LMS."""
    with _school(app, client) as victim:
        victim.answer["client_id"] = "second-id"
        assert victim.press(client, code_for(app, "--again", VICTIM)).status_code == 200
        for former in ("victims-id", "VICTIMS-ID", "second-id", "SECOND-ID"):
            evil.answer["client_id"] = former
            assert evil.press(client, evils_code(app)).status_code == 409
        for alike in ("second\u200b-id", "sécond-id"):  # as MySQL compares
            evil.answer["client_id"] = alike
            assert evil.press(client, evils_code(app)).status_code == 400
        assert evil.assertions == []


def test_a_stranger_keeps_no_school_of_the_vendors_out(app: Flask, client: FlaskClient) -> None:
    """Anybody can guess the number that Canvas will give out."""
    with (
        registering_lms("other", "10000000000042", EVIL) as guess,
        registering_lms("canvas", "10000000000042", "sso.canvaslms.com") as canvas,
    ):
        assert guess.press(client).status_code == 200
        canvas.configuration["issuer"] = "https://canvas.instructure.com"
        assert canvas.press(client, code_for(app)).status_code == 200


def test_an_operator_is_told_whom_an_entry_stops(app: Flask, victim: RegisteringLms) -> None:
    """A copy of the LMS, with the same client id."""
    words = ["add", "--name", "clone", "--family", "moodle", "--issuer", "http://clone.example"]
    for part in ("auth", "token", "jwks"):
        words += [f"--{part}-url", f"http://clone.example/{part}"]
    told = run(app, *words, "--client-id", "victims-id")
    assert told.exit_code == 0
    assert f"from now on nothing is signed for {VICTIM}" in told.output
    assert read_roster(app, VICTIM) == "confusable"


@pytest.mark.parametrize("how", ["code", "again"])
def test_what_a_stranger_said_first_is_no_ground(
    app: Flask, client: FlaskClient, evil: RegisteringLms, how: str
) -> None:
    """It waited since before the victim came, and is let in by a code with the victim's id."""
    assert evil.press(client).status_code == 200
    with _school(app, client) as victim:
        evil.answer["client_id"] = "victims-id"
        code = evils_code(app) if how == "code" else code_for(app, "--again", EVIL)
        assert evil.press(client, code).status_code == 409
        assert held_of(app, EVIL).awaiting_approval
        assert read_roster(app, VICTIM) == ""
        assert harmless(app, evil, victim)


def test_whoever_is_let_in_is_as_old_as_that(
    app: Flask, client: FlaskClient, evil: RegisteringLms, clock: TestClock
) -> None:
    assert evil.press(client).status_code == 200
    clock.pass_(days=1)
    with _school(app, client):
        clock.pass_(days=1)
        assert run(app, "approve", EVIL, "--yes").exit_code == 0
        assert held_of(app, EVIL).created_at > held_of(app, VICTIM).created_at
        change(app, EVIL, client_id="victims-id")
        assert read_roster(app, EVIL) == "confusable"
        assert read_roster(app, VICTIM) == ""
        listed = run(app, "list").output.splitlines()
        assert ["nothing is signed" in line for line in listed if EVIL in line] == [True]
        assert ["nothing is signed" in line for line in listed if EVIL not in line] == [False]


def test_a_renewal_as_another_product_counts_from_then_on(app: Flask, client: FlaskClient) -> None:
    """Two Canvases may share a client id; one that turns into what reads no audiences may not."""
    with registering_lms("canvas", "10000000000001", EVIL) as older:
        assert older.press(client, evils_code(app)).status_code == 200
        with registering_lms("canvas", "10000000000001", VICTIM) as younger:
            assert younger.press(client, code_for(app)).status_code == 200
            product = older.configuration[
                "https://purl.imsglobal.org/spec/lti-platform-configuration"
            ]
            product["product_family_code"] = "moodle"
            again = code_for(app, "--again", held_of(app, EVIL).name)
            assert older.press(client, again).status_code == 409
            assert read_roster(app, VICTIM) == ""


# What an operator writes --------------------------------------------------------------------------


def test_an_operator_reads_whose_audience_it_is(
    app: Flask, victim: RegisteringLms, evil: RegisteringLms
) -> None:
    wrong = by_hand(app, evil, "--auth-audience", victim.configuration["token_endpoint"] + "/")
    assert wrong.exit_code == 1
    assert VICTIM in wrong.output
    assert len(held(app)) == 1
    right = by_hand(app, evil, "--auth-audience", "https://elsewhere.example/audience")
    assert right.exit_code == 0, "the rule of hosts is for what an LMS says of itself"
    row = held_of(app, EVIL)
    assert (row.self_registered, row.audience_by_operator) == (False, True)


def test_what_an_operator_has_set_stays(
    app: Flask, client: FlaskClient, evil: RegisteringLms
) -> None:
    said = "https://elsewhere.example/audience"
    assert by_hand(app, evil, "--auth-audience", said).exit_code == 0
    assert "registered already" in evil.press(client).text
    evil.configuration["authorization_server"] = f"{evil.address}/other"
    evil.configuration["jwks_uri"] = f"{evil.address}/new.json"
    assert evil.press(client, code_for(app, "--again", "by-hand")).status_code == 200
    row = held_of(app, EVIL)
    assert row.jwks_url.endswith("/new.json")
    assert (row.auth_audience, row.audience_by_operator) == (said, True)
    assert row.self_registered
    assert audited(app)[-1] == "platform.changed"


def test_a_dialog_is_not_answered_in_anothers_name(
    app: Flask, lms: Platform, client: FlaskClient, evil: RegisteringLms
) -> None:
    evil.answer["client_id"] = lms.registration().client_id
    dialog = Dialog(lms, client, "instructor-1")
    change(app, "northfield", self_registered=True)
    assert by_hand(app, evil).exit_code == 0
    refused = dialog.post("/choose/cancel", {})
    assert refused.status_code == 403
    assert "cannot be told from another" in refused.text
    assert 'name="JWT"' not in refused.text
