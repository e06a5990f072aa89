"""``flask platform`` and ``flask keys``: what an operator types, and what comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from house import TestClock
from sqlalchemy import func, select

from lti_tool.core.audit import AuditRecord
from lti_tool.core.database import db
from lti_tool.core.institutions import Institution
from lti_tool.lti import keys
from lti_tool.lti.models import Deployment, Registration

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


def audited(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(AuditRecord.action).order_by(AuditRecord.at)))


def test_an_lms_is_added_shown_and_listed(app: Flask) -> None:
    more = ("--deployment", "1", "--deployment", "2", "--frame-origin", "https://*.elm.example")
    done = add(app, *more, institution="Elm School")
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
    for part in ("client_id: client-1", "deployment: 2", "https://*.elm.example", "enabled: yes"):
        assert part in shown
    assert audited(app) == ["platform.added"]


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
        ({"client_id": ""}, "empty"),
        ({"client_id": "c" * 256}, "client id"),
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


def test_an_lms_is_switched_off_and_on(app: Flask) -> None:
    add(app, "--deployment", "1")
    assert "switched off" in run(app, "platform", "disable", "elm").output
    assert "(switched off)" in run(app, "platform", "list").output
    assert "switched on" in run(app, "platform", "enable", "elm").output
    run(app, "platform", "disable", "elm", "--deployment", "1")
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
    assert "elm: updated" in run(app, "platform", "load").output
    assert "elm: unchanged" in run(app, "platform", "load").output
    write(app, FILE.replace('["1"]', '["1", "2"]').replace("client-7", "client-8"))
    assert "elm: updated" in run(app, "platform", "load").output
    with app.app_context():
        row = db.session.scalars(select(Registration)).one()
        assert row.client_id == "client-8"
        assert sorted(db.session.scalars(select(Deployment.deployment_id))) == ["1", "2"]
        changed = db.session.scalars(
            select(AuditRecord.details).where(AuditRecord.action == "platform.changed")
        ).one()
        assert changed == {"changed": ["client_id", "deployment 2"]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("family = ", "elm.toml"),
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
    assert f"{first}  made" in run(app, "keys", "list").output
    rotated = run(app, "keys", "rotate")
    assert rotated.exit_code == 0, rotated.output
    second = rotated.output.partition(" ")[0]
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
