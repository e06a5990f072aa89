"""Two requests at once: one wins, nothing is spoiled."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from pathlib import Path

import media_samples as samples
import pytest
from factories import School
from flask import Flask

from lti_tool.core.audit import OPERATOR
from lti_tool.core.db.session import db
from lti_tool.core.web.problems import Problem
from lti_tool.media import plays
from lti_tool.media.intake import uploads
from lti_tool.media.intake.ingest import Particulars, add_file
from lti_tool.people.rules import Standing

pytestmark = pytest.mark.every_database


def at_once(app: Flask, works: list[Callable[[], object]]) -> list[object]:
    """What each of these returns or raises when all begin together."""
    results: list[object] = [None] * len(works)
    gate = threading.Barrier(len(works))

    def run(number: int, work: Callable[[], object]) -> None:
        with app.app_context():
            db.session.connection()  # at hand, so that they do begin together
            gate.wait()
            try:
                results[number] = work()
            except Problem as refused:
                results[number] = refused.slug

    threads = [
        threading.Thread(target=run, args=(number, work)) for number, work in enumerate(works)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def test_of_several_bodies_for_one_offset_one_counts(
    app: Flask, school: School, tmp_path: Path
) -> None:
    film = samples.film(tmp_path / "film.mp4").read_bytes()
    with app.app_context():
        principal = school.principal("ada", Standing.MANAGER)
        upload_id = uploads.begin(principal, "film.mp4", len(film)).id
    spoiled = bytes(len(film))
    results = at_once(
        app,
        [
            lambda body=body: uploads.receive(principal, upload_id, 0, io.BytesIO(body))
            for body in (film, spoiled, spoiled, film)
        ],
    )
    assert sorted(map(str, results)) == sorted([str(len(film)), *["wrong-offset"] * 3])
    with app.app_context():
        upload = uploads.mine(principal, upload_id)
        assert upload.received == len(film)
        (part,) = app.extensions["foyer.media.incoming"].parts(upload_id, len(film))
        winner = results.index(len(film))
        assert part.read_bytes() == (film if winner in (0, 3) else spoiled)


def test_finishing_twice_makes_one_item(app: Flask, school: School, tmp_path: Path) -> None:
    film = samples.film(tmp_path / "film.mp4").read_bytes()
    with app.app_context():
        principal = school.principal("ada", Standing.MANAGER)
        upload_id = uploads.begin(principal, "film.mp4", len(film)).id
        uploads.receive(principal, upload_id, 0, io.BytesIO(film))
    results = at_once(
        app, [lambda: uploads.finish(principal, upload_id, "Talk", "").id for _ in range(3)]
    )
    made = set(results) - {"upload-not-complete", "busy"}
    assert len(made) == 1


def test_pages_loaded_at_once_are_one_viewing(app: Flask, school: School, tmp_path: Path) -> None:
    sound = samples.sound_wav(tmp_path / "tone.wav")
    with app.app_context():
        item = add_file(
            sound,
            "tone.wav",
            Particulars(school.institution_id, school.registration_id, "Tone"),
            OPERATOR,
        )
        principal = school.principal("ada")
    results = at_once(app, [lambda: plays.open_viewing(principal, item)] * 8)
    assert len(set(results)) == 1


def test_a_play_reported_at_once_counts_once(app: Flask, school: School, tmp_path: Path) -> None:
    sound = samples.sound_wav(tmp_path / "tone.wav")
    with app.app_context():
        item = add_file(
            sound,
            "tone.wav",
            Particulars(school.institution_id, school.registration_id, "Tone"),
            OPERATOR,
        )
        principal = school.principal("ada")
        viewing = plays.open_viewing(principal, item)
    results = at_once(app, [lambda: plays.count_play(principal, item, viewing) for _ in range(5)])
    assert sorted(map(str, results)) == ["False"] * 4 + ["True"]
