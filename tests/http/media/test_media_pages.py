"""The media page and its verbs over HTTP."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import media_samples as samples
import pytest
from factories import SAME_ORIGIN, START, School, TestClock, page_of
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from lti_tool.core.audit import OPERATOR
from lti_tool.core.db.session import db, transaction
from lti_tool.core.ids import new_id
from lti_tool.media.access import grant, withdraw
from lti_tool.media.intake.ingest import Captions, Particulars, add_file
from lti_tool.media.models import Publication, Relation
from lti_tool.people.models import ToolSession
from lti_tool.people.rules import Standing


@pytest.fixture
def film(app: Flask, school: School, tmp_path: Path) -> str:
    """The id of Ada's film, published in the course, with captions."""
    path = samples.film(tmp_path / "film.mp4")
    with app.app_context():
        item = add_file(
            path,
            path.name,
            Particulars(
                institution_id=school.institution_id,
                registration_id=school.registration_id,
                owner_person_id=school.person("ada", "Ada Byron"),
                owner_name="Ada Byron",
                course_id=school.course_id,
                title="Birds & <b>bees</b>",
                description="x" * 300,
                tags=("spring",),
                captions=(Captions(samples.VTT, "en", "English"),),
            ),
            OPERATOR,
        )
        return item.id


def person(
    app: Flask, school: School, sub: str, standing: Standing = Standing.LEARNER
) -> FlaskClient:
    with app.app_context():
        return page_of(app, school.launched(sub, standing))


def viewing_of(html: str) -> str:
    found = re.search(r'data-viewing="([a-z2-7]{26})"', html)
    assert found
    return found[1]


def test_the_page_for_a_learner(app: Flask, school: School, film: str) -> None:
    page = person(app, school, "bob").get(f"/media/{film}")
    assert page.status_code == 200
    assert "Birds &amp; &lt;b&gt;bees&lt;/b&gt;" in page.text
    assert "By Ada Byron" in page.text
    assert 'kind="captions"' in page.text
    assert "delete-dialog" not in page.text
    assert "/download" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "http://localhost:9000" in page.headers["Content-Security-Policy"]


def test_the_page_for_its_owner(app: Flask, school: School, film: str) -> None:
    page = person(app, school, "ada", Standing.MANAGER).get(f"/media/{film}")
    assert 'data-opens="delete-dialog"' in page.text
    assert f"/media/{film}/download" in page.text


def test_what_delete_ends_is_counted_when_it_is_asked(
    app: Flask, school: School, film: str
) -> None:
    ada = person(app, school, "ada", Standing.MANAGER)
    page = ada.get(f"/media/{film}")
    assert "It is removed from" not in page.text
    with app.app_context(), transaction() as session:
        session.execute(delete(Publication).where(Publication.media_id == film))
    told = ada.get(f"/api/v1/media/{film}/endings").get_json()
    assert told == {"endings": [], "undo": "You can bring it back for 30 days."}
    asked = ada.get(f"/media/{film}/delete")
    assert "You can bring it back for 30 days." in asked.text


def test_only_who_may_delete_is_told_what_it_ends(app: Flask, school: School, film: str) -> None:
    ada, bob = person(app, school, "ada", Standing.MANAGER), person(app, school, "bob")
    told = ada.get(f"/api/v1/media/{film}/endings").get_json()
    assert told["endings"] == ["It is removed from 1 course."]
    assert bob.get(f"/api/v1/media/{film}/endings").status_code == 404


def test_an_open_page_learns_that_its_access_is_over(
    app: Flask, school: School, film: str, clock: TestClock
) -> None:
    bob = person(app, school, "bob")
    bob.get(f"/media/{film}")
    assert bob.get(f"/api/v1/media/{film}/state").get_json() == {"open": True}
    with app.app_context():
        before = db.session.scalars(select(ToolSession.seen_at)).all()
    clock.pass_(minutes=2)
    assert bob.get(f"/api/v1/media/{film}/state").status_code == 200
    with app.app_context():
        # It asks by itself: that is no sign of life.
        assert db.session.scalars(select(ToolSession.seen_at)).all() == before
    person(app, school, "ada").post(f"/media/{film}/delete", headers=SAME_ORIGIN)
    assert bob.get(f"/api/v1/media/{film}/state").status_code == 404
    assert bob.get("/api/v1/media/nonsense/state").status_code == 404


@pytest.mark.parametrize(
    ("where", "framed"), [("iframe", True), ("frame", True), ("document", False), (None, True)]
)
def test_the_stage_knows_whether_it_stands_in_a_frame(
    app: Flask, school: School, film: str, where: str | None, framed: bool
) -> None:
    """A browser that does not say it is taken to be in one: most launches are."""
    headers = {"Sec-Fetch-Dest": where} if where else {}
    page = person(app, school, "bob").get(f"/media/{film}", headers=headers)
    assert ('class="page media in-frame"' in page.text) is framed


@pytest.mark.parametrize(("where", "framed"), [("iframe", True), ("document", False)])
def test_a_page_in_a_frame_is_laid_out_so_from_its_first_paint(
    app: Flask, school: School, film: str, where: str, framed: bool
) -> None:
    page = person(app, school, "bob").get(f"/media/{film}", headers={"Sec-Fetch-Dest": where})
    assert bool(re.search("<html[^>]* data-framed", page.text)) is framed


def test_the_menu_and_the_buttons_of_a_manager(app: Flask, school: School, film: str) -> None:
    """Invite first; what instructors rarely want is in the menu, Delete at its end."""
    page = person(app, school, "ada", Standing.MANAGER).get(f"/media/{film}").text
    head = page.partition('class="media-head"')[2].partition("</header>")[0]
    row, _, menu = head.partition('<ul role="menu"')
    assert row.index("Invite users") < row.index("Download")
    assert "Use an invitation link" not in row
    order = ["Invite users", "Use an invitation link", "Open in a new tab", "Delete"]
    places = [menu.index(line) for line in order]
    assert places == sorted(places)


def test_unknown_and_forbidden_are_one_answer(
    app: Flask, school: School, other_school: School, film: str
) -> None:
    with app.app_context():
        elsewhere = page_of(app, school.launched("eve", course_id=school.course("Botany")))
        abroad = page_of(app, other_school.launched("eve", Standing.ADMINISTRATOR))
    known = re.compile(
        r"<code.*?</code>|nonce[-=][^ >]*|foyer-session[^>]*|value=\"[^\"]*\"|as=[a-z2-7]*"
    )
    answers = set()
    for client in (elsewhere, abroad):
        for media_id in (film, new_id(), "nonsense"):
            for path in ("", "/download", "/delete"):
                answer = client.get(f"/media/{media_id}{path}")
                assert answer.status_code == 404
                assert "Birds" not in answer.text
                answers.add(known.sub("", answer.text))
    assert len(answers) == 1
    for path in ("delete", "restore"):
        refused = abroad.post(f"/media/{film}/{path}", headers=SAME_ORIGIN)
        assert refused.status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/v1/media/{id}/files"), ("POST", "/api/v1/media/{id}/plays")],
)
def test_the_api_tells_strangers_nothing(
    app: Flask, other_school: School, film: str, method: str, path: str
) -> None:
    abroad = person(app, other_school, "eve", Standing.ADMINISTRATOR)
    said = {"viewing_id": new_id()}
    documents = []
    for media_id in (film, new_id()):
        answer = abroad.open(
            path.format(id=media_id), method=method, json=said, headers=SAME_ORIGIN
        )
        document = answer.get_json()
        document.pop("reference")
        documents.append((answer.status_code, document))
    assert documents[0] == documents[1]


def test_without_any_session(app: Flask, film: str) -> None:
    assert app.test_client().get(f"/media/{film}").status_code == 404
    assert app.test_client().get(f"/api/v1/media/{film}/files").status_code == 401


def test_a_guest_sees_its_item_until_the_grant_is_withdrawn(
    app: Flask, school: School, film: str
) -> None:
    with app.app_context():
        new = school.guest("g@example.org", film)
        grant(new.session_id, film, "viewer", "invitation:x")
        guest = page_of(app, new)
    page = guest.get(f"/media/{film}")
    assert page.status_code == 200
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    source = re.search(r'<video[^>]* src="([^"]+)"', page.text)
    assert source
    address = source[1].replace("&amp;", "&")
    assert guest.get(address).status_code == 200
    with app.app_context():
        withdraw("invitation:x")
    assert guest.get(f"/media/{film}").status_code == 404
    assert guest.get(address).status_code == 404


def test_a_play_counts_once(app: Flask, school: School, film: str) -> None:
    bob = person(app, school, "bob")
    viewing = viewing_of(bob.get(f"/media/{film}").text)
    address = f"/api/v1/media/{film}/plays"
    for counted in (True, False):
        answer = bob.post(address, json={"viewing_id": viewing}, headers=SAME_ORIGIN)
        assert answer.get_json() == {"plays": 1, "counted": counted, "label": "1 play"}
    assert "1 play<" in bob.get(f"/media/{film}").text


def test_watching_on_is_one_play_however_long_it_takes(
    app: Flask, school: School, film: str, clock: TestClock
) -> None:
    bob = person(app, school, "bob")
    viewing = viewing_of(bob.get(f"/media/{film}").text)
    for minutes in (20, 15):
        clock.pass_(minutes=minutes)
        assert bob.get(f"/api/v1/media/{film}/files").status_code == 200
    assert viewing_of(bob.get(f"/media/{film}").text) == viewing
    clock.pass_(minutes=31)
    assert bob.get(f"/api/v1/media/{film}/files").status_code == 200
    assert viewing_of(bob.get(f"/media/{film}").text) != viewing


@pytest.mark.parametrize("said", [{}, {"viewing_id": "x"}, [], None, {"viewing_id": 7, "more": 1}])
def test_a_play_said_wrongly(app: Flask, school: School, film: str, said: object) -> None:
    bob = person(app, school, "bob")
    answer = bob.post(f"/api/v1/media/{film}/plays", json=said, headers=SAME_ORIGIN)
    assert answer.status_code in (400, 422)


def test_a_play_from_another_site_is_refused(app: Flask, school: School, film: str) -> None:
    bob = person(app, school, "bob")
    viewing = viewing_of(bob.get(f"/media/{film}").text)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {}):
        answer = bob.post(
            f"/api/v1/media/{film}/plays", json={"viewing_id": viewing}, headers=headers
        )
        assert answer.status_code == 403


def test_deleting_and_bringing_back(app: Flask, school: School, film: str) -> None:
    ada = person(app, school, "ada")
    bob = person(app, school, "bob")
    assert "Delete this?" in ada.get(f"/media/{film}/delete").text
    assert bob.post(f"/media/{film}/delete", headers=SAME_ORIGIN).status_code == 404
    gone = ada.post(f"/media/{film}/delete", headers=SAME_ORIGIN, follow_redirects=True)
    assert "is deleted" in gone.text
    assert "Bring it back" in gone.text
    assert bob.get(f"/media/{film}").status_code == 404
    assert ada.get(f"/media/{film}/download").status_code == 404
    assert bob.post(f"/media/{film}/restore", headers=SAME_ORIGIN).status_code == 404
    back = ada.post(f"/media/{film}/restore", headers=SAME_ORIGIN, follow_redirects=True)
    assert "Birds" in back.text
    assert bob.get(f"/media/{film}").status_code == 200


def test_after_delete_each_reads_who_can_undo_it(
    app: Flask, school: School, film: str, tmp_path: Path
) -> None:
    """An ownerless item is its administrator's to bring back; a co-owner is no owner."""
    sound = samples.sound_wav(tmp_path / "tone.wav")
    with app.app_context():
        bare = Particulars(
            school.institution_id, school.registration_id, "Tone", course_id=school.course_id
        )
        ownerless = add_file(sound, sound.name, bare, OPERATOR).id
        related = Relation(
            media_id=film, person_id=school.person("cleo"), kind="co_owner", created_at=START
        )
        with transaction() as session:
            session.add(related)
    admin = person(app, school, "root", Standing.ADMINISTRATOR)
    gone = admin.post(f"/media/{ownerless}/delete", headers=SAME_ORIGIN, follow_redirects=True)
    assert "Bring it back" in gone.text
    back = admin.post(f"/media/{ownerless}/restore", headers=SAME_ORIGIN, follow_redirects=True)
    assert "Tone" in back.text
    cleo = person(app, school, "cleo")
    told = cleo.post(f"/media/{film}/delete", headers=SAME_ORIGIN, follow_redirects=True)
    assert "The owner can bring it back for 30 days." in told.text
    assert "/restore" not in told.text


def test_the_page_is_light(app: Flask, school: School, film: str) -> None:
    """HTML, styles and scripts before a touch, for somebody who may do everything: at most 30 kB
    compressed.
    """
    page = person(app, school, "ada", Standing.MANAGER).get(f"/media/{film}")
    assets = re.findall(r'(?:href=|src=|import\()"(/static/[^"]+\.(?:js|css))"', page.text)
    bodies = [page.data] + [app.test_client().get(address).data for address in assets]
    imported = {
        f"/static/{name}"
        for body in bodies
        for name in re.findall(rb'from"\./([\w.-]+\.js)"', body)
        for name in [name.decode()]
    }
    bodies += [app.test_client().get(address).data for address in imported - set(assets)]
    assert sum(len(gzip.compress(body)) for body in bodies) < 30_000
