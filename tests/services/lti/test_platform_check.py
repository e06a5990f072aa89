"""``flask platform check``: over real sockets, with each thing wrong that may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from click.testing import Result
from factories import START, TestClock
from flask import Flask
from key_server import KeyServer, serving
from service_server import Asked, Reply, ServiceServer

from lti_tool.core.db.session import transaction
from lti_tool.core.http import HttpClient, Policy
from lti_tool.lti.models import Deployment
from lti_tool.lti.published_issuer import mistaken_issuer
from lti_tool.lti.registrations import by_name, deployments_of
from lti_tool.people.models import Course, Membership, Person
from sandbox.keys import KeyRing

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow]

ROSTER = "/Course/7/members"
STEPS = [
    "Registration",
    "Foyer's public keys",
    "The LMS's public keys",
    "The clocks",
    "An access token for the list of people",
    "The list of people of a course",
]


@dataclass
class World:
    """An LMS with nothing wrong, and Foyer at an address of its own."""

    app: Flask
    clock: TestClock
    lms: ServiceServer
    foyer: KeyServer

    def run(self, *words: str) -> Result:
        return self.app.test_cli_runner().invoke(args=["platform", *words])

    def check(self) -> Result:
        self.lms.headers = {"Date": format_datetime(self.clock.present, usegmt=True)}
        return self.run("check", "elm")

    def faults(self) -> list[str]:
        """The steps that failed, as the command prints them; all steps are printed."""
        done = self.check()
        lines = [line for line in done.output.splitlines() if line[:4] in ("OK  ", "FAIL", "--  ")]
        assert [line[6:].partition(":")[0] for line in lines] == STEPS, done.output
        failed = [line for line in lines if line.startswith("FAIL")]
        assert done.exit_code == (1 if failed else 0)
        assert (f"{len(failed)} of 6 steps failed." in done.output) is bool(failed)
        assert "token-" not in done.output
        assert "eyJ" not in done.output
        return failed

    def change(self, **columns: Any) -> None:
        with self.app.app_context(), transaction():
            row = by_name("elm")
            for name, value in columns.items():
                setattr(row, name, value)

    def open_course(self, title: str = "Birds", path: str = ROSTER, days: int = 0) -> None:
        """Somebody opened a link of this course."""
        with self.app.app_context(), transaction() as session:
            row = by_name("elm")
            (deployment,) = deployments_of(row.id)
            common = {"institution_id": row.institution_id, "registration_id": row.id}
            course = Course(
                deployment_id=deployment.id,
                context_id=title,
                title=title,
                memberships_url=self.lms.address + path,
                **common,
            )
            seen = START + timedelta(days=days)
            person = Person(kind="lms", sub=title, seen_at=seen, **common)
            session.add_all([course, person])
            session.flush()
            session.add(
                Membership(
                    person_id=person.id, course_id=course.id, standing="manager", seen_at=seen
                )
            )


@pytest.fixture(scope="module")
def ring() -> KeyRing:
    return KeyRing()


@pytest.fixture
def world(app: Flask, clock: TestClock, lms: ServiceServer, ring: KeyRing) -> Iterator[World]:
    client = app.test_client()
    with serving(lambda handler: None) as foyer:

        def as_foyer(handler: Any) -> None:
            answer = client.get(handler.path)
            handler.reply(answer.data, answer.status_code)

        foyer.answer = as_foyer
        config = app.extensions["foyer.config"]
        app.extensions["foyer.config"] = replace(config, base_url=foyer.address)
        lms.services["/jwks"] = lambda asked: Reply(ring.jwks())
        people = {"members": [{"user_id": "1", "name": "Ada", "email": "ada@elm.example"}]}
        lms.services[ROSTER] = lambda asked: Reply(people)
        world = World(app, clock, lms, foyer)
        done = world.run(
            *("add", "--name", "elm", "--family", "sakai", "--client-id", "client-1"),
            *("--issuer", lms.address, "--auth-url", f"{lms.address}/auth"),
            *("--token-url", f"{lms.address}/token", "--jwks-url", f"{lms.address}/jwks"),
            *("--deployment", "1"),
        )
        assert done.exit_code == 0, done.output
        world.open_course()
        yield world


def test_an_lms_with_nothing_wrong(world: World) -> None:
    assert world.faults() == []
    output = world.check().output
    assert "sakai, 1 let in" in output
    assert "1 on the first page of “Birds”" in output
    assert output.endswith("Nothing is wrong.\n")
    (asked,) = {one.headers["Accept"] for one in world.lms.to(ROSTER)}
    assert "nrps" in asked


def test_the_course_that_was_opened_last_is_tried(world: World) -> None:
    world.lms.services["/9"] = world.lms.services[ROSTER]
    world.open_course("Fish", "/9", days=1)
    world.open_course("Trees", "/none", days=-1)
    assert "“Fish”" in world.check().output


def test_before_a_course_was_opened(world: World) -> None:
    with world.app.app_context(), transaction() as session:
        session.query(Course).update({"memberships_url": None})
    assert world.faults() == []
    assert "Open a link of Foyer's in a course" in world.check().output


def off(world: World) -> None:
    world.change(enabled=False)


def unapproved(world: World) -> None:
    world.change(enabled=False, awaiting_approval=True)


def no_deployment(world: World) -> None:
    with world.app.app_context(), transaction() as session:
        session.query(Deployment).update({"enabled": False})


def foyer_gone(world: World) -> None:
    config = world.app.extensions["foyer.config"]
    world.app.extensions["foyer.config"] = replace(config, base_url="http://127.0.0.1:1")


def foyer_answers(body: bytes, status: int = 200) -> Callable[[World], None]:
    def change(world: World) -> None:
        world.foyer.answer = lambda handler: handler.reply(body, status)

    return change


def jwks(reply: Reply) -> Callable[[World], None]:
    def change(world: World) -> None:
        world.lms.services["/jwks"] = lambda asked: reply

    return change


def columns(**changes: str) -> Callable[[World], None]:
    return lambda world: world.change(**changes)


def grant(reply: Reply) -> Callable[[World], None]:
    def change(world: World) -> None:
        world.lms.grant = lambda asked: reply

    return change


def roster(reply: Reply) -> Callable[[World], None]:
    def change(world: World) -> None:
        world.lms.services[ROSTER] = lambda asked: reply

    return change


def error(code: str) -> Reply:
    return Reply({"error": code, "error_description": "not known here"}, 400)


FAULTS: dict[str, tuple[Callable[[World], None], str, str]] = {
    "switched off": (off, "Registration", "platform enable elm"),
    "not approved": (unapproved, "Registration", "Nobody has approved it yet"),
    "no deployment": (no_deployment, "Registration", "platform add-deployment elm ID"),
    "foyer is not there": (foyer_gone, "Foyer's public keys", "FOYER_BASE_URL"),
    "foyer's proxy": (foyer_answers(b"", 404), "Foyer's public keys", "status 404"),
    "another site": (foyer_answers(b"<html>"), "Foyer's public keys", "does not hold the key"),
    "a list": (foyer_answers(b"[]"), "Foyer's public keys", "does not hold the key"),
    "another foyer": (
        foyer_answers(b'{"keys": [{"kid": "other"}, 7]}'),
        "Foyer's public keys",
        "keys folder",
    ),
    "no key set": (jwks(Reply({"issuer": "x"})), "The LMS's public keys", "is no key set"),
    "no key": (jwks(Reply({"keys": []})), "The LMS's public keys", "holds no RS256 key"),
    "a page": (jwks(Reply(b"<html>")), "The LMS's public keys", "something else than JSON"),
    "keys are gone": (jwks(Reply(status=404)), "The LMS's public keys", "has nothing"),
    "keys are elsewhere": (
        jwks(Reply(status=302, headers={"Location": "https://new.elm.example/jwks"})),
        "The LMS's public keys",
        "to another host, new.elm.example",
    ),
    "no token address": (
        columns(token_url="http://127.0.0.1:1/token"),
        "An access token",
        "could not be reached",
    ),
    "unknown client": (grant(error("invalid_client")), "An access token", "client id"),
    "what the LMS says": (grant(error("invalid_client")), "An access token", "not known here"),
    "scope": (grant(error("invalid_scope")), "An access token", "External Tools"),
    "token fault": (grant(Reply(status=500)), "An access token", "a fault of its own"),
    "roster is refused": (roster(Reply(status=403)), "The list of people", "External Tools"),
    "roster is gone": (roster(Reply(status=404)), "The list of people", "has nothing"),
    "no link in the site": (roster(error("x")), "The list of people", "holds a link of the tool"),
    "no roster": (roster(Reply({})), "The list of people", "is not the list asked for"),
    "a next page elsewhere": (
        roster(Reply({"members": []}, headers={"Link": '<https://new.example/2>; rel="next"'})),
        "The list of people",
        "behind a proxy",
    ),
    "a next page that is gone": (
        roster(Reply({"members": []}, headers={"Link": '</gone>; rel="next"'})),
        "The list of people",
        "has nothing",
    ),
    "cut": (roster(Reply(b'{"members": [')), "The list of people", "than JSON"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_told_in_a_sentence(world: World, name: str) -> None:
    change, step, said = FAULTS[name]
    change(world)
    (failed,) = world.faults()
    assert failed.startswith(f"FAIL  {step}")
    assert said in failed


@pytest.mark.parametrize(
    ("family", "path"),
    [
        ("moodle", "/mod/lti/openid-configuration.php"),
        ("sakai", "/.well-known/openid-configuration"),
        ("other", "/.well-known/openid-configuration"),
    ],
)
def test_an_issuer_is_compared_with_what_the_lms_calls_itself(
    world: World, family: str, path: str
) -> None:
    world.lms.services[path] = lambda asked: Reply({"issuer": world.lms.address})
    world.change(family=family)
    assert world.faults() == []
    world.change(issuer=f"{world.lms.address}/")
    (failed,) = world.faults()
    assert failed.startswith(f"FAIL  Registration: The LMS calls itself “{world.lms.address}”")
    assert "differ by a slash at the end" in failed
    world.change(issuer="https://another.example")
    assert world.faults() == []  # which cannot be asked


def test_a_slash_at_the_end_is_doubted_where_nothing_is_published(world: World) -> None:
    world.change(issuer=f"{world.lms.address}/")
    assert world.faults() == []
    assert "The issuer ends with a slash" in world.check().output


def test_a_slash_is_doubted_when_it_is_written(world: World) -> None:
    told = Reply({"issuer": world.lms.address})
    world.lms.services["/mod/lti/openid-configuration.php"] = lambda asked: told
    added = world.run(
        *("add", "--name", "oak", "--family", "moodle", "--client-id", "client-2"),
        *("--issuer", f"{world.lms.address}/", "--auth-url", f"{world.lms.address}/auth"),
        *("--token-url", f"{world.lms.address}/token2", "--jwks-url", f"{world.lms.address}/jwks"),
    )
    assert added.exit_code == 0, added.output
    assert "Warning: The LMS calls itself" in added.output


def test_a_hosted_canvas_is_not_called_by_its_schools_address(world: World) -> None:
    school = "https://elm.instructure.com"
    told = mistaken_issuer(world.lms.platform("canvas", issuer=school, token_url=school), None)
    assert "its issuer is https://canvas.instructure.com, not “https://elm" in told
    beta = "https://elm.beta.instructure.com"
    told = mistaken_issuer(world.lms.platform("canvas", issuer=beta, token_url=beta), None)
    assert "https://canvas.beta.instructure.com" in told
    vendor = "https://canvas.instructure.com"
    assert not mistaken_issuer(world.lms.platform("canvas", issuer=vendor, token_url=school), None)
    assert not mistaken_issuer(world.lms.platform("canvas"), world.lms.address)


def test_the_way_through_a_proxy_is_told(world: World) -> None:
    policy = Policy(development=True, proxy="http://user:secret@127.0.0.1:1")
    world.app.extensions["foyer.http"] = HttpClient(policy)
    output = world.check().output
    assert "through the proxy 127.0.0.1:1 (http_proxy)." in output
    assert "did not connect Foyer to" in output
    assert "secret" not in output
    assert any("public keys" in one and "Foyer's" in one for one in world.faults())
    past = replace(policy, no_proxy=("127.0.0.1",))
    world.app.extensions["foyer.http"] = HttpClient(past)
    assert world.faults() == []
    assert "but not 127.0.0.1 (no_proxy)" in world.check().output


def test_a_proxy_of_the_environment_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert world.faults() == []
    assert "The environment names a proxy (HTTPS_PROXY)" in world.check().output


def test_where_people_sign_in_is_tried(world: World) -> None:
    assert "Where people are sent to sign in" in world.check().output, "there is nothing here"
    world.lms.services["/auth"] = lambda asked: Reply(status=400)
    assert "Where people are sent to sign in" not in world.check().output
    elsewhere = {"Location": "https://sso.example.edu/login"}
    world.lms.services["/auth"] = lambda asked: Reply(status=302, headers=elsewhere)
    assert "Where people are sent to sign in" not in world.check().output
    world.change(auth_url="http://127.0.0.1:1/auth")
    assert "sign in: 127.0.0.1:1 could not be reached" in world.check().output


def test_deployments_that_are_not_let_in_are_counted(world: World) -> None:
    with world.app.app_context(), transaction() as session:
        row = by_name("elm")
        common = {"registration_id": row.id, "enabled": False, "created_at": START}
        session.add(Deployment(deployment_id="2", waiting=True, **common))
        session.add(Deployment(deployment_id="3", **common))
    output = world.check().output
    assert "Deployments that wait to be let in: 1. platform show elm" in output
    assert "Deployments that are switched off: 1." in output


def test_keys_that_cannot_be_used_are_counted(world: World, ring: KeyRing) -> None:
    short = {"kty": "RSA", "kid": "x", "n": "AQAB", "e": "AQAB"}
    world.lms.services["/jwks"] = lambda asked: Reply({"keys": [*ring.jwks()["keys"], short]})
    assert world.faults() == []
    assert "1 more cannot be used" in world.check().output


def test_keys_that_cannot_be_reached_say_nothing_of_the_time(world: World) -> None:
    world.change(jwks_url="http://127.0.0.1:1/jwks")
    (failed,) = world.faults()
    assert "The LMS's public keys" in failed
    assert "--    The clocks" in world.check().output


@pytest.mark.parametrize(("seconds", "way"), [(-95, "behind"), (95, "ahead of"), (3600, "ahead")])
def test_clocks_that_differ(world: World, seconds: int, way: str) -> None:
    told = format_datetime(world.clock.present - timedelta(seconds=seconds), usegmt=True)
    honest = world.lms.services["/jwks"]
    world.lms.services["/jwks"] = lambda asked: replace(honest(asked), headers={"Date": told})
    (failed,) = world.faults()
    assert failed.startswith("FAIL  The clocks: ")
    assert f"{abs(seconds) - (seconds > 0)} seconds {way}" in failed
    assert "NTP" in failed


@pytest.mark.parametrize("seconds", [-30, 30])
def test_clocks_that_are_near_enough(world: World, seconds: int) -> None:
    told = format_datetime(world.clock.present + timedelta(seconds=seconds), usegmt=True)
    world.lms.services["/jwks"] = _with(world, Date=told)
    assert world.faults() == []


def test_an_answer_that_a_cache_has_kept(world: World) -> None:
    told = format_datetime(world.clock.present - timedelta(hours=1), usegmt=True)
    world.lms.services["/jwks"] = _with(world, Date=told, Age="3600")
    assert world.faults() == []


@pytest.mark.parametrize("told", ["", "yesterday", "Mon, 02 Mar 2026 09:00:00 -0000"])
def test_a_time_that_is_not_told(world: World, told: str) -> None:
    world.lms.services["/jwks"] = _with(world, Date=told)
    assert world.faults() == []
    assert "--    The clocks: the LMS did not tell the time" in world.check().output


def _with(world: World, **headers: str) -> Callable[[Asked], Reply]:
    honest = world.lms.services["/jwks"]
    return lambda asked: replace(honest(asked), headers=headers)


def test_without_a_token_the_list_is_not_tried(world: World) -> None:
    world.lms.grant = lambda asked: error("invalid_client")
    world.check()
    assert world.lms.to(ROSTER) == []


def test_what_privacy_keeps_back_is_noted(world: World) -> None:
    world.lms.services[ROSTER] = lambda asked: Reply({"members": [{"user_id": "1"}]})
    assert world.faults() == []
    output = world.check().output
    assert "It tells no names" in output
    assert "It tells no e-mail addresses" in output


def test_an_empty_course_is_no_fault(world: World) -> None:
    world.lms.services[ROSTER] = lambda asked: Reply()
    assert world.faults() == []
    assert "0 on the first page" in world.check().output


def test_a_web_server_of_moodles_that_drops_the_token(world: World) -> None:
    world.change(family="moodle")
    world.lms.services[ROSTER] = lambda asked: Reply(status=401)
    (failed,) = world.faults()
    assert "SetEnvIf Authorization" in failed


def test_a_private_network_is_allowed_by_its_name(world: World) -> None:
    world.change(token_url="https://127.0.0.1:8443/token")
    world.app.extensions["foyer.http"] = HttpClient(Policy(private_hosts=("127.0.0.1:8443",)))
    assert "add 127.0.0.1 to private_hosts" in world.check().output


def test_moodle_does_not_read_from_this_address(world: World) -> None:
    assert "Moodle" not in world.check().output
    world.change(family="moodle")
    assert world.faults() == []
    assert "Moodle reads from no machine of a private network" in world.check().output


def test_a_name_nobody_has(world: World) -> None:
    done = world.run("check", "oak")
    assert (done.exit_code, done.output) == (1, "Error: no platform is called oak; there are elm\n")
