"""A whole story, and then a search of every log line and table for the secrets it used."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlsplit

import pytest
import structlog
from factories import SAME_ORIGIN, TestClock
from flask import Flask, request
from flask.testing import FlaskClient
from invitation_scene import DeviceKey
from launch_helpers import TOOL, add_item, handle_of, register
from lms_program import running_lms
from sqlalchemy import text
from werkzeug.test import TestResponse

from lti_tool import create_app
from lti_tool.config import Config
from lti_tool.core.db.session import db
from sandbox.platform import Platform

pytestmark = pytest.mark.every_database

ADA = "ada.of.the.partners@partner.example"
EVE = "eve.who.is.wrong@stranger.example"
SESSKEY = "sesskey-qXv7pTnZ41"
SIGNED = re.compile(r"/files/[a-z2-7]{26}\?[^\"'\s<>]+")


@dataclass
class Story:
    """``once``: secrets that only a browser or a platform may hold. ``private``: of persons."""

    once: dict[str, str] = field(default_factory=dict)
    private: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """Where the tool's log lines go."""
    stream = StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


@pytest.fixture
def told(
    database_url: str,
    tmp_path: Path,
    keys_dir: Path,
    clock: TestClock,
    written: StringIO,
) -> Iterator[Flask]:
    """The tool, writing every line that it has to its log."""
    config = Config(
        base_url=TOOL,
        database_url=database_url,
        storage_url=(tmp_path / "files").as_uri(),
        keys_dir=keys_dir,
        config_dir=tmp_path,
        development=True,
        log_level="DEBUG",
    )
    app = create_app(config, clock)

    @app.get("/breaks")
    def breaks() -> str:
        raise RuntimeError(f"a message that quotes {request.url}")

    yield app
    structlog.reset_defaults()
    with app.app_context():
        db.engine.dispose()


def cookies(answer: TestResponse) -> dict[str, str]:
    pairs = (line.partition(";")[0].partition("=") for line in answer.headers.getlist("Set-Cookie"))
    return {name: value for name, _equals, value in pairs if value}


def tell(app: Flask, lms: Platform) -> Story:
    """Log in, launch, invite, open, be refused, redeem, watch, hand over, and much that fails."""
    story = Story(private={"invited": ADA, "stranger": EVE})
    media_id = add_item(app, "northfield", "11", download_allowed=True)
    link = lms.add_link(media=media_id)

    teacher = app.test_client()
    probe = teacher.post("/lti/login", data=lms.login_params("instructor-1", link))
    (story.once["browser cookie"],) = cookies(probe).values()
    location = lms.open_login(teacher, lms.login_params("instructor-1", link)).location
    query = dict(parse_qsl(urlsplit(location).query))
    return_url = f"https://school.example/return?sesskey={SESSKEY}"
    form = lms.answer(location, claims={"launch_presentation": {"return_url": return_url}})
    story.once |= {"state": query["state"], "nonce": query["nonce"], "sesskey": SESSKEY}
    story.once["id token"] = form.fields["id_token"]
    story.private |= {"teacher": lms.user("instructor-1").email}
    for bad in ({"id_token": "x"}, {"error": "login_required"}, {}):
        teacher.post("/lti/launch", data={"state": query["state"], **bad})
    app.test_client().post("/lti/launch", data=form.fields)
    forged = {**form.fields, "id_token": form.fields["id_token"][:-4] + "AAAA"}
    teacher.post("/lti/launch", data=forged)
    launched = lms.post(teacher, form)
    lms.post(teacher, form)
    story.once |= {f"cookie {name}": value for name, value in cookies(launched).items()}
    as_teacher = {"as": handle_of(launched)}

    page = teacher.get(launched.location)
    watch(teacher, page, story, "teacher")
    teacher.get("/media/new", query_string=as_teacher)
    invited = teacher.post(
        f"/api/v1/media/{media_id}/invitations",
        query_string=as_teacher,
        headers=SAME_ORIGIN,
        json={"email": ADA, "first_name": "Ada", "last_name": "Byron", "type": "viewer"},
    )
    address = invited.json["link"]
    token = address.rpartition("/")[2]
    story.once["invitation token"] = token
    typed = {"q": ADA, **as_teacher}
    teacher.get(f"/api/v1/media/{media_id}/invitees", query_string=typed)
    teacher.get(f"/api/v1/media/{media_id}/invitations", query_string=as_teacher)

    redeem(app, token, story)
    hand_over(app, teacher, as_teacher, media_id, story)
    fail(teacher, as_teacher, media_id, token)
    return story


def watch(client: FlaskClient, page: TestResponse, story: Story, who: str) -> None:
    signed = [address.replace("&amp;", "&") for address in SIGNED.findall(page.text)]
    assert signed
    for number, address in enumerate(signed):
        key = parse_qs(urlsplit(address).query)["k"][0]
        story.once[f"file signature {number} of {who}"] = key
        for span in ("bytes=0-1", "bytes=9-", "bytes=x"):
            client.get(address, headers={"Range": span})
    if tokens := re.findall(r'name="form_token" value="([^"]+)"', page.text):
        story.once |= {f"form token of {who}": tokens[0]}


def redeem(app: Flask, token: str, story: Story) -> None:
    invitee = app.test_client()
    opening = invitee.get(f"/i/{token}")
    invitee.get(f"/{token}")
    invitee.get(f"/x//i//{token}")
    invitee.head(f"/i/{token}")
    invitee.get(f"/i/{token}/nothing")
    challenge = invitee.get(f"/i/{token}/challenge").json["challenge"]
    proof = DeviceKey().proof(challenge)
    story.once |= {"challenge": challenge, "device signature": proof["device_signature"]}
    form_token = re.findall(r'name="form_token" value="([^"]+)"', opening.text)[0]
    story.once["form token of the link"] = form_token
    invitee.post(f"/i/{token}", data={"email": EVE, **proof}, headers=SAME_ORIGIN)
    invitee.post(f"/i/{token}", data={"email": ADA}, headers={"Sec-Fetch-Site": "cross-site"})
    entered = invitee.post(f"/i/{token}", data={"email": ADA, "form_token": form_token, **proof})
    assert entered.status_code == 303
    story.once |= {f"cookie {name}": value for name, value in cookies(entered).items()}
    watch(invitee, invitee.get(entered.location), story, "guest")
    second = app.test_client()
    second.post(f"/i/{token}", data={"email": ADA}, headers=SAME_ORIGIN)
    second.post(f"/i/{token}/new-link", headers=SAME_ORIGIN)


def hand_over(
    app: Flask, teacher: FlaskClient, query: dict[str, str], media_id: str, story: Story
) -> None:
    answer = teacher.post("/api/v1/tickets", query_string=query, headers=SAME_ORIGIN)
    story.once["ticket"] = answer.json["ticket"]
    for _twice in range(2):
        data = {"ticket": answer.json["ticket"], "media_id": media_id}
        opened = app.test_client().post("/handover", data=data, headers=SAME_ORIGIN)
        story.once |= {f"cookie {name}": value for name, value in cookies(opened).items()}


def fail(teacher: FlaskClient, query: dict[str, str], media_id: str, token: str) -> None:
    """Requests that end badly, each with something private in it."""
    post: dict[str, Any] = {"query_string": query, "headers": SAME_ORIGIN}
    path = f"/api/v1/media/{media_id}/invitations"
    for body in ({"email": EVE + "\x00"}, {"email": f"{EVE}\ud800"}, {"token": token}, [EVE]):
        teacher.post(path, data=json.dumps(body), content_type="application/json", **post)
    teacher.post(path, data=f"not json {EVE} {token}", content_type="application/json", **post)
    link = {"link": f"{TOOL}/i/{token}", "email": EVE}
    teacher.post(f"/media/{media_id}/use-link", data=link, **post)
    teacher.get(f"/media/{media_id}?email={quote(EVE)}&token={token}")

    for host in ("a..b", f"{'a' * 64}.example"):
        stranger = teacher.application.test_client()
        stranger.get(f"/i/{token}?email={quote(EVE)}", headers={"Host": host})

    assert teacher.get(f"/breaks?token={token}").status_code == 500


def test_no_secret_is_written_down(
    told: Flask,
    clock: TestClock,
    written: StringIO,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    told.config["PROPAGATE_EXCEPTIONS"] = False
    lms = Platform(TOOL, now=clock)
    with running_lms(lms):
        register(told, lms, lms.schools[0])
        story = tell(told, lms)
    lines = written.getvalue() + caplog.text
    events = [json.loads(line) for line in written.getvalue().splitlines()]
    paths = {event.get("path") for event in events}
    assert {"/lti/login", "/lti/launch", "/i/…", "/handover"} <= paths, "the story was not logged"
    assert {event["event"] for event in events} >= {"request", "refused", "failed"}
    assert all(event.get("request") for event in events if event["event"] == "request")
    assert len(story.once) > 15
    for what, secret in {**story.once, **story.private}.items():
        assert len(secret) > 12, what
        assert secret not in lines, f"the {what} stands in the log"
        assert quote(secret) not in lines, f"the {what} stands in the log"
    kept = everything(told)
    assert ADA in kept, "the search itself would find something"
    for what, secret in story.once.items():
        assert secret not in kept, f"the {what} stands in the database"
    assert EVE not in kept, "an address that was refused is not kept"


def everything(app: Flask) -> str:
    """All rows of all tables as text."""
    with app.app_context():
        return "\n".join(
            str(tuple(row))
            for table in db.metadata.sorted_tables
            for row in db.session.execute(text(f'SELECT * FROM "{table.name}"'))
        )
