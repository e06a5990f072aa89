"""``flask platform`` and ``flask keys``: what an operator types, and what comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from factories import TestClock, audited
from flask import Flask
from sqlalchemy import func, select

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import db
from lti_tool.core.institutions import Institution
from lti_tool.lti import keys
from lti_tool.lti.deployments import note_waiting
from lti_tool.lti.models import Deployment, Registration
from lti_tool.lti.registrations import as_platform, by_name

ADD = {
    "--name": "elm",
    "--family": "sakai",
    "--issuer": "https://lms.elm.example",
    "--client-id": "client-1",
    "--auth-url": "https://lms.elm.example/auth",
    "--token-url": "https://lms.elm.example/token",
    "--jwks-url": "https://lms.elm.example/jwks",
}


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=list(words))


def add(app: Flask, *more: str, **changes: str) -> Result:
    named = {**ADD, **{f"--{name.replace('_', '-')}": value for name, value in changes.items()}}
    return run(app, "platform", "add", *(word for pair in named.items() for word in pair), *more)


def test_an_lms_is_added_shown_and_listed(app: Flask) -> None:
    more = ("--deployment", "1", "--deployment", "2", "--frame-origin", "https://*.elm.example")
    done = add(app, *more, institution="Elm School", auth_audience="https://elm.example/aud")
    assert done.exit_code == 0, done.output
    for address in ("/lti/login", "/lti/launch", "/lti/jwks.json"):
        assert f"http://localhost{address}" in done.output
    with app.app_context():
        row = db.session.scalars(select(Registration)).one()
        assert (row.name, row.family, row.client_id) == ("elm", "sakai", "client-1")
        assert db.session.scalars(select(Institution.name)).one() == "Elm School"
        assert sorted(db.session.scalars(select(Deployment.deployment_id))) == ["1", "2"]
    assert "elm  sakai  https://lms.elm.example  client-1" in run(app, "platform", "list").output
    shown = run(app, "platform", "show", "elm").output
    for part in (
        "institution: Elm School",
        "client_id: client-1",
        "auth_audience: https://elm.example/aud",
        "deployment: 2",
        "https://*.elm.example",
        "enabled: yes",
    ):
        assert part in shown
    assert audited(app) == ["platform.added"]


def test_an_lms_without_a_deployment_says_what_will_happen(app: Flask) -> None:
    warned = "no deployment is let in yet"
    assert warned in add(app).output
    more = {"name": "oak", "client_id": "client-2", "token_url": "https://oak.example/token"}
    assert warned not in add(app, "--accept-new-deployments", **more).output
    write(app, FILE.replace('["1"]', "[]"), "ash.toml")
    assert warned in run(app, "platform", "load").output


@pytest.mark.parametrize("changes", [{"client_id": "client-2"}, {"name": "oak"}])
def test_a_name_or_a_pair_that_is_taken(app: Flask, changes: dict[str, str]) -> None:
    add(app)
    refused = add(app, **changes)
    assert refused.exit_code == 1
    assert "registered already, as elm" in refused.output
    assert audited(app) == ["platform.added"]


def test_one_issuer_may_have_many_clients(app: Flask) -> None:
    assert add(app).exit_code == 0
    assert add(app, name="oak", client_id="client-2").exit_code == 0
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Institution)) == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "1 to 64"),
        ({"name": "n" * 65}, "1 to 64"),
        ({"family": "blackboard"}, "family"),
        ({"issuer": ""}, "empty"),
        ({"issuer": "moodle.elm.example"}, "issuer"),
        ({"issuer": f"https://elm.example/{'x' * 512}"}, "at most 512"),
        ({"auth_url": f"https://elm.example/{'x' * 1024}"}, "auth address"),
        ({"jwks_url": "https://elm.example/\x01"}, "no control characters"),
        ({"auth_audience": "x" * 1025}, "at most 1024"),
        ({"institution": "x" * 201}, "at most 200"),
        ({"client_id": ""}, "empty"),
        ({"client_id": "c" * 256}, "client id"),
        ({"client_id": "abç"}, "client id"),
        ({"auth_url": "lms.elm.example/auth"}, "auth address"),
        ({"token_url": "javascript:alert(1)"}, "token address"),
        ({"jwks_url": "https://"}, "jwks address"),
        ({"frame_origin": "elm.example"}, "frame origin"),
        ({"frame_origin": "https://a; script-src *"}, "frame origin"),
        ({"deployment": ""}, "deployment id"),
        ({"deployment": "é"}, "deployment id"),
    ],
)
def test_what_cannot_be_right_is_refused_with_a_sentence(
    app: Flask, changes: dict[str, str], said: str
) -> None:
    refused = add(app, **changes)
    assert refused.exit_code != 0
    assert said in refused.output
    assert "Traceback" not in refused.output
    assert audited(app) == []


def test_white_space_around_and_repetition_do_no_harm(app: Flask) -> None:
    deployments = ("--deployment", "1", "--deployment", " 1 ")
    done = add(app, *deployments, name=" elm ", issuer=f"{ADD['--issuer']} ", institution=" Elm ")
    assert done.exit_code == 0, done.output
    with app.app_context():
        row = db.session.scalars(select(Registration)).one()
        assert (row.name, row.issuer, row.login_issuer) == ("elm", ADD["--issuer"], row.issuer)
        assert db.session.scalars(select(Institution.name)).one() == "Elm"
        assert db.session.scalars(select(Deployment.deployment_id)).all() == ["1"]


def test_an_lms_is_switched_off_and_on(app: Flask) -> None:
    add(app, "--deployment", "1")
    assert "switched off" in run(app, "platform", "disable", "elm").output
    assert "(switched off)" in run(app, "platform", "list").output
    assert "switched on" in run(app, "platform", "enable", "elm").output
    one = run(app, "platform", "disable", "elm", "--deployment", "1").output
    assert one == "Deployment 1 of elm is switched off.\n"
    assert "elm  sakai  https://lms.elm.example  client-1\n" in run(app, "platform", "list").output
    assert "deployment: 1  (switched off)" in run(app, "platform", "show", "elm").output
    unknown = run(app, "platform", "disable", "elm", "--deployment", "9")
    assert unknown.exit_code == 1
    assert "no deployment 9" in unknown.output
    assert audited(app) == [
        "platform.added",
        "platform.disabled",
        "platform.enabled",
        "platform.disabled",
    ]


@pytest.mark.parametrize("verb", ["show", "disable", "enable"])
def test_a_name_nobody_has(app: Flask, verb: str) -> None:
    unknown = run(app, "platform", verb, "nobody")
    assert unknown.exit_code == 1
    assert "no platform is called nobody" in unknown.output


FILE = """
family = "moodle"
issuer = "https://moodle.elm.example"
client_id = "client-7"
auth_url = "https://moodle.elm.example/mod/lti/auth.php"
token_url = "https://moodle.elm.example/mod/lti/token.php"
jwks_url = "https://moodle.elm.example/mod/lti/certs.php"
deployments = ["1"]
"""


def write(app: Flask, text: str, name: str = "elm.toml") -> Path:
    folder: Path = app.extensions["foyer.config"].config_dir / "platforms"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_files_are_brought_in_once_and_again_when_they_change(app: Flask) -> None:
    write(app, FILE)
    assert run(app, "platform", "load").output == "elm: registered\n"
    assert run(app, "platform", "load").output == "elm: unchanged\n"
    write(app, FILE.replace('["1"]', '["1", "2"]').replace("client-7", "client-8"))
    said = run(app, "platform", "load").output
    assert said == "elm: updated (client_id, deployment 2)\n"
    with app.app_context():
        row = db.session.scalars(select(Registration)).one()
        assert row.client_id == "client-8"
        assert sorted(db.session.scalars(select(Deployment.deployment_id))) == ["1", "2"]
        changed = db.session.scalars(
            select(AuditRecord.details).where(AuditRecord.action == "platform.changed")
        ).one()
        assert changed == {"changed": ["client_id", "deployment 2"]}


def test_the_name_that_people_see_is_brought_up_to_date(app: Flask) -> None:
    write(app, FILE)
    run(app, "platform", "load")
    for line, name in (('institution = "Elm School"', "Elm School"), ("", "elm")):
        write(app, f"{line}\n{FILE}")
        said = run(app, "platform", "load").output
        assert said == "elm: updated (institution)\n"
        with app.app_context():
            assert db.session.scalars(select(Institution.name)).one() == name


def test_a_deployment_whose_line_is_removed_stays_and_is_named(app: Flask) -> None:
    write(app, FILE.replace('["1"]', '["1", "2"]'))
    run(app, "platform", "load")
    write(app, FILE)
    said = run(app, "platform", "load").output
    assert said.startswith("elm: unchanged\n")
    command = "platform disable elm --deployment 2"
    assert command in said
    run(app, *command.split())
    assert run(app, "platform", "load").output == "elm: unchanged\n"
    run(app, "platform", "enable", *command.split()[2:])
    write(app, FILE + "accept_new_deployments = true\n")
    assert "deployment 2" not in run(app, "platform", "load").output


def test_a_file_that_takes_the_client_of_another(app: Flask) -> None:
    write(app, FILE)
    write(app, FILE.replace("client-7", "client-8"), "oak.toml")
    run(app, "platform", "load")
    write(app, FILE, "oak.toml")
    refused = run(app, "platform", "load")
    assert refused.exit_code == 1
    assert "oak.toml: it is registered already, as elm" in refused.output
    with app.app_context():
        assert sorted(db.session.scalars(select(Registration.client_id))) == [
            "client-7",
            "client-8",
        ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("family = ", "elm.toml"),
        (FILE.replace('"moodle"', "7"), "family must be a text"),
        (FILE + "auth_audience = true", "auth_audience must be a text"),
        (FILE + "institution = 7", "institution must be a text"),
        (FILE + 'accept_new_deployments = "yes"', "accept_new_deployments must be true or false"),
        (FILE.replace('https://moodle.elm.example"', 'moodle"'), "elm.toml: the issuer"),
        (FILE.replace("issuer", "isuer"), "isuer"),
        (FILE.replace('client_id = "client-7"\n', ""), "client_id is missing"),
        (FILE.replace('"client-7"', "7"), "client_id is missing"),
        (FILE.replace('["1"]', '"1"'), "deployments must be a list"),
        (FILE.replace('"moodle"', '"blackboard"'), "family"),
        (FILE.replace("https://moodle.elm.example/mod/lti/certs.php", "x"), "jwks address"),
    ],
)
def test_a_file_that_is_wrong_is_named(app: Flask, text: str, said: str) -> None:
    write(app, text)
    refused = run(app, "platform", "load")
    assert refused.exit_code == 1
    assert said in refused.output
    with app.app_context():
        assert db.session.scalars(select(Registration)).all() == []


def test_a_setting_is_told_as_it_is_typed_and_as_the_page_says_it(app: Flask) -> None:
    add(app)
    where = ("--platform", "elm")
    done = run(app, "settings", "set", *where, "link_duration", "2 days")
    assert done.output == "link_duration = 2880 (2 days)\n"
    shown = run(app, "settings", "show", *where).output.splitlines()
    assert "link_duration = 2880 (2 days)" in shown
    assert "link_reusability = 1" in shown


def test_an_empty_folder_is_said_to_be_empty(app: Flask) -> None:
    assert "holds no *.toml" in run(app, "platform", "load").output


def kids(app: Flask) -> list[str]:
    answer = app.test_client().get("/lti/jwks.json")
    return [key["kid"] for key in answer.json["keys"]]


@pytest.fixture
def own_keys(app: Flask, tmp_path: Path) -> Path:
    """Signing keys of this test's own, to be rotated."""
    keys.install(app, tmp_path / "own-keys")
    return tmp_path / "own-keys"


def test_a_rotation_overlaps(app: Flask, clock: TestClock, own_keys: Path) -> None:
    (first,) = kids(app)
    assert run(app, "keys", "list").output == f"{first}  made at the first start  signs\n"
    rotated = run(app, "keys", "rotate")
    assert rotated.exit_code == 0, rotated.output
    second = rotated.output.partition(" ")[0]
    assert f"{second}  made {clock.present:%Y-%m-%d %H:%M} UTC" in run(app, "keys", "list").output
    assert kids(app) == [second, first], "published before it signs"
    assert _signing(app) == first
    clock.pass_(hours=1)
    assert _signing(app) == second
    clock.pass_(days=1, hours=23)
    assert kids(app) == [second, first], "what the old one signed can still be checked"
    clock.pass_(hours=1)
    assert kids(app) == [second]
    again = run(app, "keys", "rotate")
    assert f"{first} is removed" in again.output
    assert audited(app) == ["keys.rotated", "keys.rotated"]


def _signing(app: Flask) -> str:
    lines = run(app, "keys", "list").output.splitlines()
    (signs,) = [line.partition(" ")[0] for line in lines if line.endswith("signs")]
    return signs


def test_key_files_are_for_their_owner_alone(app: Flask, own_keys: Path) -> None:
    kids(app)
    (file,) = own_keys.glob("*")
    assert file.name.startswith("signing-")
    assert file.stat().st_mode & 0o777 == 0o600


def test_one_more_deployment_is_let_in(app: Flask) -> None:
    add(app, "--deployment", "1")
    more = ("platform", "add-deployment", "elm")
    assert run(app, *more, " 2 ").output == "Deployment 2 of elm is let in from now on.\n"
    assert run(app, *more, "2").output == "Deployment 2 of elm was let in already.\n"
    run(app, "platform", "disable", "elm", "--deployment", "2")
    off = run(app, *more, "2")
    assert off.exit_code == 1
    assert "platform enable elm --deployment 2" in off.output
    with app.app_context():
        for named in ("3; reboot", " 4 "):
            note_waiting(as_platform(by_name("elm")), named)
    shown = run(app, "platform", "show", "elm").output
    assert "add-deployment elm '3; reboot'" in shown
    assert "add-deployment elm ' 4 '" in shown
    assert run(app, *more, " 4 ").exit_code == 0
    with app.app_context():
        found = select(Deployment.enabled).where(Deployment.deployment_id == " 4 ")
        assert db.session.scalars(found).one()
    for unfit in ("", "é", "d" * 256):
        assert run(app, *more, unfit).exit_code == 1
    assert run(app, "platform", "add-deployment", "oak", "2").exit_code == 1
    assert audited(app).count("platform.changed") == 2


@pytest.mark.parametrize("way", ["file", "enable"])
def test_a_deployment_that_waits_is_let_in_by_other_ways_too(app: Flask, way: str) -> None:
    write(app, FILE)
    run(app, "platform", "load")
    with app.app_context():
        note_waiting(as_platform(by_name("elm")), "2")
    assert run(app, "platform", "load").output == "elm: unchanged\n", "it is not let in"
    if way == "file":
        write(app, FILE.replace('["1"]', '["1", "2"]'))
        assert run(app, "platform", "load").output == "elm: updated (deployment 2)\n"
    else:
        run(app, "platform", "enable", "elm", "--deployment", "2")
    with app.app_context():
        found = select(Deployment).where(Deployment.deployment_id == "2")
        row = db.session.scalars(found).one()
        assert (row.enabled, row.waiting) == (True, False)
