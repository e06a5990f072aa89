"""An upgrade loses nothing: every table is filled, and compared after each revision."""

from __future__ import annotations

import ast
from pathlib import Path

import flask_migrate
import pytest
import upgrading
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from lti_tool.core.db.session import db

pytestmark = [pytest.mark.every_database, pytest.mark.slow]

VERSIONS = Path(__file__).parents[3] / "migrations" / "versions"


def held(statement: str) -> list[tuple[object, ...]]:
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def test_no_row_is_lost_from_ca82168_on(inside: Flask) -> None:
    upgrading.as_0002()
    assert not upgrading.unfilled()
    first = upgrading.contents()
    revisions = upgrading.revisions_after(inside, "0002")
    assert revisions[0] == "0003"
    for revision in revisions:
        before = upgrading.contents()
        flask_migrate.upgrade(revision=revision)
        assert upgrading.version() == revision
        assert not upgrading.lost(before, upgrading.contents()), revision
        assert not upgrading.torn()
        upgrading.fill(revision)
        assert not upgrading.unfilled(), f"upgrades/rows_{revision}.sql leaves these out"
    flask_migrate.check()
    flask_migrate.downgrade(revision="0002")
    assert not upgrading.lost(first, upgrading.contents())
    with pytest.raises(IntegrityError, match="one_kind"):
        flask_migrate.downgrade(revision="0001")  # which knows no visitors
    assert upgrading.version() == "0002"
    assert not upgrading.lost(first, upgrading.contents())


def test_no_row_is_lost_from_the_first_revision_to_the_second(inside: Flask) -> None:
    """SQLite refused to drop `registration` here while an LMS had a deployment."""
    flask_migrate.upgrade(revision="0001")
    upgrading.as_0001()
    assert not upgrading.unfilled()
    before = upgrading.contents()
    flask_migrate.upgrade(revision="0002")
    # Whoever has run a migration has what everybody gets who runs it later.
    assert upgrading.declared() == upgrading.declared_by_ca82168()
    assert not upgrading.lost(before, upgrading.contents())
    assert not upgrading.torn()
    assert held("SELECT search FROM invitation ORDER BY id") == [
        ("\njose nunez\nnunez jose\njose@guests.example",),
        (
            "\naeroskobing anne-marie o’brien\nanne-marie o’brien aeroskobing"
            "\nmarie o’brien aeroskobing anne-\no’brien aeroskobing anne-marie"
            "\nbrien aeroskobing anne-marie o’\na.o'brien+leaves@guests.example"
            "\no'brien+leaves@guests.example\nleaves@guests.example",
        ),
    ]
    flask_migrate.downgrade()
    assert not upgrading.lost(before, upgrading.contents())


def test_what_0003_concludes_from_what_was_there(inside: Flask) -> None:
    upgrading.as_0002()
    flask_migrate.upgrade(revision="0003")
    rows = held("SELECT name, self_registered, audience_by_operator FROM registration")
    told = {name: (bool(by_itself), bool(by_operator)) for name, by_itself, by_operator in rows}
    assert told == {
        "elm": (False, True),  # an operator added it
        "oak": (False, False),  # likewise, without an audience
        "ash": (True, False),  # announced itself, approved
        "bay": (True, True),  # likewise; then an operator's file was loaded
        "fir": (True, False),  # added by an operator, renewed with a code
        "fig": (True, True),  # likewise, and the operator's audience stayed
        "oat": (True, False),  # came with a code
        "ivy": (False, True),  # nothing is told of it
        "yew": (True, False),  # announced itself, and waits
    }
    off = "SELECT id FROM {} WHERE times_switched_off = 1 ORDER BY id"
    assert held(off.format("registration")) == [("reg-oak",)]
    assert held(off.format("deployment")) == [("dep-oak-off",)]
    unlike = "times_switched_off <> 0 OR first_used_at IS NULL OR first_used_at <> seen_at"
    assert held(f"SELECT id FROM tool_session WHERE {unlike}") == []


def test_what_0004_compares_addresses_by_and_finds_people_by(inside: Flask) -> None:
    upgrading.as_0002()
    flask_migrate.upgrade(revision="0003")
    with db.engine.begin() as connection:
        turkish, twins = "i̇pek.işık@xn--gmal-nza.example", "o’brien‑smith@guests.example"
        changed = text("UPDATE invitation SET email = :email, email_shown = :shown WHERE id = :id")
        for values in (
            {"email": turkish, "shown": "İpek\u200b@gmaıl。example", "id": "inv-guest"},
            {"email": twins.replace("@", "\u3164@"), "shown": twins, "id": "inv-old"},
        ):
            connection.execute(changed, values)
        member = "UPDATE roster_member SET given_name = 'Anne‑Marie' WHERE id = 'member-1'"
        connection.execute(text(member))
    flask_migrate.upgrade(revision="0004")
    assert held("SELECT email, email_shown, email_match FROM invitation ORDER BY id") == [
        (turkish, "İpek@gmaıl.example", "ipek.işik@gmail.example"),
        (twins, twins, "o'brien-smith@guests.example"),
    ]
    assert held("SELECT DISTINCT generation FROM invitation_wrong_address") == [(2,)]
    [(search,)] = held("SELECT search FROM invitation WHERE id = 'inv-old'")
    assert "\no'brien aeroskobing anne-marie\n" in search
    assert ("marie almeida anne-",) in held("SELECT text FROM roster_text")


def test_0004_leaves_two_invitations_that_look_alike(inside: Flask) -> None:
    upgrading.as_0002()
    flask_migrate.upgrade(revision="0003")
    with db.engine.begin() as connection:
        seen = (
            "UPDATE invitation SET email = :email, revoked_at = NULL, type = 'viewer',"
            " media_id = 'media-film' WHERE id = :id"
        )
        for invitation, email in {"inv-guest": "a@x.org", "inv-old": "a\ufe0f@x.org"}.items():
            connection.execute(text(seen), {"email": email, "id": invitation})
    flask_migrate.upgrade(revision="0004")
    assert held("SELECT email FROM invitation ORDER BY id") == [("a@x.org",), ("a\ufe0f@x.org",)]


def test_what_0004_makes_of_links_and_roles(inside: Flask) -> None:
    upgrading.as_0002()
    flask_migrate.upgrade(revision="0003")
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO tool_session (id, handle, secret_hash, kind, institution_id,"
                " deployment_id, person_id, standing, frame_origins, created_at, expires_at,"
                " seen_at) SELECT 'session-tab', 'handle-tab', 's', kind, institution_id,"
                " deployment_id, person_id, standing, frame_origins, expires_at, expires_at,"
                " seen_at FROM tool_session WHERE id = 'session-teacher'"
            )
        )
        for name, session, source in (
            ("in-course", "session-teacher", "invitation:inv-guest:2"),
            ("in-tab", "session-tab", "invitation:inv-guest:2"),
            ("by-link", "session-teacher", "resource_link:none"),
        ):
            connection.execute(
                text(
                    "INSERT INTO media_grant (id, media_id, session_id, role, source, created_at)"
                    " VALUES (:name, 'media-film', :session, 'viewer', :source,"
                    " '2026-03-01 10:00:00.000000')"
                ),
                {"name": name, "session": session, "source": source},
            )
    flask_migrate.upgrade(revision="0004")
    assert held("SELECT resource_link_id, media_id, chosen_by FROM media_link_choice") == [
        ("link-1", "media-film", "person-teacher")
    ]
    assert held("SELECT resource_link_id, media_id FROM media_link_note") == [
        ("link-2", "media-guide")
    ]
    assert held("SELECT id, link_shows FROM tool_session ORDER BY id") == [
        ("session-dialog", None),
        ("session-guest", "gallery"),
        ("session-tab", None),
        ("session-teacher", None),
        ("session-visitor", None),
    ]
    roles = "SELECT id, session_id, person_id FROM media_grant ORDER BY id"
    stay = [
        ("by-link", "session-teacher", None),
        ("grant-1", "session-guest", None),
        ("grant-2", "session-guest", None),
        ("grant-3", "session-dialog", None),
    ]
    assert held(roles) == [*stay, ("in-course", None, "person-teacher")]
    flask_migrate.downgrade(revision="0003")
    back = held("SELECT id, session_id FROM media_grant ORDER BY id")
    assert back == [*(row[:2] for row in stay), ("in-course", "session-tab")]


def test_links_of_several_courses_under_one_id_become_one_again(inside: Flask) -> None:
    upgrading.as_0002()
    flask_migrate.upgrade(revision="0004")
    with db.engine.begin() as connection:
        for statement in (
            "INSERT INTO resource_link (id, institution_id, registration_id, deployment_id,"
            " course_id, link_id, title) VALUES"
            " ('link-0', 'inst-elm', 'reg-elm', 'dep-elm-1', 'course-2', 'link-a', 'B')",
            "UPDATE tool_session SET resource_link_id = 'link-0' WHERE id = 'session-visitor'",
        ):
            connection.execute(text(statement))
    flask_migrate.downgrade(revision="0003")
    assert held("SELECT id FROM resource_link ORDER BY id") == [("link-1",), ("link-2",)]
    by = "SELECT resource_link_id FROM tool_session WHERE id = 'session-visitor'"
    assert held(by) == [("link-1",)]
    assert not upgrading.torn()


def test_migrations_import_nothing_of_the_program() -> None:
    files = sorted(VERSIONS.glob("*.py"))
    assert files
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names = [node.module or ""]
            assert not {"lti_tool", "sandbox"} & {name.partition(".")[0] for name in names}, file
