"""Another institution's ids on every route: the answer of what does not exist.

The routes are taken from the application itself, so a new one is tried without being named here;
one with a new kind of parameter fails until somebody has thought about it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from factories import SAME_ORIGIN, START, School, browser
from flask import Flask
from flask.testing import FlaskClient
from invitation_scene import Scene, make_scene
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core.db.session import db, transaction
from lti_tool.core.ids import new_id
from lti_tool.media.access import grant
from lti_tool.media.models import MediaFile, Upload
from lti_tool.people.rules import Standing
from lti_tool.people.session_store import NewSession

pytestmark = pytest.mark.slow

OURS = {"media_id", "invitation_id", "file_id", "upload_id"}
"""Parameters that name a thing of one institution."""
NONCE = re.compile(r"nonce-[^']+")
SIGNED = re.compile(r"[\w-]+\.([\w-]{4,8}\.)?[\w-]{27,}")
"""Form tokens and challenges: what is signed, often the moment, and the signature."""
OPEN = {"token", "filename"}
"""A link's token is a key for whoever holds it; a file of the front end belongs to nobody."""

BODIES: dict[str, Any] = {
    "media.count_play": {"viewing_id": "a" * 26},
    "media.finish_upload": {"title": "Owls", "description": ""},
    "invitations.create_invitation": {
        "email": "eve@partner.org",
        "first_name": "Eve",
        "last_name": "Moss",
        "type": "viewer",
    },
}
HEADERS = {
    **SAME_ORIGIN,
    "Tus-Resumable": "1.0.0",
    "Upload-Offset": "0",
}


@dataclass
class World:
    app: Flask
    mine: Scene
    theirs: Scene
    visitors: dict[str, NewSession]
    foreign: dict[str, str]


@pytest.fixture
def world(app: Flask, school: School, other_school: School) -> World:
    """Two schools with the same subs, courses and titles; the visitors belong to the first."""
    mine, theirs = make_scene(app, school), make_scene(app, other_school)
    invitation = theirs.invite()
    with app.app_context():
        upload = Upload(
            id=new_id(),
            institution_id=other_school.institution_id,
            registration_id=other_school.registration_id,
            person_id=other_school.person("prof"),
            course_id=other_school.course_id,
            filename="owls.mp4",
            size=10,
            received=0,
            state="receiving",
            created_at=START,
            expires_at=START.replace(year=2027),
        )
        with transaction() as session:
            session.add(upload)
        file = db.session.scalar(select(MediaFile.id).where(MediaFile.media_id == theirs.media_id))
        visitors = {
            "teacher": _from_a_link(mine, "prof", Standing.MANAGER),
            "administrator": _from_a_link(mine, "admin", Standing.ADMINISTRATOR),
            "student": _from_a_link(mine, "wren", Standing.LEARNER),
            "invitee": _invitee(mine),
        }
        foreign = {
            "media_id": theirs.media_id,
            "invitation_id": invitation.id,
            "file_id": str(file),
            "upload_id": upload.id,
            "person": other_school.person("prof"),
            "session": theirs.teacher_session.session_id,
            "course": other_school.course_id,
            "institution": other_school.institution_id,
        }
    return World(app, mine, theirs, visitors, foreign)


def _from_a_link(scene: Scene, sub: str, standing: Standing) -> NewSession:
    school = scene.school
    return school.launched(sub, standing, resource_link_id=school.link())


def _invitee(scene: Scene) -> NewSession:
    guest = scene.school.guest("ada@partner.org", scene.media_id)
    grant(guest.session_id, scene.media_id, "viewer", "invitation:x:1")
    return guest


def same(answer: TestResponse, *names: str) -> tuple[int, str, tuple[str, ...]]:
    """What can be told from an answer, without what differs between any two answers."""
    text = answer.data.decode("utf-8", "replace").replace(
        answer.headers["X-Request-Id"], "REFERENCE"
    )
    for name in names:
        text = text.replace(name, "NAME")
    text = re.sub(r'nonce="[^"]+"', 'nonce="N"', text)
    text = SIGNED.sub("SIGNED", text)
    headers = (
        f"{name}: {NONCE.sub('N', value)}"
        for name, value in answer.headers
        if name not in {"Date", "Expires", "Content-Length", "X-Request-Id"}
    )
    return answer.status_code, text, tuple(sorted(headers))


def ask(
    client: FlaskClient, app: Flask, endpoint: str, method: str, values: dict[str, str], handle: str
) -> TestResponse:
    with app.test_request_context():
        path = app.url_for(endpoint, **values)
    return client.open(
        path,
        method=method,
        query_string={"as": handle} if handle else {},
        headers=HEADERS,
        json=BODIES.get(endpoint),
    )


def test_every_parameter_of_a_route_is_known_here(app: Flask) -> None:
    named = {name for rule in app.url_map.iter_rules() for name in rule.arguments}
    assert named == OURS | OPEN


@pytest.mark.parametrize(
    "ids", ["of the kind", pytest.param("of any kind", marks=pytest.mark.breadth)]
)
@pytest.mark.parametrize("visitor", ["teacher", "administrator", "student", "invitee", "nobody"])
def test_foreign_ids_in_addresses(world: World, visitor: str, ids: str) -> None:
    session = world.visitors.get(visitor)
    client = browser(world.app, *([session] if session else []))
    handle = session.handle if session else ""
    own = client.get(f"/media/{world.mine.media_id}", query_string={"as": handle})
    assert own.status_code == (200 if session else 404), "without this the rest would prove nothing"
    tried = 0
    for rule in world.app.url_map.iter_rules():
        for argument in rule.arguments & OURS:
            kinds = [argument] if ids == "of the kind" else list(world.foreign)
            for method in sorted((rule.methods or set()) - {"OPTIONS"}):
                asked = partial(ask, client, world.app, rule.endpoint, method)
                nothing = new_id()
                nowhere = same(asked({argument: nothing}, handle), nothing)
                for kind in kinds:
                    there = asked({argument: world.foreign[kind]}, handle)
                    where = f"{method} {rule.rule} with the id of a foreign {kind}"
                    assert there.status_code in {401, 403, 404, 412, 415}, where
                    assert same(there, world.foreign[kind]) == nowhere, where
                    tried += 1
    assert tried > 20


def test_foreign_ids_in_forms_and_bodies(world: World) -> None:
    handle = world.visitors["teacher"].handle
    client = browser(world.app, world.visitors["teacher"])
    own = world.mine.media_id
    for foreign in world.foreign.values():
        nothing = new_id()
        for path, field, extra in (
            ("/link", "media_id", {}),
            ("/link/item", "media_id", {}),
            ("/gallery/add", "media_id", {}),
            ("/handover/ask", "ticket", {}),
            ("/handover", "ticket", {"media_id": own}),
            (f"/media/{own}/use-link", "link", {"email": "ada@partner.org"}),
        ):
            there, nowhere = (
                client.post(
                    path,
                    data={field: name, **extra},
                    query_string={"as": handle},
                    headers=HEADERS,
                )
                for name in (foreign, nothing)
            )
            assert same(there, foreign) == same(nowhere, nothing), path
        there, nowhere = (
            client.post(
                f"/api/v1/media/{own}/plays",
                json={"viewing_id": name},
                query_string={"as": handle},
                headers=HEADERS,
            )
            for name in (foreign, nothing)
        )
        assert same(there, foreign) == same(nowhere, nothing)


def test_another_institutions_link_is_no_link_here(world: World) -> None:
    """Pasted in one's own frame it must not even show that it exists."""
    client = browser(world.app, world.visitors["teacher"])
    path = f"/media/{world.mine.media_id}/use-link"
    theirs = "http://localhost" + world.theirs.link("eve@partner.org")
    nobodys = theirs[:-20] + "A" * 20
    there, nowhere = (
        client.post(path, data={"link": link, "email": "eve@partner.org"}, headers=HEADERS)
        for link in (theirs, nobodys)
    )
    assert same(there, theirs) == same(nowhere, nobodys)


def test_another_institutions_session_named_in_the_address(world: World) -> None:
    """Its handle is no secret; without its cookie it is as good as none."""
    client = browser(world.app, world.visitors["teacher"])
    theirs = world.theirs.teacher_session.handle
    for rule in world.app.url_map.iter_rules():
        if rule.endpoint in {"static", "lti.start", "lti.resume", "entrance.launch"}:
            continue
        values = {
            argument: world.mine.media_id if argument == "media_id" else "a" * 26
            for argument in rule.arguments
        }
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            there, nowhere = (
                ask(client, world.app, rule.endpoint, method, values, handle)
                for handle in (theirs, "aaaaaaaaaa")
            )
            where = f"{method} {rule.rule}"
            assert same(there, theirs) == same(nowhere, "aaaaaaaaaa"), where


def test_lists_and_suggestions_show_ones_own_only(world: World) -> None:
    client = browser(world.app, world.visitors["administrator"])
    world.mine.invite("mine@partner.org")
    handle = world.visitors["teacher"].handle
    teacher = browser(world.app, world.visitors["teacher"])
    base = f"/api/v1/media/{world.mine.media_id}"
    pages = [
        teacher.get(f"{base}/invitations?as={handle}").text,
        teacher.get(f"{base}/invitees?q=ad&as={handle}").text,
        teacher.get(f"/link?as={handle}").text,
        teacher.get(f"/link?shelf=course&as={handle}").text,
        client.get("/settings").text,
    ]
    assert "mine@partner.org" in pages[0]
    for page in pages:
        assert "ada@partner.org" not in page
        for foreign in world.foreign.values():
            assert foreign not in page
