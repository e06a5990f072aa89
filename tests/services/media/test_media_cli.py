"""`flask media add`: what an operator sees."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import media_samples as samples
import pytest
from factories import School, TestClock
from flask import Flask
from sqlalchemy import Select, select

from lti_tool.core.audit import AuditRecord
from lti_tool.core.db.session import db
from lti_tool.media.models import MediaFile, MediaItem
from lti_tool.people.models import Person


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return samples.sound_wav(tmp_path / "tone.wav")


def add(app: Flask, *arguments: object) -> tuple[int, str, str]:
    """Exit code, the last line printed, and what went to the error stream."""
    runner = app.test_cli_runner()
    done = runner.invoke(args=["media", "add", *(str(one) for one in arguments)])
    lines = done.stdout.strip().splitlines()
    return done.exit_code, lines[-1] if lines else "", done.stderr


def test_the_id_is_the_last_line(app: Flask, school: School, sound: Path, tmp_path: Path) -> None:
    captions = tmp_path / "tone.pt-BR.vtt"
    captions.write_bytes(samples.VTT)
    code, media_id, _ = add(
        app, sound, "--platform", "elm", "--title", "A tone", "--owner-sub", "never-seen",
        "--captions", captions, "--description", "One note", "--tag", "notes", "--downloadable",
    )  # fmt: skip
    assert code == 0
    with app.app_context():
        item = db.session.get(MediaItem, media_id)
        assert item is not None
        assert (item.title, item.tags, item.open_to_links) == ("A tone", ["notes"], True)
        assert item.download_allowed
        owner = db.session.get(Person, item.owner_person_id)
        assert owner is not None
        assert (owner.sub, owner.registration_id) == ("never-seen", school.registration_id)
        track = db.session.scalars(select(MediaFile).where(MediaFile.role == "captions")).one()
        assert (track.language, track.label) == ("pt-BR", "português (Brasil)")


def test_without_owner(app: Flask, school: School, sound: Path) -> None:
    code, media_id, _ = add(app, sound, "--platform", "elm", "--title", "A tone")
    assert code == 0
    with app.app_context():
        item = db.session.get(MediaItem, media_id)
        assert item is not None
        assert item.owner_person_id is None


def test_bad_files_are_refused_in_plain_words(app: Flask, school: School, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    for data, word in ((samples.PLAYLIST, "playlist"), (b"", "empty"), (samples.HTML, "web page")):
        path.write_bytes(data)
        code, last, said = add(app, path, "--platform", "elm", "--title", "x")
        assert (code, last) == (1, "")
        assert word in said


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--platform", "nowhere", "--title", "x"], "no platform called nowhere"),
        (["--platform", "elm", "--title", " "], "--title"),
        (["--platform", "elm", "--title", "x", "--owner-sub", ""], "--owner-sub"),
    ],
)
def test_bad_arguments(
    app: Flask, school: School, sound: Path, arguments: list[str], word: str
) -> None:
    code, _, said = add(app, sound, *arguments)
    assert code == 1
    assert word in said


def test_bad_captions(app: Flask, school: School, sound: Path, tmp_path: Path) -> None:
    captions = tmp_path / "bad.en.vtt"
    captions.write_bytes(b"just words\n")
    code, _, said = add(app, sound, "--platform", "elm", "--title", "x", "--captions", captions)
    assert code == 1
    assert "WebVTT" in said


@pytest.mark.parametrize(
    ("name", "options", "language"),
    [
        ("tone.pt_BR.vtt", [], "pt-BR"),
        ("tone.por.vtt", [], "pt"),
        ("tone.xx.vtt", ["--captions-language", "de"], "de"),
        ("tone.final.vtt", ["--captions-language", "PT_br"], "pt-BR"),
    ],
)
def test_the_language_of_captions_is_said(
    app: Flask,
    school: School,
    sound: Path,
    tmp_path: Path,
    name: str,
    options: list[str],
    language: str,
) -> None:
    captions = tmp_path / name
    captions.write_bytes(samples.VTT)
    arguments = [sound, "--platform", "elm", "--title", "x", "--captions", captions, *options]
    done = app.test_cli_runner().invoke(args=["media", "add", *map(str, arguments)])
    assert done.exit_code == 0
    assert f"({language})" in done.output
    with app.app_context():
        track = db.session.scalars(select(MediaFile).where(MediaFile.role == "captions")).one()
        assert track.language == language


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("tone.xx.vtt", []),
        ("tone.vtt", []),
        ("Dr. No.vtt", []),
        ("tone.vtt", ["--captions-language", "xx"]),
    ],
)
def test_a_language_that_is_not_told_or_not_understood_is_asked_for(
    app: Flask, school: School, sound: Path, tmp_path: Path, name: str, options: list[str]
) -> None:
    captions = tmp_path / name
    captions.write_bytes(samples.VTT)
    code, last, said = add(
        app, sound, "--platform", "elm", "--title", "x", "--captions", captions, *options
    )
    assert (code, last) == (1, "")
    assert "pt-BR" in said
    assert "--captions-language" in said


def test_stored_files_are_cleaned_once_and_in_place(
    app: Flask, school: School, tmp_path: Path
) -> None:
    """What was stored before came with everything in it."""
    film = samples.film(tmp_path / "film.mp4")
    document = samples.document_with_secrets(tmp_path / "plan.pdf")
    ids = [add(app, one, "--platform", "elm", "--title", "x")[1] for one in (film, document)]
    storage = app.extensions["foyer.media.storage"]
    with app.app_context():
        for media_id, came in zip(ids, (film, document), strict=True):
            one = db.session.scalars(originals().where(MediaFile.media_id == media_id)).one()
            storage.remove(one.storage_key)
            one.storage_key, one.size = storage.keep(came), came.stat().st_size
        db.session.commit()

    assert "Cleaned 2 files; 0 were clean, 0 were left" in clean(app)
    assert "Cleaned 0 files; 0 were clean, 0 were left" in clean(app)
    # By then more may be known that is to be left out, or a document is written in another order.
    again = clean(app, "--again")
    assert "0 files; 0 were clean" not in again
    assert ", 0 were left" in again

    with app.app_context():
        for file in db.session.scalars(originals()):
            kept = storage.path(file.storage_key).read_bytes()
            assert len(kept) == file.size
            assert b"SECRET" not in kept
            assert b"Lavf" not in kept
        cleaned = select(AuditRecord).where(AuditRecord.action == "media.cleaned")
        assert {one.subject_id for one in db.session.scalars(cleaned)} == set(ids)
    files = [path for path in Path(storage.root).rglob("*") if path.is_file()]
    assert len(files) == 4  # with a poster each


def test_what_would_not_be_added_today_is_named_and_left(
    app: Flask, school: School, sound: Path
) -> None:
    _, media_id, _ = add(app, sound, "--platform", "elm", "--title", "A tone")
    with app.app_context():
        kept = app.extensions["foyer.media.storage"].path(
            db.session.scalars(originals()).one().storage_key
        )
    whole = kept.read_bytes()
    kept.write_bytes(samples.HTML)
    assert f"Left as it is: {media_id}" in clean(app)
    assert kept.read_bytes() == samples.HTML
    kept.write_bytes(whole)
    assert "Cleaned 0 files; 1 were clean" in clean(app)


def originals() -> Select[tuple[MediaFile]]:
    return select(MediaFile).where(MediaFile.role == "original")


def clean(app: Flask, *options: str) -> str:
    done = app.test_cli_runner().invoke(args=["media", "clean", *options])
    assert done.exit_code == 0
    return done.output


def test_purge(app: Flask, school: School, sound: Path, clock: TestClock) -> None:
    _, media_id, _ = add(app, sound, "--platform", "elm", "--title", "A tone")
    with app.app_context():
        item = db.session.get(MediaItem, media_id)
        assert item is not None
        item.deleted_at = clock()
        db.session.commit()
    clock.pass_(days=31)
    done = app.test_cli_runner().invoke(args=["media", "purge"])
    assert "Removed 1 items" in done.output
    root = Path(app.extensions["foyer.media.storage"].root)
    assert not [path for path in root.rglob("*") if path.is_file()]


def test_purge_removes_files_that_belong_to_no_item(
    app: Flask, school: School, sound: Path, clock: TestClock
) -> None:
    """They are what a process leaves behind that died between file and row."""
    add(app, sound, "--platform", "elm", "--title", "A tone")
    storage = app.extensions["foyer.media.storage"]
    root = Path(storage.root)
    named = {path for path in root.rglob("*") if path.is_file()}
    old, young = storage.path("nameless"), storage.path("fresh")
    half = storage.path("halfway").with_suffix(".part")
    for path in (*named, old, half, young):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        days = 0 if path == young else 2
        age = (clock() - timedelta(days=days)).timestamp()
        os.utime(path, (age, age))
    done = app.test_cli_runner().invoke(args=["media", "purge"])
    assert "Removed 2 files" in done.output
    assert {path for path in root.rglob("*") if path.is_file()} == named | {young}
