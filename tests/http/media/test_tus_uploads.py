"""The tus protocol and the upload form."""

from __future__ import annotations

import base64
import html
import io
import re
import shutil
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import media_samples as samples
import pytest
from factories import SAME_ORIGIN, School, TestClock, page_of
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core.db.session import db
from lti_tool.core.ids import new_id
from lti_tool.media.delivery.storage import LocalStorage
from lti_tool.media.intake import uploads
from lti_tool.media.intake.concurrency import EXAMINING, RECEIVING
from lti_tool.media.models import MediaItem, Publication
from lti_tool.people.rules import Standing

TUS = {"Tus-Resumable": "1.0.0"} | SAME_ORIGIN
BODY = {"Content-Type": "application/offset+octet-stream"}


@pytest.fixture
def ada(app: Flask, school: School) -> FlaskClient:
    with app.app_context():
        return page_of(app, school.launched("ada", Standing.MANAGER, name="Ada Byron"))


@pytest.fixture
def film(tmp_path: Path) -> bytes:
    return samples.film(tmp_path / "film.mp4").read_bytes()


def announce(client: FlaskClient, size: int, filename: str = "My_talk.mp4") -> TestResponse:
    name = base64.b64encode(filename.encode()).decode()
    return client.post(
        "/api/v1/uploads",
        headers=TUS | {"Upload-Length": str(size), "Upload-Metadata": f"filename {name},empty"},
    )


def begin(client: FlaskClient, size: int, filename: str = "My_talk.mp4") -> str:
    answer = announce(client, size, filename)
    assert answer.status_code == 201
    assert "as=" not in answer.headers["Location"]
    return answer.headers["Location"]


def send(client: FlaskClient, address: str, offset: int, data: bytes) -> TestResponse:
    return client.patch(address, headers=TUS | BODY | {"Upload-Offset": str(offset)}, data=data)


def finish(client: FlaskClient, address: str, **said: str) -> TestResponse:
    return client.post(f"{address}/finish", json=said, headers=SAME_ORIGIN)


def offset_of(client: FlaskClient, address: str) -> int:
    return int(client.head(address, headers=TUS).headers["Upload-Offset"])


def test_what_the_server_can(app: Flask) -> None:
    answer = app.test_client().options("/api/v1/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Max-Size"] == str(2 << 20)
    assert set(answer.headers["Tus-Extension"].split(",")) == {
        "creation",
        "expiration",
        "termination",
    }


@pytest.mark.every_database
def test_in_pieces_to_a_published_item(
    app: Flask, school: School, ada: FlaskClient, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "BLOCK_BYTES", 1000)
    monkeypatch.setattr(uploads, "COPY_BYTES", 300)
    address = begin(ada, len(film))
    first = send(ada, address, 0, film[:2500])
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "2500")
    assert finish(ada, address).status_code == 409
    assert offset_of(ada, address) == 2500
    assert send(ada, address, 2500, film[2500:]).status_code == 204
    made = finish(ada, address, description="Recorded in spring")
    assert made.status_code == 201
    again = finish(ada, address)
    assert again.get_json()["media_id"] == made.get_json()["media_id"]
    with app.app_context():
        item = db.session.scalars(db.select(MediaItem)).one()
        assert (item.title, item.owner_name) == ("My talk", "Ada Byron")
        assert item.owner_person_id == school.person("ada")
        assert db.session.get(Publication, (item.id, school.course_id)) is not None
    page = ada.get(made.get_json()["address"])
    assert "My talk" in page.text
    assert not list(Path(app.extensions["foyer.media.incoming"].root).iterdir())


@pytest.mark.every_database
def test_wrong_offsets(ada: FlaskClient, film: bytes) -> None:
    address = begin(ada, len(film))
    assert send(ada, address, 5, film[5:]).status_code == 409
    assert send(ada, address, 0, film[:100]).status_code == 204
    assert send(ada, address, 0, film[:100]).status_code == 409
    assert offset_of(ada, address) == 100


def test_more_than_announced(ada: FlaskClient) -> None:
    address = begin(ada, 100)
    assert send(ada, address, 0, b"x" * 101).status_code == 413
    streamed = ada.patch(
        address,
        headers=TUS | BODY | {"Upload-Offset": "0"},
        input_stream=io.BytesIO(b"x" * 101),
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert streamed.status_code == 413
    assert offset_of(ada, address) == 0


def test_larger_than_allowed(ada: FlaskClient) -> None:
    assert announce(ada, (2 << 20) + 1).status_code == 413


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Upload-Length": "-1"},
        {"Upload-Length": "x"},
        {"Upload-Length": "0"},
        {"Upload-Length": "9" * 30},
        {"Upload-Length": "5", "Upload-Metadata": "filename ***"},
    ],
)
def test_malformed_announcements(ada: FlaskClient, headers: dict[str, str]) -> None:
    assert ada.post("/api/v1/uploads", headers=TUS | headers).status_code == 400


def test_other_protocol_errors(ada: FlaskClient) -> None:
    address = begin(ada, 10)
    assert ada.post("/api/v1/uploads", headers=SAME_ORIGIN).status_code == 412
    assert ada.head(address).status_code == 412
    plain = ada.patch(address, headers=TUS | {"Upload-Offset": "0"}, data=b"x")
    assert plain.status_code == 415
    assert ada.patch(address, headers=TUS | BODY, data=b"x").status_code == 400


def test_every_answer_speaks_the_protocol(app: Flask, ada: FlaskClient) -> None:
    address = begin(ada, 10)
    answers = [
        ada.head(address, headers=TUS),
        ada.post("/api/v1/uploads", headers=SAME_ORIGIN),
        send(ada, address, 5, b"x"),
        send(ada, f"/api/v1/uploads/{new_id()}", 0, b"x"),
        announce(app.test_client(), 10),
        ada.patch(address, headers=TUS | {"Sec-Fetch-Site": "cross-site"}),
    ]
    assert [one.status_code for one in answers] == [200, 412, 409, 404, 401, 403]
    assert {one.headers["Tus-Resumable"] for one in answers} == {"1.0.0"}
    assert [one.headers.get("Tus-Version") for one in answers[:3]] == [None, "1.0.0", None]


@pytest.mark.parametrize("standing", [Standing.LEARNER, Standing.OBSERVER, Standing.NONE])
def test_learners_do_not_add(app: Flask, school: School, standing: Standing) -> None:
    with app.app_context():
        bob = page_of(app, school.launched("bob", standing))
    assert announce(bob, 10).status_code == 403
    assert bob.get("/media/new").status_code == 403


def test_guests_and_strangers_do_not_add(app: Flask, school: School) -> None:
    with app.app_context():
        guest = page_of(app, school.guest("g@example.org", new_id()))
    assert announce(guest, 10).status_code in (401, 404)
    assert announce(app.test_client(), 10).status_code == 401


def test_an_upload_is_its_persons_alone(
    app: Flask, school: School, other_school: School, ada: FlaskClient, film: bytes
) -> None:
    address = begin(ada, len(film))
    with app.app_context():
        colleague = page_of(app, school.launched("mia", Standing.MANAGER))
        abroad = page_of(app, other_school.launched("ada", Standing.MANAGER))
        later = page_of(app, school.launched("ada", Standing.MANAGER))
    for stranger in (colleague, abroad):
        unknown = f"/api/v1/uploads/{new_id()}"
        for one in (address, unknown):
            assert stranger.head(one, headers=TUS).status_code == 404
            assert send(stranger, one, 0, film).status_code == 404
            assert stranger.delete(one, headers=TUS).status_code == 404
            assert finish(stranger, one).status_code == 404
    assert send(later, address, 0, film).status_code == 204


def test_it_is_published_where_the_finishing_session_may_add(
    app: Flask, school: School, ada: FlaskClient, film: bytes
) -> None:
    address = begin(ada, len(film))
    send(ada, address, 0, film)
    with app.app_context():
        music = school.course("Music")
        learning = page_of(app, school.launched("ada", course_id=music))
        teaching = page_of(app, school.launched("ada", Standing.ASSISTANT, course_id=music))
        nowhere = page_of(app, school.launched("ada", Standing.MANAGER, course_id=None))
    assert finish(learning, address).status_code == 403
    assert finish(nowhere, address).status_code == 403
    made = finish(teaching, address)
    assert made.status_code == 201
    with app.app_context():
        published = db.session.scalars(
            select(Publication.course_id).where(Publication.media_id == made.json["media_id"])
        ).all()
    assert published == [music]


@pytest.mark.every_database
def test_cancelling(app: Flask, ada: FlaskClient) -> None:
    address = begin(ada, 10)
    send(ada, address, 0, b"12345")
    assert ada.delete(address, headers=TUS).status_code == 204
    assert ada.head(address, headers=TUS).status_code == 404
    assert not list(Path(app.extensions["foyer.media.incoming"].root).iterdir())


class Interrupted(LocalStorage):
    """A storage during whose work something else happens."""

    def __init__(self, root: Path, meanwhile: Callable[[], object]) -> None:
        super().__init__(root)
        self._meanwhile = meanwhile

    def keep_joined(self, parts: Iterable[Path]) -> str:
        key = super().keep_joined(parts)
        self._meanwhile()
        return key


@pytest.mark.every_database
def test_what_is_cancelled_while_it_is_looked_into_becomes_no_item(
    app: Flask, ada: FlaskClient, film: bytes
) -> None:
    address = begin(ada, len(film))
    send(ada, address, 0, film)
    root = app.extensions["foyer.media.storage"].root
    cancelled: list[int] = []

    def cancel() -> None:
        if not cancelled:
            cancelled.append(ada.delete(address, headers=TUS).status_code)

    app.extensions["foyer.media.storage"] = Interrupted(root, cancel)
    assert finish(ada, address).status_code == 404
    assert cancelled == [204]
    with app.app_context():
        assert db.session.scalars(select(MediaItem)).all() == []
    assert not [path for path in root.rglob("*") if path.is_file()]
    assert not list(Path(app.extensions["foyer.media.incoming"].root).iterdir())


def test_pieces_that_cannot_be_joined_let_the_upload_go(
    app: Flask, ada: FlaskClient, film: bytes
) -> None:
    address = begin(ada, len(film))
    send(ada, address, 0, film)
    (piece,) = Path(app.extensions["foyer.media.incoming"].root).glob("*/*")
    piece.rename(piece.with_suffix(".away"))
    app.testing = False
    assert finish(ada, address).status_code == 500
    piece.with_suffix(".away").rename(piece)
    assert finish(ada, address).status_code == 201


def test_where_too_many_bodies_come_in_the_next_is_sent_again_later(
    ada: FlaskClient, film: bytes
) -> None:
    address = begin(ada, len(film))
    with ExitStack() as others:
        for number in range(8):
            others.enter_context(RECEIVING.place(f"person {number}"))
        refused = send(ada, address, 0, film)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        form = {"file": (io.BytesIO(film), "talk.mp4"), "title": "A talk"}
        assert ada.post("/media/new", data=form, headers=SAME_ORIGIN).status_code == 503
        assert offset_of(ada, address) == 0
    assert send(ada, address, 0, film).status_code == 204


def test_one_person_leaves_places_for_others(
    app: Flask, school: School, ada: FlaskClient, film: bytes
) -> None:
    with app.app_context():
        ada_id = school.person("ada")
        mia = page_of(app, school.launched("mia", Standing.MANAGER))
    hers, anothers = begin(ada, len(film)), begin(mia, len(film))
    with ExitStack() as held:
        for _ in range(4):
            held.enter_context(RECEIVING.place(ada_id))
        assert send(ada, hers, 0, film).status_code == 503
        assert send(mia, anothers, 0, film).status_code == 204
    assert send(ada, hers, 0, film).status_code == 204


def test_one_file_at_a_time_is_looked_into(ada: FlaskClient, film: bytes) -> None:
    address = begin(ada, len(film))
    send(ada, address, 0, film)
    with EXAMINING.place("somebody"):
        refused = finish(ada, address)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert refused.get_json()["type"].endswith(":busy")
    assert finish(ada, address).status_code == 201


def test_what_cannot_be_looked_into_is_kept(
    ada: FlaskClient, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = begin(ada, len(film))
    send(ada, address, 0, film)
    form = {"file": (io.BytesIO(film), "talk.mp4"), "title": "A talk"}
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", shutil.which("false"))
        refused = finish(ada, address)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")
        assert refused.get_json()["type"].endswith(":cannot-examine")
        assert ada.post("/media/new", data=form, headers=SAME_ORIGIN).status_code == 503
    assert finish(ada, address).status_code == 201


def test_the_form_waits_until_it_is_its_files_turn(ada: FlaskClient, film: bytes) -> None:
    looking, done = threading.Event(), threading.Event()

    def look() -> None:
        with EXAMINING.place("somebody"):
            looking.set()
            done.wait(60)

    other = threading.Thread(target=look)
    other.start()
    assert looking.wait(60)
    threading.Timer(0.2, done.set).start()
    form = {"file": (io.BytesIO(film), "talk.mp4"), "title": "A talk"}
    assert ada.post("/media/new", data=form, headers=SAME_ORIGIN).status_code == 303
    other.join()


@pytest.mark.every_database
def test_given_up_uploads_expire(app: Flask, ada: FlaskClient, clock: TestClock) -> None:
    address = begin(ada, 10)
    send(ada, address, 0, b"12345")
    clock.pass_(hours=11)
    assert offset_of(ada, address) == 5
    with app.app_context():
        assert uploads.purge() == 0
        clock.pass_(hours=13)
        assert uploads.purge() == 1
    assert not list(Path(app.extensions["foyer.media.incoming"].root).iterdir())


def test_too_many_open_uploads(ada: FlaskClient) -> None:
    for _ in range(uploads.OPEN_UPLOADS):
        begin(ada, 10)
    assert announce(ada, 10).status_code == 429


def test_a_hostile_file_is_refused_with_its_reason(app: Flask, ada: FlaskClient) -> None:
    address = begin(ada, len(samples.PLAYLIST))
    send(ada, address, 0, samples.PLAYLIST)
    refused = finish(ada, address, title="Nice film")
    assert refused.status_code == 422
    document = refused.get_json()
    assert document["type"].endswith("file-playlist")
    assert document["errors"][0]["field"] == "file"
    assert ada.head(address, headers=TUS).status_code == 404
    root = Path(app.extensions["foyer.media.storage"].root)
    assert not [path for path in root.rglob("*") if path.is_file()]


def test_a_bad_title_keeps_the_upload(ada: FlaskClient, film: bytes) -> None:
    address = begin(ada, len(film))
    send(ada, address, 0, film)
    assert finish(ada, address, title="x" * 300).status_code == 422
    assert finish(ada, address, title="Short").status_code == 201


def test_the_form_without_script(app: Flask, ada: FlaskClient, film: bytes) -> None:
    assert ada.get("/media/new").status_code == 200
    made = ada.post(
        "/media/new",
        data={"file": (io.BytesIO(film), "talk.mp4"), "title": "A talk"},
        headers=SAME_ORIGIN,
    )
    assert made.status_code == 303
    assert "A talk" in ada.get(made.headers["Location"]).text


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [(samples.HTML, "a.mp4", "web page"), (b"", "a.mp4", "empty"), (b"", "", "choose a file")],
)
def test_the_form_says_what_is_wrong_and_keeps_the_words(
    ada: FlaskClient, data: bytes, name: str, sentence: str
) -> None:
    answer = ada.post(
        "/media/new",
        data={"file": (io.BytesIO(data), name), "title": "My own words"},
        headers=SAME_ORIGIN,
    )
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "My own words" in answer.text


def test_a_form_that_is_too_large(ada: FlaskClient) -> None:
    answer = ada.post(
        "/media/new",
        data={"file": (io.BytesIO(b"x" * (4 << 20)), "a.mp4"), "title": "t"},
        headers=SAME_ORIGIN,
    )
    assert answer.status_code == 413


class Body(io.RawIOBase):
    """Endless bytes of a form with a file in it; counts how many were asked for."""

    HEAD = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n'
        b"Content-Type: video/mp4\r\n\r\n"
    )

    def __init__(self) -> None:
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        fresh = self.HEAD[self.taken : self.taken + len(buffer)] or bytes(len(buffer))
        buffer[: len(fresh)] = fresh
        self.taken += len(fresh)
        return len(fresh)


def send_much(client: FlaskClient, address: str, headers: dict[str, str]) -> tuple[int, int]:
    """Send 30 MiB; the answer's status and how many bytes were read."""
    body = Body()
    answer = client.post(
        address,
        content_type="multipart/form-data; boundary=x",
        headers=headers,
        environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": str(30 << 20)},
    )
    return answer.status_code, body.taken


@pytest.fixture
def roomy(app: Flask) -> None:
    """An upload limit that 30 MiB do not reach."""
    config = app.extensions["foyer.config"]
    app.extensions["foyer.config"] = replace(config, upload_limit_mb=100)


@pytest.mark.usefixtures("roomy")
@pytest.mark.parametrize("headers", [{}, SAME_ORIGIN], ids=["says nothing", "same origin"])
def test_a_strangers_file_is_not_read(
    app: Flask, school: School, ada: FlaskClient, headers: dict[str, str]
) -> None:
    with app.app_context():
        session = school.launched("bob", Standing.LEARNER)
        learner = page_of(app, session)
    for client, handle in ((app.test_client(), ""), (app.test_client(), "abc"), (learner, "")):
        status, taken = send_much(
            client, f"/media/new?as={handle}" if handle else "/media/new", headers
        )
        assert (status in {403, 404}, taken) == (True, 0)
    status, taken = send_much(learner, f"/media/new?as={session.handle}", headers)
    assert (status, taken) == (403, 0)


@pytest.mark.usefixtures("roomy")
def test_a_form_token_is_no_leave_to_send_files(
    app: Flask, school: School, ada: FlaskClient
) -> None:
    with app.app_context():
        session = school.launched("mia", Standing.MANAGER)
    address = upload_form(page_of(app, session), session.handle)
    assert send_much(app.test_client(), address, {}) == (403, 0)
    assert send_much(ada, address, {}) == (403, 0)


@pytest.mark.parametrize("handle", ["", "?as=abc"])
def test_a_strangers_last_word_is_not_read(app: Flask, ada: FlaskClient, handle: str) -> None:
    address = begin(ada, 10)
    body = Body()
    answer = app.test_client().post(
        f"{address}/finish{handle}",
        headers=SAME_ORIGIN,
        content_type="application/json",
        environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": "1000"},
    )
    assert (answer.status_code, body.taken) == (401, 0)


def upload_form(client: FlaskClient, handle: str) -> str:
    """The address the upload form of this session is sent to."""
    page = client.get(f"/media/new?as={handle}").text
    found = re.search(r'action="([^"]+)" data-upload', page)
    assert found is not None
    return html.unescape(found.group(1))


def test_the_form_of_a_browser_that_does_not_say_where_it_comes_from(
    app: Flask, school: School, film: bytes
) -> None:
    with app.app_context():
        session = school.launched("mia", Standing.MANAGER)
    mia = page_of(app, session)
    address = upload_form(mia, session.handle)
    form = {"file": (io.BytesIO(film), "talk.mp4"), "title": "A talk"}
    assert mia.post(address, data=form).status_code == 303
    wrong = {"file": (io.BytesIO(film), "talk.mp4"), "title": "A talk"}
    assert mia.post(f"/media/new?as={session.handle}", data=wrong).status_code == 403
