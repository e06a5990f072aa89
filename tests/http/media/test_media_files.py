"""Files: only for a running address, only while the session may; in ranges; harmless."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import media_samples as samples
import pytest
from factories import School, TestClock, browser
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_tool.core.audit import OPERATOR
from lti_tool.core.db.session import db, transaction
from lti_tool.media.delivery.storage import storage
from lti_tool.media.intake.ingest import Captions, Particulars, add_file
from lti_tool.media.models import MediaFile, MediaItem
from lti_tool.people.rules import Standing
from lti_tool.people.session_store import NewSession, end_sessions


@pytest.fixture
def film(app: Flask, school: School, tmp_path: Path) -> str:
    with app.app_context():
        return add_file(
            samples.film(tmp_path / "film.mp4"),
            "film.mp4",
            Particulars(
                institution_id=school.institution_id,
                registration_id=school.registration_id,
                course_id=school.course_id,
                title='Bírds: "a/b"; x',
                download_allowed=True,
                captions=(Captions(samples.VTT, "en", "English"),),
            ),
            OPERATOR,
        ).id


@pytest.fixture
def film_bytes(app: Flask, film: str) -> bytes:
    """What is kept of the film: its tags are gone."""
    with app.app_context():
        wanted = select(MediaFile).where(MediaFile.media_id == film, MediaFile.role == "original")
        return storage().path(db.session.scalars(wanted).one().storage_key).read_bytes()


@pytest.fixture
def session(app: Flask, school: School) -> NewSession:
    with app.app_context():
        return school.launched("bob")


@pytest.fixture
def client(app: Flask, session: NewSession) -> FlaskClient:
    return browser(app, session)


@pytest.fixture
def addresses(client: FlaskClient, film: str) -> dict[str, str]:
    found = client.get(f"/api/v1/media/{film}/files").get_json()
    return {
        "film": found["original"],
        "poster": found["poster"],
        "captions": found["captions"][0]["address"],
        "download": found["download"],
    }


def test_a_whole_file_is_harmless(
    client: FlaskClient, addresses: dict[str, str], film_bytes: bytes
) -> None:
    answer = client.get(addresses["film"])
    assert answer.status_code == 200
    assert answer.data == film_bytes
    headers = answer.headers
    assert headers["Content-Type"] == "video/mp4"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Content-Disposition"].startswith("inline;")


def test_the_address_itself_names_the_session(app: Flask, addresses: dict[str, str]) -> None:
    assert app.test_client().get(addresses["film"]).status_code == 200


@pytest.mark.parametrize(
    ("wanted", "status", "start", "end"),
    [
        ("bytes=0-99", 206, 0, 100),
        ("bytes=100-199", 206, 100, 200),
        ("bytes=-50", 206, -50, None),
        ("bytes=500-", 206, 500, None),
        ("bytes=-999999", 206, 0, None),
        ("nonsense", 200, 0, None),
        ("bytes=0-1,4-5", 200, 0, None),
        ("lines=0-1", 200, 0, None),
    ],
)
def test_ranges(
    client: FlaskClient,
    addresses: dict[str, str],
    film_bytes: bytes,
    wanted: str,
    status: int,
    start: int,
    end: int | None,
) -> None:
    answer = client.get(addresses["film"], headers={"Range": wanted})
    assert answer.status_code == status
    assert answer.data == film_bytes[start:end]
    assert int(answer.headers["Content-Length"]) == len(film_bytes[start:end])
    if status == 206:
        assert answer.headers["Content-Range"].endswith(f"/{len(film_bytes)}")


@pytest.mark.parametrize("wanted", ["bytes=99999999-", "bytes=-0"])
def test_a_range_outside_the_file(
    client: FlaskClient, addresses: dict[str, str], film_bytes: bytes, wanted: str
) -> None:
    answer = client.get(addresses["film"], headers={"Range": wanted})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(film_bytes)}"


def test_if_range_and_revalidation(
    client: FlaskClient, addresses: dict[str, str], film_bytes: bytes
) -> None:
    etag = client.get(addresses["film"]).headers["ETag"]
    same = client.get(addresses["film"], headers={"Range": "bytes=0-9", "If-Range": etag})
    assert same.status_code == 206
    other = client.get(addresses["film"], headers={"Range": "bytes=0-9", "If-Range": '"old"'})
    assert (other.status_code, other.data) == (200, film_bytes)
    weak = client.get(addresses["film"], headers={"Range": "bytes=0-9", "If-Range": f"W/{etag}"})
    assert (weak.status_code, weak.data) == (200, film_bytes)
    for more in ({}, {"Range": "bytes=0-9"}, {"Range": "bytes=0-9", "If-Range": etag}):
        unchanged = client.get(addresses["film"], headers={"If-None-Match": etag} | more)
        assert (unchanged.status_code, unchanged.data) == (304, b"")


def test_if_range_with_a_time(
    client: FlaskClient, addresses: dict[str, str], film_bytes: bytes
) -> None:
    written = client.get(addresses["film"]).headers["Last-Modified"]
    for moment, status in ((written, 206), ("Fri, 01 Jan 2100 00:00:00 GMT", 200)):
        headers = {"Range": "bytes=0-9", "If-Range": moment}
        assert client.get(addresses["film"], headers=headers).status_code == status


def test_head(client: FlaskClient, addresses: dict[str, str], film_bytes: bytes) -> None:
    answer = client.head(addresses["film"])
    assert (answer.status_code, answer.data) == (200, b"")
    assert int(answer.headers["Content-Length"]) == len(film_bytes)


def test_captions_and_download(client: FlaskClient, addresses: dict[str, str], film: str) -> None:
    captions = client.get(addresses["captions"])
    assert captions.headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert captions.text.startswith("WEBVTT")
    answer = client.get(f"/media/{film}/download", follow_redirects=True)
    disposition = answer.headers["Content-Disposition"]
    assert disposition == (
        "attachment; filename=\"Brds a b x.mp4\"; filename*=UTF-8''B%C3%ADrds%20a%20b%20x.mp4"
    )


@pytest.mark.parametrize("part", ["s", "e", "k"])
def test_a_changed_address_is_refused(
    client: FlaskClient, addresses: dict[str, str], part: str
) -> None:
    value = parse_qs(urlsplit(addresses["film"]).query)[part][0]
    for other in ("", "9" * 10, value[:-1] + ("1" if value[-1] != "1" else "2"), "é", "9" * 40):
        changed = addresses["film"].replace(f"{part}={value}", f"{part}={other}")
        assert client.get(changed).status_code == 404


def test_an_address_is_good_for_its_own_file_and_use_only(
    client: FlaskClient, addresses: dict[str, str]
) -> None:
    film, poster = urlsplit(addresses["film"]), urlsplit(addresses["poster"])
    assert client.get(f"{poster.path}?{film.query}").status_code == 404
    assert client.get(addresses["film"] + "&d=1").status_code == 404


def test_addresses_run_out_within_ten_minutes(
    app: Flask, client: FlaskClient, addresses: dict[str, str], film: str, clock: TestClock
) -> None:
    clock.pass_(minutes=4, seconds=59)
    assert client.get(addresses["film"]).status_code == 200
    clock.pass_(minutes=5, seconds=1)
    assert client.get(addresses["film"]).status_code == 404
    fresh = client.get(f"/api/v1/media/{film}/files").get_json()
    assert 300 <= fresh["seconds"] <= 600
    assert client.get(fresh["original"]).status_code == 200


def test_an_address_of_an_ended_session_is_worth_nothing(
    app: Flask, client: FlaskClient, addresses: dict[str, str], session: NewSession
) -> None:
    with app.app_context(), transaction():
        end_sessions(session_id=session.session_id)
    assert client.get(addresses["film"]).status_code == 404


def test_a_foreign_signature(
    app: Flask, client: FlaskClient, addresses: dict[str, str], film: str
) -> None:
    secret = app.extensions["foyer.secret"]
    app.extensions["foyer.secret"] = "another tool's secret"
    foreign = client.get(f"/api/v1/media/{film}/files").get_json()["original"]
    app.extensions["foyer.secret"] = secret
    assert foreign != addresses["film"]
    assert client.get(foreign).status_code == 404


def test_download_only_when_allowed(
    app: Flask, school: School, tmp_path: Path, client: FlaskClient
) -> None:
    with app.app_context():
        kept = add_file(
            samples.document(tmp_path / "a.pdf"),
            "a.pdf",
            Particulars(
                institution_id=school.institution_id,
                registration_id=school.registration_id,
                course_id=school.course_id,
                title="Paper",
            ),
            OPERATOR,
        ).id
    assert client.get(f"/api/v1/media/{kept}/files").get_json()["download"] is None
    assert client.get(f"/media/{kept}/download").status_code == 404


def test_an_address_to_download_from_is_worth_nothing_once_nobody_may(
    app: Flask, client: FlaskClient, addresses: dict[str, str], film: str
) -> None:
    assert client.get(addresses["download"]).status_code == 200
    with app.app_context(), transaction() as session:
        session.get_one(MediaItem, film).download_allowed = False
        session.flush()
    assert client.get(addresses["download"]).status_code == 404
    assert client.get(addresses["film"]).status_code == 200, "it may still be seen"


def test_the_web_server_hands_over_where_it_can(
    app: Flask, client: FlaskClient, addresses: dict[str, str]
) -> None:
    config = app.extensions["foyer.config"]
    app.extensions["foyer.config"] = dataclasses.replace(config, accel_location="/internal/media")
    answer = client.get(addresses["film"])
    assert answer.headers["X-Accel-Redirect"].startswith("/internal/media/")
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.data == b""


def test_an_administrator_elsewhere_gets_nothing(
    app: Flask, other_school: School, film: str
) -> None:
    with app.app_context():
        abroad = browser(app, other_school.launched("eve", Standing.ADMINISTRATOR))
    assert abroad.get(f"/api/v1/media/{film}/files").status_code == 404
